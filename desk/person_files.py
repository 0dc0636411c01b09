"""Hand a person's export out: papers, pages and data in one folder that appears whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from desk.departures import whole_folder
from desk.person_pages import officer_text, person_statement
from desk.personal_data import (
    FOR_OFFICER,
    FOR_PERSON,
    Exported,
    Wanted,
    export_person,
    officer_json,
    person_json,
)
from desk.room import telling_full_disk
from desk.statement_page import render_page
from desk.station import Station
from storage.archive import Archive
from storage.safe_files import write_whole

_PRIVATE = 0o600


def hand_out(station: Station, archive: Archive, wanted: Wanted, target: Path) -> Exported:
    """Write everything held on a person into a new or empty folder; that is an event.

    Raises:
        UnknownCode: the number cannot be one.
        RecordNotFound: a record that an officer names is not there.
        TargetNotEmpty, PathUnusable: the folder cannot be filled.
        DiskFull: there is no room.
    """
    with whole_folder(target) as folder:
        exported = export_person(station, archive, wanted, folder)
        _write_pages(exported)
    return replace(exported, folder=target)


def _write_pages(exported: Exported) -> None:
    """Write what the person reads and what only the officer may, beside the PDFs."""
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
