from __future__ import annotations

import time

import pytest

from storage.joined_codes import joined, joined_codes


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Số: 12/QĐ-UBND ngày 5", {"12qdubnd"}),
        ("Số: 12 / QĐ-UBND", {"12qdubnd"}),
        ("mã H20.03-251103-0001.", {"h20032511030001"}),
        ("CCCD 001.234.567.890", {"001234567890"}),
        # Marks that stand on no letter: the word before the code is one.
        ("q\u0300a:12QĐUBND, ho\ue000a-12/QĐ", {"qa12qdubnd", "hoa12qd"}),
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


@pytest.mark.parametrize("sign", ["a", "\u0301", "1\ue000a", "a\u0336/"])
def test_a_text_of_nothing_but_one_sign_takes_no_longer_than_others(sign: str) -> None:
    begun = time.process_time()
    joined_codes("a1" + sign * (20_000 // len(sign)))
    assert time.process_time() - begun < 5
