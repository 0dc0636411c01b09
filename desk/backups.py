"""Back a station up into its sets, and bring one back from a set.

What a backup leaves out by design: passphrases, PINs and signing keys; the tray of marked scans;
scans that no gate has looked at, which may be marked; copies that the archive can give again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from config.telling import ToldError
from config.vocabulary import EventType
from desk.csv_tables import csv_line
from desk.disposal_sets import leave_list
from desk.errors import PathUnusable
from desk.moments import now, show
from desk.station import SETTINGS_FILE, Station
from desk.station_lock import hold_backup_lock
from signing.secrets import SecretFile, SecretPrompt, find_credential, obtain
from storage.archive import Archive
from storage.backup import BackedUp, Source, back_up, note_backup
from storage.backup_set import open_set
from storage.errors import StorageError
from storage.model import NewEvent
from storage.restore import mend_object

ENOUGH_SETS = 2
LOG_NAME = "SO-SAO-LUU.csv"
_HEADINGS = (
    "Thời gian",
    "Loại",
    "Lần sao lưu",
    "Bộ sao lưu",
    "Số tài liệu",
    "Số tệp thêm",
    "Dung lượng thêm (byte)",
    "Người thực hiện",
    "Kết quả",
)
_KEY_FILES = (".p12", ".pfx")
_QUESTION = "Mật khẩu của bản sao lưu"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """How the backup into one set went."""

    folder: str
    """Folder of the set."""
    kind: str | None = None
    """`full` or `daily`; None where it failed."""
    run: str | None = None
    """Name of the backup."""
    records: int = 0
    """Records in it."""
    files_added: int = 0
    """Files that it added."""
    bytes_added: int = 0
    """Their length before sealing."""
    damaged: tuple[str, ...] = ()
    """Objects that are damaged in the archive and not in the backup."""
    error: str | None = None
    """What went wrong, Vietnamese."""

    @property
    def is_good(self) -> bool:
        """Whether everything is in it."""
        return self.error is None and not self.damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a backup."""

    passphrase: bytes
    """What the sets are opened with."""
    actor: str
    """Who asks."""
    kind: Literal["full"] | None = None
    """`full`, or None for what is due."""


def read_passphrase(named: str, folder: Path) -> bytes:
    """Read the passphrase of the sets from a private file, or ask for it.

    Args:
        named: A file or the name of a credential; empty: a person is asked.
        folder: What a relative path is relative to.

    Raises:
        KeyMaterialError: The file is missing, empty, or others can read it too.
        PinRefused: Nobody is there to be asked.
    """
    source = (
        SecretFile(path=find_credential(named, folder))
        if named
        else SecretPrompt(question=_QUESTION)
    )
    return obtain(source).reveal().encode()


def back_up_station(station: Station, archive: Archive, order: Order) -> list[SetResult]:
    """Back up into every set, one after the other; one that fails stops no other.

    Raises:
        StationBusy: another backup of the station runs.
    """
    with hold_backup_lock(station):
        return list(_back_up_all(station, archive, order))


def _back_up_all(station: Station, archive: Archive, order: Order) -> Iterator[SetResult]:
    source = Source(archive=archive, root=station.root, others=list(_others(station)))
    for named in station.settings.backup.sets:
        folder = station.root / named
        result = _back_up_one(source, folder, station.settings.backup.keep_months, order)
        _write_log(folder, result, order.actor)
        leave_list(station, source.archive, folder)
        yield result


def weaknesses(station: Station) -> list[str]:
    """Say what makes the sets worth less than they look, Vietnamese."""
    folders = [station.root / named for named in station.settings.backup.sets]
    devices = [folder.stat().st_dev for folder in folders if folder.is_dir()]
    told = []
    if len(folders) < ENOUGH_SETS:
        told.append("Chưa đủ hai bộ sao lưu (TT 05/2025/TT-BNV): hãy thêm vào [backup] sets.")
    if len(set(devices)) < len(devices):
        told.append("Hai bộ sao lưu nằm trên cùng một thiết bị: hỏng một là mất cả hai.")
    if station.root.stat().st_dev in devices:
        told.append("Có bộ sao lưu nằm cùng thiết bị với trạm.")
    return told


def mend(
    station: Station, archive: Archive, damaged: Sequence[str], order: Order
) -> dict[str, bool]:
    """Put damaged or missing objects back from the first set that holds them whole."""
    mended = dict.fromkeys(damaged, False)
    for named in station.settings.backup.sets:
        try:
            source = open_set(station.root / named, order.passphrase)
        except StorageError:
            continue
        for sha256 in [name for name, done in mended.items() if not done]:
            mended[sha256] = mend_object(archive, sha256, source, actor=order.actor, at=now())
    return mended


def _others(station: Station) -> Iterator[Path]:
    """Yield settings, station keys, trust anchors and own tables; nothing that opens a key."""
    settings = station.settings
    secrets = {
        find_credential(named, station.root).resolve()
        for named in (settings.signing.passphrase, settings.signing.access, settings.backup.key)
        if named
    }
    yield station.root / SETTINGS_FILE
    tables = station.root / settings.agency.tables
    for folder in (station.key.parent, station.trust, tables):
        for path in sorted(folder.rglob("*")):
            is_secret = path.resolve() in secrets or path.suffix.lower() in _KEY_FILES
            if path.is_file() and not path.is_symlink() and not is_secret:
                yield path


def _back_up_one(source: Source, folder: Path, keep_months: int, order: Order) -> SetResult:
    at = datetime.now(now().tzinfo)
    try:
        target = open_set(folder, order.passphrase, make=True)
        done = back_up(source, target, at, kind=order.kind, keep_months=keep_months)
    except (ToldError, OSError) as error:
        told = error.vi if isinstance(error, ToldError) else _unwritable(error)
        _note_failure(source.archive, folder, error, order.actor, at)
        return SetResult(folder=str(folder), error=told)
    note_backup(source.archive, done, actor=order.actor, at=at)
    return _result(folder, done)


def _unwritable(error: OSError) -> str:
    return (
        f"Không ghi được ({error.strerror}). Hãy kiểm tra thiết bị đã cắm, còn chỗ trống và quyền "
        "ghi, rồi chạy lại `hoso backup`."
    )


def _result(folder: Path, done: BackedUp) -> SetResult:
    return SetResult(
        folder=str(folder),
        kind=done.run.kind,
        run=done.place.name,
        records=done.run.records,
        files_added=len(done.run.files) + len(done.run.objects),
        bytes_added=done.bytes,
        damaged=done.run.damaged,
    )


def _note_failure(
    archive: Archive, folder: Path, error: Exception, actor: str, at: datetime
) -> None:
    archive.events.append(
        NewEvent(
            type=EventType.REPLICATION,
            object="archive",
            actor=actor,
            at=at,
            outcome="failure",
            detail={"medium": str(folder), "error": type(error).__name__},
        )
    )


def _write_log(folder: Path, result: SetResult, actor: str) -> None:
    """Add a line to the log of the set that people read; a set that cannot be written has none."""
    path = folder / LOG_NAME
    row = (
        show(now()),
        {"full": "đầy đủ", "daily": "hằng ngày"}.get(result.kind or "", ""),
        result.run or "",
        result.folder,
        result.records,
        result.files_added,
        result.bytes_added,
        actor,
        _outcome_vi(result),
    )
    try:
        is_new = not path.exists()
        with path.open("a", encoding="utf-8-sig" if is_new else "utf-8", newline="") as stream:
            stream.write(csv_line(_HEADINGS) if is_new else "")
            stream.write(csv_line(row))
    except OSError:
        # The result tells of the trouble already; the event log holds it too.
        return


def _outcome_vi(result: SetResult) -> str:
    if result.error:
        return f"không xong: {result.error}"
    return f"thiếu {len(result.damaged)} tệp hỏng" if result.damaged else "xong"


def require_sets(station: Station) -> None:
    """Refuse a backup where no set is named.

    Raises:
        PathUnusable: There is none.
    """
    if not station.settings.backup.sets:
        raise PathUnusable(
            "Chưa có bộ sao lưu nào. Hãy ghi ít nhất hai thư mục vào [backup] sets của hoso.toml.",
            "no backup set is named; write at least two folders into [backup] sets",
        )
