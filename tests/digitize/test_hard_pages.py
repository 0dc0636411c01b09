"""Pages as desks really get them: turned, mixed, in columns, ruled, stamped, faded. Exact text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pdfplumber
import pytest
from PIL import Image

from digitize import enhance, reading
from digitize.attempts import Attempt, better, read_best
from digitize.confidence import judge
from digitize.frames import Picture
from digitize.model import Line as TextLine
from digitize.recipes import prepare
from fixtures.blocks import Block, Header, Line, Page, Paragraph, Table
from fixtures.degrade import bleed_through, fade
from fixtures.layout import lay_page
from fixtures.marks import Surface, seal
from fixtures.measure import character_error_rate
from fixtures.raster import Sheet, draw_page
from tests.digitize.workbench import RECOGNIZER, line, page_image, read_file, render_file, sheet

BODY = [
    "Kính gửi: Ủy ban nhân dân xã Thử Nghiệm, huyện Mẫu",
    "Tôi là NGUYỄN THỬ NGHIỆM A, sinh ngày 05 tháng 11 năm 1990,",
    "đề nghị cấp giấy phép xây dựng nhà ở riêng lẻ tại thôn Mẫu 1.",
    "Tôi cam đoan những lời khai trên là đúng sự thật.",
]
HEADER = Header(
    left=(Line(text="ỦY BAN NHÂN DÂN"), Line(text="XÃ THỬ NGHIỆM", ruled=True)),
    number="Số: 15/TB-UBND",
    place_date="Thử Nghiệm, ngày 12 tháng 3 năm 2026",
)
TABLE = Table(
    widths=(0.1, 0.5, 0.4),
    rows=(
        ("TT", "Tên giấy tờ", "Ghi chú"),
        ("1", "Đơn đề nghị cấp phép", "bản chính"),
        ("2", "Bản vẽ thiết kế", "hai bản"),
        ("3", "Giấy tờ về đất", "bản sao"),
    ),
)
CLOSING_WORDS = Paragraph(text="Thông báo này được niêm yết tại trụ sở xã trong ba mươi ngày.")


def _drawn(*blocks: Block, height: int) -> tuple[Picture, list[str]]:
    """Draw blocks on the upper part of a sheet; return it with its reading orders."""
    laid = lay_page(Page(blocks=blocks), "serif")
    pixels = np.array(draw_page(laid, Sheet(dpi=200, family="serif", tint=(255, 255, 255))))
    return pixels[:height], ["\n".join(order) for order in laid.readings]


def _error(found: str, orders: list[str]) -> float:
    return character_error_rate(found, orders)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_page_is_read_at_once(
    tmp_path: Path, turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stance is seen from the ink: nothing is recognised twice, and no turn is asked for."""
    asked: list[str] = []
    read = type(RECOGNIZER).read

    def counted(*arguments: Any, **options: Any) -> object:
        asked.append("read")
        return read(*arguments, **options)

    monkeypatch.setattr(type(RECOGNIZER), "read", counted)
    monkeypatch.setattr(type(RECOGNIZER), "quarter_turns", lambda *_: asked.append("turns"))
    page = page_image(enhance.turn(sheet(BODY)[:1100], turns))
    found = reading.read_page(page, RECOGNIZER, tmp_path)
    assert found.text == "\n".join(BODY)
    assert found.quarter_turns == -turns % 4
    assert asked == ["read"]


@pytest.mark.parametrize("turns", [1, 3])
def test_a_sideways_page_of_few_words_is_read(tmp_path: Path, turns: int) -> None:
    words = ["BẢN VẼ MẶT BẰNG", "Tỷ lệ 1/100"]
    page = page_image(enhance.turn(sheet(words, size=14)[:900], turns))
    found = reading.read_page(page, RECOGNIZER, tmp_path)
    assert found.text == "\n".join(words)
    assert found.quarter_turns == -turns % 4
    assert found.readable


def test_the_pages_of_one_file_lie_each_in_its_own_way(tmp_path: Path) -> None:
    frames = [Image.fromarray(enhance.turn(sheet(BODY)[:1100], turns)) for turns in (0, 2, 1, 3)]
    source = tmp_path / "lon-xon.tif"
    frames[0].save(source, save_all=True, append_images=frames[1:], dpi=(200, 200))
    submission, pages = read_file(source, tmp_path)
    assert [page.quarter_turns for page in pages] == [0, 2, 3, 1]
    assert {page.text for page in pages} == {"\n".join(BODY)}
    rendition = render_file(submission, pages, tmp_path / "ban-luu.pdf")
    with pdfplumber.open(rendition.path) as pdf:
        assert [page.extract_text() for page in pdf.pages] == ["\n".join(BODY)] * 4
        assert all(page.width > page.height for page in pdf.pages)


def test_a_header_of_two_columns_keeps_both(tmp_path: Path) -> None:
    picture, orders = _drawn(HEADER, CLOSING_WORDS, height=700)
    found = reading.read_page(page_image(picture), RECOGNIZER, tmp_path)
    assert _error(found.text, orders) == 0.0
    assert found.readable


def test_a_table_keeps_its_cells(tmp_path: Path) -> None:
    picture, _ = _drawn(TABLE, CLOSING_WORDS, height=700)
    found = reading.read_page(page_image(picture), RECOGNIZER, tmp_path)
    words = found.text.split()
    for row in TABLE.rows:
        for cell in row:
            parts = cell.split()
            starts = [n for n, word in enumerate(words) if word == parts[0]]
            assert any(words[n : n + len(parts)] == parts for n in starts), cell


def test_a_seal_over_text_does_not_cost_the_text(tmp_path: Path) -> None:
    surface = Surface(dpi=200, random=np.random.default_rng(11))
    stamped = seal(sheet(BODY)[:1100], (95.0, 58.0), surface)
    found = reading.read_page(page_image(stamped), RECOGNIZER, tmp_path)
    assert found.text == "\n".join(BODY)
    assert found.readable


@pytest.mark.parametrize("damage", ["faded", "bleed", "grain", "blurred", "shaded"])
def test_a_poor_page_is_read_as_a_good_one(tmp_path: Path, damage: str) -> None:
    picture = sheet(BODY)[:1100]
    random = np.random.default_rng(3)
    slope = np.linspace(0.5, 1.0, picture.shape[1])[None, :, None]
    damages: dict[str, Callable[[], npt.NDArray[Any]]] = {
        "faded": lambda: fade(picture, 0.6),
        "bleed": lambda: bleed_through(picture, 0.12),
        "grain": lambda: np.clip(picture + random.normal(0, 45, (*picture.shape[:2], 1)), 0, 255),
        "blurred": lambda: enhance.smooth(picture, 1.8),
        "shaded": lambda: picture * slope,
    }
    page = page_image(damages[damage]().astype(np.uint8))
    found = reading.read_page(page, RECOGNIZER, tmp_path)
    # Grain and blur have taken strokes away: two tone marks of the 218 letters may go.
    allowed = 0.01 if damage in ("grain", "blurred") else 0.0
    assert _error(found.text, ["\n".join(BODY)]) <= allowed
    assert found.readable


def test_a_second_look_sharpens_what_is_soft(tmp_path: Path) -> None:
    soft = page_image(enhance.smooth(sheet(BODY)[:1100], 3.4))
    first = prepare(soft)
    once = RECOGNIZER.read(first.picture, first.dpi, tmp_path)
    found = reading.read_page(soft, RECOGNIZER, tmp_path)
    assert found.recipe.endswith("sharper")
    truth = ["\n".join(BODY)]
    before = _error("\n".join(item.text for item in once), truth)
    assert _error(found.text, truth) < 0.6 * before


def _attempt(text: str, sure: float) -> Attempt:
    """Return an attempt that read so much, so surely."""
    read = line(text, 60, 100)
    words = tuple(replace(word, confidence=sure) for word in read.words)
    prepared = prepare(page_image(np.full((500, 900), 255, np.uint8)), turns=0)
    lines = (replace(read, words=words),)
    return Attempt(lines=lines, prepared=prepared, judgement=judge(lines, prepared.picture, 200))


@pytest.mark.parametrize(
    ("second", "wins"),
    [
        (("thử nghiệm một hai", 0.80), False),
        (("thử nghiệm một hai", 0.60), False),
        (("thử nghiệm", 0.95), False),
        (("thử nghiệm một hai ||~} ]][ =_", 0.70), False),
        (("thử nghiệm một hai", 0.95), True),
        (("thử nghiệm một hai ba bốn năm", 0.80), True),
    ],
)
def test_a_later_attempt_wins_only_by_reading_more_or_more_surely(
    second: tuple[str, float], wins: bool
) -> None:
    first, other = _attempt("thử nghiệm một hai", 0.80), _attempt(*second)
    assert better(first, other) is (other if wins else first)


def test_a_retry_never_lowers_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that tires: each further reading of a page loses half of its words' certainty."""
    read, calls = type(RECOGNIZER).read, []

    def tiring(*arguments: Any, **options: Any) -> tuple[TextLine, ...]:
        calls.append(1)
        lines: tuple[TextLine, ...] = read(*arguments, **options)
        share = 0.8 * 0.5 ** (len(calls) - 1)
        return tuple(
            replace(
                item,
                words=tuple(
                    replace(word, confidence=share * word.confidence) for word in item.words
                ),
            )
            for item in lines
        )

    monkeypatch.setattr(type(RECOGNIZER), "read", tiring)
    best = read_best(page_image(sheet(BODY)[:1100]), RECOGNIZER, tmp_path)
    assert len(calls) == 3, "a first reading and two more, never a fourth"
    assert best.prepared.recipe == "grey"
    assert "\n".join(item.text for item in best.lines) == "\n".join(BODY)


@pytest.mark.parametrize("blur", [4.6, 8.0, 10.0])
def test_a_page_that_nobody_can_read_is_called_so(tmp_path: Path, blur: float) -> None:
    hopeless = enhance.smooth(sheet(BODY * 3)[:1400], blur)
    found = reading.read_page(page_image(hopeless), RECOGNIZER, tmp_path)
    assert not found.readable
    assert not found.blank
    assert found.confidence < 0.6


def test_a_sheet_that_was_scanned_without_light_waits_for_a_person(tmp_path: Path) -> None:
    found = reading.read_page(page_image(np.zeros((1100, 800), np.uint8)), RECOGNIZER, tmp_path)
    assert (found.lines, found.blank, found.readable) == ((), False, False)


def test_what_a_reading_is_worth_is_kept_with_it(tmp_path: Path) -> None:
    found = reading.read_page(page_image(sheet(BODY)[:1100]), RECOGNIZER, tmp_path)
    assert (found.readable, found.legal_share) == (True, 1.0)
    assert 0.9 < found.confidence < 1.0


def test_a_fax_is_read_and_kept_in_its_true_proportions(tmp_path: Path) -> None:
    """Standard fax: 204 points an inch across, 98 down (ITU-T T.4)."""
    dense = np.asarray(Image.fromarray(sheet(BODY, dpi=204, size=16)[:1150]).convert("L"))
    fax = Image.fromarray(dense).resize((dense.shape[1], dense.shape[0] * 98 // 204))
    source = tmp_path / "fax.tif"
    fax.convert("1").save(source, compression="group4", dpi=(204, 98))
    submission, pages = read_file(source, tmp_path)
    (page,) = pages
    assert page.dpi == 204
    assert page.width == pytest.approx(dense.shape[1] / 204 * 72, abs=1)
    assert page.height == pytest.approx(dense.shape[0] / 204 * 72, abs=1)
    (first,) = (word for item in page.lines for word in item.words if word.text == "Kính")
    assert first.box[0] == pytest.approx(25 / 25.4 * 72, abs=2)
    assert first.box[3] == pytest.approx(40 / 25.4 * 72, abs=5)
    rendition = render_file(submission, pages, tmp_path / "ban-luu.pdf")
    with pdfplumber.open(rendition.path) as pdf:
        kept = pdf.pages[0]
        (picture,) = kept.images
        assert (picture["width"], picture["height"]) == pytest.approx(
            (page.width, page.height), abs=1
        )
        assert picture["srcsize"] == (fax.width, fax.height)
        # Half of the lines are missing, and with them some marks above letters.
        assert _error(kept.extract_text(), ["\n".join(BODY)]) < 0.08
