"""Everything that can go wrong in the archive.

StorageError
├── ObjectMissing        a digest names no object
├── ObjectDamaged        an object's bytes no longer have its digest
├── DiskFull             no room for an object or a row
├── RecordNotFound       no record or submission with this identifier
├── BadCursor            a page cursor that this search did not give
├── RegisterFileError    a register file that cannot be read
├── DatabaseBusy         another program held the database too long
├── DatabaseDamaged      SQLite cannot read its own file
│   └── RowDamaged       a row holds what nobody wrote there
├── DatabaseUnwritable   a database lies where nothing can be written
├── SchemaTooNew         a newer version of the program wrote this database
├── DamagedLog           the event log or a signed head contradicts itself
├── StationKeyUnusable   the key of signed heads is missing or unreadable
├── TimestampRefused     what a timestamp authority gave is not over what was asked
├── TargetNotEmpty       an export, or a station that is restored, needs an empty folder
├── BackupUnusable       a backup set, or one of its files, cannot be read
├── BackupKeyWrong       the key does not open the backup set
├── DisposalRefused      papers are not to be destroyed so, or not now
├── PackageUnusable      a package that is broken, incomplete, changed or hostile
└── PackageConflict      what a package holds contradicts what the archive holds
"""

from __future__ import annotations

from config.telling import ToldError


class StorageError(ToldError):
    """Base of all errors of this package."""


class ObjectMissing(StorageError):
    """A digest names no object of the store."""


class ObjectDamaged(StorageError):
    """The bytes of an object no longer have its digest."""


class DiskFull(StorageError):
    """There is no room for an object or a row."""


class RecordNotFound(StorageError):
    """No record or submission has this identifier."""


class BadCursor(StorageError):
    """A page cursor that this search did not give."""


class RegisterFileError(StorageError):
    """A register file that cannot be read; the message names the line or the path."""


class DatabaseBusy(StorageError):
    """Another program held the database longer than the busy timeout."""


class DatabaseDamaged(StorageError):
    """SQLite cannot read its own file."""


class RowDamaged(DatabaseDamaged):
    """A row holds what nobody wrote there: text that is none, a word that no vocabulary has."""


class DatabaseUnwritable(StorageError):
    """A database lies where nothing can be written, or cannot be opened."""


class SchemaTooNew(StorageError):
    """A newer version of the program wrote this database."""


class DamagedLog(StorageError):
    """The event log, or a signed head, contradicts itself."""


class StationKeyUnusable(StorageError):
    """The key of signed heads is missing, unreadable or of another kind."""


class TimestampRefused(StorageError):
    """What a timestamp authority gave is not over what was asked."""


class TargetNotEmpty(StorageError):
    """A folder that shall be filled holds something already."""


class BackupUnusable(StorageError):
    """A backup set, or one of its files, is missing, broken or of another program."""


class BackupKeyWrong(StorageError):
    """The key does not open the backup set."""


class DisposalRefused(StorageError):
    """Papers are not to be destroyed so, or not now; the message says what stands against it."""


class PackageUnusable(StorageError):
    """A package is broken, incomplete, changed or hostile; nothing of it was taken in."""


class PackageConflict(StorageError):
    """What a package holds contradicts what the archive holds; nothing of it was taken in."""
