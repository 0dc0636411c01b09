"""The second opinion: what it learns from, what it says, how it is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitize.opinion import LEAST_PAPERS, Confirmed, Opinion, dump, learn, load

BODIES = {
    "GKS": "Họ, chữ đệm, tên người được khai sinh. Nơi sinh. Quê quán. Họ tên người mẹ, người cha",
    "GPXD": "Cấp cho chủ đầu tư được phép xây dựng công trình theo thiết kế, mật độ, số tầng",
    "VB": "Hiệu trưởng cấp bằng cho, xếp loại tốt nghiệp, số hiệu, số vào sổ gốc cấp văn bằng",
}


def _papers(count: int, *codes: str) -> list[Confirmed]:
    return [
        Confirmed(class_code=code, text=f"{BODIES[code]} {number} tháng {number + 3}")
        for code in codes
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def opinion() -> Opinion:
    learned = learn(_papers(LEAST_PAPERS, *BODIES))
    assert learned is not None
    return learned


@pytest.mark.parametrize("code", BODIES)
def test_it_names_papers_like_those_that_were_confirmed(opinion: Opinion, code: str) -> None:
    said = opinion.say(BODIES[code].upper().replace("Ố", "Ó"))
    assert said.code == code
    assert said.likeness > 0.5
    assert said.lead > 0.3


@pytest.mark.parametrize("text", ["", "日本", "x", "Một lời văn chẳng giống giấy nào cả"])
def test_of_what_it_never_saw_it_is_undecided(opinion: Opinion, text: str) -> None:
    said = opinion.say(text)
    assert said.likeness < 0.3
    assert said.lead < 0.1


def test_it_knows_only_what_was_confirmed_often_enough() -> None:
    learned = learn([*_papers(LEAST_PAPERS, "GKS", "VB"), *_papers(LEAST_PAPERS - 1, "GPXD")])
    assert learned is not None
    assert learned.codes == ("GKS", "VB")
    assert not learned.knows("GPXD")
    assert learned.papers == 2 * LEAST_PAPERS


@pytest.mark.parametrize(
    "papers",
    [
        [],
        _papers(LEAST_PAPERS, "GKS"),
        _papers(LEAST_PAPERS - 1, *BODIES),
        [Confirmed(class_code=code, text=" ") for code in "AB" for _ in range(LEAST_PAPERS)],
    ],
    ids=["none", "one kind", "too few", "no words"],
)
def test_from_too_little_nothing_is_learned(papers: list[Confirmed]) -> None:
    assert learn(papers) is None


def test_what_was_learned_is_kept_as_numbers_and_says_the_same(opinion: Opinion) -> None:
    again = load(dump(opinion))
    assert again is not None
    assert (again.codes, again.papers) == (opinion.codes, opinion.papers)
    for text in BODIES.values():
        one, other = opinion.say(text), again.say(text)
        assert one.code == other.code
        assert one.likeness == pytest.approx(other.likeness, abs=0.01)


def test_the_order_of_the_papers_does_not_matter() -> None:
    papers = _papers(LEAST_PAPERS, *BODIES)
    one, other = learn(papers), learn(papers[::-1])
    assert one is not None
    assert other is not None
    assert np.allclose(one.middles, other.middles, atol=1e-5)


def test_what_is_damaged_or_of_another_format_is_not_loaded(opinion: Opinion) -> None:
    whole = dump(opinion)
    assert load(whole[:-1]) is None
    assert load(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:]) is None
    assert load(whole.replace(b"opinion 1", b"opinion 2", 1)) is None


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_no_bytes_make_it_fail(data: bytes) -> None:
    assert load(data) is None
