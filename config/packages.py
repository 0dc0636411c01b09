"""Kinds of package, their fields and lists of codes (TT 05/2025/TT-BNV), from `packages.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from config.tables import Place, parse_tables, parse_toml, parse_version, refuse_unknown

_FILE = "packages.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageForm:
    """One kind of package."""

    name: str
    """`aip_hoso`, `sip_hoso`, `aip_tailieu`, `sip_tailieu`, `dip`."""
    annex: str
    """Annex of the circular, Roman."""
    oais_type: str = field(metadata={"choices": ("SIP", "AIP", "DIP")})
    """What METS declares it as."""
    content_category: str
    """`mets/@TYPE`."""
    profile: str
    """`mets/@PROFILE` of the root."""
    is_preserved: bool
    """It carries PREMIS."""
    header: tuple[str, ...]
    """Fields of EAD.xml, in order."""
    document: tuple[str, ...]
    """Fields of each EAD_doc, in order: those of the annex, and those of its neighbours."""
    annex_document: tuple[str, ...]
    """Fields of each EAD_doc as the schema of the annex has them, and no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageField:
    """One field of EAD.xml or EAD_doc."""

    name: str
    """Name of the element."""
    vietnamese: str
    """What the circular calls it."""
    length: int
    """Most signs that it holds."""
    type: str = field(default="text", metadata={"choices": ("text", "number", "date")})
    """What stands in it; a date as DD/MM/YYYY."""
    list: str = ""
    """The list that its codes come from; empty: none."""
    is_many: bool = False
    """Several codes may stand in it, parted by semicolons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A closed list of the circular."""

    name: str
    """How fields name it."""
    codes: tuple[str, ...]
    """`code meaning`, in order."""
    unverified: bool = False
    """The gazette was not at hand."""

    @property
    def values(self) -> tuple[str, ...]:
        """The codes alone."""
        return tuple(code.partition(" ")[0] for code in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRules:
    """Everything of `packages.toml`."""

    version: str
    """Of the file."""
    forms: tuple[PackageForm, ...]
    """Kinds of package."""
    fields: tuple[PackageField, ...]
    """All fields."""
    lists: tuple[CodeList, ...]
    """All lists of codes."""

    def form(self, name: str) -> PackageForm:
        """Return a kind of package.

        Raises:
            KeyError: There is none of that name.
        """
        return {form.name: form for form in self.forms}[name]

    def field(self, name: str) -> PackageField:
        """Return a field.

        Raises:
            KeyError: There is none of that name.
        """
        return {item.name: item for item in self.fields}[name]

    def codes(self, name: str) -> tuple[str, ...]:
        """Return the codes of a list.

        Raises:
            KeyError: There is none of that name.
        """
        return {item.name: item for item in self.lists}[name].values


@cache
def package_rules() -> PackageRules:
    """Return the rules that come with the program."""
    text = files("config").joinpath(_FILE).read_text("utf-8")
    place = Place(file=_FILE, text=text)
    table = parse_toml(text, _FILE)
    refuse_unknown(table, ("version", "form", "field", "list"), place)
    return PackageRules(
        version=parse_version(table, place),
        forms=parse_tables(PackageForm, table, "form", place),
        fields=parse_tables(PackageField, table, "field", place),
        lists=parse_tables(CodeList, table, "list", place),
    )
