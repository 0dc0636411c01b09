"""The values of packages: what goes in, under which names, and what is wrong with one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from config.packages import PackageForm
from config.vocabulary import Classes
from storage.corrections import Correction
from storage.fingerprints import Fingerprint, Version
from storage.model import Event, Record
from storage.register import Dossier, Procedure, ProcedureResult
from storage.submissions import Submission

METS, EAD, PREMIS = "METS.xml", "EAD.xml", "PREMIS.xml"
REPRESENTATION = "representations/rep1"
DATA = f"{REPRESENTATION}/data"
EVIDENCE = "metadata/other/evidence"
"""Folder of the events of these papers with their proofs, as an evidence export."""
CONTENTS = "package.sha256"
"""File of that folder: SHA-256 of every other file but METS.xml; so the source signs them."""
HOLDINGS = "metadata/other/records.json"
"""File of the records as the archive holds them."""
SHEET = "documentation/BAN-SAO-CO-CHUNG-NHAN.pdf"
"""File that lists the certified copies of a DIP."""
READINGS = "metadata/other/readings"
"""Folder of what recognition read, one file an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFile:
    """One file of a package: bytes of its own, or an object of the store."""

    path: str
    """Where it lies in the package, parted by slashes."""
    media_type: str
    """Media type."""
    sha256: str
    """SHA-256, hex."""
    size: int
    """Length in bytes."""
    created: datetime
    """When it came to be, aware."""
    content: bytes | None = None
    """Its bytes; None for an object, which is read and checked when it is written."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def made_file(path: str, media_type: str, content: bytes, created: datetime) -> PackageFile:
    """Return a file of bytes that were made for the package."""
    digest = hashlib.sha256(content).hexdigest()
    return PackageFile(
        path=path,
        media_type=media_type,
        sha256=digest,
        size=len(content),
        created=created,
        content=content,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Everything that the archive holds on the papers of a package."""

    code: str
    """Mã hồ sơ, or the id of the one record."""
    dossier: Dossier | None
    """As the register has it; None where it has none."""
    procedure: Procedure | None
    """Its procedure, where that is registered."""
    results: tuple[ProcedureResult, ...]
    """Its results, as the register has them."""
    records: tuple[Record, ...]
    """The papers, by their ordinals."""
    submissions: tuple[Submission, ...]
    """What they came in as."""
    corrections: tuple[Correction, ...]
    """What people said of them."""
    versions: tuple[Version, ...]
    """Which of them took another's place."""
    fingerprints: tuple[tuple[str, Fingerprint], ...]
    """What each is recognised by when it is scanned again: record id, fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a station knows of packages beside its papers; empty texts are not known."""

    fonds: str = ""
    """Mã phông."""
    archive_code: str = ""
    """Mã cơ quan lưu trữ (of the archive that keeps the package)."""
    agency_code: str = ""
    """Mã định danh of the agency."""
    agency_name: str = ""
    """Its name."""
    maintenance: str = ""
    """Thời hạn lưu trữ of this dossier, 01 to 07."""
    mode: str = ""
    """Chế độ sử dụng of papers that hold nothing sensitive."""
    language: str = ""
    """Ngôn ngữ, codes parted by semicolons."""
    shelf: str = ""
    """Kho/giá/hộp of the paper originals."""
    has_backups: bool = False
    """Backup sets are set up."""
    is_backed_up: bool = False
    """A backup was made after the last of these papers was filed."""
    annex_fields_only: bool = False
    """EAD_doc holds the fields of the annex's schema and no others."""
    classes: Classes
    """Kinds of paper."""
    version: str
    """Version of this program."""
    request: Mapping[str, str] = field(default_factory=dict)
    """What a reader asked for (DIP): fields of its EAD.xml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """Certified copies that go into a DIP in place of the filed PDFs."""

    files: Mapping[str, bytes] = field(repr=False)
    """The copies, by record id."""
    sheet: bytes = field(repr=False)
    """PDF/A that lists them and says what certifies them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One package that is about to be written."""

    form: PackageForm
    """Which kind."""
    holdings: Holdings
    """What goes in."""
    events: tuple[Event, ...]
    """Events of these papers, in order."""
    readings: Mapping[str, int]
    """What recognition read of them: length in bytes of each object, by its SHA-256."""
    terms: Terms
    """What the station says."""
    at: datetime
    """Now, aware."""
    withheld: frozenset[str] = frozenset()
    """Ids of the papers whose scan, and what was read of it, stay: they show papers of others."""
    certified: Certified | None = None
    """Certified copies for a reader; None: the filed PDFs."""


def contents_bytes(digests: Mapping[str, str]) -> bytes:
    """Write digests of files by their paths, as `sha256sum` does, without METS and evidence."""
    signed = (path for path in sorted(digests) if is_signed_content(path))
    return "".join(f"{digests[path]}  {path}\n" for path in signed).encode()


def is_signed_content(path: str) -> bool:
    """Tell whether a file of a package is among those that the source signs the digests of."""
    return path != METS and not path.startswith(f"{EVIDENCE}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package as it shall lie on the disk."""

    identifier: str
    """`mets/@OBJID`."""
    folder: str
    """Name of its folder."""
    files: tuple[PackageFile, ...]
    """All files, METS.xml among them."""
    withheld: frozenset[str] = frozenset()
    """Ids of the papers whose scan stayed in the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFinding:
    """Something in a package that is not as its METS says."""

    kind: Literal["missing", "changed", "extra", "broken"]
    """What is wrong."""
    path: str
    """The file."""
    vi: str
    """What is wrong with it, Vietnamese."""
    en: str
    """The same in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageReport:
    """What a check of a package found."""

    identifier: str
    """`mets/@OBJID`; empty where METS.xml cannot be read."""
    oais_type: str
    """SIP, AIP or DIP; empty likewise."""
    files: int
    """Files hashed."""
    mets_sha256: str
    """SHA-256 of METS.xml, which nothing in the package vouches for."""
    findings: tuple[PackageFinding, ...]
    """Everything that is wrong."""
