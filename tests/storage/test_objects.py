from __future__ import annotations

import errno
import hashlib
import itertools
import os
import random
import shutil
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from storage import object_folders, objects
from storage.errors import DiskFull, ObjectDamaged, ObjectMissing
from storage.objects import ObjectStore


class FullDisk:
    """A disk that has no room when the file is to be made safe."""

    def __call__(self, descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


class CrashingDisk:
    """A machine that stops between the written file and its name."""

    def __call__(self, target: Path) -> Path:
        raise KeyboardInterrupt


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    (tmp_path / "objects").mkdir()
    (tmp_path / "staging").mkdir()
    return ObjectStore(tmp_path / "objects", tmp_path / "staging")


def leftovers(store: ObjectStore) -> list[Path]:
    return list(store.staging.iterdir())


def flip_a_byte(path: Path, seed: int = 1) -> None:
    data = bytearray(path.read_bytes())
    data[random.Random(seed).randrange(len(data))] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


def test_what_is_stored_is_read_back_under_its_digests(store: ObjectStore, tmp_path: Path) -> None:
    data = bytes(range(256)) * 8200  # over two chunks
    source = tmp_path / "scan.tif"
    source.write_bytes(data)
    stored = store.add(source)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert stored.sha512 == hashlib.sha512(data).hexdigest()
    assert stored.size_bytes == len(data)
    assert store.read(stored.sha256) == data
    assert source.read_bytes() == data
    assert leftovers(store) == []


def test_an_object_lies_two_folders_deep_and_cannot_be_written(store: ObjectStore) -> None:
    sha256 = store.add_bytes(b"x").sha256
    path = store.path(sha256)
    assert path.relative_to(store.root).as_posix() == (
        f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_the_same_bytes_are_stored_once(store: ObjectStore) -> None:
    first = store.add_bytes(b"x")
    inode = store.path(first.sha256).stat().st_ino
    assert store.add_bytes(b"x") == first
    assert store.path(first.sha256).stat().st_ino == inode
    assert list(store) == [first.sha256]


def test_threads_that_store_the_same_bytes_agree(store: ObjectStore) -> None:
    data = b"x" * 100_000
    threads = [threading.Thread(target=store.add_bytes, args=(data,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(store) == [hashlib.sha256(data).hexdigest()]
    assert leftovers(store) == []


@pytest.mark.parametrize("seed", range(5))
def test_any_flipped_byte_is_found_by_every_way_out(
    store: ObjectStore, tmp_path: Path, seed: int
) -> None:
    sha256 = store.add_bytes(bytes(range(200))).sha256
    target = tmp_path / "out.pdf"
    target.write_bytes(b"what was there before")
    flip_a_byte(store.path(sha256), seed)
    assert store.verify(sha256) is False
    with pytest.raises(ObjectDamaged, match=sha256):
        store.read(sha256)
    with pytest.raises(ObjectDamaged, match=sha256):
        store.copy_to(sha256, target)
    assert target.read_bytes() == b"what was there before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["objects", "out.pdf", "staging"]
    with pytest.raises(ObjectDamaged, match=sha256):
        store.add_bytes(bytes(range(200)))
    assert leftovers(store) == []


def test_a_copy_is_whole_readable_and_writable_by_its_owner(
    store: ObjectStore, tmp_path: Path
) -> None:
    sha256 = store.add_bytes(b"signed").sha256
    store.copy_to(sha256, tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_bytes() == b"signed"
    assert stat.S_IMODE((tmp_path / "out.pdf").stat().st_mode) == 0o644


def test_a_full_disk_is_named_and_leaves_nothing(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", FullDisk())
    with pytest.raises(DiskFull, match="staging"):
        store.add_bytes(b"x")
    assert list(store) == []
    assert leftovers(store) == []


Synced = list[tuple[Path, set[str]]]
"""Folders that were brought to the disk, each with the names in it then."""


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Synced:
    told: Synced = []

    def note(named: str) -> None:
        folder = Path(named)
        told.append((folder, {path.name for path in folder.iterdir()}))

    monkeypatch.setattr(object_folders, "sync_folder", note)
    return told


def above(path: Path) -> Synced:
    """The folders above an object up to the root, each with what lies in it on the way."""
    levels = [path, *path.parents[:4]]
    return [(folder, {name.name}) for name, folder in itertools.pairwise(levels)]


def test_file_and_folders_are_on_the_disk_when_it_returns(
    store: ObjectStore, synced: Synced
) -> None:
    # New; there already, where the folders are known to be safe; put back where it was lost.
    path = store.path(store.add_bytes(b"scan").sha256)
    assert synced == above(path)
    store.add_bytes(b"scan")
    assert synced == [*above(path), *above(path)[:1]]
    shutil.copyfile(path, store.staging / "copy")
    shutil.rmtree(store.root / "sha256")
    store.put_back(path.name, store.staging / "copy")
    assert synced == [*above(path), *above(path)[:1], *above(path)]


@pytest.mark.parametrize("left", ["object", "folder", "folder above", "top"])
def test_what_another_process_made_is_brought_to_the_disk_by_whoever_finds_it(
    store: ObjectStore, synced: Synced, left: str
) -> None:
    """It may have been killed, or be slow, between the folder and the disk."""
    path = store.path(ObjectStore(store.root, store.staging).add_bytes(b"scan").sha256)
    if left != "object":
        path.unlink()
        for folder in path.parents[: ("folder", "folder above", "top").index(left)]:
            folder.rmdir()
    synced.clear()
    store.add_bytes(b"scan")
    assert synced == above(path)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_folder_that_was_safe_and_is_gone_is_made_and_brought_to_the_disk_again(
    store: ObjectStore, synced: Synced, depth: int
) -> None:
    path = store.path(store.add_bytes(b"scan").sha256)
    gone = path.parents[depth - 1]
    shutil.rmtree(gone)
    synced.clear()
    store.add_bytes(b"scan")
    assert synced[0] == (path.parent, {path.name})
    # Each name that had to be made anew is on the disk.
    assert set(itertools.takewhile(lambda folder: folder != gone.parent, path.parents)) <= {
        folder for folder, _ in synced
    }
    assert gone.parent in {folder for folder, _ in synced}


def test_each_folder_is_brought_to_the_disk_once(store: ObjectStore, synced: Synced) -> None:
    places = [store.path(store.add_bytes(number.to_bytes(2)).sha256) for number in range(40)]
    folders = [folder for folder, _ in synced]
    for depth in range(3):
        of_depth = {place.parents[depth] for place in places}
        assert of_depth <= set(folders)
    tops = len({place.parents[1] for place in places})
    assert folders.count(store.root) == folders.count(store.root / "sha256") == tops
    synced.clear()
    for number in range(40):
        store.add_bytes(number.to_bytes(2))
    assert [folder for folder, _ in synced] == [place.parent for place in places]


def fill_a_part(store: ObjectStore, count: int) -> Path:
    """Store objects until a part of the store has so many folders; return that part."""
    for number in itertools.count():
        part = store.path(store.add_bytes(number.to_bytes(4)).sha256).parents[1]
        if len(list(part.iterdir())) >= count:
            return part
    raise AssertionError


def test_a_part_with_many_folders_gets_all_of_them_at_once_and_waits_for_none_again(
    store: ObjectStore, synced: Synced
) -> None:
    part = fill_a_part(store, 16)
    names = {f"{number:02x}" for number in range(256)}
    assert {folder.name for folder in part.iterdir()} == names
    # All of their names were brought to the disk with the one that was needed.
    assert synced[-1] == (part, names)
    stored = len(list(store))
    synced.clear()
    numbers = itertools.count(10**6)
    data = (number.to_bytes(4) for number in numbers)
    later = [each for each in itertools.islice(data, 3_000) if lies_in(each, part)]
    assert later
    for each in later:
        store.add_bytes(each)
    assert {folder.parent for folder, _ in synced} == {part}
    assert len(list(store)) == stored + len(later)


def lies_in(data: bytes, part: Path) -> bool:
    return hashlib.sha256(data).hexdigest()[:2] == part.name


def test_folders_that_nobody_needs_yet_are_missed_where_there_is_no_room(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = os.mkdir

    def refusing(path: Path | str, *args: Any, **kwargs: Any) -> None:
        folder = Path(path)
        is_deep = folder.parents[1].name == "sha256" and folder.parent.exists()
        if is_deep and len(list(folder.parent.iterdir())) == 16 and not folder.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        make(folder, *args, **kwargs)

    monkeypatch.setattr(os, "mkdir", refusing)
    part = fill_a_part(store, 16)
    assert len(list(part.iterdir())) == 16


@pytest.mark.parametrize("size", [0, 1, 200_000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_whatever_its_size_an_object_is_on_the_disk_whole_before_it_has_its_name(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    data = random.Random(size).randbytes(size)
    (tmp_path / "scan.tif").write_bytes(data)
    steps: list[object] = []
    sync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append(os.fstat(descriptor).st_size)
        sync(descriptor)

    def named(path: Path, target: str) -> Path:
        steps.append("name")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", named)
    for stored in (store.add(tmp_path / "scan.tif"), store.add_bytes(data)):
        assert stored.sha256 == hashlib.sha256(data).hexdigest()
        assert stored.sha512 == hashlib.sha512(data).hexdigest()
        assert stored.size_bytes == size
    assert steps[:2] == [size, "name"]
    assert steps.count("name") == 1
    assert store.read(stored.sha256) == data
    assert store.measure(stored.sha256) == stored


def test_a_disk_that_is_full_for_the_folder_is_named(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = os.mkdir

    def refusing(path: Path | str, *args: Any, **kwargs: Any) -> None:
        folder = Path(path)
        if folder.is_relative_to(store.root):
            raise OSError(errno.ENOSPC, "No space left on device")
        make(folder, *args, **kwargs)

    monkeypatch.setattr(os, "mkdir", refusing)
    for data in (b"little", b"x" * 200_000, b"x" * (2 << 20)):
        with pytest.raises(DiskFull, match="staging"):
            store.add_bytes(data)
    assert leftovers(store) == []


def test_other_trouble_of_the_disk_keeps_its_own_name(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.add(tmp_path / "missing.tif")
    with pytest.raises(IsADirectoryError):
        store.add(tmp_path)


def test_a_crash_before_the_rename_leaves_no_object(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "replace", CrashingDisk())
    with pytest.raises(KeyboardInterrupt):
        store.add_bytes(b"x")
    monkeypatch.undo()
    assert list(store) == []
    assert store.verify(store.add_bytes(b"x").sha256)


@pytest.mark.parametrize(
    "name", ["0" * 64, "", "../../../etc/passwd", "A" * 64, "0" * 63 + "/", "0" * 64 + "\n"]
)
def test_what_is_no_digest_of_ours_is_missing(store: ObjectStore, name: str) -> None:
    for way in (store.path, store.read, store.verify):
        with pytest.raises(ObjectMissing):
            way(name)


def test_what_a_killed_sweep_had_taken_away_comes_back(store: ObjectStore) -> None:
    kept = store.add_bytes(b"named meanwhile").sha256
    place = store.path(kept)
    place.rename(store.staging / f"sweep.{kept}")
    store.recover_swept()
    assert store.read(kept) == b"named meanwhile"
    assert leftovers(store) == []


def test_what_is_being_written_is_told_from_what_a_crash_left(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine that starts clears staging, where a session may just hand a signed file over."""
    told = []
    replace = Path.replace

    def noted(path: Path, target: str) -> Path:
        told.append(objects.is_being_written(path))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", noted)
    store.add_bytes(b"on its way")
    assert told == [True]
    left = store.staging / "object.x.tmp"
    left.write_bytes(b"half")
    assert not objects.is_being_written(left)
