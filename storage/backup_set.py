"""One backup set: a folder with chains, each a full backup and the daily ones that build on it.

    hoso-backup.json            how the keys are made from the passphrase
    SO-SAO-LUU.csv              the log of this set, for people
    <chain>/blocks/ab/<name>    sealed pieces of files, written once
    <chain>/runs/<run>          what a backup holds: sealed, and written last

A chain needs nothing outside its folder; a full backup begins one and writes everything anew.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from storage.canonical import canonical_json
from storage.errors import BackupUnusable
from storage.safe_files import sync_folder, write_whole
from storage.vault import Lock, Vault, make_vault, open_vault

FORMAT = "hoso backup 1"
_SET_FILE, _BLOCKS, _RUNS = "hoso-backup.json", "blocks", "runs"
_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file as a set holds it."""

    path: str
    """Where it belongs, relative to the station."""
    size: int
    """Length in bytes."""
    sha256: str
    """SHA-256, hex."""
    mode: int
    """Permissions."""
    blocks: tuple[str, ...]
    """Names of its pieces, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One backup."""

    kind: str
    """`full` or `daily`."""
    at: str
    """When its database was copied, UTC."""
    events: int
    """Events in its log."""
    root: str
    """Root of the tree over them, hex."""
    records: int
    """Records in it."""
    files: tuple[Kept, ...]
    """Database, keys, settings, heads: everything but objects."""
    objects: tuple[Kept, ...]
    """Objects that this run added to its chain."""
    damaged: tuple[str, ...] = ()
    """Objects that were damaged in the archive and are not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run lies."""

    chain: str
    """Name of its chain."""
    name: str
    """Its own name; text order is time order."""


class BackupSet:
    """A set that was opened with its passphrase.

    Args:
        folder: Its folder.
        vault: Its keys.
        identifier: Its own name, random.
    """

    def __init__(self, folder: Path, vault: Vault, identifier: str) -> None:
        self.folder = folder
        self.identifier = identifier
        self._vault = vault

    def places(self) -> list[Place]:
        """Return all runs, the oldest first."""
        paths = self.folder.glob(f"*/{_RUNS}/*")
        found = (Place(chain=path.parents[1].name, name=path.name) for path in paths)
        return sorted(
            (place for place in found if not place.name.startswith(".")),
            key=lambda place: place.name,
        )

    def read(self, place: Place) -> Run:
        """Read what a run holds.

        Raises:
            BackupUnusable: It cannot be read.
        """
        path = self.folder / place.chain / _RUNS / place.name
        try:
            opened = self._vault.open(path.read_bytes(), _bound(place))
            plain: dict[str, Any] = json.loads(opened)
            lists = {key: tuple(map(_kept, plain[key])) for key in ("files", "objects")}
            return Run(**{**plain, **lists, "damaged": tuple(plain["damaged"])})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unusable(path) from error

    def list_digest(self, place: Place) -> str:
        """Return the SHA-256 (hex) of the sealed list of a run, as anyone can measure it.

        Raises:
            BackupUnusable: It cannot be read.
        """
        path = self.folder / place.chain / _RUNS / place.name
        try:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise _unusable(path) from error

    def begin_chain(self, at: datetime) -> str:
        """Make the folder of a new chain; return its name."""
        name = at.strftime(_STAMP)
        for folder in (_BLOCKS, _RUNS):
            (self.folder / name / folder).mkdir(parents=True)
        return name

    def write(self, chain: str, run: Run, at: datetime) -> Place:
        """Write what a run holds; from then on it exists."""
        place = Place(chain=chain, name=at.strftime(_STAMP))
        blocks = self.folder / chain / _BLOCKS
        for folder in (*blocks.iterdir(), blocks):
            sync_folder(folder)
        sealed = self._vault.seal(canonical_json(asdict(run)), _bound(place), packed=True)
        write_whole(self.folder / chain / _RUNS / place.name, sealed)
        return place

    def put(self, chain: str, source: tuple[BinaryIO, str, int], block_bytes: int) -> Kept:
        """Keep a file; pieces that the chain holds already are not written again.

        Args:
            chain: Which chain.
            source: The open file, its path in the station, its permissions.
            block_bytes: Length of a piece.
        """
        stream, path, mode = source
        digest, size, names = hashlib.sha256(), 0, []
        # Objects are packed already by what made them; databases are not.
        packed = path.endswith(".db")
        while data := stream.read(block_bytes):
            digest.update(data)
            size += len(data)
            names.append(self._put_block(chain, data, packed=packed))
        return Kept(path=path, size=size, sha256=digest.hexdigest(), mode=mode, blocks=tuple(names))

    def pieces(self, chain: str, kept: Kept) -> Iterator[bytes]:
        """Yield a file's pieces, each checked.

        Raises:
            BackupUnusable: One is missing or is not what was kept.
        """
        for name in kept.blocks:
            path = self._block(chain, name)
            try:
                data = self._vault.open(path.read_bytes(), name)
            except OSError as error:
                raise _unusable(path) from error
            yield data

    def take(self, chain: str, kept: Kept, sink: BinaryIO) -> None:
        """Write a file's bytes into a stream, checked against its digest.

        Raises:
            BackupUnusable: They are not what was kept.
        """
        digest = hashlib.sha256()
        for data in self.pieces(chain, kept):
            digest.update(data)
            sink.write(data)
        if digest.hexdigest() != kept.sha256:
            raise _unusable(Path(kept.path))

    def drop(self, chain: str) -> None:
        """Delete a chain with all its runs; its runs go first, so that none is left in part."""
        shutil.rmtree(self.folder / chain / _RUNS)
        shutil.rmtree(self.folder / chain)
        sync_folder(self.folder)

    def drop_unfinished(self) -> None:
        """Delete chains without a run: a full backup that was cut off."""
        finished = {place.chain for place in self.places()}
        for path in self.folder.iterdir():
            if path.is_dir() and (path / _BLOCKS).is_dir() and path.name not in finished:
                shutil.rmtree(path)

    def _put_block(self, chain: str, data: bytes, *, packed: bool) -> str:
        name = self._vault.name(data)
        path = self._block(chain, name)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            write_whole(path, self._vault.seal(data, name, packed=packed), named=False)
        return name

    def _block(self, chain: str, name: str) -> Path:
        return self.folder / chain / _BLOCKS / name[:2] / name


def open_set(folder: Path, passphrase: bytes, *, make: bool = False) -> BackupSet:
    """Open a set, or make one in a folder that holds none.

    Args:
        folder: Its folder.
        passphrase: What its keys are made from.
        make: Whether a new one may be made.

    Raises:
        BackupKeyWrong: It is another passphrase.
        BackupUnusable: There is no set, or its first file is broken.
    """
    path = folder / _SET_FILE
    if make and not path.exists():
        vault, lock = make_vault(passphrase)
        identifier = secrets.token_hex(8)
        folder.mkdir(parents=True, exist_ok=True)
        plain = {"format": FORMAT, "set": identifier, "lock": asdict(lock)}
        write_whole(path, canonical_json(plain))
        return BackupSet(folder, vault, identifier)
    try:
        stated = json.loads(path.read_bytes())
        lock = Lock(**stated["lock"])
        if stated["format"] != FORMAT:
            raise ValueError(stated["format"])
        # A flipped bit of the salt's text or of the costs shows only here.
        return BackupSet(folder, open_vault(passphrase, lock), str(stated["set"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(path) from error


def identifier_of(folder: Path) -> str | None:
    """Return the own name of the set in a folder, without opening it; None where there is none."""
    try:
        return str(json.loads((folder / _SET_FILE).read_bytes())["set"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _kept(plain: dict[str, Any]) -> Kept:
    return Kept(**{**plain, "blocks": tuple(plain["blocks"])})


def _bound(place: Place) -> str:
    return f"run {place.chain} {place.name}"


def _unusable(path: Path) -> BackupUnusable:
    return BackupUnusable(
        f"Không đọc được «{path}» trong bộ sao lưu. Hãy kiểm tra thiết bị, hoặc dùng bộ kia.",
        f"{path} of the backup set cannot be read; check the medium, or use the other set",
    )
