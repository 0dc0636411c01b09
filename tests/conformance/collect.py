"""Name every PDF that a demo station made, before and after signing, for the referee.

    python collect.py STATION LIST

Appends to LIST one line a file: set, expectation, name, path (see Judge.java). What is not there
is an error, so that an empty tray never looks like a clean one.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

# A submission that came signed has no rendition of ours: it is filed as it came.
_PAPERS = """
    SELECT submission.name AS name, signed.body AS signed, rendered.body AS rendered,
        personal.body AS personal
    FROM outcome AS signed
    JOIN submission ON submission.id = signed.submission_id
    LEFT JOIN outcome AS rendered ON rendered.submission_id = signed.submission_id
        AND rendered.paper = signed.paper AND rendered.stage = 'render'
    LEFT JOIN outcome AS personal ON personal.submission_id = signed.submission_id
        AND personal.paper = signed.paper AND personal.stage = 'personal'
    WHERE signed.stage = 'sign'
    ORDER BY submission.folder, submission.name, signed.paper
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper of the station's ledger."""

    name: str
    """Name of the scan as it was dropped."""
    signed_sha256: str
    """Digest of the PDF as it is filed."""
    unsigned_sha256: str | None
    """Digest of our PDF/A before signing; None for an arrival that was signed already."""
    personal_sha256: str | None
    """Digest of the PDF between its two signatures; None where it has one."""


def read_papers(station: Path) -> list[Paper]:
    """Return the papers that reached a signature or came with one."""
    path = station / "archive" / "records.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as records:
        return [
            Paper(
                name=name,
                signed_sha256=_pdf_of(signed) or "",
                unsigned_sha256=_pdf_of(rendered),
                personal_sha256=_pdf_of(personal),
            )
            for name, signed, rendered, personal in records.execute(_PAPERS)
        ]


def _pdf_of(body: str | None) -> str | None:
    return str(json.loads(body)["pdf"]["sha256"]) if body else None


def list_files(station: Path) -> list[str]:
    """Return the lines of the list: before signing from the archive, after signing from tray 3.

    Raises:
        LookupError: a paper's PDF is missing in the tray, or the tray holds one of no paper.
    """
    papers = read_papers(station)
    done = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path
        for path in sorted((station / "3-da-xong").rglob("*.pdf"))
    }
    strangers = done.keys() ^ {paper.signed_sha256 for paper in papers}
    if not papers or strangers:
        raise LookupError(f"tray 3 and the ledger differ: {len(papers)} papers, {strangers}")
    before = [
        _line("before", "conforms", paper.name, _object(station, paper.unsigned_sha256))
        for paper in papers
        if paper.unsigned_sha256
    ]
    between = [
        _line("before", "conforms", f"{paper.name}, signed once", _object(station, digest))
        for paper in papers
        if (digest := paper.personal_sha256)
    ]
    after = [_after(paper, done[paper.signed_sha256]) for paper in papers]
    return before + between + sorted(after)


def _after(paper: Paper, path: Path) -> str:
    if paper.unsigned_sha256:
        return _line("after", "conforms", path.name, path)
    return _line("foreign", "shown", f"{path.name} ({paper.name})", path)


def _object(station: Path, digest: str) -> Path:
    return station / "archive" / "objects" / "sha256" / digest[:2] / digest[2:4] / digest


def _line(group: str, expected: str, name: str, path: Path) -> str:
    return "\t".join((group, expected, name, str(path)))


if __name__ == "__main__":
    with Path(sys.argv[2]).open("a", encoding="utf-8") as target:
        target.writelines(f"{line}\n" for line in list_files(Path(sys.argv[1])))
