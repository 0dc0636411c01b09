"""A record lies where its dossiers are: by the register, else by the dossier's own code."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.vocabulary import Role
from storage.archive import Archive
from storage.model import NewLink
from storage.register import Dossier, RegisterBatch
from storage.scopes import lies_in
from tests.storage.conftest import NewRecordMaker

REGISTERED, BARE = "H26.99-261105-0001", "H31.07-261105-0002"


@pytest.mark.parametrize(
    ("agencies", "is_in"),
    [
        (("H98.02",), True),
        (("H26.99",), False),
        (("H31.07",), True),
        (("H31",), False),
        (("H31.0%",), False),
        (("H00", "H98.02"), True),
        ((), False),
        (("",), False),
    ],
)
def test_a_record_lies_in_the_agencies_of_its_dossiers(
    archive: Archive,
    new_record: NewRecordMaker,
    at: datetime,
    agencies: tuple[str, ...],
    is_in: bool,
) -> None:
    entry = Dossier(code=REGISTERED, title="", procedure_code="1", agency_code="H98.02")
    archive.register.load(RegisterBatch(dossiers=(entry,)))
    place = NewLink(dossier_code=REGISTERED, role=Role.COMPONENT)
    record = archive.file(new_record(1), place, actor="hoso", at=at)
    archive.link(record.id, NewLink(dossier_code=BARE, role=Role.RESULT), actor="x", at=at)
    assert lies_in(archive.db, record.id, agencies) is is_in
    assert not lies_in(archive.db, record.id.replace("0", "1"), agencies)
