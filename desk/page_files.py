"""Page files of one paper: which pictures belong together, and claiming them as one scan.

Scanners that write a picture for each page leave `X_001.jpg`, `X_002.jpg`… or `X_front.jpg` and
`X_back.jpg` in one folder. The rules are strict, for a wrong guess would join two papers; what fits
no rule stays a paper of its own (docs/trays.md).
"""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from desk import trays
from desk.claims import register_claim
from desk.dossier_folders import named_dossiers
from desk.identifiers import new_id
from desk.people import owner_of
from desk.services import Services
from desk.wholeness import Look
from digitize import bundle
from digitize.intake import digests
from storage.submissions import Submission

_GATHERING = ".trang-"
_SIDES = {
    "front": ("latin", 0),
    "back": ("latin", 1),
    "truoc": ("viet", 0),
    "trước": ("viet", 0),
    "sau": ("viet", 1),
    "a": ("letter", 0),
    "b": ("letter", 1),
}
_SIDE = "|".join(_SIDES)
# Four digits are a printer's running number: those are papers of their own.
_NAME = re.compile(
    rf"(?P<stem>.+?)(?:_(?P<first>\d{{3}}))?(?:_(?P<side>{_SIDE}))?(?:_(?P<last>\d{{3}}))?"
    r"\.(?P<type>jpe?g|png|tiff?|heic|heif|webp)",
    re.IGNORECASE,
)
_SAME_TYPE = {"jpeg": "jpg", "tiff": "tif", "heif": "heic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What a file's name says of it."""

    paper: tuple[str, str, str, bool]
    """Stem, type, kind of side, numbered: what all pages of one paper share."""
    stem: str
    number: int
    side: int


def _read_name(name: str) -> _Page | None:
    match = _NAME.fullmatch(trays.nfc(name))
    if match is None or (match["first"] and match["last"]):
        return None
    number = match["first"] or match["last"]
    kind, side = _SIDES[match["side"].lower()] if match["side"] else ("", 0)
    if number is None and not kind:
        return None
    suffix = match["type"].lower()
    shared = (match["stem"], _SAME_TYPE.get(suffix, suffix), kind, number is not None)
    return _Page(paper=shared, stem=match["stem"], number=int(number or 0), side=side)


def group_names(names: Collection[str]) -> list[tuple[str, ...]]:
    """Return which files of one folder are the pages of one paper, each group in page order.

    A group is complete or none: numbers run from 000 or 001 without a gap, and where there are
    sides, each sheet has both.
    """
    found: dict[tuple[str, str, str, bool], dict[tuple[int, int], str]] = defaultdict(dict)
    doubled = set()
    for name in names:
        page = _read_name(name)
        if page is None:
            continue
        place = (page.number, page.side)
        if place in found[page.paper]:
            doubled.add(page.paper)
        found[page.paper][place] = name
    return [
        tuple(places[place] for place in sorted(places))
        for paper, places in sorted(found.items())
        if paper not in doubled and _is_complete(sorted(places), sided=bool(paper[2]))
    ]


def _is_complete(places: list[tuple[int, int]], *, sided: bool) -> bool:
    first = places[0][0]
    sides = 2 if sided else 1
    wanted = [
        (first + sheet, side) for sheet in range(len(places) // sides) for side in range(sides)
    ]
    return len(places) > 1 and first <= 1 and places == wanted


def grouped(
    ready: list[str], seen: Collection[str], services: Services
) -> Iterator[tuple[str, ...]]:
    """Yield what may be claimed together: the page files of a paper, else one file.

    Args:
        ready: files that may be taken now, in order.
        seen: all files of the inbox; a group of which one is not ready yet waits for it.
        services: whose inbox; files that lie in no dossier's folder are never joined.
    """
    groups = dict(_groups_of(seen, services))
    waiting = set(ready)
    for path in ready:
        group = groups.get(path, (path,))
        if path == group[0] and waiting.issuperset(group):
            yield group


def _groups_of(seen: Collection[str], services: Services) -> Iterator[tuple[str, tuple[str, ...]]]:
    if services.station.settings.intake.page_files == "single":
        return
    folders = defaultdict(list)
    for path in seen:
        folder, _, name = path.rpartition("/")
        folders[folder].append(name)
    for folder, names in folders.items():
        inside = trays.folder_of(Path(folder) / "x", services.station.inbox)
        if len(names) < 2 or not named_dossiers(inside):
            continue
        for group in group_names(names):
            paths = tuple(f"{folder}/{name}" for name in group)
            yield from ((path, paths) for path in paths)


def claim_pages(
    paths: tuple[Path, ...], looks: Mapping[str, Look], services: Services
) -> Submission | None:
    """Claim the page files of one paper as one scan: a bundle of their bytes.

    They leave the inbox by rename; only when the bundle reads back as they are do they go.

    Returns:
        The submission; None where a file is no longer the one that was judged: then all of them
        lie in the inbox again.

    Raises:
        OSError: they cannot be moved or bundled; they lie in the inbox again.
    """
    station = services.station
    folder = trays.folder_of(paths[0], station.inbox)
    gathering = station.work / folder / f"{_GATHERING}{new_id()}"
    gathering.mkdir(parents=True)
    try:
        moved = tuple(_gather(path, looks, gathering) for path in paths)
        owner = owner_of(moved[0])
        target = _bundle(moved, gathering, station.work / folder)
    except (OSError, _Changed) as error:
        _give_back(gathering, station.inbox / folder)
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise
        return None
    item = register_claim(target, (target.name, owner), folder, services)
    shutil.rmtree(gathering)
    return item


class _Changed(Exception):
    """A page file was replaced between judgement and rename."""


def _gather(path: Path, looks: Mapping[str, Look], gathering: Path) -> Path:
    target = gathering / trays.nfc(path.name)
    trays.rename(path, target)
    status = target.stat()
    if not looks[str(path)].matches(status.st_size, status.st_mtime_ns):
        raise _Changed
    return target


def _bundle(moved: tuple[Path, ...], gathering: Path, folder: Path) -> Path:
    written = _write_bundle(moved, gathering)
    if any(bundle.read_member(written, at) != path.read_bytes() for at, path in enumerate(moved)):
        raise OSError(f"the bundle {written.name} does not read back")
    page = _read_name(moved[0].name)
    stem = page.stem if page else moved[0].stem
    target = trays.free_place(trays.fit_name(stem, f" ({len(moved)} trang).tar"), folder)
    trays.rename(written, target)
    return target


def _write_bundle(pages: tuple[Path, ...], gathering: Path) -> Path:
    target = gathering / ".bundle.tmp"
    bundle.write_bundle(pages, target)
    with target.open("rb+") as stream:
        os.fsync(stream.fileno())
    return target


def _give_back(gathering: Path, folder: Path) -> None:
    """Lay page files into the inbox again, for the next scan to see; none replaces another."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(gathering.iterdir()):
        if path.name.startswith("."):
            path.unlink()
        elif not trays.put_back(path, folder / path.name):
            trays.move(path, folder)
    gathering.rmdir()


def recover_page_files(services: Services) -> None:
    """Finish claims of page files that a crash cut off.

    Where the bundle lies in the work tray, the files are in it and go; else they are given back.
    """
    station = services.station
    for gathering in sorted(station.work.rglob(f"{_GATHERING}*")):
        pages = tuple(Path(gathering, name) for name in _page_order(gathering))
        if pages and _lies_bundled(pages, gathering):
            shutil.rmtree(gathering)
            continue
        _give_back(gathering, station.inbox / gathering.parent.relative_to(station.work))


def _page_order(gathering: Path) -> tuple[str, ...]:
    names = [path.name for path in gathering.iterdir() if not path.name.startswith(".")]
    groups = group_names(names)
    return groups[0] if len(groups) == 1 and len(groups[0]) == len(names) else ()


def _lies_bundled(pages: tuple[Path, ...], gathering: Path) -> bool:
    wanted = digests(_write_bundle(pages, gathering))
    return any(digests(path) == wanted for path in gathering.parent.glob("*.tar"))
