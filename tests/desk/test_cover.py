"""Cover sheets: printed from the register, read back from a scan, and nobody else's believed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import numpy as np
import pytest

from desk.cover import print_covers
from desk.cover_keys import ensure_cover_key, read_cover_key
from desk.errors import UnknownCode
from digitize import render
from digitize.barcodes import find_barcodes
from digitize.covers import is_ours, read_payload, write_payload
from digitize.model import Cover
from storage.errors import StationKeyUnusable
from tests.desk.conftest import SmallStation, hoso
from tests.digitize.workbench import RECOGNIZER

CODE = "H26.99-261105-0001"
KEY = bytes(range(32))
COVER = Cover(dossier_code=CODE, class_code="GKS", pages=3)


def printed(small: SmallStation, target: Path, *covers: Cover) -> tuple[str, ...]:
    with small.archive() as archive:
        sheets = print_covers(covers, small.station, archive, target, "thử nghiệm")
    return tuple(sheet.payload for sheet in sheets)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("dpi", [150.0, 300.0])
def test_a_printed_sheet_is_read_back_twice_however_it_lies(
    small: SmallStation, tmp_path: Path, dpi: float, turns: int
) -> None:
    (payload,) = printed(small, tmp_path / "bia.pdf", COVER)
    picture = np.ascontiguousarray(np.rot90(render.draw(tmp_path / "bia.pdf", 0, dpi), turns))
    found = find_barcodes(picture, dpi)
    assert [code.text for code in found] == [payload, payload]
    assert read_payload(payload, read_cover_key(small.station)) == COVER
    for code in found:
        side = (code.box[2] - code.box[0]) / 72 * 25.4
        assert side >= 30


def test_the_sheet_says_in_words_what_its_code_says(small: SmallStation, tmp_path: Path) -> None:
    printed(small, tmp_path / "bia.pdf", COVER)
    picture = render.draw(tmp_path / "bia.pdf", 0, 200.0).min(axis=2)
    text = "\n".join(line.text for line in RECOGNIZER.read(picture, 200.0, tmp_path))
    assert CODE in text
    assert "Giấy khai sinh (GKS)" in text
    assert "Số trang của giấy sau tờ này: 3" in text
    assert "khai sinh" in text.partition("Thủ tục:")[2].partition("Loại")[0]


@pytest.mark.parametrize(
    "cover", [COVER, Cover(dossier_code=CODE), Cover(dossier_code=CODE, pages=1)]
)
def test_what_is_written_is_read(cover: Cover) -> None:
    payload = write_payload(cover, KEY)
    assert payload.isascii()
    assert len(payload) < 70
    assert is_ours(payload)
    assert read_payload(payload, KEY) == cover


@pytest.mark.parametrize("at", range(0, 42, 3))
def test_any_changed_letter_or_another_key_is_seen(at: int) -> None:
    payload = write_payload(COVER, KEY)
    changed = payload[:at] + ("X" if payload[at] != "X" else "Y") + payload[at + 1 :]
    assert read_payload(changed, KEY) is None
    assert read_payload(payload, KEY[::-1]) is None
    assert read_payload(payload, None) is None


@pytest.mark.parametrize("text", ["", "HS1", "https://example.test", "HS2|a|b|c|d", CODE])
def test_other_codes_are_not_ours(text: str) -> None:
    assert not is_ours(text)


def test_only_dossiers_of_the_register_and_known_classes_get_a_sheet(
    small: SmallStation, tmp_path: Path
) -> None:
    with pytest.raises(UnknownCode, match="chưa có trong sổ"):
        printed(small, tmp_path / "bia.pdf", Cover(dossier_code="H26.99-261105-9999"))
    with pytest.raises(UnknownCode, match="KHÔNG-CÓ"):
        printed(small, tmp_path / "bia.pdf", Cover(dossier_code=CODE, class_code="KHÔNG-CÓ"))
    assert not (tmp_path / "bia.pdf").exists()


def test_the_key_is_the_owners_alone_and_made_once_as_an_event(small: SmallStation) -> None:
    path = small.station.key.with_name("cover.key")
    path.unlink()
    assert read_cover_key(small.station) is None
    with small.archive() as archive:
        before = len(archive.events.events("station"))
        key = ensure_cover_key(small.station, archive, actor="thử nghiệm")
        assert ensure_cover_key(small.station, archive, actor="thử nghiệm") == key
        (event,) = archive.events.events("station")[before:]
    assert (event.actor, event.detail) == ("thử nghiệm", {"key": "cover"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.glob(".cover*")] == []
    path.write_bytes(key[:8])
    with pytest.raises(StationKeyUnusable, match=r"cover\.key"):
        read_cover_key(small.station)


def test_the_command_prints_a_pdf_and_says_where(small: SmallStation, tmp_path: Path) -> None:
    target = tmp_path / "bia.pdf"
    finished = hoso(
        "cover", CODE, "--class", "GKS", "--pages", "2", "--out", target, "--json",
        "--station", small.station.root,
    )  # fmt: skip
    told = json.loads(finished.stdout)
    assert (finished.returncode, told["file"]) == (0, str(target))
    (sheet,) = told["sheets"]
    found = find_barcodes(render.draw(target, 0, 200.0), 200.0)
    assert {code.text for code in found} == {sheet["payload"]}
    assert hoso("cover", "X", "--station", small.station.root).returncode == 2
    assert hoso("cover", CODE, "--pages", "0", "--station", small.station.root).returncode == 2
