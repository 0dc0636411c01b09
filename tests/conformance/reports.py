"""Write reports on verdicts of every kind, in both languages, for the referees of PDF/A and XML.

    python reports.py FOLDER LIST

FOLDER gets PDFs and XML; LIST gets the PDFs, in the form of Judge.java's list. Names made to break
a page are among them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from desk.verdict_reports import ReportTarget
from signing.texts import Language
from tests.signing.made_verdicts import EVERY


def write_reports(folder: Path) -> list[str]:
    """Write a report on each verdict; return the lines of the list."""
    lines = []
    for language in Language:
        for number, verdict in enumerate(EVERY):
            for ending in ("pdf", "xml"):
                path = folder / f"report-{number}-{language}.{ending}"
                ReportTarget(path, language).write(verdict, "giấy tờ.pdf")
                if ending == "pdf":
                    lines.append(f"report\tconforms\t{path.name}\t{path}\n")
    return lines


if __name__ == "__main__":
    with Path(sys.argv[2]).open("a", encoding="utf-8") as target:
        target.writelines(write_reports(Path(sys.argv[1])))
