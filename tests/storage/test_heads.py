from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage.archive import Archive
from storage.errors import DamagedLog, StationKeyUnusable
from storage.heads import (
    create_key,
    head_paths,
    load_key,
    load_public_key,
    newest_heads,
    read_head,
    sign_head,
    verify_head,
)
from storage.merkle import Head
from tests.storage.conftest import AT
from tests.storage.test_events import fill

HEAD = Head(size=3, root_hash=bytes(range(32)))


def test_a_key_is_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "station.key"
    key = create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    head = sign_head(HEAD, load_key(path), AT)
    assert verify_head(head, key.public_key())
    assert verify_head(head, load_public_key(tmp_path / "station.pub"))


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "station.key"
    create_key(path)
    before = path.read_bytes()
    with pytest.raises(StationKeyUnusable, match="không bị ghi đè"):
        create_key(path)
    assert path.read_bytes() == before


def test_a_missing_broken_or_foreign_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("-----BEGIN PRIVATE KEY-----\nx")
    create_key(tmp_path / "station.key")
    for name in ("missing", "broken", "station.pub"):
        with pytest.raises(StationKeyUnusable, match=name):
            load_key(tmp_path / name)
    for name in ("missing", "broken", "station.key"):
        with pytest.raises(StationKeyUnusable, match=name):
            load_public_key(tmp_path / name)


def test_no_part_of_a_head_can_be_changed(tmp_path: Path) -> None:
    key = create_key(tmp_path / "station.key")
    head = sign_head(HEAD, key, AT)
    changed = [
        replace(head, size=4),
        replace(head, root="00" * 32),
        replace(head, at=AT + timedelta(seconds=1)),
        # The last byte of such a signature is small: a fixed ending would equal it now and then.
        replace(head, signature=("B" if head.signature[0] == "A" else "A") + head.signature[1:]),
        replace(head, signature="không"),
    ]
    other = create_key(tmp_path / "other.key").public_key()
    assert verify_head(head, key.public_key())
    assert not any(verify_head(entry, key.public_key()) for entry in changed)
    assert not verify_head(head, other)


def test_the_archive_signs_its_log_once_for_each_size(archive: Archive, tmp_path: Path) -> None:
    key = create_key(tmp_path / "station.key")
    assert archive.sign_head(key, AT) is None
    assert head_paths(archive.heads) == []
    fill(archive, 3)
    first = archive.sign_head(key, AT)
    assert first is not None
    assert archive.sign_head(key, AT + timedelta(hours=1)) == first
    fill(archive, 9)
    assert archive.sign_head(key, AT) == read_head(head_paths(archive.heads)[-1])
    assert [path.name for path in head_paths(archive.heads)] == ["3.json", "12.json"]
    assert sorted(path.name for path in archive.heads.iterdir()) == ["12.json", "3.json"]
    body = json.loads((archive.heads / "3.json").read_text())
    assert body["root"] == first.root
    assert read_head(archive.heads / "3.json") == first


@pytest.mark.parametrize("few", [1000, 3])
def test_the_newest_heads_are_found_near_and_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("storage.heads._FEW", few)
    for other in ("9995.json.tmp", "x.json", "٣.json"):
        (tmp_path / other).touch()
    for size in (3, 40, 41, 2500, 9000, 9900, 9990):
        (tmp_path / f"{size}.json").touch()

    def sizes(events: int, most: int) -> list[int]:
        return [int(path.stem) for path in newest_heads(tmp_path, events, most)]

    assert sizes(10_000, 2) == [9990, 9900]
    assert sizes(10_000, 5) == [9990, 9900, 9000, 2500, 41]
    assert sizes(10_000, 50) == [9990, 9900, 9000, 2500, 41, 40, 3]
    # Of very many those far above are not seen: the check of the log names them.
    assert sizes(41, 2) == ([41, 40] if few == 3 else [9990, 9900])


def test_of_very_many_heads_those_near_the_end_are_found_without_a_list_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in range(1, 100, 9):
        (tmp_path / f"{size}.json").touch()
    monkeypatch.setattr("storage.heads._FEW", 10)
    monkeypatch.setattr("storage.heads.head_paths", lambda folder: pytest.fail(f"listed {folder}"))
    assert [path.stem for path in newest_heads(tmp_path, 105, 3)] == ["91", "82", "73"]


def test_a_head_of_more_events_than_the_log_has_is_among_the_newest(tmp_path: Path) -> None:
    for size in (5, 70, 80):
        (tmp_path / f"{size}.json").touch()
    assert [path.stem for path in newest_heads(tmp_path, 60, 2)] == ["80", "70"]
    assert newest_heads(tmp_path / "gone", 60, 2) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"size": "x"}', "\x00"])
def test_a_broken_head_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "7.json").write_text(text)
    with pytest.raises(DamagedLog, match=r"7\.json"):
        read_head(head_paths(tmp_path)[-1])
