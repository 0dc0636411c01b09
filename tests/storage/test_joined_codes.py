from __future__ import annotations

import pytest

from storage.joined_codes import joined, joined_codes


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Số: 12/QĐ-UBND ngày 5", {"12qdubnd"}),
        ("Số: 12 / QĐ-UBND", {"12qdubnd"}),
        ("mã H20.03-251103-0001.", {"h20032511030001"}),
        ("CCCD 001.234.567.890", {"001234567890"}),
        # Days, sums and words are no codes.
        ("ngày 05/11/2026, 1.500.000 đồng, Độc lập - Tự do, tp.hcm", set()),
        ("", set()),
    ],
)
def test_codes_of_a_text_are_run_together(text: str, wanted: set[str]) -> None:
    assert joined_codes(text) == wanted


def test_only_what_looks_like_a_code_is_one() -> None:
    assert joined(["12", "qd"]) is None  # too short to mean one paper
    assert joined(["12", "qd", "ubnd"]) == "12qdubnd"
    assert joined(["a1"] * 9) is None
    assert joined(["x1" * 30]) is None
