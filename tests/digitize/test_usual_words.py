"""Spellings beside their twins, by what the law writes."""

from __future__ import annotations

import pytest

from digitize.usual_words import Usage, may_be_cut, usage_of


@pytest.mark.parametrize(
    ("spelled", "usage"),
    [
        ("giấy", Usage.LONE),
        ("giầy", Usage.ODD),
        ("biểu", Usage.LONE),
        ("biều", Usage.ODD),
        # Both are usual, or nobody knows any.
        ("thứ", Usage.OTHER),
        ("đầm", Usage.OTHER),
        ("quách", Usage.OTHER),
    ],
)
def test_a_spelling_is_usual_or_near_one_that_is(spelled: str, usage: Usage) -> None:
    assert usage_of(spelled) is usage


@pytest.mark.parametrize(
    ("spelled", "is_cut"), [("đôi", True), ("đồi", False), ("giấy", False), ("mực", False)]
)
def test_what_the_law_never_has_may_have_lost_a_mark(spelled: str, is_cut: bool) -> None:
    assert may_be_cut(spelled) is is_cut
