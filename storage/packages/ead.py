"""EAD.xml and EAD_doc as the circular has them (`simpledc`), and the schemas of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.packages import PackageField, package_rules
from storage.packages import xml

_XS = "http://www.w3.org/2001/XMLSchema"
_ROOT = "simpledc"
_PATTERNS = {
    # The annexes of AIP allow less than a day: MM/YYYY, YYYY.
    "date": r"(((\d{2}/)?\d{2}/)?\d{4})?",
    "number": r"\d*",
}


def ead_bytes(values: Mapping[str, str]) -> bytes:
    """Write fields as an EAD file; those without a value stand empty."""
    root = xml.new_root(_ROOT)
    for name, value in values.items():
        xml.add(root, name, value)
    return xml.write(root)


def read_ead(root: xml.Element) -> dict[str, str]:
    """Return the fields of an EAD file."""
    return {str(child.tag): child.text or "" for child in root if isinstance(child.tag, str)}


def schema_bytes(names: Sequence[str]) -> bytes:
    """Write the schema of an EAD file with these fields, in any order, each at most once."""
    rules = package_rules()
    root = xml.new_root(xml.name(_XS, "schema"), {"xs": _XS})
    element = _xs(root, "element", name=_ROOT)
    fields = _xs(_xs(element, "complexType"), "all")
    for name in names:
        _field(fields, rules.field(name))
    return xml.write(root)


def _field(parent: xml.Element, item: PackageField) -> None:
    element = _xs(parent, "element", name=item.name, minOccurs="0")
    note = _xs(_xs(element, "annotation"), "documentation")
    note.text = item.vietnamese
    limits = _xs(_xs(element, "simpleType"), "restriction", base="xs:string")
    _xs(limits, "maxLength", value=str(item.length))
    if item.type in _PATTERNS:
        _xs(limits, "pattern", value=_PATTERNS[item.type])
    elif item.list:
        _xs(limits, "pattern", value=_code_pattern(item))


def _code_pattern(item: PackageField) -> str:
    codes = "|".join(package_rules().codes(item.list))
    more = f"(;({codes}))*" if item.is_many else ""
    return f"(({codes}){more})?"


def _xs(parent: xml.Element, tag: str, **attributes: str) -> xml.Element:
    return xml.add(parent, xml.name(_XS, tag), **attributes)
