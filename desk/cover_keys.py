"""The key for the check codes of cover sheets; it signs nothing and opens nothing else."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from config.vocabulary import EventType
from desk.moments import now
from desk.station import Station
from storage.archive import Archive
from storage.errors import StationKeyUnusable
from storage.model import NewEvent

_KEY_BYTES = 32
_OWNER_ONLY = 0o600


def _path(station: Station) -> Path:
    return station.key.with_name("cover.key")


def read_cover_key(station: Station) -> bytes | None:
    """Read the key; None where the station has printed no cover sheet yet.

    Raises:
        StationKeyUnusable: it is there, but cannot be read or is cut off.
    """
    path = _path(station)
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path) from error
    if len(key) != _KEY_BYTES:
        raise _unusable(path)
    return key


def ensure_cover_key(station: Station, archive: Archive, *, actor: str) -> bytes:
    """Read the key, or make it at its first use; making it is an event.

    Raises:
        StationKeyUnusable: it is there, but cannot be used; it is never replaced here.
    """
    key = read_cover_key(station)
    if key is not None:
        return key
    made = secrets.token_bytes(_KEY_BYTES)
    path = _path(station)
    temporary = path.with_name(f".cover-{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(made)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        path.hardlink_to(temporary)  # whole, or another process was first
    except FileExistsError:
        return read_cover_key(station) or made
    finally:
        temporary.unlink()
    detail = {"key": "cover"}
    archive.events.append(
        NewEvent(type=EventType.SETTING, object="station", actor=actor, at=now(), detail=detail)
    )
    return made


def _unusable(path: Path) -> StationKeyUnusable:
    return StationKeyUnusable(
        f"Không dùng được khóa tờ bìa {path}. Hãy khôi phục từ bản sao lưu.",
        f"the key of cover sheets {path} cannot be used; restore it from a backup",
    )
