"""The folders that objects lie in: made where they are missing, and brought to the disk."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from storage.safe_files import sync_folder

_PART = re.compile(r"[0-9a-f]{2}")
# With so many folders of objects, all 256 of a part are made.
_MANY = 16


class ObjectFolders:
    """The folders `sha256/ab/cd` below the root of a store.

    Whoever finds a folder cannot know whether its name is on the disk: another process may have
    made it a moment ago, or have died just then. So each process brings the folders above to the
    disk before it relies on a name in them, and remembers which names were in them then.

    Args:
        root: Folder of the objects.
    """

    def __init__(self, root: Path) -> None:
        # Text, as in `ObjectStore`: each filing asks here several times.
        self._root = str(root)
        self._top = f"{root}/sha256"
        # A byte for each name: 65,536 of them in a set would take a hundred times as much.
        self._safe = bytearray(1 << 16)
        self._safe_above = bytearray(1 << 8)
        self._looked_into = bytearray(1 << 8)
        self._counted: dict[str, int] = {}

    def find(self, sha256: str) -> str:
        """Return the folder of an object: as `make` does, or as this process knows it.

        One that it brought to the disk may be gone all the same; who puts a name into it is told.
        """
        if self._safe[int(sha256[:4], 16)]:
            return f"{self._top}/{sha256[:2]}/{sha256[2:4]}"
        return self.make(sha256)

    def make(self, sha256: str) -> str:
        """Make the folder of an object, with those above it, and return it; not yet on the disk.

        Raises:
            FileNotFoundError: There is no root: its disk may not be mounted.
        """
        above = f"{self._top}/{sha256[:2]}"
        folder = f"{above}/{sha256[2:4]}"
        try:
            os.mkdir(folder)  # noqa: PTH102  # text, as all paths here
        except FileExistsError:
            return folder
        except FileNotFoundError:
            self._make_above(above)
            _make(folder)
        # It may have been there, safe, and be gone since.
        self._safe[_number(folder)] = 0
        self._make_beside(above)
        return folder

    def _make_beside(self, above: str) -> None:
        """Make all folders of a part of the store at once, where the archive is no small one.

        An archive of some thousand objects comes to have all of them: made one by one, nearly
        each object of its first year would wait for the disk once more, for its folder's name.
        Empty ones take 4 kB each, a quarter of a gigabyte in all.
        """
        known = self._counted.get(above)
        self._counted[above] = len(_parts(above)) if known is None else known + 1
        if self._counted[above] < _MANY:
            return
        # Nobody needs them yet, and the object's own folder is there: lack of room does no harm.
        with suppress(OSError):
            for number in range(1 << 8):
                _make(f"{above}/{number:02x}")
        self._looked_into[_number_above(above)] = 0

    def _make_above(self, above: str) -> None:
        _make(self._top)
        _make(above)
        self._safe_above[_number_above(above)] = 0

    def sync(self, folder: str) -> None:
        """Bring the names in a folder of objects to the disk, and its own where it may lack.

        The deepest first: a journal that is written out for it holds those above it as well.
        """
        sync_folder(folder)
        if not self._safe[_number(folder)]:
            self._sync_above(folder[:-3])
            self._safe[_number(folder)] = 1

    def _sync_above(self, above: str) -> None:
        number = _number_above(above)
        # Once is enough: the names that come later are this process's own, or are looked at anew.
        there = () if self._looked_into[number] else _parts(above)
        sync_folder(above)
        if not self._safe_above[number]:
            beside = _parts(self._top)
            sync_folder(self._top)
            sync_folder(self._root)
            for each in beside:
                self._safe_above[each] = 1
        for each in there:
            self._safe[number << 8 | each] = 1
        self._looked_into[number] = 1


def _make(folder: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(folder)  # noqa: PTH102  # text, as all paths here


def _number(folder: str) -> int:
    """Return the number of `…/ab/cd`: 0xabcd."""
    return int(folder[-5:-3] + folder[-2:], 16)


def _number_above(above: str) -> int:
    """Return the number of `…/ab`: 0xab."""
    return int(above[-2:], 16)


def _parts(folder: str) -> list[int]:
    """Return the names in a folder that are a part of an address."""
    return [int(name, 16) for name in os.listdir(folder) if _PART.fullmatch(name)]  # noqa: PTH208  # names are all it takes
