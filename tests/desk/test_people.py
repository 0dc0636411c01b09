"""Who is one person, as far as the operating system's names can tell."""

from __future__ import annotations

import pytest

from desk.people import may_be_same


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("an", "an", True),
        ("an", "binh", False),
        # One takes on the station's account, or root's, for the second step.
        ("an", "hoso (sudo: an)", True),
        ("hoso (sudo: an)", "root (sudo: an)", True),
        # One writes another's name into the environment of an own command.
        ("an", "an (sudo: binh)", True),
        # Behind an account that was not taken on by sudo may be anybody.
        ("hoso", "hoso (sudo: an)", True),
        ("hoso (sudo: an)", "hoso (sudo: binh)", False),
        ("an", "hoso (sudo: binh)", False),
    ],
)
def test_two_persons_share_no_own_account(one: str, other: str, is_same: bool) -> None:
    assert may_be_same(one, other) is is_same
    assert may_be_same(other, one) is is_same
