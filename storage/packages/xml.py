"""XML in and out: what is written is deterministic, what is read is bounded and never fetches.

Packages come from elsewhere: no entity is expanded, no DTD read, nothing asked of a network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from lxml import etree

from storage.errors import PackageUnusable

Element: TypeAlias = etree._Element
"""An element of a tree."""

METS_SPACE = "http://www.loc.gov/METS/"
XLINK = "http://www.w3.org/1999/xlink"
CSIP = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
SIP = "https://DILCIS.eu/XML/METS/SIPExtensionMETS"
PREMIS_SPACE = "http://www.loc.gov/premis/v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMAS = ("METS.xsd", "xlink.xsd")
"""Files of `schemas/` that come with the program."""

# Signs that XML 1.0 cannot hold, not even escaped; OCR and old text layers hold some.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return a text without the signs that XML cannot hold."""
    return _FORBIDDEN.sub("", text)


def name(space: str, local: str) -> str:
    """Return a name in a namespace as lxml writes it."""
    return f"{{{space}}}{local}"


def new_root(tag: str, spaces: Mapping[str | None, str] | None = None) -> Element:
    """Return a root element that declares namespaces."""
    return etree.Element(tag, nsmap=dict(spaces or {}))


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Add an element; underscored words of attributes stand for namespaced names."""
    child = etree.SubElement(parent, tag)
    set_all(child, attributes)
    if text:
        child.text = clean(text)
    return child


def set_all(element: Element, attributes: Mapping[str, str]) -> None:
    """Set attributes: `csip_X`, `xlink_x` and `xsi_x` are names in those namespaces."""
    spaces = {"csip": CSIP, "xlink": XLINK, "xsi": XSI}
    for key, value in attributes.items():
        prefix, _, local = key.partition("_")
        known = prefix in spaces and local
        element.set(name(spaces[prefix], local) if known else key, clean(value))


def write(root: Element) -> bytes:
    """Write a tree: UTF-8, declared, indented."""
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def parse(data: bytes, where: str) -> Element:
    """Parse XML from outside.

    Raises:
        PackageUnusable: It is not well-formed, or declares a document type.
    """
    # A parser of its own for each file: lxml's keep what went wrong before.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PackageUnusable(
            f"«{where}» không phải XML đọc được: {error}. Hãy xin lại gói.",
            f"{where} is no XML that can be read: {error}; ask for the package again",
        ) from error
    if root.getroottree().docinfo.doctype:
        raise PackageUnusable(
            f"«{where}» khai báo DOCTYPE; gói hồ sơ không cần thứ đó. Không nhận gói này.",
            f"{where} declares a document type, which no package needs; it is refused",
        )
    return root


@cache
def mets_schema() -> etree.XMLSchema:
    """Return the schema of METS that comes with the program, never that of a package."""
    path = Path(str(files("storage.packages") / "schemas" / SCHEMAS[0]))
    return etree.XMLSchema(etree.parse(str(path), etree.XMLParser(no_network=True)))


def schema_of(data: bytes) -> etree.XMLSchema:
    """Return a schema that this program wrote."""
    return etree.XMLSchema(etree.fromstring(data))


def first_fault(schema: etree.XMLSchema, root: Element) -> str:
    """Return what a schema finds first; empty where a tree is valid."""
    if schema.validate(root):
        return ""
    fault = schema.error_log[0]
    return f"dòng {fault.line}: {fault.message}"
