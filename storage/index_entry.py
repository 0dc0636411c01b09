"""What the index holds of one record: the words of its description and of all its pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from config.vietnamese import fold
from storage.fold import spellings
from storage.joined_codes import joined_codes
from storage.legacy_text import repaired
from storage.model import PageText, Record
from storage.reuse import OWNER_FIELDS
from storage.times import VIETNAM

# Stands between description and pages, so that no phrase runs from one into the next: a word to
# the tokenizer, and one that no text has.
BREAK = "\ue001"
HOLDER_FIELDS = ("holder", "husband", "wife", *OWNER_FIELDS)
"""Fields that say whose paper it is, by name or by number."""
COLUMNS = ("x", "f", "r", "xo", "fo", "c", "a")

# One letter a kind keeps the tokens of different kinds apart.
_LETTERS = {
    "agency": "g",
    "year": "y",
    "procedure": "p",
    "class_code": "d",
    "verdict": "s",
    "role": "r",
    "dossier": "h",
    "holder": "o",
}
_TOKEN_BYTES = 5


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
class Entry:
    """What the index keeps of a record besides its words."""

    description: str
    """Title, codes, fields and what the register says, a line each."""
    tokens: str
    """Filter tokens, parted by blanks."""

    def columns(self, pages: Sequence[PageText]) -> dict[str, str]:
        """Return what each column of the index holds: words in its form, parted by blanks.

        Args:
            pages: The pages of the record.
        """
        texts = [self.description, *(repaired(page.text) for page in pages)]
        exact, folded = _both_forms(texts)
        exact_over, folded_over = _both_forms(page.overlay_text for page in pages)
        return {
            "x": exact,
            "f": folded,
            "r": _both_forms(page.as_read for page in pages)[1],
            "xo": exact_over,
            "fo": folded_over,
            "c": " ".join(sorted(set[str]().union(*map(joined_codes, texts)))),
            "a": self.tokens,
        }


def digest_of(columns: dict[str, str]) -> bytes:
    """Return a short digest of what was put into the index, to know it again."""
    return hashlib.blake2b("\0".join(columns.values()).encode(), digest_size=8).digest()


def entry_of(record: Record, dossiers: Sequence[DossierFacts]) -> Entry:
    """Return the entry of a record; the same record and dossiers give the same one."""
    pairs = [
        ("class_code", record.class_code),
        ("verdict", record.verdict),
        ("year", str(record.filed_at.astimezone(VIETNAM).year)),
        *(("role", link.role.value) for link in record.links),
        *(("dossier", link.dossier_code) for link in record.links),
        *(("agency", dossier.agency_code) for dossier in dossiers),
        *(("procedure", dossier.procedure_code) for dossier in dossiers),
        *(("holder", name) for name in holders(record)),
    ]
    tokens = " ".join(sorted({token(kind, value) for kind, value in pairs}))
    return Entry(description=_description(record, dossiers), tokens=tokens)


def holders(record: Record) -> tuple[str, ...]:
    """Return the names and numbers of those whose paper a record is."""
    found = (value.value for value in record.fields if value.name in HOLDER_FIELDS)
    return tuple(dict.fromkeys(value for value in found if value))


def token(kind: str, value: str) -> str:
    """Return the filter token of a value: one word for the tokenizer, whatever the value.

    Names count without diacritics and blanks, numbers without what parts them; all else as it is.
    """
    if kind == "holder":
        value = "".join(form for _, form in spellings(fold(value)))
    digest = hashlib.sha256(value.encode(errors="replace")).digest()[:_TOKEN_BYTES]
    return _LETTERS[kind] + base64.b32encode(digest).decode().lower()


def _both_forms(texts: Iterable[str]) -> tuple[str, str]:
    """Return exact and folded words of some texts, with a break between two; empty for no word."""
    pairs = [spellings(text) for text in texts]
    if not any(pairs):
        return "", ""
    gap = f" {BREAK} "
    exact = gap.join(" ".join(form for form, _ in words) for words in pairs)
    folded = gap.join(" ".join(form for _, form in words) for words in pairs)
    return " ".join(exact.split()), " ".join(folded.split())


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
    return "\n".join(dict.fromkeys(fact for fact in facts if fact))
