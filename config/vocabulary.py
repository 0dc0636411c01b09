"""Controlled vocabularies that every package shares: roles, event types, document classes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from config.tables import (
    Place,
    parse_tables,
    parse_toml,
    parse_version,
    read_own,
    refuse_unknown,
)
from config.vietnamese import fold


class Role(StrEnum):
    """What a paper is to its dossier (TT 01/2023/TT-VPCP Art. 4; NĐ 45/2020/NĐ-CP Art. 14)."""

    COMPONENT = "component"
    RESULT = "result"
    RECEIPT = "receipt"


class EventType(StrEnum):
    """PREMIS event types (id.loc.gov/vocabulary/preservation/eventType), and those of our own.

    From `anchor` on they have no PREMIS word: acts of persons, settings worth evidence, heads.
    """

    ACCESSION = "accession"
    APPRAISAL = "appraisal"
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
    RECOVERY = "recovery"
    REPLICATION = "replication"
    TRANSFER = "transfer"
    UNQUARANTINE = "unquarantine"
    VALIDATION = "validation"
    VIRUS_CHECK = "virus check"
    ANCHOR = "anchor"
    DUPLICATE = "duplicate"
    KEY_USE = "key use"
    LOGIN = "login"
    REFUSAL = "refusal"
    RELEASE = "release"
    REUSE = "reuse"
    SEARCH = "search"
    SETTING = "setting"
    SIGNING_AGENT = "signing agent"
    SIGNING_SESSION = "signing session"
    VIEW = "view"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentClass:
    """One kind of paper, as `config/classes.toml` describes it."""

    code: str
    """Stable code, capitals and digits."""
    name: str
    """Vietnamese name for people."""
    titles: tuple[str, ...] = ()
    """Printed titles, the most specific first."""
    subjects: tuple[str, ...] = ()
    """What the lines under a title speak of that a wider kind bears too; empty: the title does."""
    symbols: tuple[str, ...] = ()
    """Pieces of the notation that name this kind (NĐ 30/2020/NĐ-CP Phụ lục III)."""
    words: tuple[str, ...] = ()
    """Phrases of the body that this kind has and its neighbours lack."""
    role: str = field(default="any", metadata={"choices": ("receipt", "component", "any")})
    """`receipt`, `component` for what only an applicant hands in, `any`: the procedure decides."""
    type_name: str = "32"
    """typeName of TT 05/2025/TT-BNV, 01-32."""
    sensitive: bool = False
    """It holds what the law on personal data calls sensitive."""
    minimum_dpi: int = 0
    """Below this a scan is too coarse; 0: what the rule set says for all papers."""
    validity_months: int = 0
    """For so long after its issue it proves anything; 0: no limit of the kind."""
    invalid_from: dt.date | None = None
    """From this day on no paper of the kind is valid."""
    unverified: bool = False
    """True where no gazetted form was at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """All kinds of paper, with the version of their file."""

    version: str
    """Of our file; with an agency's own, `<ours>+<theirs>`."""
    items: tuple[DocumentClass, ...]
    names: dict[str, str] = field(init=False, repr=False, compare=False)
    """What people call each kind, by its code."""

    def __post_init__(self) -> None:
        """Gather the names: lists of papers ask for them at each page."""
        object.__setattr__(self, "names", {item.code: item.name for item in self.items})

    def find(self, code: str) -> DocumentClass | None:
        """Return the class with this code, or None."""
        return next((item for item in self.items if item.code == code), None)


def load_classes(own: Path | None = None) -> Classes:
    """Read the kinds of paper that come with the program, and those that an agency adds.

    Args:
        own: the agency's file (docs/rules.md); None, or a file that is not there: it adds none.

    Raises:
        SettingsError: the agency's file cannot be used, or contradicts ours.
    """
    text = read_own(own)
    return _classes("", "") if own is None or text is None else _classes(text, str(own))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Addition:
    """What an agency adds to a kind of ours."""

    code: str
    titles: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClassFile:
    """One file of kinds of paper."""

    place: Place
    version: str
    items: tuple[DocumentClass, ...]
    additions: tuple[_Addition, ...]


@lru_cache(maxsize=4)
def _classes(text: str, file: str) -> Classes:
    """Join ours and the agency's, of which each page asks names; no file: ours alone."""
    ours = _ours()
    if not file:
        return Classes(version=ours.version, items=ours.items)
    return _merge(ours, _parse(text, file))


@cache
def _ours() -> _ClassFile:
    """Read our own once: it comes with the program."""
    return _parse(files("config").joinpath("classes.toml").read_text("utf-8"), "classes.toml")


def _parse(text: str, file: str) -> _ClassFile:
    place = Place(file=file, text=text)
    table = parse_toml(text, file)
    refuse_unknown(table, ("version", "class", "add"), place)
    return _ClassFile(
        place=place,
        version=parse_version(table, place),
        items=parse_tables(DocumentClass, table, "class", place),
        additions=parse_tables(_Addition, table, "add", place),
    )


def _merge(ours: _ClassFile, theirs: _ClassFile) -> Classes:
    """Join two files: codes, titles and symbols stay those of one kind each."""
    added = {item.code: item for item in theirs.additions}
    items = tuple(_with(item, added.get(item.code)) for item in ours.items)
    codes = {item.code for item in ours.items}
    for index, addition in enumerate(theirs.additions):
        if addition.code not in codes:
            place = replace(theirs.place, header="add", index=index)
            refuse_unknown({addition.code: None}, codes, place)
    merged = Classes(version=f"{ours.version}+{theirs.version}", items=items)
    for index, item in enumerate(theirs.items):
        _refuse_conflict(item, merged, replace(theirs.place, header="class", index=index))
        merged = replace(merged, items=(*merged.items, item))
    return merged


def _with(item: DocumentClass, addition: _Addition | None) -> DocumentClass:
    if addition is None:
        return item
    return replace(
        item,
        titles=(*item.titles, *addition.titles),
        subjects=(*item.subjects, *addition.subjects),
        words=(*item.words, *addition.words),
    )


def _refuse_conflict(item: DocumentClass, known: Classes, place: Place) -> None:
    other = known.find(item.code)
    if other is not None:
        raise place.refuse(
            f"mã «{item.code}» đã là «{other.name}». Hãy đặt mã khác; muốn thêm tên in trên giấy "
            "cho loại ấy thì dùng [[add]].",
            f"the code {item.code!r} is taken; choose another, or add titles with [[add]]",
            "code",
        )
    for other in known.items:
        for key in ("titles", "symbols"):
            _refuse_shared(item, other, key, place)


def _refuse_shared(item: DocumentClass, other: DocumentClass, key: str, place: Place) -> None:
    """Refuse a title or symbol of two kinds, unless what the paper speaks of tells them apart."""
    # Symbols are told apart by their marks: HD is a guideline, HĐ a contract.
    same = fold if key == "titles" else str.casefold
    theirs = {same(text) for text in getattr(other, key)}
    shared = next((text for text in getattr(item, key) if same(text) in theirs), None)
    if shared is None or item.subjects or other.subjects:
        return
    raise place.refuse(
        f"«{shared}» đã là của loại {other.code}; hãy thêm «subjects» để phân biệt.",
        f"{shared!r} already names {other.code}; tell them apart by 'subjects'",
        key,
    )
