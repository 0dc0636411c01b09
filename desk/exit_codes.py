"""Exit codes of `hoso`: one table, every public error in it once (docs/commands.md shows it)."""

from __future__ import annotations

from config.tables import SettingsError
from desk import errors as desk
from digitize import errors as digitize
from signing import errors as signing
from storage import errors as storage

DONE, LOOK, USAGE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130

EXIT_CODES: dict[type[Exception], int] = {
    # 2: the command was not meant so
    SettingsError: USAGE,
    desk.StationNotFound: USAGE,
    desk.StationExists: USAGE,
    desk.PathUnusable: USAGE,
    desk.UnknownCode: USAGE,
    desk.AnswerRefused: USAGE,
    desk.PeriodRefused: USAGE,
    storage.TargetNotEmpty: USAGE,
    # 4: not now
    desk.StationBusy: 4,
    # 10-19: what came in
    digitize.EmptyFile: 10,
    digitize.UnsupportedType: 11,
    digitize.IncompleteFile: 12,
    digitize.DamagedFile: 13,
    digitize.EncryptedFile: 14,
    digitize.TooLarge: 15,
    digitize.NotArchival: 16,
    storage.RegisterFileError: 17,
    desk.InfectedFile: 18,
    desk.VirusCheckRefused: 19,
    # 20-29: programs outside
    digitize.EngineMissing: 20,
    digitize.RecognitionFailed: 21,
    digitize.RecognitionTimeout: 22,
    desk.DemoUnavailable: 23,
    desk.ScannerUnavailable: 24,
    desk.StationUnreachable: 25,
    desk.StationDistrusted: 26,
    desk.AgentNotPaired: 27,
    desk.JournalUnusable: 28,
    # 30-39: signing
    signing.KeyMaterialError: 30,
    signing.CertificateRefused: 31,
    signing.TimestampUnavailable: 32,
    signing.RevocationUnavailable: 33,
    signing.SignatureRejected: 34,
    signing.AlreadySigned: 35,
    signing.UnreadablePdf: 36,
    signing.BlockDoesNotFit: 37,
    signing.OutputNotWritten: 38,
    signing.TrustFolderError: 39,
    # 40-49: storage
    storage.ObjectMissing: 40,
    storage.ObjectDamaged: 41,
    storage.DiskFull: 42,
    storage.RecordNotFound: 43,
    storage.BadCursor: 44,
    storage.DatabaseBusy: 45,
    storage.DatabaseDamaged: 46,
    storage.SchemaTooNew: 47,
    storage.DamagedLog: 48,
    storage.StationKeyUnusable: 49,
    # 50-59: signing stops until a person acts
    signing.KeyDeviceError: 50,
    signing.TokenAbsent: 51,
    signing.TokenBusy: 52,
    signing.PinRefused: 53,
    signing.PinNearlyLocked: 54,
    signing.PinLocked: 55,
    signing.TokenLost: 56,
    signing.RemoteKeyError: 57,
    signing.ClockWrong: 58,
    signing.PaperDeclined: 59,
    # 60-69: evidence and backups
    storage.TimestampRefused: 60,
    storage.BackupUnusable: 61,
    storage.BackupKeyWrong: 62,
    # 65: destruction
    storage.DisposalRefused: 65,
    storage.PackageUnusable: 63,
    storage.PackageConflict: 64,
    # 66-67: one row of a database; where it lies
    storage.RowDamaged: 66,
    storage.DatabaseUnwritable: 67,
}


def exit_code_of(error: Exception) -> int:
    """Return the exit code of a known error; that of its nearest listed base otherwise."""
    for kind in type(error).__mro__:
        if kind in EXIT_CODES:
            return EXIT_CODES[kind]
    return INTERNAL
