"""What the pages cost beside what they show: CPU a page, bytes, many people at once, memory.

python bench/web.py [--pages N] [--queries N] [--rounds N] [--clients N] [--keep DIR]

A demo station is filed and served by `hoso serve` with two workers; each page is asked in turn, CPU
is that of the workers. Then drawn papers fill the archive, and every search page stands beside the
bare search and highlighting of the same queries, in the same run.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the bench is not installed

from bench.archive import built
from bench.drawn.archive import Asked
from bench.rivals.served import WORKERS, Browser, Served, make_station, served
from desk.search_scope import look_within
from desk.search_views import line_of
from desk.station import open_station
from desk.web.pages import PAGES
from storage.accounts import WebRole
from storage.archive import Archive, open_archive
from storage.found_papers import found_papers
from storage.highlight import highlight
from storage.query import parse_query
from storage.search_values import SearchPage, SearchRequest

_DEMO_RECORDS = 60
# Not pages: pictures and what is taken away; languages and forms have no page of their own.
_NO_PAGES = (".png", ".pdf", ".zip", ".json", ".csv", "ban-goc", "bieu-do.svg")
# Beginnings and names among papers stand apart in `bench/archive.py` too.
_APART = ("prefix", "name on papers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a page cost."""

    milliseconds: float
    """CPU of the workers, a request."""
    bytes: int
    """Of the page, without pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCost:
    """What a kind of search cost: its page, and what the page shows."""

    page: float
    """CPU ms of the workers, a page."""
    bare: float
    """CPU ms of searching and highlighting alone, here."""
    facets: float
    """CPU ms of counting the filters, here."""
    bytes: int
    """The largest page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many people at once were answered."""

    errors: int
    seconds: tuple[float, ...]
    """Of each answer, the shortest first."""
    a_second: float
    """Answers a second, of all."""
    rss: float
    """Megabytes of all processes afterwards, what they share counted in each."""
    pss: float
    """The same, what they share counted once."""


def page_paths(archive: Archive) -> list[tuple[str, WebRole]]:
    """Return the address of every page that can be asked for, with a role that may."""
    record = archive.records.newest(_DEMO_RECORDS)[-1]
    known = {
        "{record}": record.id,
        "{code}": record.links[0].dossier_code,
        "{seq:int}": str(archive.events.size()),
    }
    found = []
    for page in PAGES:
        if page.method != "GET" or page.roles is None or page.path.endswith(_NO_PAGES):
            continue
        path = page.path
        for name, value in known.items():
            path = path.replace(name, value)
        if "{" not in path:
            # Of officers where they may: the crowd is of them.
            found.append((path, max(page.roles)))
    return [*found, ("/chung-minh/noi-tiep?tu=1", WebRole.AUDITOR)]


def measure_pages(site: Served, archive: Archive, rounds: int) -> dict[str, Cost]:
    """Return what each page costs."""
    costs = {}
    for path, role in page_paths(archive):
        browser = site.browser(role)
        if browser.get(path)[0] != 200:
            continue
        # Both workers have drawn it before it is counted.
        _asked(site, browser, [path] * 2 * WORKERS)
        asked = _asked(site, browser, [path] * rounds)
        costs[path] = Cost(milliseconds=asked[0], bytes=asked[1])
    return costs


def _asked(site: Served, browser: Browser, paths: Sequence[str]) -> tuple[float, int]:
    """Ask for pages; return the workers' CPU ms a page, and the bytes of the largest."""
    began = site.server.cpu_seconds()
    answers = [browser.get(path) for path in paths]
    spent = site.server.cpu_seconds() - began
    assert {status for status, _ in answers} == {200}, answers
    return 1000 * spent / len(paths), max(size for _, size in answers)


def measure_searches(
    site: Served, archive: Archive, questions: Sequence[Asked], rounds: int
) -> dict[str, SearchCost]:
    """Return what the page of each kind of query costs beside the bare search."""
    costs = {}
    browser = site.browser(WebRole.OFFICER)
    for asked in questions:
        if asked.name in _APART:
            continue
        kind: Any = asked.kind
        requests = [SearchRequest(query=query, kind=kind) for query in asked.queries]
        paths = [f"/tim?{urlencode({'q': each.query, 'kind': kind})}" for each in requests]
        # The first round reads what neither has read yet, and is counted for neither.
        told = [_searched(site, browser, paths, (archive, requests)) for _ in range(rounds + 1)][1:]
        costs[asked.name] = SearchCost(
            page=mean(cost.page for cost in told),
            bare=mean(cost.bare for cost in told),
            facets=mean(cost.facets for cost in told),
            bytes=max(cost.bytes for cost in told),
        )
    return costs


def _searched(
    site: Served,
    browser: Browser,
    paths: Sequence[str],
    alone: tuple[Archive, Sequence[SearchRequest]],
) -> SearchCost:
    """Ask for a round of pages and for what they show, in turn: machines change their speed."""
    archive, requests = alone
    page, size = _asked(site, browser, paths)
    bare = _spent(lambda request: search_alone(archive, request), requests)
    is_of_papers = requests[0].kind == "papers"
    facets = _spent_counting(archive, requests) if is_of_papers else 0.0
    return SearchCost(page=page, bare=bare, facets=facets, bytes=size)


def search_alone(archive: Archive, request: SearchRequest) -> None:
    """Search, and highlight the lines that a page would show."""
    found = archive.search.search(request).records
    papers = found_papers(
        archive.db, {one.record_id: {hit.page for hit in one.hits} for one in found}
    )
    query = parse_query(request.query)
    for one in found:
        for hit in one.hits:
            highlight(line_of(papers.whole[one.record_id].pages[hit.page], hit), query)


def count_alone(archive: Archive, request: SearchRequest, found: SearchPage) -> None:
    """Count by what an answer could be narrowed, as the page does."""
    archive.facets.count(look_within(found, request, (), archive).newest)


def _spent_counting(archive: Archive, requests: Sequence[SearchRequest]) -> float:
    """Return what counting takes: of what the search found, which is no part of it."""
    found = {request: archive.search.search(request) for request in requests}
    return _spent(lambda request: count_alone(archive, request, found[request]), requests)


def _spent(act: Callable[[SearchRequest], None], requests: Sequence[SearchRequest]) -> float:
    began = time.thread_time()
    for request in requests:
        act(request)
    return 1000 * (time.thread_time() - began) / len(requests)


def crowd_paths(archive: Archive, questions: Sequence[Asked]) -> list[str]:
    """Return what officers ask for: each page, and as many searches."""
    pages = [path for path, role in page_paths(archive) if role is WebRole.OFFICER]
    queries = [asked.queries[0] for asked in questions if asked.name not in _APART]
    return [*pages, *(f"/tim?{urlencode({'q': query})}" for query in queries)]


def measure_crowd(site: Served, paths: Sequence[str], clients: int, rounds: int) -> Crowd:
    """Ask from many browsers at once."""
    ready = threading.Barrier(clients)

    def go_round(number: int) -> list[tuple[int, float]]:
        browser, told = site.browser(WebRole.OFFICER), []
        ready.wait()
        for place in range(rounds):
            began = time.monotonic()
            status, _ = browser.get(paths[(number + place) % len(paths)])
            told.append((status, time.monotonic() - began))
        return told

    began = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        told = [one for each in pool.map(go_round, range(clients)) for one in each]
    lasted = time.monotonic() - began
    rss, pss = site.server.memory()
    return Crowd(
        errors=sum(status != 200 for status, _ in told),
        seconds=tuple(sorted(seconds for _, seconds in told)),
        a_second=len(told) / lasted,
        rss=rss,
        pss=pss,
    )


def print_pages(title: str, costs: dict[str, Cost]) -> None:
    """Print a line for each page."""
    print(f"\n{title:<60}{'CPU ms':>10}{'kB':>8}")
    for path, cost in costs.items():
        print(f"{path:<60}{cost.milliseconds:>10.1f}{cost.bytes / 1000:>8.1f}")


def print_searches(costs: dict[str, SearchCost]) -> None:
    """Print a line for each kind of query."""
    heads = ("page", "bare", "times", "facets", "kB")
    print(f"\n{'search pages, CPU ms':<36}" + "".join(f"{head:>10}" for head in heads))
    for name, cost in costs.items():
        times = cost.page / cost.bare
        cells = (cost.page, cost.bare, times, cost.facets, cost.bytes / 1000)
        print(f"{name:<36}" + "".join(f"{cell:>10.2f}" for cell in cells))


def print_crowd(clients: int, crowd: Crowd) -> None:
    """Print how many at once were answered."""
    middle, late = (crowd.seconds[int(len(crowd.seconds) * part)] for part in (0.5, 0.99))
    print(f"\n{clients} people at once: {len(crowd.seconds)} answers, {crowd.errors} errors, "
          f"{crowd.a_second:.0f} a second, p50 {middle:.2f} s, p99 {late:.2f} s")  # fmt: skip
    print(f"memory of all processes: {crowd.rss:.0f} MB; shared pages once: {crowd.pss:.0f} MB")


def measure(folder: Path, wanted: argparse.Namespace) -> str:
    """Build, serve, ask; print the tables and return the last line."""
    root = folder / "station"
    is_new = not root.exists()
    station = make_station(root, wanted.port) if is_new else open_station(root)
    with open_archive(station.archive) as archive:
        if is_new:
            with served(station, wanted.port) as site:
                demo = measure_pages(site, archive, wanted.rounds)
            print_pages("pages of the demo", demo)
        questions = built(folder, archive, wanted).questions
        # What was drawn or measured is no part of a search: no collection walks over it in one.
        gc.collect()
        gc.freeze()
        with served(station, wanted.port) as site:
            filled = measure_pages(site, archive, wanted.rounds)
            print_pages(f"pages, {archive.records.count()} records", filled)
            searches = measure_searches(site, archive, questions, wanted.rounds)
            print_searches(searches)
            paths = crowd_paths(archive, questions)
            crowd = measure_crowd(site, paths, wanted.clients, wanted.rounds)
    print_crowd(wanted.clients, crowd)
    return last_line(demo if is_new else filled, searches, crowd)


def last_line(pages: dict[str, Cost], searches: dict[str, SearchCost], crowd: Crowd) -> str:
    """Return the numbers that limits hold for."""
    page = sum(cost.page for cost in searches.values())
    bare = sum(cost.bare for cost in searches.values())
    facets = sum(cost.facets for cost in searches.values())
    worst = max(cost.milliseconds for path, cost in pages.items() if not path.startswith("/tim"))
    sizes = [cost.bytes for cost in pages.values()] + [cost.bytes for cost in searches.values()]
    return (
        f"search_ratio={page / bare:.2f} search_ratio_with_filters={page / (bare + facets):.2f} "
        f"worst_page_ms={worst:.1f} largest_page_kb={max(sizes) / 1000:.0f} "
        f"crowd_errors={crowd.errors} memory_mb={crowd.rss:.0f} "
        f"memory_shared_once_mb={crowd.pss:.0f}"
    )


def main() -> None:
    """Print the tables and the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000, help="pages of drawn papers")
    parser.add_argument("--queries", type=int, default=20, help="queries of each kind")
    parser.add_argument("--rounds", type=int, default=20, help="times a page is asked for")
    parser.add_argument("--clients", type=int, default=32, help="people at once")
    parser.add_argument("--port", type=int, default=8399, help="port of this machine")
    parser.add_argument("--keep", type=Path, help="keep the station in this folder")
    wanted = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream
    with tempfile.TemporaryDirectory(prefix="hoso-bench-") as temporary:
        print(measure(wanted.keep or Path(temporary), wanted))


if __name__ == "__main__":
    main()
