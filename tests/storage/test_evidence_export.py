from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from config.vocabulary import Role
from storage import anchors
from storage.archive import Archive, open_archive
from storage.canonical import canonical_json
from storage.errors import RecordNotFound, TargetNotEmpty, TimestampRefused
from storage.evidence_export import export_log, export_record
from storage.evidence_parts import Ground
from storage.fixity import check_archive, check_log
from storage.heads import PrivateKey, create_key, public_pem
from storage.log_fixity import Outside
from storage.merkle import leaf_hash
from storage.model import NewEvent, NewLink
from storage.outsider import package
from storage.outsider.export_checks import Own, Report, check_export
from storage.outsider.witness import read_witness
from storage.outsider_pack import pack_program
from tests.storage.conftest import AT, DOSSIER, make_record
from tests.storage.disposing import Office
from tests.storage.test_events import tamper
from tests.storage.test_objects import flip_a_byte
from tests.storage.timestamps import Stamper, make_stamper


@dataclass(frozen=True, slots=True)
class Made:
    """An archive with two heads under timestamps, and what was exported of it."""

    archive: Archive
    key: PrivateKey
    stamper: Stamper
    log: Path
    record: Path
    witness: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("evidence")
    stamper = make_stamper(folder / "tsa")
    (folder / "trust").mkdir()
    shutil.copy(stamper.folder / "root.pem", folder / "trust")
    key = create_key(folder / "station.pem")
    link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
    with open_archive(folder / "archive") as archive:
        for n in range(1, 12):
            archive.file(make_record(archive, n), link, actor="desk", at=AT)
            if n in (4, 8):
                anchors.anchor_log(archive, key, stamper, actor="desk", at=AT + timedelta(days=n))
        head = archive.sign_head(key, AT)
        assert head is not None
        witness = folder / "witness.txt"
        witness.write_text(anchors.make_witness(head, None, public_pem(key), "THỬ NGHIỆM"))
        ground = Ground(key=key, trust=folder / "trust", at=AT)
        export_log(archive, folder / "log", ground)
        export_record(archive, record_id(3), folder / "record", ground)
        yield Made(archive, key, stamper, folder / "log", folder / "record", witness)


def record_id(n: int) -> str:
    return f"018F0000-0000-7000-8000-{n:012d}"


def named(report: Report) -> set[tuple[str, str]]:
    return {(fault.kind, fault.identifier) for fault in report.faults}


def test_an_untouched_export_holds_and_says_before_when(made: Made) -> None:
    report = check_export(made.log, Own(witnesses=[made.witness]))
    assert report.faults == []
    assert (report.kind, report.events) == ("log", 13)
    assert report.root == made.archive.events.root()
    assert sorted(report.stamps) == [4, 9]
    assert all(stamp.anchor == "Goc THU NGHIEM" for stamp in report.stamps.values())


def test_the_packed_program_needs_nothing_but_python(made: Made, tmp_path: Path) -> None:
    pdf = tmp_path / "giay.pdf"
    pdf.write_bytes(made.archive.objects.read(made.archive.records.get(record_id(3)).pdf.sha256))
    command = [sys.executable, "-I", "-S", str(made.log / "kiem-tra.pyz"), str(made.log)]
    run = subprocess.run(
        [*command, "--json", "--file", str(pdf)], capture_output=True, check=False, cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said["ok"]
    assert said["files"][str(pdf)]["events"] == [3]
    assert said["files"][str(pdf)]["before"] == said["anchors"][0]["time"]
    pdf.write_bytes(pdf.read_bytes() + b" ")
    run = subprocess.run([*command, "--file", str(pdf)], capture_output=True, check=False)
    assert run.returncode == 1
    assert str(pdf) in run.stdout.decode()


def test_the_same_program_is_packed_to_the_same_bytes() -> None:
    assert pack_program() == pack_program()


def test_a_record_is_proved_without_showing_other_events(made: Made) -> None:
    report = check_export(made.record, Own(witnesses=[made.witness]))
    assert report.faults == []
    assert report.kind == "record"
    shown = (made.record / package.PROOF).read_text()
    assert record_id(3) in shown
    assert record_id(4) not in shown
    # The head of 4 is timestamped; growth to the newest one is proved.
    assert sorted(report.stamps) == [4]
    assert sorted(report.heads) == [4, 13]


def flip_somewhere(folder: Path, seed: int) -> str:
    """Flip a bit of a file; each file is as likely as another."""
    draw = random.Random(seed)
    path = draw.choice(sorted(path for path in folder.rglob("*") if path.is_file()))
    data = bytearray(path.read_bytes())
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    path.write_bytes(data)
    return path.relative_to(folder).as_posix()


def find_flips(folder: Path, scratch: Path, seeds: range) -> None:
    for seed in seeds:
        copy = scratch / str(seed)
        shutil.copytree(folder, copy)
        name = flip_somewhere(copy, seed)
        found = {identifier for _, identifier in named(check_export(copy, Own()))}
        assert found & {name, Path(name).name}, (seed, name, found)
        shutil.rmtree(copy)


@pytest.mark.parametrize("kind", ["log", "record"])
def test_any_flipped_bit_of_an_export_is_found_in_its_file(
    made: Made, tmp_path: Path, kind: str
) -> None:
    find_flips(getattr(made, kind), tmp_path, range(20))


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["log", "record"])
def test_any_of_many_flipped_bits_is_found(made: Made, tmp_path: Path, kind: str) -> None:
    find_flips(getattr(made, kind), tmp_path, range(20, 1500))


Lines = list[bytes]
CHANGES: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "deleted": (lambda lines: lines[:5] + lines[6:], "6"),
    "swapped": (lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]], "6"),
    "doubled": (lambda lines: [*lines[:6], lines[5], *lines[6:]], "7"),
    "cut": (lambda lines: lines[:10], "11-13"),
    "changed": (
        lambda lines: [*lines[:2], lines[2].replace(b'"desk"', b'"khac"'), *lines[3:]],
        "3",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_event_that_was_changed_is_named(made: Made, tmp_path: Path, change: str) -> None:
    copy = shutil.copytree(made.log, tmp_path / "log")
    act, name = CHANGES[change]
    events = copy / package.EVENTS
    events.write_bytes(b"".join(act(events.read_bytes().splitlines(keepends=True))))
    assert ("event", name) in named(check_export(copy, Own()))


def forge(made: Made, tmp_path: Path, key: PrivateKey) -> Path:
    """Make another log of the same length with the program itself, and export it."""
    with open_archive(tmp_path / "forged") as archive:
        for event in made.archive.events.events():
            actor = "khác" if event.seq == 2 else event.actor
            archive.events.append(
                NewEvent(
                    type=event.type,
                    object=event.object,
                    actor=actor,
                    at=event.at,
                    detail=event.detail,
                )
            )
        ground = Ground(key=key, trust=made.log / package.TRUST, at=AT)
        for name, data in anchors.read_anchors(made.archive).items():
            (archive.anchors / f"{name}.tst").write_bytes(data)
        for name, data in anchors.read_heads(made.archive).items():
            if name in ("4", "9"):
                (archive.heads / f"{name}.json").write_bytes(data)
        export_log(archive, tmp_path / "export", ground)
    return tmp_path / "export"


def test_a_log_that_the_station_itself_rewrote_leaves_its_timestamped_heads(
    made: Made, tmp_path: Path
) -> None:
    assert ("event", "1-4") in named(check_export(forge(made, tmp_path, made.key), Own()))


def test_another_key_shows_against_the_one_that_was_handed_over(made: Made, tmp_path: Path) -> None:
    other = create_key(tmp_path / "other.pem")
    forged = forge(made, tmp_path, other)
    own = Own(key=public_pem(made.key))
    assert ("export", "station.pub") in named(check_export(forged, own))


def test_a_witness_shows_a_log_that_was_rewritten_after_it(made: Made, tmp_path: Path) -> None:
    forged = forge(made, tmp_path, made.key)
    for name in ("4", "9"):
        (forged / package.HEADS / f"{name}.json").unlink()
    found = named(check_export(forged, Own(witnesses=[made.witness])))
    assert ("event", "1-13") in found


def test_timestamps_of_an_authority_that_is_not_trusted_are_named(
    made: Made, tmp_path: Path
) -> None:
    (tmp_path / "trust").mkdir()
    stranger = make_stamper(tmp_path / "tsa")
    shutil.copy(stranger.folder / "root.pem", tmp_path / "trust")
    found = named(check_export(made.log, Own(trust=tmp_path / "trust")))
    assert found == {("anchor", "4.tst"), ("anchor", "9.tst")}


def test_a_file_that_the_archive_never_saw_is_named(made: Made, tmp_path: Path) -> None:
    (tmp_path / "la.pdf").write_bytes(b"%PDF-1.7")
    path = tmp_path / "la.pdf"
    assert named(check_export(made.log, Own(files=[path]))) == {("file", str(path))}


def test_an_export_never_goes_into_a_folder_that_holds_something(
    made: Made, tmp_path: Path
) -> None:
    ground = Ground(key=made.key, trust=tmp_path, at=AT)
    with pytest.raises(TargetNotEmpty):
        export_log(made.archive, made.log, ground)
    with pytest.raises(RecordNotFound):
        export_record(made.archive, "none", tmp_path / "x", ground)


def test_exports_hold_no_personal_data(made: Made) -> None:
    for folder in (made.log, made.record):
        text = b"".join(
            path.read_bytes() for path in folder.rglob("*.json*") if path.is_file()
        ).decode()
        for value in ("TRẦN THỊ THỬ NGHIỆM", "Giấy khai sinh", "quét", "Trang thử nghiệm"):
            assert value not in text


def test_lawful_erasure_leaves_every_proof_whole(made: Made, tmp_path: Path) -> None:
    folder = shutil.copytree(made.archive.root, tmp_path / "archive")
    with open_archive(folder) as archive:
        office = Office(archive=archive)
        office.register(DOSSIER, "2010-05-03")
        office.destroy(record_id(3))
        outside = Outside(key=made.key.public_key())
        assert check_archive(archive, outside).findings == ()
        ground = Ground(key=made.key, trust=made.log / package.TRUST, at=AT)
        export_record(archive, record_id(3), tmp_path / "record", ground)
        export_log(archive, tmp_path / "log", ground)
    assert check_export(tmp_path / "record", Own()).faults == []
    assert check_export(tmp_path / "log", Own(witnesses=[made.witness])).faults == []
    # The witness is of an earlier head than those between which the record's export proves growth.
    older = check_export(tmp_path / "record", Own(witnesses=[made.witness]))
    assert named(older) == {("file", "witness 13")}


def checked(made: Made) -> set[tuple[str, str]]:
    certificates = anchors.load_certificates(made.stamper.folder / "..")
    outside = Outside(
        key=made.key.public_key(),
        certificates=certificates,
        witnesses=[("phieu.txt", read_witness(made.witness.read_text()))],
    )
    return {(item.kind, item.identifier) for item in check_log(made.archive, outside)}


def test_the_archive_s_own_check_reads_timestamps_and_witnesses(made: Made) -> None:
    assert checked(made) == set()


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_byte_of_any_anchor_names_it(made: Made, seed: int) -> None:
    path = random.Random(seed).choice(sorted(made.archive.anchors.iterdir()))
    whole = path.read_bytes()
    flip_a_byte(path, seed)
    assert ("anchor", path.name) in checked(made)
    path.unlink()
    assert any(kind == "anchor" for kind, _ in checked(made))
    path.write_bytes(whole)


def test_a_token_over_something_else_is_not_kept(made: Made) -> None:
    head = made.archive.sign_head(made.key, AT)
    assert head is not None
    token = made.stamper(hashlib.sha256(b"khac").digest())
    with pytest.raises(TimestampRefused):
        anchors.keep_anchor(made.archive, head, token, actor="desk", at=AT)
    assert len(anchors.read_anchors(made.archive)) == 2


def test_a_witness_finds_a_log_that_root_rewrote_with_the_key(tmp_path: Path) -> None:
    key = create_key(tmp_path / "station.pem")
    with open_archive(tmp_path / "archive") as archive:
        link = NewLink(dossier_code=DOSSIER, role=Role.COMPONENT)
        for n in range(1, 5):
            archive.file(make_record(archive, n), link, actor="desk", at=AT)
        head = archive.sign_head(key, AT)
        assert head is not None
        told = read_witness(anchors.make_witness(head, None, public_pem(key), "x"))
        events = archive.events.events()
        tamper(archive, "DELETE FROM event")
        tamper(archive, "UPDATE tree SET size = 0, peaks = x''")
        archive.events.append(*events[1:])
        for path in archive.heads.iterdir():
            path.unlink()
        archive.sign_head(key, AT)
        outside = Outside(key=key.public_key(), witnesses=[("phieu.txt", told)])
        assert check_log(archive, Outside(key=key.public_key())) == ()
        assert [item.identifier for item in check_log(archive, outside)] == ["4-4"]


def test_leaves_are_those_of_the_tree(made: Made) -> None:
    lines = (made.log / package.EVENTS).read_bytes().splitlines()
    assert (made.log / package.LEAVES).read_bytes() == b"".join(map(leaf_hash, lines))
    assert all(canonical_json(json.loads(line)) == line for line in lines)
