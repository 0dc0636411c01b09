"""What lies outside the archive of filed papers: signed copies and slips, copies that were issued.

Also the station's second opinion, which was learned from their words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from config.settings import CERTIFIED_FOLDER, READING_FOLDER
from desk import trays
from desk.reading_copies import write_list
from desk.station import Station
from storage.archive import Archive
from storage.destruction import Outside
from storage.model import Record

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def copies_outside(station: Station, archive: Archive) -> Outside:
    """Return what finds and removes what lies outside the archive of a paper.

    The done tray is looked through once, when the first paper is asked for.
    """
    found: list[_LaidOut] = []

    def find(record: Record) -> list[str]:
        if not found:
            found.append(_LaidOut(station))
        issued = [copy.file for copy in archive.copies.of_record(record.id) if copy.file]
        return [*found[0].of(record), *issued]

    def remove(places: Sequence[str]) -> None:
        if places:
            station.opinion.unlink(missing_ok=True)
        for place in places:
            _remove(station, place)
        if any(place.startswith(f"{READING_FOLDER}/") for place in places):
            write_list(station, archive)

    return Outside(find=find, remove=remove)


class _LaidOut:
    """All files of the done tray, by what they tell of."""

    def __init__(self, station: Station) -> None:
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_record: defaultdict[str, list[str]] = defaultdict(list)
        for path in station.done.rglob("*") if station.done.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                self._note(path, station)

    def of(self, record: Record) -> list[str]:
        """Return where copies and slips of a record lie, relative to the station."""
        names = (f"{link.dossier_code}.{link.ordinal}.pdf" for link in record.links)
        copies = [place for name in names for place in self._by_name[name]]
        return [*copies, *self._by_record[record.id.lower()]]

    def _note(self, path: Path, station: Station) -> None:
        self._by_name[path.name].append(station.relative(path))
        if path.name.endswith(trays.RESULT):
            with suppress(OSError):
                text = path.read_text(encoding="utf-8-sig", errors="replace")
                for record_id in set(_ID.findall(text)):
                    self._by_record[record_id.lower()].append(station.relative(path))


def _remove(station: Station, place: str) -> None:
    path = station.root / place
    # A path comes from a row of the archive: it never leads out of these folders.
    issued = (station.root / READING_FOLDER, station.root / CERTIFIED_FOLDER)
    for folder in (station.done, *issued):
        if path.resolve().is_relative_to(folder.resolve()):
            path.unlink(missing_ok=True)
            trays.remove_empty_folders(path.parent, folder)
