"""Frozen values survive JSON, also those that an older program wrote."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from config import codec


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    number: int
    words: tuple[str, ...] = ()


def test_a_value_comes_back_as_it_went() -> None:
    sheet = _Sheet(number=3, words=("một", "cửa"))
    assert codec.from_plain(_Sheet, codec.to_plain(sheet)) == sheet


def test_a_field_that_an_older_program_did_not_know_has_its_default() -> None:
    assert codec.from_plain(_Sheet, {"number": 3}) == _Sheet(number=3)


def test_a_field_without_a_default_must_be_there() -> None:
    with pytest.raises(TypeError, match="number"):
        codec.from_plain(_Sheet, {"words": []})
