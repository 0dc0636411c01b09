"""The symbol of a number names a type where it can mean one only."""

from __future__ import annotations

import pytest

from digitize.symbols import named_by, type_symbol
from tests.digitize.workbench import CLASSES


@pytest.mark.parametrize(
    ("notation", "pieces"),
    [
        (None, ()),
        ("QĐ-UBND", ("QĐ", "UBND")),
        ("2026/QĐ-UBND", ("QĐ", "UBND")),
        ("UBND-XNTTHN", ("UBND", "XNTTHN")),
        ("CNTN-KH", ("CNTN",)),
        ("TTr–KT", ("TTr",)),
        ("GPXD", ("GPXD",)),
    ],
)
def test_the_first_piece_and_long_ones_may_name_a_type(
    notation: str | None, pieces: tuple[str, ...]
) -> None:
    assert type_symbol(notation) == pieces


@pytest.mark.parametrize(
    ("notation", "code"),
    [
        ("QĐ-UBND", "QD"),
        ("QD-UBND", "QD"),
        ("TTr-KT", "TTR"),
        ("TTR-KT", "TTR"),
        ("UBND-XNTTHN", "TTHN"),
        ("TLKS-BS", "TLKS"),
        ("HĐ-TNH", "HOPD"),
        ("ĐA-UBND", "DEAN"),
        ("CD-UBND", "CD"),
        # What is read without its stroke may have lost it.
        ("HD-UBND", None),
        ("DA-UBND", None),
        # An agency and its unit: a letter, even where the unit is called like a type.
        ("UBND-KH", None),
        ("CNTN-ĐKCG", None),
    ],
)
def test_a_symbol_names_its_kind(notation: str, code: str | None) -> None:
    found = named_by(type_symbol(notation), CLASSES)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    "item", [item for item in CLASSES.items if item.symbols], ids=lambda item: item.code
)
def test_every_symbol_names_its_kind_or_none(item: object) -> None:
    kind = next(found for found in CLASSES.items if found is item)
    for symbol in kind.symbols:
        assert named_by(type_symbol(f"{symbol}-UBND"), CLASSES) in (kind, None)
