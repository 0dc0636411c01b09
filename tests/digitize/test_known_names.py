"""A name read unsurely is a confirmed one's where it can be no other's; else it is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.fields import load_field_rules
from config.given_names import USUAL
from config.signatories import Signatories, signatories_of
from config.surnames import SURNAMES
from config.vietnamese import fold
from digitize.describe import describe
from digitize.fields import complete
from digitize.known_names import settle_signatory
from digitize.model import Line, Mark, MarkKind, Paper, Word
from digitize.ocr import make_line
from digitize.spellings import spellings_of
from digitize.syllables import canonical, syllables
from tests.digitize.test_fields import SCANNED
from tests.digitize.workbench import centred, heading, line, page_of, paper_of

KNOWN = "Trần Thử Nghiệm An"
OTHERS = ("Bùi Thử Nghiệm Tuấn", "Lê Thị Thử Nghiệm Hạnh")


def _words(text: str, confidence: float) -> tuple[Word, ...]:
    row = line(text, 380, 600, 10)
    return tuple(replace(word, confidence=confidence) for word in row.words)


def _settled(text: str, confidence: float, known: Sequence[str]) -> str:
    words = _words(text, confidence)
    spellings = spellings_of(paper_of([make_line(list(words))]))
    return " ".join(word.text for word in settle_signatory(words, spellings, known))


@pytest.mark.parametrize(
    "read", ["Trần Thủ Nghiệm An", "Trần Thử Nghiệm An", "TRẦN THỦ NGHIỆM AN", "Trần Thứ Nghiệm An"]
)
def test_an_unsure_name_of_the_same_letters_is_the_known_one(read: str) -> None:
    assert _settled(read, 0.6, ()) == ""
    said = _settled(read, 0.6, (KNOWN, *OTHERS))
    assert said == (KNOWN.upper() if read.isupper() else KNOWN)


def test_what_was_read_stays_known() -> None:
    words = _words("Trần Thủ Nghiệm An", 0.6)
    found = settle_signatory(words, {}, (KNOWN,))
    assert [word.read for word in found] == ["", "Thủ", "", ""]


@pytest.mark.parametrize(
    ("read", "known"),
    [
        # «Tuân» and «Tuấn» are both people's names, whatever the engine thinks of its reading.
        ("Bùi Văn Tuân", "Bùi Văn Tuấn"),
        ("Bùi Văn Tuấn", "Bùi Văn Tuân"),
        ("Vũ Văn An", "Vu Văn An"),
        # Other letters.
        ("Trần Thử Nghiệm Anh", KNOWN),
        ("Thử Nghiệm An", KNOWN),
        # More than half of it would be another.
        ("Trần Thủ Nghiêm An", "Trấn Thử Nghiệm An"),
    ],
)
@pytest.mark.parametrize("confidence", [0.35, 0.5, 0.7])
def test_no_wrong_name_is_made_of_another(read: str, known: str, confidence: float) -> None:
    assert _settled(read, confidence, (known,)) in {"", _settled(read, confidence, ())}


def test_two_who_signed_with_the_same_letters_are_told_by_the_paper_alone() -> None:
    both = ("Bùi Văn Tuân", "Bùi Văn Tuấn")
    assert _settled("Bùi Văn Tuân", 0.6, both) == ""
    assert _settled("BÙI VĂN TUẤN", 0.97, both) == "BÙI VĂN TUẤN"


def test_a_sure_reading_that_a_known_name_contradicts_is_asked_about() -> None:
    assert _settled("BÙI VĂN TUẤN", 0.97, ()) == "BÙI VĂN TUẤN"
    assert _settled("BÙI VĂN TUẤN", 0.97, ("Bùi Văn Tuân",)) == ""


NAMES = st.builds(
    lambda surname, middle, given_name: f"{surname} {middle} {given_name}".title(),
    *(st.sampled_from(sorted(filter(str.isalpha, words))) for words in (SURNAMES, USUAL, USUAL)),
)


@given(signed=NAMES, known=st.lists(NAMES, max_size=4), confidence=st.floats(0.0, 1.0))
def test_who_was_read_right_is_never_made_another(
    signed: str, known: list[str], confidence: float
) -> None:
    given_name = signed.split()[-1]
    twins = [
        name for name in USUAL if fold(name) == fold(given_name) and name != given_name.lower()
    ]
    like = [" ".join([*signed.split()[:-1], twin.title()]) for twin in twins]
    said = _settled(signed, confidence, [*known, *like])
    assert [canonical(part) for part in said.split()] in (
        [],
        [canonical(part) for part in signed.split()],
    )


@given(st.sampled_from(sorted(set(map(str, syllables())))), st.floats(0.3, 0.7))
def test_only_letters_that_are_the_same_are_put_right(read: str, confidence: float) -> None:
    said = _settled(f"Trần {read.title()} Nghiệm An", confidence, (KNOWN,))
    assert said in {"", KNOWN} or fold(said) != fold(KNOWN)
    assert (said != KNOWN) or fold(read) == "thu"


def _decision(name: str, confidence: float) -> Paper:
    signed = make_line(list(_words(name, confidence)))
    title = line("CHỦ TỊCH", 390, 520, 10)
    lines: list[Line] = [*heading("Số: 12/QĐ-UBND"), centred("QUYẾT ĐỊNH", 160, 14), title, signed]
    seal = Mark(kind=MarkKind.SEAL, box=(350, 530, 440, 600))
    return Paper(number=1, pages=(page_of(lines, marks=(seal,)),), reason="Mỗi tệp là một giấy tờ")


def _signatory(known: Signatories) -> str | None:
    paper = _decision("Trần Thủ Nghiệm An", 0.6)
    rules = replace(load_field_rules(), signatories=known)
    return complete(describe(paper), paper, "QD", rules, SCANNED).value("signatory")


def test_only_who_signed_for_the_same_office_speaks_for_a_name() -> None:
    body = "Ủy ban nhân dân xã  Thử Nghiệm"
    assert _signatory(Signatories()) is None
    assert _signatory(signatories_of([(body, f" {KNOWN} ")])) == KNOWN
    assert _signatory(signatories_of([("Ủy ban nhân dân xã Suối Mẫu", KNOWN)])) is None
