"""Names in a package: UUIDs in capitals, OBJID, folder, codes of dossier and papers.

Identifiers are derived from what they name: the same papers give the same package again.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from urllib.parse import quote

from config.packages import PackageForm
from storage.model import Record
from storage.packages.model import Holdings, Terms
from storage.times import VIETNAM

# Drawn once for this program.
_SPACE = uuid.UUID("5e0c8a0e-6f0b-4f43-9f0d-2a8f7c1d9b64")
_ORDINAL_DIGITS = 7


def derived_uuid(*words: str) -> str:
    """Return the UUID (version 5, capitals) of some words."""
    return str(uuid.uuid5(_SPACE, "\n".join(words))).upper()


def package_uuid(form: PackageForm, holdings: Holdings, digests: tuple[str, ...]) -> str:
    """Return the UUID of a package: another one as soon as a paper in it changes.

    Args:
        form: Which kind.
        holdings: What goes in.
        digests: Digest of the canonical form of each record.
    """
    return derived_uuid("package", form.name, holdings.code, *digests)


def package_identifier(form: PackageForm, identifier: str, terms: Terms) -> str:
    """Return `mets/@OBJID`: `uuid-…`, of an AIP `urn:<mã phông>:uuid:…`."""
    if form.oais_type != "AIP":
        return f"uuid-{identifier}"
    fonds = quote(terms.fonds, safe="")
    return f"urn:{fonds}:uuid:{identifier}" if fonds else f"urn:uuid:{identifier}"


def package_folder(objid: str) -> str:
    """Return the name of a package's folder."""
    return objid.replace(":", "_")


def archive_file_code(code: str, terms: Terms) -> str:
    """Return arcFileCode: the archive's code and the dossier's own, which stays as it is."""
    return f"{terms.archive_code}.{code}" if terms.archive_code else code


def document_id(code: str, ordinal: int) -> str:
    """Return docId, which is also the name of the paper's file (Art. 8.1.d)."""
    return f"{code}.{ordinal}"


def document_code(file_code: str, ordinal: int) -> str:
    """Return docCode or arcDocCode: ends in an ordinal of seven digits."""
    return f"{file_code}.{ordinal:0{_ORDINAL_DIGITS}d}"


def place_of(record: Record, code: str) -> tuple[str, int]:
    """Return dossier code and ordinal of a paper in the dossier of the package, else its first."""
    link = next((item for item in record.links if item.dossier_code == code), record.links[0])
    return link.dossier_code, link.ordinal


def package_time(at: datetime) -> str:
    """Write a moment as packages do: milliseconds, +07:00."""
    return at.astimezone(VIETNAM).isoformat(timespec="milliseconds")
