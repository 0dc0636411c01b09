"""Words under black seals are read with the page's own letters, and digits are never guessed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from digitize.covered_rows import find_gaps, lay_out
from digitize.frames import Picture
from digitize.lifting import Covered, fade_pale_seal, seal_odds
from digitize.marks import lift_marks
from digitize.model import Line, RecognizedPage, Word
from digitize.ocr import make_line
from digitize.own_print import PrintedWord, alphabet, learn
from digitize.reading import read_page
from digitize.seals import Ring
from digitize.under_seals import read_under_seals
from fixtures.marks import Surface
from fixtures.reading.ink import put, round_seal
from tests.digitize.workbench import RECOGNIZER, page_image, sheet

DPI = 200
TEXTS = (
    "Tôi trực tiếp nuôi dưỡng cháu từ tháng mười một năm ngoái đến nay, bữa ăn, giấc",
    "ngủ, thuốc men đều do tôi lo liệu. Hoàn cảnh gia đình thuộc diện cận nghèo, thu",
    "nhập chủ yếu nhờ chăn gà, trồng rau, không đủ trang trải tiền viện phí mỗi kỳ",
    "tái khám. Kính mong quý cơ quan xem xét, giải quyết cho tôi được hưởng hỗ trợ",
    "kinh phí chăm sóc theo quy định. Tôi xin cam đoan lời khai trên là đúng sự thật,",
    "nếu khai gian dối tôi xin hoàn trả đầy đủ số tiền đã nhận trong năm 2026 là",
    "4.735.000 đồng và chịu trách nhiệm trước pháp luật. Giấy tờ gửi kèm: bản sao",
    "giấy xác nhận khuyết tật, giấy khai sinh của cháu, quyết định công nhận hộ cận",
    "nghèo của Ủy ban nhân dân phường, mỗi loại hai bản; đề nghị được trả kết quả",
    "tại bộ phận một cửa hoặc qua đường bưu điện theo địa chỉ đã ghi trong đơn này.",
)
CENTRE = (95.0, 66.0)  # of the seal, millimetres: over rows four and five


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """A black-and-white page with a seal, read twice."""

    picture: Picture
    plain: RecognizedPage
    """What the engine alone makes of it."""
    found: RecognizedPage


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Stamped:
    drawn = sheet(TEXTS)
    seal = round_seal(Surface(dpi=DPI, random=np.random.default_rng(3)), CENTRE, "black", 16.5)
    put(drawn, replace(seal, ink=np.minimum(seal.ink * 2, 1).astype(np.float32)))
    grey = cv2.GaussianBlur(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY), (0, 0), 0.6)
    picture = np.where(grey > 168, 255, 0).astype(np.uint8)
    page = page_image(picture, bitonal=True)
    work = tmp_path_factory.mktemp("seals")
    return Stamped(
        picture=picture,
        plain=read_page(page, replace(RECOGNIZER, repair=False), work),
        found=read_page(page, RECOGNIZER, work),
    )


def _words(page: RecognizedPage) -> list[str]:
    return [word.text for line in page.lines for word in line.words]


def _covered(page: RecognizedPage, stamped: Stamped) -> Covered:
    lifted = lift_marks(stamped.picture, DPI)
    assert len(lifted.seals) == 1
    return Covered(
        picture=stamped.picture, lifted=lifted.picture, seals=lifted.seals, dpi=float(DPI)
    )


def test_more_words_are_read_under_a_seal_than_the_engine_reads(stamped: Stamped) -> None:
    truth = " ".join(TEXTS).split()
    plain, found = (
        sum(word in _words(page) for word in truth) for page in (stamped.plain, stamped.found)
    )
    assert found >= plain + 4, (set(truth) - set(_words(stamped.found)), plain)
    assert found >= 0.92 * len(truth)


def test_words_away_from_seals_stay_as_they_were_read(stamped: Stamped) -> None:
    away = [line.text for line in stamped.plain.lines if line.box[1] > 95 / 25.4 * 72]
    assert len(away) == 2
    assert away == [line.text for line in stamped.found.lines][-2:]


def test_what_is_found_is_no_surer_than_damaged_print(stamped: Stamped) -> None:
    lines = read_under_seals(_covered(stamped.plain, stamped), stamped.plain.lines)
    before = {id(word) for line in stamped.plain.lines for word in line.words}
    new = [word for line in lines for word in line.words if id(word) not in before]
    assert len(new) >= 4
    assert all(word.confidence <= 0.6 for word in new)
    assert all(word.read for word in new), "what was read stays beside"


def test_a_page_without_seals_is_left_alone(stamped: Stamped) -> None:
    page = Covered(picture=stamped.picture, lifted=stamped.picture, seals=(), dpi=float(DPI))
    assert read_under_seals(page, stamped.plain.lines) == stamped.plain.lines


def test_digits_are_never_guessed(stamped: Stamped) -> None:
    """Nothing is read in the rows: all must be found; a number must not."""
    page = _covered(stamped.plain, stamped)
    ring = page.seals[0]
    lines = [_without_middle(line, ring) for line in stamped.plain.lines]
    before = {word.text for line in lines for word in line.words}
    found = read_under_seals(page, lines)
    new = {word.text for line in found for word in line.words} - before
    assert new
    assert not any(letter.isdigit() for word in new for letter in word)


def _without_middle(line: Line, ring: Ring) -> Line:
    scale = DPI / 72
    kept = [
        word
        for word in line.words
        if abs((word.box[0] + word.box[2]) / 2 * scale - ring.x) > ring.radius
    ]
    return make_line(kept or [Word(text="-", box=line.box, confidence=0.1)])


def test_gaps_are_the_rows_that_a_seal_crosses(stamped: Stamped) -> None:
    page = _covered(stamped.plain, stamped)
    ring = page.seals[0]
    gaps = list(find_gaps(lay_out(page, stamped.plain.lines), ring))
    feet = sorted(gap.foot for gap in gaps)
    assert len(feet) in {4, 5}
    assert all(abs(foot - ring.y) < ring.radius + 40 for foot in feet)
    steps = np.diff(feet) / DPI * 25.4
    assert steps == pytest.approx(8.0, abs=0.2)
    assert all(gap.left < ring.x < gap.right for gap in gaps)


def test_rings_are_likelier_inked_than_what_lies_between(stamped: Stamped) -> None:
    page = _covered(stamped.plain, stamped)
    ring = page.seals[0]
    ink = (stamped.picture < 128).astype(np.uint8)
    seal = seal_odds(ink, ring, DPI / 25.4)
    top, left = seal.place[0].start, seal.place[1].start
    rows, columns = np.indices(seal.odds.shape)
    away = np.hypot(rows + top - ring.y, columns + left - ring.x)
    outer = seal.odds[np.abs(away - ring.radius + 2) < 2]
    inner = seal.odds[(away > 0.4 * ring.radius) & (away < 0.5 * ring.radius)]
    assert np.median(outer) > 0.7
    assert np.median(inner) < 0.35


@pytest.mark.parametrize(("colour", "is_told"), [("red", True), ("black", False)])
def test_a_coloured_seal_on_a_grey_scan_is_told_by_how_pale_it_is(
    colour: str, is_told: bool
) -> None:
    drawn = sheet(TEXTS)
    plain = cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY)
    seal = round_seal(Surface(dpi=DPI, random=np.random.default_rng(3)), CENTRE, colour, 16.5)
    put(drawn, replace(seal, ink=np.minimum(seal.ink * 2, 1).astype(np.float32)))
    grey = np.asarray(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY), np.uint8)
    ring = Ring(x=CENTRE[0] / 25.4 * DPI, y=CENTRE[1] / 25.4 * DPI, radius=16.5 / 25.4 * DPI)
    assert fade_pale_seal(grey, ring, 160, DPI / 25.4) is is_told
    if is_told:  # the print below it is there, and the ring is not
        assert np.mean((grey < 128) == (plain < 128)) > 0.999


def test_the_arc_that_is_left_of_a_ring_does_not_bend_it() -> None:
    rows, columns = np.indices((260, 260))
    away = np.hypot(rows - 130, columns - 130)
    ink = ((np.abs(away - 120) < 3) & (rows < 40)).astype(np.uint8)
    ink[8:14, 60:200] = 1  # a row of print beside it
    seal = seal_odds(ink, Ring(x=130.0, y=130.0, radius=118.0), DPI / 25.4)
    inside = np.count_nonzero(seal.inside)
    assert inside == pytest.approx(np.pi * 118**2, rel=0.2)


def test_letters_are_learned_and_the_missing_are_put_together(stamped: Stamped) -> None:
    scale = DPI / 72
    ink = (stamped.picture < 128).astype(np.uint8)
    lines = [
        [
            PrintedWord(
                text=word.text,
                confidence=word.confidence,
                box=tuple(side * scale for side in word.box),  # type: ignore[arg-type]  # four
                covered=False,
            )
            for word in line.words
        ]
        for line in stamped.plain.lines
        if line.box[1] > 95 / 25.4 * 72 or line.box[3] < 45 / 25.4 * 72
    ]
    own = learn(ink, lines)
    letters = alphabet(ink, own, own.rows[0])
    seen = set(unicodedata.normalize("NFC", "".join(w.text for row in lines for w in row)))
    assert len(seen & set(letters)) > 0.8 * len([letter for letter in seen if letter.isalpha()])
    composed = {letter for letter in letters if letter not in seen}
    assert composed
    for letter in composed:
        base = letters.get(unicodedata.normalize("NFD", letter)[0])
        assert base is None or letters[letter].weights.sum() > base.weights.sum()
        assert not letters[letter].sure
