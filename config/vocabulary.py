"""Controlled vocabularies that every package shares: roles, event types, document classes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files


class Role(StrEnum):
    """What a paper is to its dossier (TT 01/2023/TT-VPCP Art. 4; NĐ 45/2020/NĐ-CP Art. 14)."""

    COMPONENT = "component"
    RESULT = "result"
    RECEIPT = "receipt"


class EventType(StrEnum):
    """PREMIS event types (id.loc.gov/vocabulary/preservation/eventType), and four of our own.

    The last four have no PREMIS word: they are acts of persons, or settings worth evidence.
    """

    ACCESSION = "accession"
    CAPTURE = "capture"
    DELETION = "deletion"
    DISSEMINATION = "dissemination"
    SIGNATURE_GENERATION = "digital signature generation"
    SIGNATURE_VALIDATION = "digital signature validation"
    FIXITY_CHECK = "fixity check"
    INGESTION = "ingestion"
    DIGEST_CALCULATION = "message digest calculation"
    METADATA_EXTRACTION = "metadata extraction"
    METADATA_MODIFICATION = "metadata modification"
    NORMALIZATION = "normalization"
    QUARANTINE = "quarantine"
    UNQUARANTINE = "unquarantine"
    VALIDATION = "validation"
    VIRUS_CHECK = "virus check"
    DUPLICATE = "duplicate"
    RELEASE = "release"
    SETTING = "setting"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentClass:
    """One kind of paper, as `config/classes.toml` describes it."""

    code: str
    """Stable code, capitals and digits."""
    name: str
    """Vietnamese name for people."""
    titles: tuple[str, ...]
    """Printed titles, the most specific first."""
    symbols: tuple[str, ...] = ()
    """Pieces of the notation that name this kind (NĐ 30/2020/NĐ-CP Phụ lục III)."""
    words: tuple[str, ...] = ()
    """Phrases of the body that this kind has and its neighbours lack."""
    role: str = "any"
    """`receipt`, or `any` where the procedure decides."""
    type_name: str = "32"
    """typeName of TT 05/2025/TT-BNV, 01-32."""
    unverified: bool = False
    """True where no gazetted form was at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """All kinds of paper, with the version of their file."""

    version: str
    items: tuple[DocumentClass, ...]

    def find(self, code: str) -> DocumentClass | None:
        """Return the class with this code, or None."""
        return next((item for item in self.items if item.code == code), None)


def load_classes() -> Classes:
    """Read the classes that come with the program."""
    text = files("config").joinpath("classes.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Classes(
        version=table["version"],
        items=tuple(_document_class(entry) for entry in table["class"]),
    )


def _document_class(entry: dict[str, object]) -> DocumentClass:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return DocumentClass(**{**entry, **lists})  # type: ignore[arg-type]  # the file is ours and tested
