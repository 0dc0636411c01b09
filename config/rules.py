"""Dated rule sets: legal constants with their sources; a record keeps the version applied.

The types are closed: a constant that no code knows, or one that is missing, is refused.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import TypeVar

from config.tables import Place, parse_table, parse_tables, parse_toml, refuse_unknown

Section = TypeVar("Section")

DUTIES = ("must", "on_request", "must_not")
"""Phải, theo yêu cầu, không số hóa."""
CASES = (
    "result",
    "earlier_result",
    "sector_law",
    "listed",
    "opinion",
    "component",
    "copy",
    "shown",
    "shared",
    "secret",
)
"""What a paper can be to the duty of TT 01/2023/TT-VPCP Art. 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRules:
    """[image]: what a scan must be."""

    source: str
    minimum_dpi: int
    """Below this a scan of an administrative paper is told as too coarse."""
    drawing_dpi: int
    """The same for maps and drawings (`DocumentClass.minimum_dpi`)."""
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRules:
    """[block]: how the agency's signature shows on the first page."""

    source: str
    corner: str = field(metadata={"choices": ("top right",)})
    """Where the block stands; the code knows no other corner."""
    font: str = field(metadata={"choices": ("Times New Roman",)})
    """The signature packages bring a font of the same measures."""
    font_points: float
    """Size of its text."""
    zone_width_mm: float
    """Width of the zone at the corner where the block may stand."""
    zone_height_mm: float
    edge_mm: float
    """Smallest distance of the block from the page's edges."""
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalBlockRules(BlockRules):
    """[personal_block]: how the signature of who copied shows on the first page."""

    corner: str = field(metadata={"choices": ("top left",)})
    """Where the block stands; the code knows no other corner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """[gate]: marks that speak against digitising."""

    source: str
    secret_marks: tuple[str, ...]
    """Marks that stop everything, the gravest first."""
    secret_notes: tuple[str, ...]
    """Further stamps of secret papers; in print they count alone in their row only."""
    other_stamps: tuple[str, ...]
    """What else is stamped where marks of secrecy are, and is none."""
    copy_marks: tuple[str, ...]
    """Marks of papers that are copies, not originals."""
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRules:
    """[codes]: shapes of codes, as regular expressions."""

    source: str
    agency: str
    """Mã định danh điện tử, in the new and the old order."""
    dossier: str
    """Mã số hồ sơ; `{agency}` stands for the agency's code, `ymd` is the day of receipt."""
    procedure: str
    """Mã thủ tục of the national database."""
    result: str
    """Mã kết quả of a dossier: `dossier` and `ordinal`."""
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRule:
    """[[duty]]: whether a kind of case is to be digitised."""

    case: str = field(metadata={"choices": CASES})
    duty: str = field(metadata={"choices": DUTIES})
    source: str
    classes: tuple[str, ...] = ()
    """Kinds of paper that are of this case by their kind, when they are handed in."""
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPeriod:
    """[[retention]]: one value of thời hạn lưu trữ."""

    code: str
    name: str
    years: int
    """0: for ever, or not by years."""
    source: str
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRules:
    """[handover]: when a dossier is due to the archive of the agency (Lưu trữ cơ quan)."""

    source: str
    months: int
    """After the day on which its work ended."""
    unverified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Legal constants in force from a date."""

    version: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    """Last day; None while no successor is known."""
    image: ImageRules
    block: BlockRules
    """The agency's block."""
    personal_block: PersonalBlockRules
    """The block of the person who copied."""
    gate: GateRules
    codes: CodeRules
    duties: tuple[DutyRule, ...]
    retention: tuple[RetentionPeriod, ...]
    handover: HandoverRules

    @property
    def minimum_dpi(self) -> int:
        """Below this a scan of an administrative paper is told as too coarse."""
        return self.image.minimum_dpi

    @property
    def secret_marks(self) -> tuple[str, ...]:
        """Marks that stop everything, the gravest first."""
        return self.gate.secret_marks

    @property
    def secret_notes(self) -> tuple[str, ...]:
        """Further stamps of secret papers, which stop everything too."""
        return self.gate.secret_notes

    @property
    def other_stamps(self) -> tuple[str, ...]:
        """What else is stamped where marks of secrecy are, and is none; copy marks too."""
        return (*self.gate.other_stamps, *self.copy_marks)

    @property
    def copy_marks(self) -> tuple[str, ...]:
        """Marks of papers that are copies, not originals."""
        return self.gate.copy_marks

    def duty(self, case: str) -> DutyRule:
        """Return the rule for a case of `CASES`."""
        return next(rule for rule in self.duties if rule.case == case)


_DATES = ("version", "valid_from", "valid_to")
_TABLES = ("image", "block", "personal_block", "gate", "codes", "duty", "retention", "handover")
_TOP = (*_DATES, *_TABLES)


def load_rule_set(on: dt.date) -> RuleSet:
    """Return the newest rule set whose validity began by `on`; the oldest where none had.

    Raises:
        SettingsError: a rule set does not fit its types.
    """
    sets = _all_sets()
    in_force = [rules for rules in sets if rules.valid_from <= on] or list(sets[:1])
    return in_force[-1]


def code_rules() -> CodeRules:
    """Return the shapes of codes that the newest rule set knows: old dossiers keep their codes."""
    return _all_sets()[-1].codes


@lru_cache(maxsize=1)
def _all_sets() -> tuple[RuleSet, ...]:
    """Return the rule sets that come with the program, the oldest first; they never change."""
    folder = files("config").joinpath("rules")
    found = [
        parse_rule_set(entry.read_text(encoding="utf-8"), entry.name) for entry in folder.iterdir()
    ]
    return tuple(sorted(found, key=lambda rules: rules.valid_from))


def parse_rule_set(text: str, file: str) -> RuleSet:
    """Make a rule set of a TOML file.

    Raises:
        SettingsError: it does not fit; the message names the line and the nearest valid key.
    """
    place = Place(file=file, text=text)
    table = parse_toml(text, file)
    refuse_unknown(table, _TOP, place)
    dates = parse_table(_Dates, {key: table[key] for key in _DATES if key in table}, place)
    duties = parse_tables(DutyRule, table, "duty", place)
    _require_each_case(duties, place)

    def section(kind: type[Section], name: str) -> Section:
        return parse_table(kind, table.get(name, {}), replace(place, header=name))

    return RuleSet(
        version=dates.version,
        valid_from=dates.valid_from,
        valid_to=dates.valid_to,
        image=section(ImageRules, "image"),
        block=section(BlockRules, "block"),
        personal_block=section(PersonalBlockRules, "personal_block"),
        gate=section(GateRules, "gate"),
        codes=section(CodeRules, "codes"),
        duties=duties,
        retention=parse_tables(RetentionPeriod, table, "retention", place),
        handover=section(HandoverRules, "handover"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dates:
    version: str
    valid_from: dt.date
    valid_to: dt.date | None = None


def _require_each_case(duties: tuple[DutyRule, ...], place: Place) -> None:
    stated = [rule.case for rule in duties]
    for case in CASES:
        if stated.count(case) != 1:
            raise place.refuse(
                f"cần đúng một [[duty]] cho «{case}».", f"exactly one [[duty]] for {case!r} needed"
            )
