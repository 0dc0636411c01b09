"""What leaves the archive as a package: who asks for what, what was written, and its events."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.codes import is_dossier_code
from config.packages import package_rules
from config.vocabulary import EventType
from desk.errors import PathUnusable, UnknownCode
from desk.station import Station
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.model import NewEvent, Record
from storage.outsider.package import hash_file


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """One export that a person asks for."""

    code: str
    """A dossier code or a record id."""
    format: str
    """A key of `desk.cli.exporting.FORMATS`."""
    package: str
    """`aip`, `sip` or `dip`; formats that know no kinds of package leave it alone."""
    target: Path
    """`….zip`: the file to write; anything else: the folder that gets the package."""
    actor: str
    """Who asks."""
    at: dt.datetime
    """When, aware."""
    request: Mapping[str, str] = field(default_factory=dict)
    """What a reader asked for, where the package tells of that (DIP)."""
    whole_scans: bool = False
    """Scans go into packages also where they show papers that do not."""
    certified: bool = False
    """A DIP holds the certified copies that were issued, not the filed PDFs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One package that was written."""

    path: Path
    """The folder or the ZIP."""
    identifier: str
    """What the package calls itself."""
    records: tuple[str, ...]
    """Ids of the records in it."""
    files: int
    """Files in it."""
    size: int
    """Bytes of the ZIP; of all files where it is a folder."""
    sha256: str
    """Of the ZIP; of the package's own list of digests (METS, manifest) where it is a folder."""
    withheld: tuple[str, ...] = ()
    """Ids of the records whose scan stayed here: it shows papers that do not leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a package that is not as it was packed."""

    kind: str
    """What is wrong: `missing`, `changed`, `extra`, `broken`, or a word of the format."""
    path: str
    """The file."""
    vi: str
    """What is wrong with it, Vietnamese."""
    en: str
    """The same in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One package that was checked."""

    path: Path
    """The folder or the ZIP."""
    format: str
    """Of what kind it is."""
    identifier: str
    """What it calls itself."""
    files: int
    """Files compared."""
    sha256: str
    """Of the package's own list of digests, which nothing in it vouches for."""
    findings: tuple[Fault, ...]
    """Everything that is wrong."""


Check = Callable[[Path], Checked]
"""What checks packages of a format."""
Export = Callable[[ExportOrder, Station, Archive], Exported]
"""What each format is: it re-reads every object against its digest before that leaves."""


def records_of(code: str, archive: Archive) -> list[Record]:
    """Return the records of a dossier by their ordinals, or the one record with an id.

    Raises:
        UnknownCode: nothing is filed under the code.
    """
    found = archive.records.of_dossier(code) if is_dossier_code(code) else _by_id(code, archive)
    if found:
        return found
    raise UnknownCode(
        f"Kho không có giấy tờ nào mang mã «{code}». Hãy kiểm tra lại mã.",
        f"nothing is filed under {code!r}; check the code",
    )


def _by_id(code: str, archive: Archive) -> list[Record]:
    try:
        return [archive.records.get(code.lower())]
    except RecordNotFound:
        return []


def note_export(exported: Exported, order: ExportOrder, archive: Archive) -> None:
    """Log an export on each record that left."""
    detail = {
        "format": order.format,
        "package": order.package,
        "identifier": exported.identifier,
        "sha256": exported.sha256,
        **({"whole_scans": True} if order.whole_scans else {}),
        **({"certified": True} if order.certified else {}),
    }
    archive.events.append(*_events(exported.records, order, detail))


def _events(
    records: Sequence[str], order: ExportOrder, detail: Mapping[str, object]
) -> list[NewEvent]:
    return [
        NewEvent(
            type=EventType.DISSEMINATION,
            object=record_id,
            actor=order.actor,
            at=order.at,
            outcome="export",
            detail=detail,
        )
        for record_id in records
    ]


def read_request(words: list[str]) -> dict[str, str]:
    """Read what a reader asked for (`FIELD=VALUE`), against the fields of a DIP.

    Raises:
        PathUnusable: a field is none, or its value none of its list.
    """
    rules = package_rules()
    known = rules.form("dip").header
    request = {}
    for word in words:
        name, _, value = word.partition("=")
        codes = rules.field(name).list if name in known else ""
        if name not in known or (codes and value not in rules.codes(codes)):
            allowed = ", ".join(rules.codes(codes)) if codes else ", ".join(known)
            raise PathUnusable(
                f"«{word}» không dùng được. Được dùng: {allowed}.",
                f"{word!r} cannot be used; known are: {allowed}",
            )
        request[name] = value
    return request


def hold_against(checked: Checked, sha256: str) -> Checked:
    """Hold a package against the digest that was printed, and logged, when it left.

    Nothing in a package vouches for its own list of digests; what is kept elsewhere does.

    Args:
        checked: what the check of its files found.
        sha256: of the ZIP, or of the list, hex; letters of either case.
    """
    wanted = sha256.strip().lower()
    if wanted == checked.sha256 or (checked.path.is_file() and wanted == hash_file(checked.path)):
        return checked
    fault = Fault(
        kind="changed",
        path=checked.path.name,
        vi="Không phải gói có mã SHA-256 đã cho: danh sách tệp của gói khác, hoặc tệp ZIP khác.",
        en="This is not the package of that SHA-256: its list of files, or the ZIP, is another.",
    )
    return replace(checked, findings=(*checked.findings, fault))


def mark_of(path: Path, marks: Sequence[str]) -> str:
    """Return by which file a package shows its format; the first mark where it shows none.

    Args:
        path: the folder or the ZIP.
        marks: names of files, the likeliest first.
    """
    names = _names_in(path)
    return next((mark for mark in marks if mark in names), marks[0])


def _names_in(path: Path) -> set[str]:
    """Return the names of the files at the top of a package, or one folder down."""
    if path.is_dir():
        return {item.name for item in (*path.glob("*"), *path.glob("*/*"))}
    try:
        with zipfile.ZipFile(path) as packed:
            parts = [name.split("/") for name in packed.namelist()]
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return set()  # whoever checks it says what is wrong
    return {names[-1] for names in parts if len(names) <= 2}
