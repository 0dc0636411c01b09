"""Which dossier a subfolder is, however deep it lies, and what is answered below it."""

from __future__ import annotations

import pytest

from config.vocabulary import load_classes
from desk.answers import Answer, from_folder
from desk.dossier_folders import folder_code, named_dossiers, taken_together

A, B = "H26.99-261105-0001", "000.00.19.H47-261106-0002"


@pytest.mark.parametrize(
    ("folder", "code", "together"),
    [
        ("", None, ""),
        (A, A, A),
        (f" {A} ", A, f" {A} "),
        (f"{A}/Lan", A, A),
        (f"Lan/{A}", A, f"Lan/{A}"),
        (f"Tổ 1/Chị Lan/{A}/GKS/thay-the", A, f"Tổ 1/Chị Lan/{A}"),
        (f"{A}/Lan/{A}", A, A),
        (f"{A}/{B}", None, A),
        (f"Lan/{A}/quay-3/{B}/GKS", None, f"Lan/{A}"),
        ("Lan", None, "Lan"),
        ("Lan/quay-3", None, "Lan"),
        # A name that only holds a code, or the code of no possible day, names no dossier.
        (f"Lan/{A} (cũ)", None, "Lan"),
        (f"Lan/{A}-KQ(1)", None, "Lan"),
        ("Lan/H26.99-261305-0001", None, "Lan"),
    ],
)
def test_a_dossier_is_found_on_the_whole_way_up(
    folder: str, code: str | None, together: str
) -> None:
    assert folder_code(folder) == code
    assert taken_together(folder) == together


def test_dossiers_within_each_other_are_all_told() -> None:
    assert named_dossiers(f"Lan/{A}/{B}/{A}") == (A, B)


@pytest.mark.parametrize(
    ("folder", "answer"),
    [
        (f"{A}/GKS", Answer(dossier_code=A, class_code="GKS")),
        (f"Lan/{A}/GKS", Answer(dossier_code=A, class_code="GKS")),
        (
            f"Lan/{A}/GKS/thay-the",
            Answer(dossier_code=A, class_code="GKS", words=("thay-the",)),
        ),
        (f"Lan/{A}/giay-nop", Answer(dossier_code=A, words=("giay-nop",))),
        # A class, or a word, is one of a dossier: above its folder it is a name like any other.
        (f"GKS/{A}", Answer(dossier_code=A)),
        (f"Lan/thay-the/{A}", Answer(dossier_code=A)),
        ("Lan/GKS", Answer()),
        (f"{A}/{B}", Answer()),
    ],
)
def test_a_class_and_words_are_answered_below_the_dossier_s_folder(
    folder: str, answer: Answer
) -> None:
    assert from_folder(folder, load_classes()) == answer
