"""Which words are running text, and which belong to marks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digitize.model import Line, Mark, MarkKind, Word
from digitize.ocr import make_line
from digitize.overlay import reads_like_print, set_apart

SEAL = Mark(kind=MarkKind.SEAL, box=(100.0, 100.0, 200.0, 200.0))
STAMP = Mark(kind=MarkKind.STAMP, box=(100.0, 100.0, 220.0, 160.0))
PEN = Mark(kind=MarkKind.PEN, box=(100.0, 100.0, 220.0, 140.0))


def _line(*words: tuple[str, float], left: float = 110.0, top: float = 120.0) -> Line:
    """Return a line of words of 12 points, each with its confidence."""
    found, x = [], left
    for text, confidence in words:
        width = 6.0 * len(text)
        found.append(Word(text=text, box=(x, top, x + width, top + 12), confidence=confidence))
        x += width + 4
    return make_line(found)


@pytest.mark.parametrize(
    ("text", "confidence", "prints"),
    [
        ("NGHIỆM", 0.9, True),
        ("nghiệm", 0.5, True),
        ("nghiệm", 0.4, False),
        ("12/2026", 0.6, True),
        ("UBND", 0.9, True),
        ("UBND", 0.6, False),
        ("jHl~w", 0.9, False),
        ("xqz", 0.95, False),
        ("3", 0.9, True),
        ("3", 0.6, False),
        ("|", 0.95, False),
        ("_—", 0.4, False),
    ],
)
def test_print_is_told_from_strokes(text: str, confidence: float, prints: bool) -> None:
    word = Word(text=text, box=(0.0, 0.0, 10.0, 10.0), confidence=confidence)
    assert reads_like_print(word) is prints


@pytest.mark.parametrize("mark", [SEAL, PEN])
def test_a_name_under_a_seal_or_a_signature_stays(mark: Mark) -> None:
    name = _line(("NGUYỄN", 0.7), ("THỬ", 0.6), ("NGHIỆM", 0.9))
    parted = set_apart([name], [mark])
    assert parted.lines == (name,)
    assert parted.overlay == ()


@pytest.mark.parametrize("mark", [SEAL, PEN])
def test_damaged_words_of_a_name_stay_with_it(mark: Mark) -> None:
    name = _line(("VŨ", 0.35), ("THỬ", 0.6), ("NGHIỆM", 0.9), ("E", 0.6))
    assert set_apart([name], [mark]).lines == (name,)
    alone = _line(("VŨ", 0.35), ("E", 0.6))
    assert set_apart([alone], [mark]).overlay == (alone,)


def test_rubbish_of_a_seal_goes_and_its_neighbour_stays() -> None:
    mixed = _line(("ỀXĐ%", 0.3), ("Nghiệm", 0.9))
    parted = set_apart([mixed], [SEAL])
    assert [line.text for line in parted.lines] == ["Nghiệm"]
    assert [line.text for line in parted.overlay] == ["ỀXĐ%"]


def test_a_seal_is_round() -> None:
    corner = _line(("ỀXĐ%", 0.85), ("nghiệm", 0.9), left=100.0, top=100.0)
    corner = replace(corner, words=(replace(corner.words[0], box=(100, 100, 108, 110)),))
    assert set_apart([corner], [SEAL]).overlay == ()


def test_all_words_of_a_stamp_go_but_no_line_that_runs_through_it() -> None:
    stamped = _line(("ĐÃ", 0.9), ("THU", 0.9), ("PHÍ", 0.9))
    words = ("Căn", "cứ", "Luật", "Đất", "đai", "ngày", "18", "tháng", "01")
    through = _line(*((word, 0.9) for word in words), left=20.0)
    parted = set_apart([stamped, through], [STAMP])
    assert parted.lines == (through,)
    assert parted.overlay == (stamped,)


def test_dirt_goes_where_no_mark_was_found() -> None:
    alone = _line(("~", 0.2), ("«xì", 0.3), left=300.0)
    table = _line(("|", 0.5), ("Họ", 0.9), ("tên", 0.9), left=300.0, top=200.0)
    parted = set_apart([alone, table], [])
    assert [line.text for line in parted.lines] == ["Họ tên"]
    assert [line.text for line in parted.overlay] == ["~ «xì", "|"]


@pytest.mark.parametrize(
    "words",
    [
        (("-", 0.3), ("Như", 0.9), ("Điều", 0.9)),
        (("1", 0.9),),
        (("xv", 0.85),),
        (("Rmah", 0.45), ("Thử", 0.9)),
        (("5.000.000đ", 0.6),),
        (("m²", 0.35), ("đất", 0.9)),
        (("1524m2", 0.35),),
    ],
)
def test_print_that_is_odd_stays(words: tuple[tuple[str, float], ...]) -> None:
    line = _line(*words, left=300.0)
    assert set_apart([line], [SEAL, STAMP, PEN]).lines == (line,)


def test_every_word_is_kept_somewhere() -> None:
    lines = [_line(("a", 0.1), ("~~", 0.2), ("Thử", 0.9), ("|", 0.1)), _line(("=", 0.0))]
    parted = set_apart(lines, [SEAL, PEN])
    texts = [word.text for part in parted.lines + parted.overlay for word in part.words]
    assert sorted(texts) == sorted(word.text for line in lines for word in line.words)


BODY = [_line(("Căn", 0.96), ("cứ", 0.96), ("quyết", 0.96), ("định", 0.96), top=300.0 + 20 * row)
        for row in range(4)]  # fmt: skip


def _word(text: str, confidence: float, left: float, top: float, high: float) -> Word:
    return Word(text=text, box=(left, top, left + 30, top + high), confidence=confidence)


def test_a_note_that_leans_is_no_running_text() -> None:
    note = make_line([
        _word("nộn", 0.2, 100, 520, 14), _word("hai", 0.97, 135, 517, 14),
        _word("bản", 0.9, 170, 514, 14),
    ])  # fmt: skip
    parted = set_apart([*BODY, note], [])
    assert parted.lines == tuple(BODY)
    assert parted.overlay == (note,)


def test_a_note_that_leans_stays_where_a_seal_has_spoiled_its_words() -> None:
    name = make_line([
        _word("nộn", 0.2, 100, 132, 14), _word("hai", 0.97, 135, 129, 14),
        _word("bản", 0.9, 170, 126, 14),
    ])  # fmt: skip
    kept = set_apart([*BODY, name], [SEAL]).lines[-1]
    assert [word.text for word in kept.words][-2:] == ["hai", "bản"]


def test_a_note_in_the_margin_is_no_running_text_and_a_column_of_numbers_is() -> None:
    note = make_line([_word("15/9", 0.97, 30, 320, 14)])
    assert set_apart([*BODY, note], []).overlay == (note,)
    beside = [make_line([_word(str(row), 0.97, 60, 300 + 20 * row, 12), *line.words])
              for row, line in enumerate(BODY)]  # fmt: skip
    assert set_apart(beside, []).lines == tuple(beside)


def test_cells_of_a_first_column_stay_whether_they_are_read_as_rows_or_by_themselves() -> None:
    numbers = [_word(text, 0.97, 20, 300 + 20 * row, 12) for row, text in enumerate(("TT", "1"))]
    rows = [make_line([number, *line.words]) for number, line in zip(numbers, BODY, strict=False)]
    assert set_apart([*rows, *BODY[2:]], []).overlay == ()
    alone = [make_line([_word(str(row), 0.97, 20, 300 + 20 * row, 12)]) for row in range(3)]
    assert set_apart([*alone, *BODY], []).overlay == ()


def test_strokes_far_larger_than_print_are_none_though_print_stands_beside_them() -> None:
    stroke = _word("188/", 0.1, 400, 290, 30)
    parted = set_apart([make_line([*BODY[0].words, stroke]), *BODY[1:]], [])
    assert parted.lines == tuple(BODY)
    assert [line.words for line in parted.overlay] == [(stroke,)]


def test_a_large_title_stays_however_unsurely_it_was_read() -> None:
    title = make_line([_word("GIẤY", 0.55, 100, 200, 30), _word("MỜI", 0.6, 140, 200, 30)])
    assert set_apart([title, *BODY], []).overlay == ()


def test_tone_marks_read_as_a_row_by_themselves_go() -> None:
    marks = make_line([_word("H", 0.93, 100, 290, 4), _word("`", 0.97, 200, 290, 3)])
    assert set_apart([marks, *BODY], []).overlay == (marks,)


def test_signs_alone_are_scraps_of_marks_but_for_lines_to_write_on() -> None:
    scraps = make_line([_word("»", 0.89, 100, 500, 9), _word("`", 0.97, 130, 500, 9)])
    dotted = make_line([_word("............", 0.9, 100, 520, 9)])
    parted = set_apart([*BODY, scraps, dotted], [])
    assert parted.overlay == (scraps,)
    assert parted.lines[-1] == dotted
