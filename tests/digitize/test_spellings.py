"""Names are spelled as most of the paper spells them; what is divided nobody settles."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from digitize.model import Word
from digitize.ocr import make_line
from digitize.spellings import settle_person, spellings_of
from tests.digitize.workbench import paper_of

Reading = Sequence[tuple[str, float]]


def _words(reading: Reading, top: float) -> list[Word]:
    return [
        Word(text=text, box=(60.0 + 60 * at, top, 110.0 + 60 * at, top + 10), confidence=sure)
        for at, (text, sure) in enumerate(reading)
    ]


def _settled(*readings: Reading) -> tuple[str, float] | None:
    rows = [_words(reading, 100.0 + 30 * at) for at, reading in enumerate(readings)]
    paper = paper_of([make_line(row) for row in rows])
    words = settle_person(rows[0], spellings_of(paper))
    if not words:
        return None
    return " ".join(word.text for word in words), min(word.confidence for word in words)


@pytest.mark.parametrize(
    ("readings", "name"),
    [
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("BÌNH", 0.9)]], "LÊ VĂN BÌNH"),
        # A family name is one of few.
        ([[("LÊ", 0.55), ("VĂN", 0.95), ("BÌNH", 0.9)]], "LÊ VĂN BÌNH"),
        ([[("LÊ", 0.4), ("VĂN", 0.95), ("BÌNH", 0.9)]], None),
        # Capitals with all marks outweigh small letters that differ, and not one another.
        ([[("LÊ", 0.95), ("THỬ", 0.9), ("BÌNH", 0.9)], [("Thứ", 0.96), ("Bình", 0.96)]],
         "LÊ THỬ BÌNH"),
        ([[("Lê", 0.95), ("Thứ", 0.96), ("Bình", 0.9)], [("THỬ", 0.94), ("BÌNH", 0.96)]],
         "Lê Thử Bình"),
        ([[("LÊ", 0.95), ("THỬ", 0.9), ("BÌNH", 0.9)], [("THỨ", 0.9), ("BÌNH", 0.9)]], None),
        # So is a given name that no other syllable of names is like.
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("BÌNH", 0.55)]], "LÊ VĂN BÌNH"),
        # In capitals any usual one is, unless a tone above a hat may have been lost.
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("BÌNH", 0.1)]], "LÊ VĂN BÌNH"),
        ([[("Lê", 0.95), ("Văn", 0.95), ("Bình", 0.45)]], None),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("YÊN", 0.8)]], None),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("YẾN", 0.2)]], "LÊ VĂN YẾN"),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("THU", 0.4)]], "LÊ VĂN THU"),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("THU", 0.2)]], None),
        # One that is no name, and near one, must have been read twice or very surely.
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("TUẦN", 0.93)]], None),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("TUẦN", 0.98)]], "LÊ VĂN TUẦN"),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("TUẦN", 0.9)], [("Văn", 0.95), ("Tuần", 0.9)]],
         "LÊ VĂN TUẦN"),
        # Any other word may be anything.
        ([[("Lê", 0.95), ("Văn", 0.95), ("Thu", 0.8)]], None),
        # Capitals with marks of shape and tone are read well, small letters are not.
        ([[("LÊ", 0.95), ("THỬ", 0.8), ("BÌNH", 0.95)]], "LÊ THỬ BÌNH"),
        ([[("LÊ", 0.95), ("THỦ", 0.8), ("BÌNH", 0.95)]], None),
        ([[("Lê", 0.95), ("Thử", 0.92), ("Bình", 0.95)]], None),
        ([[("Lê", 0.95), ("Thử", 0.94), ("Bình", 0.95)]], "Lê Thử Bình"),
        # Two who read the same are surer than either.
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("THỬ", 0.6)], [("Văn", 0.95), ("Thử", 0.95)]],
         "LÊ VĂN THỬ"),
        # A reading that nobody is sure of speaks against none.
        ([[("LÊ", 0.95), ("THỨ", 0.4), ("BÌNH", 0.95)], [("Thử", 0.95), ("Bình", 0.95)]],
         "LÊ THỬ BÌNH"),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("THỨ", 0.92)], [("Văn", 0.95), ("Thủ", 0.96)]], None),
        # Engines lose marks: of the same name set twice the fuller reading is right.
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("THỬ", 0.92)], [("Văn", 0.95), ("Thủ", 0.96)]],
         "LÊ VĂN THỬ"),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("THỦ", 0.96)], [("Văn", 0.95), ("Thử", 0.92)]],
         "LÊ VĂN THỬ"),
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("THỦ", 0.96)], [("Văn", 0.95), ("Thử", 0.7)]], None),
        # What no name has and may have lost a mark must be read very surely, in capitals too.
        ([[("LÊ", 0.95), ("THỊ", 0.93), ("THỦ", 0.93), ("BÌNH", 0.95)]], None),
        ([[("LÊ", 0.95), ("THỊ", 0.93), ("THỬ", 0.93), ("BÌNH", 0.95)]], "LÊ THỊ THỬ BÌNH"),
        ([[("LÊ", 0.95), ("THỨ", 0.5), ("BÌNH", 0.95)], [("Thủ", 0.96), ("Bình", 0.95)]], None),
        # A mark that makes a usual name none is dirt.
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("CHI", 0.9)], [("Văn", 0.95), ("Chỉ", 0.96)]],
         "LÊ VĂN CHI"),
        # Set alike, they may be two persons.
        ([[("LÊ", 0.95), ("VĂN", 0.95), ("AN", 0.95)], [("LÊ", 0.95), ("VĂN", 0.95), ("ÂN", 0.95)]],
         None),
        # What is no family name says nothing where one stands.
        ([[("ĐẶNG", 0.7), ("VĂN", 0.95), ("BÌNH", 0.9)], [("Đăng", 0.97), ("Văn", 0.95)]],
         "ĐẶNG VĂN BÌNH"),
    ],
)  # fmt: skip
def test_a_name_is_settled_by_all_its_readings(readings: list[Reading], name: str | None) -> None:
    found = _settled(*readings)
    assert (found[0] if found else None) == name


def test_a_settled_word_is_as_sure_as_its_surest_reading() -> None:
    found = _settled([("LÊ", 0.95), ("VĂN", 0.95), ("THỬ", 0.6)], [("Văn", 0.95), ("Thử", 0.93)])
    assert found == ("LÊ VĂN THỬ", 0.93)
