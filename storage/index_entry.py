"""What the index holds of one record: a row for its description, a row for each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.fold import words
from storage.model import Record
from storage.times import VIETNAM

# x, f: the text, exact and folded. r: what was read before a repair, folded. xo, fo: the overlay,
# exact and folded. a: filter tokens.
PAGE_FTS = """CREATE VIRTUAL TABLE page_fts USING fts5(
    x, f, r, xo, fo, a, content='', tokenize='unicode61 remove_diacritics 0'
)"""

# One letter a kind keeps the tokens of different kinds apart.
_LETTERS = {
    "agency": "g",
    "year": "y",
    "procedure": "p",
    "class_code": "d",
    "verdict": "s",
    "role": "r",
    "dossier": "h",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFacts:
    """What search knows of a dossier that a record is linked to."""

    code: str
    """Mã hồ sơ."""
    agency_code: str = ""
    """Mã định danh of its agency."""
    procedure_code: str = ""
    """Mã thủ tục."""
    title: str = ""
    """Tiêu đề hồ sơ."""
    applicant: str = ""
    """Who asked."""
    procedure_title: str = ""
    """Name of the procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the index."""

    page: int
    """Page number, from 1; 0 is the description of the record."""
    text: str
    """Text of the row."""
    as_read: str = ""
    """Words before they were repaired, on their lines."""
    overlay_text: str = ""
    """Text of the overlay."""
    tokens: str
    """Filter tokens, parted by blanks."""

    def columns(self) -> dict[str, str]:
        """Return what each column of the index holds: words in its form, parted by blanks."""
        text, overlay = words(self.text), words(self.overlay_text)
        return {
            "x": " ".join(word.exact for word in text),
            "f": " ".join(word.folded for word in text),
            "r": " ".join(word.folded for word in words(self.as_read)),
            "xo": " ".join(word.exact for word in overlay),
            "fo": " ".join(word.folded for word in overlay),
            "a": self.tokens,
        }


def index_rows(record: Record, dossiers: Sequence[DossierFacts]) -> tuple[Row, ...]:
    """Return the rows of a record; the same record and dossiers give the same rows."""
    tokens = _tokens(record, dossiers)
    description = Row(page=0, text=_description(record, dossiers), tokens=tokens)
    pages = (
        Row(
            page=page.number,
            text=page.text,
            as_read=page.as_read,
            overlay_text=page.overlay_text,
            tokens=tokens,
        )
        for page in record.pages
    )
    return (description, *pages)


def token(kind: str, value: str) -> str:
    """Return the filter token of a value: one word for the tokenizer, whatever the value."""
    return _LETTERS[kind] + value.encode(errors="replace").hex()


def _tokens(record: Record, dossiers: Sequence[DossierFacts]) -> str:
    pairs = [
        ("class_code", record.class_code),
        ("verdict", record.verdict),
        ("year", str(record.filed_at.astimezone(VIETNAM).year)),
        *(("role", link.role.value) for link in record.links),
        *(("dossier", link.dossier_code) for link in record.links),
        *(("agency", dossier.agency_code) for dossier in dossiers),
        *(("procedure", dossier.procedure_code) for dossier in dossiers),
    ]
    return " ".join(sorted({token(kind, value) for kind, value in pairs}))


def _description(record: Record, dossiers: Sequence[DossierFacts]) -> str:
    facts = [
        record.title,
        record.class_name,
        record.class_code,
        record.digitisation_code,
        *(value.value for value in record.fields),
        *(link.dossier_code for link in record.links),
        *(link.procedure_result_code for link in record.links),
    ]
    for dossier in dossiers:
        facts += [dossier.title, dossier.applicant, dossier.procedure_code, dossier.procedure_title]
    return "\n".join(fact for fact in facts if fact)
