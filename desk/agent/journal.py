"""What this computer's key was used for: one line before each use, one after it.

The line before lies on the disk when the key is called, so after a crash at any moment it is known
what may have been signed. The same bytes are never signed twice, and the same paper not again by
itself.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from config.codec import from_plain, to_plain
from desk.agent.messages import Paper
from desk.errors import JournalUnusable

FILE = "so-ky.jsonl"


class Standing(StrEnum):
    """What the journal says of a paper."""

    NEW = "new"
    UNSURE = "unsure"
    """The key may have been used; nobody knows."""
    SIGNED = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One use of the key."""

    at: str
    """When it began, ISO 8601."""
    batch: str
    """In which batch."""
    digest: str
    """SHA-256 of the bytes that were signed."""
    reference: str
    """What the station calls the paper."""
    pdf_sha256: str
    """Digest of the PDF that was to be signed."""
    title: str
    """What the officer was shown."""
    signature: str = ""
    """In base64; empty where it is not known that there is one."""

    @property
    def standing(self) -> Standing:
        """Whether the use ended."""
        return Standing.SIGNED if self.signature else Standing.UNSURE


class Journal:
    """The journal of one computer; a context manager that keeps its file open.

    Args:
        folder: the agent's folder.

    Raises:
        JournalUnusable: On entering: it cannot be read or written; without it nothing is signed.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._entries: dict[str, Entry] = {}
        self._papers: dict[tuple[str, str], str] = {}
        self._descriptor = -1

    def __enter__(self) -> Self:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            self._descriptor = os.open(self._path, flags, 0o600)
            _flush_folder(self._path.parent)
            content = self._path.read_bytes()
            # What follows the last line end was cut off by a crash before it counted.
            whole = content.rfind(b"\n") + 1
            os.ftruncate(self._descriptor, whole)
        except OSError as error:
            raise self._unusable(error.strerror or "") from error
        for line in content[:whole].splitlines():
            self._remember(self._read(line))
        return self

    def __exit__(self, *raised: object) -> None:
        os.close(self._descriptor)

    def entries(self) -> list[Entry]:
        """Return every use, the oldest first."""
        return list(self._entries.values())

    def find(self, digest: str) -> Entry | None:
        """Return the use for exactly these bytes, or None."""
        return self._entries.get(digest)

    def last(self, paper: Paper) -> Entry | None:
        """Return the newest use for a paper, or None."""
        digest = self._papers.get((paper.reference, paper.pdf_sha256))
        return None if digest is None else self._entries[digest]

    def standing(self, paper: Paper) -> Standing:
        """Say whether a paper was signed here before."""
        known = self.last(paper)
        return Standing.NEW if known is None else known.standing

    def begin(self, entry: Entry) -> None:
        """Write down that the key is about to be used; on the disk when this returns.

        Raises:
            JournalUnusable: it cannot be written, so the key must not be used.
        """
        assert entry.digest not in self._entries, "the same bytes are signed once"
        self._write(_line(entry))
        self._remember(entry)

    def end(self, digest: str, signature: str) -> Entry:
        """Write down the signature; on the disk when this returns.

        Raises:
            JournalUnusable: it cannot be written.
        """
        entry = replace(self._entries[digest], signature=signature)
        self._write(_line(entry))
        self._remember(entry)
        return entry

    def _remember(self, entry: Entry) -> None:
        self._entries[entry.digest] = entry
        self._papers[entry.reference, entry.pdf_sha256] = entry.digest

    def _read(self, line: bytes) -> Entry:
        try:
            plain: Any = json.loads(line)
            return from_plain(Entry, plain)
        except (ValueError, TypeError, AttributeError) as error:
            raise self._unusable("damaged line") from error

    def _write(self, content: bytes) -> None:
        try:
            written = os.write(self._descriptor, content)
            if written != len(content):
                raise OSError("short write")
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    def _unusable(self, why: str) -> JournalUnusable:
        return JournalUnusable(
            f"Không đọc hoặc không ghi được sổ ký {self._path} ({why}), nên không ký. Hãy kiểm tra "
            "đĩa và quyền ghi, hoặc báo người quản trị.",
            f"the journal {self._path} cannot be read or written ({why}); nothing is signed "
            "without it",
        )


def _flush_folder(folder: Path) -> None:
    """Let a new file's name survive a power cut; Windows has no such call, NTFS keeps names."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(entry: Entry) -> bytes:
    return json.dumps(to_plain(entry), ensure_ascii=False).encode() + b"\n"
