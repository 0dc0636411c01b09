"""Large files: views in place of copies, windows in place of the whole."""

from __future__ import annotations

import io
import mmap
from pathlib import Path

import pytest

from signing import byte_search
from signing.large_files import LargeFile

CONTENT = bytes(range(256)) * 1024


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "lon.pdf"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 200_000, 300_000])
def test_what_is_read_and_where_reading_goes_on_are_as_in_any_file(large: Path, size: int) -> None:
    with LargeFile(large) as file, io.BytesIO(CONTENT) as plain:
        for position in (0, 7, 100_000, 262_000):
            file.seek(position)
            plain.seek(position)
            assert file.read(size) == plain.read(size)
            assert file.tell() == plain.tell()
            assert file.read(3) == plain.read(3)


def test_a_large_piece_is_a_view_that_outlives_the_file(large: Path) -> None:
    with LargeFile(large) as file:
        piece = file.read(100_000)
        assert type(file.read(10)) is bytes
    assert isinstance(piece, memoryview)
    assert bytes(piece) == CONTENT[:100_000]
    assert piece == CONTENT[:100_000]


def test_an_empty_file_reads_as_empty(tmp_path: Path) -> None:
    (tmp_path / "rong").touch()
    with LargeFile(tmp_path / "rong") as file:
        assert file.read() == b""


@pytest.mark.parametrize("shift", range(-11, 2))
def test_marks_and_ranges_across_windows_are_found_once(
    tmp_path: Path, shift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = mmap.ALLOCATIONGRANULARITY
    monkeypatch.setattr(byte_search, "_WINDOW", window)
    content = bytearray(b"." * (3 * window))
    places = [window + shift, 2 * window + shift, 2 * window + shift + 60]
    for place in places:
        content[place : place + 10] = b"/ByteRange"
        content[place + 20 : place + 25] = b"%%EOF"
    path = tmp_path / "cua-so"
    path.write_bytes(content)
    with path.open("rb") as file:
        assert byte_search.count_end_marks(file, 0) == 3
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert byte_search.find_all(mapped, b"/ByteRange") == places
