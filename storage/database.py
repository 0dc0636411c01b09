"""One SQLite file: a connection for each thread, one writer at a time."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from storage.damaged_rows import is_garbled, row_damaged, salvaged_text
from storage.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseUnwritable,
    DiskFull,
    RowDamaged,
    SchemaTooNew,
    StorageError,
)

BUSY_SECONDS = 10
Parameters = Sequence[object] | Mapping[str, object]

# The low byte of an SQLite result code is its family (sqlite.org/rescode.html).
_FAMILY = 0xFF
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_MAYBE_FULL = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
# The shared memory of a WAL is 32 KB, and a page is rarely written alone.
_ROOM_BYTES = 256 * 1024


class Database:
    """One SQLite file in WAL mode, used by many threads.

    Reading never waits. Writers of this process wait for each other here; writers of other
    processes for at most 10 seconds inside SQLite.

    Args:
        path: The database file; its folder must exist.
        synchronous: `FULL` for evidence, `NORMAL` for what can be derived again.
    """

    def __init__(self, path: Path, *, synchronous: Literal["FULL", "NORMAL"] = "FULL") -> None:
        self.path = path
        self._synchronous = synchronous
        self._translated = _Translation(self)
        self._writer = threading.RLock()
        self._opening = threading.Lock()
        self._of_thread = threading.local()
        self._open: dict[threading.Thread, Tables] = {}

    @property
    def tables(self) -> Tables:
        """This thread's connection, as sqlite-utils sees it.

        Raises:
            DatabaseDamaged: The file is not an SQLite database, or a broken one.
        """
        tables: Tables | None = getattr(self._of_thread, "tables", None)
        if tables is None:
            with self._translated:
                tables = self._connect()
            self._of_thread.tables = tables
        return tables

    @contextmanager
    def transaction(self, *, whole: bool = False) -> Iterator[None]:
        """Write in one BEGIN IMMEDIATE transaction; inside another one, join it.

        A nested transaction that fails undoes its own rows; the outer one decides about the rest.

        Args:
            whole: Transactions inside this one are parts that cannot fail alone: none has a mark to
                go back to. Such marks cost as much as the rows, and full-text tables write out what
                they gathered at each.

        Raises:
            DatabaseBusy: Another process kept the file locked for 10 seconds.
            DiskFull: There was no room for the rows.
            RuntimeError: A part of a whole failed, and whoever wrote the whole went on.
        """
        tables = self.tables
        if getattr(self._of_thread, "is_snapshot", False):
            raise RuntimeError("what is written inside a snapshot would be lost at its end")
        if getattr(self._of_thread, "is_whole", False):
            with self._part():
                yield
            return
        if tables.conn.in_transaction:
            with self._translated, tables.atomic(), self._whole(whole):
                yield
            return
        with self._writer, self._translated:
            tables.conn.execute("BEGIN IMMEDIATE")
            try:
                with self._whole(whole):
                    yield
                tables.conn.execute("COMMIT")
            except BaseException:
                tables.rollback()
                self._of_thread.waiting = ()
                raise
        waiting = self._waiting()
        self._of_thread.waiting = ()
        for action in waiting:
            action()

    @contextmanager
    def _whole(self, is_whole: bool) -> Iterator[None]:
        self._of_thread.is_whole, self._of_thread.is_torn = is_whole, False
        try:
            yield
            if is_whole and self._of_thread.is_torn:
                raise RuntimeError("a part failed, and its rows would be kept with the whole")
        finally:
            self._of_thread.is_whole = False

    @contextmanager
    def _part(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._of_thread.is_torn = True
            raise

    def after_commit(self, action: Callable[[], None]) -> None:
        """Act once what this thread is writing is committed: now, outside a transaction.

        Nothing happens where the transaction fails. The same action waits only once.
        """
        if not self.is_writing:
            action()
        elif action not in self._waiting():
            self._of_thread.waiting = (*self._waiting(), action)

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """Wait no longer than so for another process that writes; writing then raises.

        Args:
            seconds: How long.
        """
        self.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
        try:
            yield
        finally:
            self.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")

    @property
    def is_writing(self) -> bool:
        """Whether this thread is inside a transaction."""
        return self.tables.conn.in_transaction

    def _waiting(self) -> tuple[Callable[[], None], ...]:
        waiting: tuple[Callable[[], None], ...] = getattr(self._of_thread, "waiting", ())
        return waiting

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read everything inside as of one moment; writing in it is refused."""
        tables = self.tables
        if tables.conn.in_transaction:
            yield
            return
        with self._translated:
            tables.conn.execute("BEGIN")
            self._of_thread.is_snapshot = True
            try:
                yield
            finally:
                self._of_thread.is_snapshot = False
                tables.rollback()

    def iterate(self, sql: str, parameters: Parameters = ()) -> Iterator[dict[str, Any]]:
        """Yield rows one by one, as dictionaries by column name."""
        with self._translated, self._asked(sql, parameters) as cursor:
            names = [column[0] for column in cursor.description or ()]
            for row in cursor:
                yield dict(zip(names, row, strict=True))

    def rows(self, sql: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
        """Return all rows, as dictionaries by column name."""
        with self._translated, self._asked(sql, parameters) as cursor:
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def salvaged(self, sql: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
        """Return all rows; text that is none stands in them as `Garbled`."""
        try:
            return self.rows(sql, parameters)
        except RowDamaged:
            connection = self.tables.conn
            connection.text_factory = salvaged_text
            try:
                return self.rows(sql, parameters)
            finally:
                connection.text_factory = str

    def values(self, sql: str, parameters: Parameters = ()) -> Iterator[Any]:
        """Yield the first column of the rows, one by one."""
        with self._translated, self._asked(sql, parameters) as cursor:
            for value, *_ in cursor:
                yield value

    def row(self, sql: str, parameters: Parameters = ()) -> dict[str, Any] | None:
        """Return the first row, or None."""
        with self._translated, self._asked(sql, parameters) as cursor:
            row = cursor.fetchone()
            if row is None:
                return None
            return dict(zip((column[0] for column in cursor.description), row, strict=True))

    def _asked(self, sql: str, parameters: Parameters) -> closing[sqlite3.Cursor]:
        """Ask; whatever comes of it, the question is over at the end.

        One that stopped at a damaged row would go on as long as its error is kept: this thread
        would read what stood there then, and write nothing once somebody else has written.
        """
        return closing(self.tables.conn.execute(sql, parameters))

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement; outside a transaction it is one by itself."""
        with self._translated:
            return self.tables.conn.execute(sql, parameters)

    def execute_each(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement for each of many parameters, in a transaction of the caller."""
        with self._translated:
            self.tables.conn.executemany(sql, parameters)

    def migrate(self, migrations: Migrations) -> None:
        """Bring the schema up to date.

        Raises:
            SchemaTooNew: The file has migrations that this program does not know.
        """
        tables = self.tables
        with self._translated:
            applied = {migration.name for migration in migrations.applied(tables)}
            unknown = sorted(applied - _names(migrations))
            pending = migrations.pending(tables)
        if unknown:
            raise SchemaTooNew(
                f"Tệp {self.path} do phiên bản mới hơn của chương trình tạo ra "
                f"({unknown[0]}). Hãy cài phiên bản mới.",
                f"{self.path} was written by a newer version of the program ({unknown[0]}). "
                "Install that version.",
            )
        if pending:
            # Two programs may open a new archive at once: the second finds nothing pending.
            with self.transaction():
                migrations.apply(tables)

    def is_sound(self) -> bool:
        """Tell whether SQLite finds its own file whole."""
        return [row["integrity_check"] for row in self.rows("PRAGMA integrity_check")] == ["ok"]

    def copy_to(self, target: Path) -> None:
        """Write the database as of one moment into a new file; writers go on meanwhile.

        Raises:
            DiskFull: There is no room.
            DatabaseDamaged: It cannot be read to its end.
        """
        with self._translated, closing(sqlite3.connect(target)) as copy:
            # In one step: it holds one read transaction, and never begins anew.
            self.tables.conn.backup(copy, pages=-1)

    def version(self) -> tuple[int, int]:
        """Return what changes when the file does, as far as this thread's connection tells."""
        row = self.row("PRAGMA data_version")
        return int(row["data_version"]) if row else 0, self.tables.conn.total_changes

    def truncate_log(self) -> None:
        """Bring what was written into the file itself; what was deleted stays in no log of SQLite.

        Nothing happens while another program reads what is older.
        """
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._opening:
            for tables in self._open.values():
                tables.close()
            self._open.clear()
            self._of_thread = threading.local()

    def _connect(self) -> Tables:
        # Another thread closes the connections in the end, hence check_same_thread.
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            # What is deleted (a marked scan's name and text) must not stay in free pages.
            connection.execute("PRAGMA secure_delete = ON")
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            tables = Tables(connection, execute_plugins=False)
        except BaseException:
            connection.close()
            raise
        self._keep(tables)
        return tables

    def _keep(self, tables: Tables) -> None:
        with self._opening:
            for thread in [thread for thread in self._open if not thread.is_alive()]:
                self._open.pop(thread).close()
            self._open[threading.current_thread()] = tables

    def _has_no_room(self) -> bool:
        try:
            return shutil.disk_usage(self.path.parent).free < _ROOM_BYTES
        except OSError:
            return False

    def translate(self, error: sqlite3.DatabaseError) -> StorageError | None:
        """Return what an error of SQLite means to a caller, or None."""
        family = (getattr(error, "sqlite_errorcode", None) or 0) & _FAMILY
        if family in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return DatabaseBusy(
                f"Tệp {self.path} đang bị chương trình khác giữ quá {BUSY_SECONDS} giây. "
                "Hãy thử lại; nếu vẫn vậy, kiểm tra chương trình nào đang chạy.",
                f"{self.path} was held by another program for over {BUSY_SECONDS} seconds. "
                "Try again; if it stays, see which program is running.",
            )
        # A full disk shows as an error of reading or opening where SQLite maps its files.
        starved = family in _MAYBE_FULL and self._has_no_room()
        if family == sqlite3.SQLITE_FULL or starved:
            return DiskFull(
                f"Đĩa đã đầy khi ghi {self.path}. Hãy giải phóng dung lượng rồi chạy lại.",
                f"The disk is full, writing {self.path}. Free some room, then run again.",
            )
        if family in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return DatabaseDamaged(
                f"Tệp {self.path} bị hỏng. search.db: chạy lập chỉ mục lại; "
                "records.db: khôi phục từ bản sao lưu.",
                f"{self.path} is damaged. search.db: rebuild the index; "
                "records.db: restore it from a backup.",
            )
        if family in _UNWRITABLE:
            return DatabaseUnwritable(
                f"Không mở hoặc không ghi được {self.path}. Hãy kiểm tra quyền ghi của tài khoản "
                "chạy hoso trên thư mục này, và ổ đĩa có bị gắn chỉ đọc không.",
                f"{self.path} cannot be opened or written. Check that the account that runs hoso "
                "may write in its folder, and that the disk is not mounted read-only.",
            )
        return row_damaged(self.path.name) if is_garbled(error) else None


class _Translation:
    """Raises what an error of SQLite means; one for all statements, as each of them is inside."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def __enter__(self) -> None:
        """Nothing is kept from one statement to another."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, sqlite3.DatabaseError):
            return
        known = self._db.translate(error)
        if isinstance(known, RowDamaged):
            raise known from None  # the driver's words hold the text, which may name a person
        if known is not None:
            raise known from error


def _names(migrations: Migrations) -> set[str]:
    # To an empty database every migration of the set is pending.
    empty = Tables(memory=True, execute_plugins=False)
    try:
        return {migration.name for migration in migrations.pending(empty)}
    finally:
        empty.close()
