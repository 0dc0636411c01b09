"""A mark of secrecy stops everything: nothing of the scan is kept but a digest and a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from desk.backups import Order, back_up_station
from desk.restoring import restore_station
from desk.status import measure_status
from desk.web.pages import PAGES
from digitize.model import Cover
from storage.accounts import WebRole
from storage.submissions import SubmissionState
from tests.desk import batch_papers
from tests.desk.conftest import SmallStation, hoso_json
from tests.desk.web.conftest import opened

FONT = "/usr/share/fonts/truetype/croscore/Tinos-Bold.ttf"
WORD = "Xyzêcôngtrình"


def draw_marked(path: Path, mark: str) -> None:
    """Draw an A4 page at 200 dpi with a mark at the upper left and a word to look for."""
    page = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((180, 250, 560, 330), outline="black", width=4)
    pen.text((220, 262), mark, font=ImageFont.truetype(FONT, 48), fill="black")
    pen.text((650, 420), "BÁO CÁO", font=ImageFont.truetype(FONT, 48), fill="black")
    for row in range(12):
        pen.text(
            (200, 560 + 60 * row),
            f"Nội dung {WORD} dòng này",
            font=ImageFont.truetype(FONT, 38),
            fill="black",
        )
    page.save(path, quality=85, dpi=(200, 200))


def test_a_marked_scan_lies_alone_and_nothing_of_it_is_kept(
    small: SmallStation, tmp_path: Path
) -> None:
    name = "bao-cao-mat-thang-11.jpg"
    scan = tmp_path / name
    draw_marked(scan, "TỐI MẬT")
    data = scan.read_bytes()
    place = small.station.inbox / "H26.99-261105-0001"
    place.mkdir()
    (place / name).write_bytes(data)
    (ending,) = small.run()
    assert (ending.state, ending.needs_person) == (SubmissionState.SECRET, True)
    (alone,) = list(small.station.secret.iterdir())
    assert alone.read_bytes() == data
    assert name not in alone.name
    with small.archive() as archive:
        assert list(archive.objects) == []
        item = archive.ledger.get(ending.submission_id)
        assert (item.name, item.folder) == ("", "")
        digests = [
            event.detail["sha256"]
            for event in archive.events.events(item.id)
            if event.outcome == "secret_mark"
        ]
    assert digests == [hashlib.sha256(data).hexdigest()]
    shown = hoso_json("show", ending.submission_id, "--station", small.station.root)
    assert shown["original"]["name"] == ""
    told = list(_everything_shown(small, ending.submission_id))
    sets = _backed_up(small, tmp_path)
    held = [path for path in (*small.station.root.rglob("*"), *sets) if path.is_file()]
    told += [path.read_bytes() for path in held if path != alone]
    for content in told:
        for kept in (data[:4096], name.removesuffix(".jpg").encode(), WORD.encode()):
            assert kept not in content, content[:200]


def _everything_shown(small: SmallStation, item: str) -> Iterator[bytes]:
    """Yield what commands and pages say of the station, and of a scan that was stopped."""
    with opened(small.station) as web:
        for role in (WebRole.OFFICER, WebRole.AUDITOR, WebRole.ADMINISTRATOR):
            browser = web.logged_in(role.value)
            assert browser.get("/").status_code == 200
            for page in (page for page in PAGES if page.method == "GET"):
                yield browser.get(re.sub(r"\{[^}]+\}", item, page.path)).content
    with small.archive() as archive:
        yield repr(measure_status(small.station, archive)).encode()
        yield repr(list(archive.events.events(item))).encode()


def _backed_up(small: SmallStation, folder: Path) -> list[Path]:
    """Return the files of a backup of the station, opened again."""
    small.set(backup={"sets": (str(folder / "set-a"), str(folder / "set-b"))})
    order = Order(passphrase=b"mat khau sao luu THU NGHIEM", actor="quản trị THỬ NGHIỆM")
    with small.archive() as archive:
        assert all(done.is_good for done in back_up_station(small.station, archive, order))
    restore_station(folder / "set-a", order.passphrase, folder / "new", None, actor="x")
    return [path for top in ("set-a", "set-b", "new") for path in (folder / top).rglob("*")]


def draw_doubtful(path: Path) -> None:
    """Draw a page with a stamp at the upper left of whose letters only pieces were printed."""
    draw_marked(path, "")
    page = Image.open(path)
    pen = ImageDraw.Draw(page)
    for left in range(215, 520, 52):
        pen.arc((left, 268, left + 36, 312), 200, 60, fill="black", width=8)
        pen.rectangle((left, 300, left + 34, 312), fill="black")
    page.crop((0, 0, 1654, 1100)).save(path, quality=85, dpi=(200, 200))


@pytest.mark.parametrize(
    ("word", "is_secret"), [("khong-phai-dau-mat", False), ("la-dau-mat", True)]
)
def test_a_stamp_that_nobody_can_read_is_asked_about_before_anything_is_kept(
    small: SmallStation, tmp_path: Path, word: str, is_secret: bool
) -> None:
    scan = tmp_path / "cong-van.jpg"
    draw_doubtful(scan)
    place = small.station.inbox / "H26.99-261105-0001"
    place.mkdir()
    scan.rename(place / scan.name)
    (ending,) = small.run()
    assert ending.state is SubmissionState.TO_CONFIRM
    assert ending.reason is not None
    assert ending.reason.code == "doubtful_mark"
    held = small.station.confirm / place.name / scan.name
    slip = held.with_name(f"{scan.name}.CAN-XAC-NHAN.txt").read_text(encoding="utf-8-sig")
    assert f"1-cho-xu-ly/{place.name}/{word}/" in slip
    with small.archive() as archive:
        assert list(archive.objects) == []
    for path in small.station.root.rglob("*"):
        if path.is_file() and path != held:
            assert WORD.encode() not in path.read_bytes(), path
    (place / word).mkdir(parents=True, exist_ok=True)
    held.rename(place / word / held.name)
    (ending,) = small.run()
    assert (ending.state is SubmissionState.SECRET) is is_secret
    assert ending.reason is None or ending.reason.code != "doubtful_mark"
    with small.archive() as archive:
        assert (list(archive.objects) == []) is is_secret


def test_a_page_that_speaks_of_secrets_is_no_secret(small: SmallStation) -> None:
    page = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(FONT, 38)
    pen.text((560, 300), "BÁO CÁO", font=font, fill="black")
    for row in range(10):
        pen.text(
            (200, 420 + 60 * row),
            "Công tác bảo vệ bí mật nhà nước, tài liệu mật",
            font=font,
            fill="black",
        )
    place = small.station.inbox / "H26.99-261105-0001"
    place.mkdir()
    page.save(place / "bao-cao.jpg", quality=85, dpi=(200, 200))
    (ending,) = small.run()
    assert ending.state is not SubmissionState.SECRET


# With these keys the modules of the check code enclose paper as a frame does: one key in 150 does.
@pytest.mark.parametrize("seed", [91, 235])
def test_the_code_of_a_cover_is_no_stamp(small: SmallStation, tmp_path: Path, seed: int) -> None:
    small.station.key.with_name("cover.key").write_bytes(
        hashlib.sha256(str(seed).encode()).digest()
    )
    cover = Cover(dossier_code="H26.99-261106-0002", class_code="TKKS")
    sheets = [
        batch_papers.cover(small, tmp_path, cover),
        batch_papers.page("Giấy thứ nhất, thử nghiệm một cửa"),
    ]
    batch_papers.scan(sheets, small.station.inbox / "lo.tif")
    assert [ending.state for ending in small.run()] == [SubmissionState.FILED]
