"""What every export for outsiders is made of: proofs, heads, anchors, certificates, the program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain, pairwise
from pathlib import Path

from storage import anchors
from storage.archive import Archive
from storage.canonical import canonical_json
from storage.errors import TargetNotEmpty
from storage.heads import PrivateKey, numbered_paths, public_pem
from storage.model import Event
from storage.outsider import package
from storage.outsider.anchor_checks import SUFFIX
from storage.outsider.heads import SignedHead
from storage.outsider.proofs import EventProof, GrowthProof, Proofs
from storage.outsider_pack import pack_program
from storage.safe_files import write_whole
from storage.times import time_text

README = "DOC-TOI.txt"
NOTE_SUFFIX = ".txt"
"""Ending of the note that lies beside a trusted certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an export is signed with, and whose timestamps it explains."""

    key: PrivateKey
    """The station's key: signs the head and the manifest."""
    trust: Path
    """Folder of certificates that are trusted for timestamps."""
    at: datetime
    """Now, aware."""


def make_empty(target: Path) -> None:
    """Make the folder of an export, or take one that is empty.

    Raises:
        TargetNotEmpty: It holds something.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TargetNotEmpty(
            f"«{target}» đã có nội dung. Hãy chọn một thư mục mới hoặc trống.",
            f"{target} holds something already; choose a new or empty folder",
        )
    target.mkdir(parents=True, exist_ok=True)


def events_of(archive: Archive, record_id: str) -> list[Event]:
    """Return the events of a record and of the submission that it came in, in order.

    A scan may hold papers of several persons: what is told of another paper of it is left out.
    """
    own = archive.events.events(record_id)
    told = [event.detail for event in own if "submission_id" in event.detail]
    submissions = {str(detail["submission_id"]) for detail in told}
    papers = {detail.get("paper") for detail in told}
    earlier = (archive.events.events(name) for name in sorted(submissions - {record_id}))
    shared = (
        event
        for event in chain.from_iterable(earlier)
        if event.detail.get("paper", 0) in {0, *papers}
        and event.detail.get("record_id", record_id) == record_id
    )
    return sorted(chain(own, shared), key=lambda event: event.seq)


def write_proofs(
    archive: Archive, target: Path, events: Sequence[Event], head: SignedHead
) -> list[int]:
    """Write events with the way from each to a signed head; return the sizes of those heads.

    Args:
        archive: Whose log.
        target: Folder of the export.
        events: What is proved, in order.
        head: The newest head; it covers them all.
    """
    sizes = sorted({*_anchored_after(archive, events), head.size})
    proofs = Proofs(
        events=list(_event_proofs(archive, events, sizes)),
        growth=[
            GrowthProof(old=old, new=new, path=archive.events.consistency_proof(old, new))
            for old, new in pairwise(sizes)
        ],
    )
    (target / package.PROOF).write_bytes(canonical_json(asdict(proofs)))
    return sizes


def _anchored_after(archive: Archive, events: Sequence[Event]) -> set[int]:
    """Return for each event the size of the earliest timestamped head that covers it."""
    stamped = anchors.anchor_sizes(archive)
    covering = ([size for size in stamped if size >= event.seq] for event in events)
    return {min(sizes) for sizes in covering if sizes}


def _event_proofs(
    archive: Archive, events: Sequence[Event], sizes: Sequence[int]
) -> Iterator[EventProof]:
    under = {event.seq: min(size for size in sizes if size >= event.seq) for event in events}
    paths: dict[int, list[str]] = {}
    for size in set(under.values()):
        seqs = [seq for seq, head in under.items() if head == size]
        paths |= archive.events.inclusion_proofs(seqs, size)
    for event in events:
        body = archive.events.body(event.seq).decode()
        yield EventProof(body=body, size=under[event.seq], path=paths[event.seq])


def write_common(
    archive: Archive, target: Path, ground: Ground, *, sizes: Sequence[int] | None, readme: str
) -> None:
    """Write heads and anchors (of some sizes, or all), key, certificates, program and readme."""
    kept = ((package.HEADS, ".json", archive.heads), (package.ANCHORS, SUFFIX, archive.anchors))
    for folder, suffix, source in kept:
        (target / folder).mkdir()
        # Of some sizes: the folder, with a head for each minute of years, is not listed.
        wanted = (source / f"{size}{suffix}" for size in sizes or ())
        for path in numbered_paths(source, suffix) if sizes is None else wanted:
            if path.exists():
                (target / folder / path.name).write_bytes(path.read_bytes())
    (target / package.TRUST).mkdir()
    for number, path in enumerate(anchors.certificate_paths(ground.trust), start=1):
        # Numbered: two folders may hold files of one name.
        (target / package.TRUST / f"{number}-{path.name}").write_bytes(path.read_bytes())
        note = path.with_suffix(NOTE_SUFFIX)
        if note.is_file():
            (target / package.TRUST / f"{number}-{note.name}").write_bytes(note.read_bytes())
    (target / package.PUBLIC_KEY).write_bytes(public_pem(ground.key))
    (target / package.PROGRAM).write_bytes(pack_program())
    (target / README).write_bytes(readme.replace("\n", "\r\n").encode("utf-8-sig"))


def seal(target: Path, ground: Ground, log: tuple[str, int, str]) -> package.Manifest:
    """Sign a manifest of all files of an export: what is sealed is done.

    Args:
        target: Folder of the export.
        ground: The key, and the moment.
        log: Kind of export, events in the log, root of the tree over them.
    """
    kind, size, root = log
    manifest = package.Manifest(
        kind=kind,
        made_at=time_text(ground.at),
        size=size,
        root=root,
        files=package.hash_files(target),
    )
    signature = ground.key.sign(package.manifest_statement(manifest))
    write_whole(target / package.MANIFEST, package.manifest_bytes(manifest, signature))
    return manifest
