"""Files that are there whole: one that two make at once is the first one's for both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from storage.safe_files import keep_first


def test_what_many_make_at_once_is_the_first_ones_whole(tmp_path: Path) -> None:
    path, together = tmp_path / "key.pem", Barrier(8)

    def make(number: int) -> str:
        made = tmp_path / f".{number}.tmp"
        made.write_text(f"{number}" * 100_000)
        together.wait(30)
        keep_first(made, path)
        return path.read_text()

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(make, range(8)))
    assert len(seen) == 1
    assert len(seen.pop()) == 100_000
    assert list(tmp_path.iterdir()) == [path]
