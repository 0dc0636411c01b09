"""A title of which only the head cannot be read may bear a mark: a person is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digitize import gate
from digitize.model import Line, Paper, Word
from digitize.ocr import make_line
from digitize.unread_heads import has_unread_head
from tests.digitize.workbench import RULES, heading, page_of

TITLE = (("KHAI", 0.93), ("THAM", 0.92), ("GIA", 0.9))


def _row(left: float, *words: tuple[str, float], top: float = 150.0) -> Line:
    """Return a row of words and how sure each is; letters are 8 points wide."""
    made: list[Word] = []
    for text, confidence in words:
        right = left + 8.0 * len(text)
        made.append(Word(text=text, box=(left, top, right, top + 14), confidence=confidence))
        left = right + 5
    return make_line(made)


@pytest.mark.parametrize(
    ("head", "is_asked"),
    [
        ((("T.ÔIHMẬTiAM", 0.14),), True),
        ((("'T", 0.69), ("ỐẾñÊMtỆ", 0.07), ("đi", 0.34)), True),
        ((("TỜ", 0.93),), False),
        ((("UBND", 0.93),), False),
        ((("GIẦY", 0.27),), False),
        ((("1", 0.26), ("|", 0.57), ("VUXZ", 0.2)), False),
        ((("qxzvbk", 0.1),), False),
        ((("XQ", 0.1),), False),
    ],
)
def test_rubbish_before_a_title_that_reads_well_is_asked_about(
    head: tuple[tuple[str, float], ...], *, is_asked: bool
) -> None:
    page = page_of([*heading("Số: 12/TB-UBND"), _row(90, *head, *TITLE)])
    assert has_unread_head(page) is is_asked
    found = gate.check(Paper(number=1, pages=(page,), reason=""), RULES)
    assert found.doubtful_stamps == ((1,) if is_asked else ())
    assert found.secret_mark is None


def test_the_head_may_have_been_set_apart_as_a_stamp() -> None:
    head = _row(90, ("T.ÔIHMẬTiAM", 0.14))
    page = page_of([*heading(), _row(head.box[2] + 5, *TITLE)], overlay=(head,))
    assert has_unread_head(page)
    far = replace(page, lines=(_row(head.box[2] + 60, *TITLE),))
    assert not has_unread_head(far)


@pytest.mark.parametrize(("left", "top"), [(320.0, 150.0), (90.0, 600.0)])
def test_elsewhere_on_the_page_nobody_is_asked(left: float, top: float) -> None:
    row = _row(left, ("ỐẾñÊMtỆ", 0.07), *TITLE, top=top)
    assert not has_unread_head(page_of([*heading(), row]))
