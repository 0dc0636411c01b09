"""The pages beside a working engine: neither waits for the other's end, and the log holds both."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from desk.demo import pki
from tests.desk.forked import Done, Forks
from tests.desk.tiny import HALVES, drop_half
from tests.desk.web.conftest import Web


def read_on(server: TestClient, token: str, paths: list[str], run: Future[Done]) -> list[int]:
    """Ask for pages as long as the engine works; return how each was answered."""
    answered, cookie = [], {"cookie": f"hoso={token}"}
    while not run.done():
        answered += [server.get(path, headers=cookie).status_code for path in paths]
    return answered


@pytest.mark.parametrize(
    ("scans", "readers"), [(1, 2), pytest.param(12, 8, marks=pytest.mark.soak)]
)
def test_pages_and_engine_do_not_stop_each_other(
    web: Web, template: Path, tmp_path: Path, scans: int, readers: int
) -> None:
    archive = web.house.archive
    record = archive.records.newest(1)[0]
    paths = ["/", "/tim?q=a", f"/giay/{record.id}", f"/giay/{record.id}/trang/1.png"]
    tokens = [web.logged_in("officer").cookies["hoso"] for _ in range(readers)]
    before, size = archive.ledger.counts(), archive.events.size()
    for number in range(scans):
        drop_half(web.house.station, HALVES[4], f"{scans}-{number}.jpg")
    with (
        pki.Services(template / "authority"),
        Forks(tmp_path) as forks,
        # One server for all, as queues are of one loop.
        web.browser() as server,
        ThreadPoolExecutor(readers + 1) as pool,
    ):
        station = web.house.station.root
        run = pool.submit(forks.hoso, "run", "--once", "--json", "--station", station)
        reading = [pool.submit(read_on, server, token, paths, run) for token in tokens]
        answered = [status for read in reading for status in read.result()]
    assert run.result().code == 0, run.result().err
    assert set(answered) == {200}
    assert archive.ledger.counts().in_error == before.in_error
    taken = archive.events.size() - size
    # Three of the four pages are an event each, and the engine's own come on top.
    assert taken > 3 * len(answered) // 4
    assert archive.events.verify() == []
