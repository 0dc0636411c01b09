"""Index texts and ask queries with another engine; print CPU milliseconds as JSON.

Run by `bench/rivals/full_text.py` with the Python of `bench/.search`, which has none of ours.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

ORDERS = ("newest", "relevance")
SHOWN = 20
POSTGRES_BIN = Path("/usr/lib/postgresql")
Ask = Callable[[dict[str, Any], str], None]


def texts(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the texts, a dictionary each."""
    with (folder / "texts.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def measure(folder: Path, ask: Ask, clock: Callable[[], float]) -> dict[str, Any]:
    """Ask every query in either order; return CPU milliseconds by kind and order."""
    asked = json.loads((folder / "queries.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = {}
    for name, queries in asked.items():
        found[name] = {order: [] for order in ORDERS}
        for order in ORDERS:
            for query in (query for query in queries if query["terms"]):
                began = clock()
                ask(query, order)
                found[name][order].append((clock() - began) * 1000)
    return found


def run_tantivy(folder: Path) -> dict[str, Any]:
    """Index and ask with tantivy; CPU of this process, whose searches run in one thread."""
    tantivy: Any = import_module("tantivy")

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("n", stored=True, indexed=True, fast=True)
    for column in ("x", "f"):
        builder.add_text_field(column, stored=False)
    schema = builder.build()
    target = folder / "tantivy"
    target.mkdir()
    index = tantivy.Index(schema, path=str(target))
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for text in texts(folder):
        writer.add_document(tantivy.Document(n=text["n"], x=text["x"], f=text["f"]))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    if not searcher.num_docs:
        raise RuntimeError("nothing is indexed")

    def ask(query: dict[str, Any], order: str) -> None:
        column, parts = query["column"], []
        for words in query["terms"]:
            if len(words) > 1:
                part = tantivy.Query.phrase_query(schema, column, words)
            else:
                part = tantivy.Query.term_query(schema, column, words[0])
            parts.append((tantivy.Occur.Must, part))
        wanted = tantivy.Query.boolean_query(parts)
        by = {"order_by_field": "n"} if order == "newest" else {}
        searcher.search(wanted, limit=SHOWN, count=False, **by)

    return measure(folder, ask, time.process_time)


def run_postgres(folder: Path) -> dict[str, Any]:
    """Index and ask with PostgreSQL's own full-text search; CPU of its serving process."""
    psycopg: Any = import_module("psycopg")

    with server(folder / "postgres") as place, psycopg.connect(place, autocommit=True) as link:
        link.execute("SET jit = off")
        link.execute("SET max_parallel_workers_per_gather = 0")
        link.execute("CREATE TABLE paper (n INT PRIMARY KEY, x TSVECTOR, f TSVECTOR)")
        vector = "to_tsvector('simple', %s)"
        insert = f"INSERT INTO paper VALUES (%s, {vector}, {vector})"  # noqa: S608  # our own words
        with link.transaction(), link.cursor() as cursor:
            for text in texts(folder):
                cursor.execute(insert, (text["n"], text["x"], text["f"]))
        for column in ("x", "f"):
            link.execute(f"CREATE INDEX ON paper USING gin ({column})")
        link.execute("VACUUM ANALYZE paper")
        served = link.execute("SELECT pg_backend_pid()").fetchone()
        schedule = Path(f"/proc/{served[0]}/schedstat")

        def ask(query: dict[str, Any], order: str) -> None:
            column = query["column"]
            wanted = " & ".join(
                "(" + " <-> ".join(f"'{word}'" for word in words) + ")" for words in query["terms"]
            )
            by = "n DESC" if order == "newest" else f"ts_rank({column}, wanted) DESC"
            link.execute(
                f"SELECT n FROM paper, to_tsquery('simple', %s) AS wanted "  # noqa: S608  # our own names
                f"WHERE {column} @@ wanted ORDER BY {by} LIMIT {SHOWN}",
                (wanted,),
            ).fetchall()

        return measure(folder, ask, lambda: int(schedule.read_text().split()[0]) / 1e9)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL of our own on a socket in a folder, as a user that it accepts."""
    programs = max(POSTGRES_BIN.glob("*/bin"))
    folder.mkdir()
    as_user: list[str] = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    name = "postgres" if as_user else pwd.getpwuid(os.getuid()).pw_name
    data = str(folder / "data")
    made = [str(programs / "initdb"), "-D", data, "-E", "UTF8", "--locale=C", "-A", "trust"]
    subprocess.run([*as_user, *made, "-U", name], check=True, capture_output=True, cwd="/")
    options = ["-k", str(folder), "-c", "listen_addresses=", "-c", "shared_buffers=256MB"]
    running = subprocess.Popen(
        [*as_user, str(programs / "postgres"), "-D", data, *options],
        stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    try:
        wait_for(folder / ".s.PGSQL.5432")
        yield f"host={folder} user={name} dbname=postgres"
    finally:
        running.terminate()
        running.wait()


def wait_for(socket: Path) -> None:
    """Wait until a server listens, for a minute at most."""
    until = time.monotonic() + 60
    while not socket.exists():
        if time.monotonic() > until:
            raise TimeoutError(f"no server at {socket}")
        time.sleep(0.1)
    time.sleep(1)


def main() -> None:
    """Print what an engine took."""
    engine, folder = sys.argv[1], Path(sys.argv[2])
    run = {"tantivy": run_tantivy, "PostgreSQL": run_postgres}[engine]
    json.dump(run(folder), sys.stdout)


if __name__ == "__main__":
    main()
