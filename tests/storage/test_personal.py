"""A number says who somebody is, a name does not: what is held on a person, and what may be."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from config.fields import FieldKind, load_field_rules
from config.vocabulary import Role
from storage.archive import Archive
from storage.model import FieldValue, NewLink
from storage.personal import PEOPLE, Held, find_person, others_on, role_of_field
from storage.register import Dossier, ProcedureResult, RegisterBatch
from storage.submissions import NewSubmission, Outcome
from tests.storage.conftest import AT, make_record

NUMBER, CARD, OTHER = "000099000001", "000099001", "000099000002"
NAME = "TRẦN THỊ THỬ NGHIỆM"
DOSSIER = "H26.99-261105-0001"


class Desk:
    """Papers with what is said on them."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.count = 0

    def paper(self, dossier: str = DOSSIER, text: str = "một trang", **fields: str) -> str:
        self.count += 1
        values = tuple(
            FieldValue(name=name, value=value, confidence=1.0) for name, value in fields.items()
        )
        record = make_record(self.archive, self.count, text, fields=values)
        link = NewLink(dossier_code=dossier, role=Role.COMPONENT)
        return self.archive.file(record, link, actor="desk", at=AT).id

    def found(self, number: str = NUMBER, *names: str, said: tuple[str, ...] = ()) -> Held:
        return find_person(self.archive, number, names, said)


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return Desk(archive)


def ids(papers: object) -> list[str]:
    return [paper.record.id for paper in papers]  # type: ignore[attr-defined]  # of papers


def test_every_field_that_names_a_person_has_its_role() -> None:
    kinds = (FieldKind.NAME, FieldKind.PERSONAL_NUMBER)
    names = {rule.name for rule in load_field_rules().rules if rule.kind in kinds}
    assert {name for name in names if role_of_field(name) is None} == set()


def test_papers_of_an_owner_are_own_and_papers_of_others_only_mention(desk: Desk) -> None:
    own = desk.paper(holder=NAME, personal_number=NUMBER)
    wedding = desk.paper(wife=NAME, wife_number=NUMBER, husband="LÊ VĂN KHÁC", husband_number=OTHER)
    agent = desk.paper(holder="LÊ VĂN KHÁC", personal_number=OTHER, agent_number=NUMBER)
    text = desk.paper(text=f"người liên hệ có số {NUMBER}", holder="LÊ VĂN KHÁC")
    desk.paper(holder="NGƯỜI XA LẠ", personal_number=OTHER)
    held = desk.found()
    assert ids(held.own) == [own, wedding]
    assert ids(held.mentioned) == [agent, text]
    assert [paper.roles for paper in held.mentioned] == [("agent",), ()]
    assert held.names == (NAME,)
    assert others_on(held.own[1]) == ("husband",)


def test_a_number_that_stands_beside_finds_the_older_papers(desk: Desk) -> None:
    old = desk.paper(holder=NAME, old_number=CARD)
    card = desk.paper(holder=NAME, personal_number=NUMBER, old_number=CARD)
    held = desk.found()
    assert held.numbers == (NUMBER, CARD)
    assert ids(held.own) == [old, card]


def test_the_husbands_number_is_not_the_wifes(desk: Desk) -> None:
    desk.paper(wife=NAME, wife_number=NUMBER, husband_number=OTHER, old_number="000099009")
    other = desk.paper(holder="LÊ VĂN KHÁC", personal_number=OTHER)
    held = desk.found()
    assert held.numbers == (NUMBER,)
    assert other not in ids(held.own)


def test_a_name_alone_is_possible_and_a_namesake_with_another_number_is_nobodys(desk: Desk) -> None:
    desk.paper(holder=NAME, personal_number=NUMBER)
    unsure = desk.paper(holder="Trần Thị Thử Nghiệm")
    mother = desk.paper(mother=NAME, holder="TRẺ EM THỬ NGHIỆM")
    desk.paper(holder=NAME, personal_number=OTHER)
    held = desk.found()
    assert sorted(ids(held.possible)) == sorted([unsure, mother])
    assert ids(desk.found(said=(unsure,)).own)[-1] == unsure
    assert unsure not in ids(desk.found(said=(unsure,)).possible)


def test_an_official_who_signed_is_no_owner_of_what_was_signed(desk: Desk) -> None:
    desk.paper(holder=NAME, personal_number=NUMBER)
    desk.paper(holder="LÊ VĂN KHÁC", signatory=NAME)
    assert desk.found().possible == ()


def test_register_entries_are_sure_where_an_own_paper_lies_in_them(desk: Desk) -> None:
    desk.paper(holder=NAME, personal_number=NUMBER)
    entry = Dossier(
        code=DOSSIER,
        title="Hồ sơ",
        procedure_code="1.000001",
        agency_code="H26.99",
        applicant="Trần Thị Thử Nghiệm",
    )
    namesake = replace(entry, code="H26.99-261105-0002", title=f"Hồ sơ của {NAME}", applicant="")
    stranger = replace(entry, code="H26.99-261105-0003", applicant="LÊ VĂN KHÁC")
    results = (
        ProcedureResult(dossier_code=DOSSIER, ordinal=1, class_code="GKS", holder=NAME),
        ProcedureResult(dossier_code=DOSSIER, ordinal=2, class_code="GKS", holder="LÊ VĂN KHÁC"),
    )
    desk.archive.register.load(RegisterBatch(dossiers=(entry, namesake, stranger), results=results))
    held = desk.found()
    assert [item.code for item in held.dossiers] == [DOSSIER]
    assert [item.code for item in held.possible_dossiers] == [namesake.code]
    assert [item.ordinal for item in held.results] == [1]


def test_scans_that_are_not_filed_and_every_table_are_told(desk: Desk) -> None:
    ledger = desk.archive.ledger
    desk.paper(holder=NAME, personal_number=NUMBER)
    for name, file in (("a", f"{NAME}.pdf"), ("b", "b.pdf"), ("c", "c.pdf")):
        ledger.claim(
            NewSubmission(id=name, name=file, tray_path=name, size_bytes=1, received_at=AT), "desk"
        )
    ledger.record_outcome(
        Outcome(submission_id="b", paper=1, stage="describe", body={"fields": [NUMBER]})
    )
    held = desk.found()
    assert sorted(held.in_work) == ["a", "b"]
    places = {(place.table, place.column): place.rows for place in held.places}
    assert places == {("field", "value"): 2, ("submission", "name"): 1, ("outcome", "body"): 1}


def test_roles_of_people_are_told_apart_from_facts_of_the_paper() -> None:
    assert (role_of_field("wife_birth_date"), role_of_field("number")) == ("wife", None)
    assert len({name for more in PEOPLE.values() for name in more}) == sum(
        map(len, PEOPLE.values())
    )


def test_an_old_number_of_two_persons_says_of_neither_who_it_is(desk: Desk) -> None:
    own = desk.paper(holder=NAME, personal_number=NUMBER, old_number=CARD)
    other = desk.paper(holder="LÊ VĂN KHÁC", personal_number=OTHER, old_number=CARD)
    old = desk.paper(holder=NAME, old_number=CARD)
    asked = desk.found(CARD)
    assert asked.own == ()
    assert ids(asked.possible) == [own, other, old]
    assert ids(desk.found(CARD, said=(own,)).own) == [own]
    # The number of a person leaves the other's paper out, and offers it to nobody but the officer.
    held = desk.found()
    assert ids(held.own) == [own, old]
    assert ids(held.possible) == [other]


def test_from_an_old_number_by_the_new_one_to_a_passport(desk: Desk) -> None:
    papers = [
        desk.paper(holder=NAME, personal_number=NUMBER, old_number=CARD),
        desk.paper(holder=NAME, personal_number=NUMBER, passport_number="C0000001"),
        desk.paper(holder=NAME, passport_number="C0000001"),
    ]
    held = desk.found(CARD)
    assert held.numbers == (CARD, NUMBER, "C0000001")
    assert ids(held.own) == papers


def test_a_decomposed_name_in_any_letters_is_that_name(desk: Desk) -> None:
    desk.paper(holder="TRẦN THỊ KHÁC", personal_number=NUMBER)
    child = desk.paper(mother="Trần Thị Thử Nghiệm", holder="TRẺ EM THỬ NGHIỆM")
    held = desk.found(NUMBER, unicodedata.normalize("NFD", NAME))
    assert ids(held.possible) == [child]
    assert NAME in held.names


def test_register_entries_that_name_the_person_leave_others_out(desk: Desk) -> None:
    other = "LÊ VĂN KHÁC"
    desk.paper(wife=NAME, wife_number=NUMBER, husband=other, husband_number=OTHER)
    entry = Dossier(
        code=DOSSIER,
        title=f"Đăng ký kết hôn: {other} và {NAME}",
        procedure_code="1.000001",
        agency_code="H26.99",
        applicant=other,
    )
    # Longer by two letters, it is another's name.
    longer = replace(entry, code="H26.99-261105-0009", title="Hồ sơ", applicant=f"{NAME}AN")
    results = tuple(
        ProcedureResult(dossier_code=DOSSIER, ordinal=n, class_code="GKS", holder=who, title=title)
        for n, (who, title) in enumerate([(NAME, "Bản sao"), (other, f"Giấy của {NAME}")], start=1)
    )
    desk.archive.register.load(RegisterBatch(dossiers=(entry, longer), results=results))
    held = desk.found()
    assert [(item.title, item.applicant) for item in held.dossiers] == [(DOSSIER, "")]
    assert [(item.holder, item.title) for item in held.results] == [
        (NAME, "Bản sao"),
        ("", f"Giấy của {NAME}"),
    ]
    assert held.possible_dossiers == ()
