"""Write the files of a person's export, beside the PDFs that are there already."""

from __future__ import annotations

import json
from pathlib import Path

from desk.person_pages import officer_text, person_statement
from desk.personal_data import (
    FOR_OFFICER,
    FOR_PERSON,
    Exported,
    officer_json,
    person_json,
)
from desk.room import telling_full_disk
from desk.statement_page import render_page
from storage.safe_files import write_whole

_PRIVATE = 0o600


def write_pages(exported: Exported) -> None:
    """Write what the person reads and what only the officer may.

    Raises:
        DiskFull: there is no room.
    """
    files = {
        f"{FOR_PERSON}/DOC-TRUOC.html": render_page(person_statement(exported)),
        f"{FOR_PERSON}/du-lieu.json": _json(person_json(exported)),
        f"{FOR_OFFICER}/BIEN-BAN.txt": officer_text(exported),
        f"{FOR_OFFICER}/can-xem.json": _json(officer_json(exported)),
    }
    with telling_full_disk():
        for name, text in files.items():
            path = exported.folder / name
            write_whole(path, text.encode())
            path.chmod(_PRIVATE)
    _close(exported.folder / FOR_PERSON)


def _close(folder: Path) -> None:
    for path in folder.rglob("*.pdf"):
        path.chmod(_PRIVATE)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
