from __future__ import annotations

import inspect
from collections.abc import Sequence

from config.tables import SettingsError
from desk import errors as desk
from desk.exit_codes import EXIT_CODES, INTERNAL, USAGE, exit_code_of
from digitize import errors as digitize
from signing import errors as signing
from storage import errors as storage

BASES = {
    desk.DeskError,
    digitize.DigitizeError,
    digitize.IntakeError,
    digitize.RecognitionError,
    digitize.RenditionError,
    signing.SigningError,
    storage.StorageError,
}
RANGES: dict[str, Sequence[int]] = {
    "digitize": range(10, 30),
    "signing": (*range(30, 40), *range(50, 60)),
    "storage": (*range(10, 50), *range(60, 70)),
}


def public_errors() -> set[type[Exception]]:
    found: set[type[Exception]] = {SettingsError}
    for module in (desk, digitize, signing, storage):
        for _, item in inspect.getmembers(module, inspect.isclass):
            if issubclass(item, Exception) and item.__module__ == module.__name__:
                found.add(item)
    return found - BASES


def test_every_public_error_has_its_exit_code_once() -> None:
    assert set(EXIT_CODES) == public_errors()


def test_only_usage_errors_share_a_code() -> None:
    codes = [code for code in EXIT_CODES.values() if code != 2]
    assert len(codes) == len(set(codes))


def test_codes_lie_in_the_range_of_their_package() -> None:
    for error, code in EXIT_CODES.items():
        wanted = RANGES.get(error.__module__.partition(".")[0])
        assert wanted is None or code in (USAGE, *wanted), error


def test_what_is_not_listed_is_internal() -> None:
    assert exit_code_of(ValueError("x")) == INTERNAL
