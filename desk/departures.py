"""What leaves the archive appears whole, and not before the log tells of it.

A package is made in a folder of work on the disk that it goes to; then its events are written; then
it gets its name. Killed before the events, nothing has left; killed after them, the log tells of a
package that was never seen. The next export there clears what was left.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desk.exporting import Export, Exported, ExportOrder, note_export
from desk.station import Station
from storage.archive import Archive
from storage.errors import TargetNotEmpty
from storage.workshops import clear_beside, workshop_beside

ZIP = ".zip"
"""Ending of a target that is one file."""
_LISTS = ("GOI.json", "bagit.txt")
"""Files without which a folder is no package of its format."""


def take_out(make: Export, order: ExportOrder, station: Station, archive: Archive) -> Exported:
    """Make a package, log that it leaves, and let it appear.

    Raises:
        TargetNotEmpty: there is something already where it shall go.
        UnknownCode: nothing is filed under the code.
        ObjectMissing, ObjectDamaged: a file is not what was filed; nothing leaves.
    """
    target = order.target
    is_zip, is_there = target.suffix.lower() == ZIP, target.exists()
    _clear(target)
    _refuse(target, is_taken=is_there and (is_zip or not target.is_dir()))
    # A folder that is there may be a disk of its own: nothing is put beside it.
    with workshop_beside(target / "goi" if is_there and not is_zip else target) as work:
        aside = work / (target.name if is_zip else "goi")
        made = make(replace(order, target=aside), station, archive)
        # Some formats name the folder of the package themselves, in the one that was asked for.
        place = target / made.path.relative_to(aside)
        _refuse(place, is_taken=_is_taken(place, work))
        note_export(made, order, archive)
        _appear(made.path, place)
    return replace(made, path=place)


def _clear(target: Path) -> None:
    clear_beside(target.parent)
    clear_beside(target)


def _refuse(place: Path, *, is_taken: bool) -> None:
    if is_taken:
        raise TargetNotEmpty(
            f"Đã có «{place}». Hãy chọn nơi khác.", f"{place} is there already; choose another"
        )


def _is_taken(place: Path, work: Path) -> bool:
    if not place.is_dir():
        return place.exists()
    return any(path.name != work.parent.name for path in place.iterdir())


def _appear(made: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_dir():
        made.replace(place)
        return
    # File by file, and last what says that it is a package.
    for path in sorted(made.iterdir(), key=lambda path: (path.name in _LISTS, path.name)):
        path.replace(place / path.name)
