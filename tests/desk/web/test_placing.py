"""Another role and scope for a person: at once, told, and never one's own."""

from __future__ import annotations

import pytest

from config.vocabulary import EventType
from desk.cli.main import main
from storage.accounts import WebRole
from tests.desk.web.addresses import record_of
from tests.desk.web.conftest import Web, proof_in


def test_another_role_and_scope_end_sessions_and_are_an_event(web: Web) -> None:
    web.add("moving", WebRole.OFFICER)
    before, record = web.logged_in("moving"), record_of(web)
    assert before.get(f"/giay/{record.id}").status_code == 200
    administrator = web.logged_in("administrator")
    told = {"proof": proof_in(administrator.get("/").text), "login": "moving"}
    place = {**told, "role": "auditor", "agencies": "H99.01, H99.02"}
    answer = administrator.post("/nguoi-dung/vai-tro", data=place, follow_redirects=False)
    assert answer.status_code == 303
    assert before.get("/", follow_redirects=False).status_code == 303
    after = web.logged_in("moving")
    assert after.get(f"/giay/{record.id}").status_code == 404
    assert after.get("/duyet-ky").status_code == 403
    event = web.house.archive.events.newest_of(EventType.SETTING, "people")
    assert event is not None
    assert (event.actor, event.outcome) == ("administrator (web)", "placed")
    assert dict(event.detail) == {"login": "moving", "place": "auditor H99.01,H99.02"}


def test_nobody_changes_their_own_role_nor_that_of_a_closed_account(web: Web) -> None:
    administrator = web.logged_in("administrator")
    web.add("gone", WebRole.OFFICER)
    gone = web.house.accounts.find("gone")
    assert gone is not None
    web.house.accounts.set_closed(gone.id, web.clock())
    proof = proof_in(administrator.get("/").text)
    for login in ("Administrator", "gone"):
        told = {"proof": proof, "login": login, "role": "auditor"}
        assert administrator.post("/nguoi-dung/vai-tro", data=told).status_code == 409
    assert administrator.get("/he-thong").status_code == 200


def test_the_command_changes_what_it_names_and_ends_sessions(
    web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    web.add("posted", WebRole.OFFICER, "H26.44")
    before = web.logged_in("posted")
    root = str(web.house.station.root)

    def told(*arguments: str) -> tuple[int, str]:
        code = main(["people", "role", *arguments, "--station", root])
        said = capsys.readouterr()
        return code, said.out + said.err

    assert told("posted", "--role", "auditor") == (0, "«posted» nay là auditor, phạm vi: H26.44.\n")
    assert before.get("/", follow_redirects=False).status_code == 303
    event = web.house.archive.events.newest_of(EventType.SETTING, "people")
    assert event is not None
    assert event.outcome == "placed"
    assert not event.actor.endswith("(web)")
    assert dict(event.detail) == {"login": "posted", "place": "auditor H26.44"}
    assert told("posted", "--agency", "H99.01", "--agency", "H99.02")[0] == 0
    person = web.house.accounts.find("posted")
    assert person is not None
    assert (person.role, person.agencies) == (WebRole.AUDITOR, ("H99.01", "H99.02"))
    for wrong in (("posted",), ("nobody", "--role", "officer")):
        code, said = told(*wrong)
        assert (code, bool(said)) == (2, True)


def test_the_command_ends_the_sessions_of_one_and_of_all(web: Web) -> None:
    web.add("lost", WebRole.OFFICER)
    lost, officer, auditor = (web.logged_in(login) for login in ("lost", "officer", "auditor"))
    root = str(web.house.station.root)

    def in_after(*arguments: str) -> list[bool]:
        assert main(["people", "logout", *arguments, "--station", root]) == 0
        browsers = (lost, officer, auditor)
        return [each.get("/", follow_redirects=False).status_code == 200 for each in browsers]

    assert in_after("lost") == [False, True, True]
    event = web.house.archive.events.newest_of(EventType.SETTING, "people")
    assert event is not None
    assert (event.outcome, dict(event.detail)) == ("logged out", {"login": "lost"})
    assert web.logged_in("lost").get("/").status_code == 200
    assert in_after("--all") == [False, False, False]
    event = web.house.archive.events.newest_of(EventType.SETTING, "people")
    assert event is not None
    assert event.outcome == "everybody logged out"
    assert main(["people", "logout", "nobody", "--station", root]) == 2
    with pytest.raises(SystemExit):
        main(["people", "logout", "--station", root])
