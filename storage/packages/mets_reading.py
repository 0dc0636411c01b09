"""What METS files of a package from outside tell of its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from storage.packages import xml
from storage.packages.model import METS
from storage.packages.sources import Source

# Python refuses to read numbers of thousands of digits.
_LENGTH = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A file that a METS names."""

    path: str
    """Path in the package."""
    sha256: str
    """Its SHA-256 as told, lower case hex; empty for another algorithm or none."""
    size: int | None
    """Length as told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPackage:
    """What the root METS says of a package."""

    identifier: str
    """`mets/@OBJID`."""
    oais_type: str
    """SIP, AIP or DIP."""


def _mets(local: str) -> str:
    return xml.name(xml.METS_SPACE, local)


def told_package(root: xml.Element) -> ToldPackage:
    """Return what a root METS says of its package."""
    header = root.find(_mets("metsHdr"))
    kind = "" if header is None else header.get(xml.name(xml.CSIP, "OAISPACKAGETYPE"), "")
    return ToldPackage(identifier=root.get("OBJID", ""), oais_type=kind)


def references(root: xml.Element, base: str) -> Iterator[Reference]:
    """Yield every file that a METS names.

    Args:
        root: The METS.
        base: Folder that it lies in, with a slash at its end; empty for the package itself.
    """
    for element in root.iter(_mets("mdRef"), _mets("file")):
        located = element if element.tag == _mets("mdRef") else element.find(_mets("FLocat"))
        if located is None:
            continue
        href = unquote(located.get(xml.name(xml.XLINK, "href"), ""))
        is_sha256 = element.get("CHECKSUMTYPE") == "SHA-256"
        size = element.get("SIZE", "")
        yield Reference(
            path=base + href.removeprefix("file:").removeprefix("./"),
            sha256=element.get("CHECKSUM", "").lower() if is_sha256 else "",
            size=int(size) if _LENGTH.fullmatch(size) else None,
        )


def inner_mets(found: list[Reference]) -> list[str]:
    """Return the METS files of the representations, by their paths in the package."""
    return sorted(item.path for item in found if item.path.endswith(f"/{METS}"))


def data_files(source: Source) -> dict[str, str]:
    """Return the contents of the representations: path in the package, SHA-256."""
    found = list(references(xml.parse(source.read(METS), METS), ""))
    told: dict[str, str] = {}
    for path in inner_mets(found):
        base = path.removesuffix(METS)
        inside = references(xml.parse(source.read(path), path), base)
        data = f"{base}data/"
        told |= {item.path: item.sha256 for item in inside if item.path.startswith(data)}
    return told
