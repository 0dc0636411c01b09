"""Logging in by signing: once, here, soon, and never with what was signed for something else."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any, Self

import pytest
from starlette.testclient import TestClient

from config.vocabulary import EventType
from desk.agent import messages
from desk.agent.identity import certificate_of, make_identity
from desk.agent.joining import join_station
from desk.agent.logging_in import log_in_at_station, log_in_by_hand
from desk.agent.settings import AgentFolder, AgentSettings
from desk.cli.main import main
from desk.demo import pki
from desk.errors import AnswerRefused
from desk.logins import CHALLENGE_MINUTES
from desk.moments import now
from desk.networks import station_network
from desk.remote import logins
from desk.remote.logins import Logins
from desk.remote.paired import PairedAgent, give_code
from desk.remote.refusal import Refused
from desk.web import certificates
from desk.web.certificates import add_certificate, remove_certificate
from fixtures.keys.soft_token import PIN, configured, make_token
from signing.errors import KeyMaterialError
from signing.login_challenge import LoginChallenge, read_answer, read_challenge, sign_challenge
from signing.pkcs12 import FileProvider, Pkcs12Key
from signing.secrets import read_secret_file
from storage.accounts import WebRole
from tests.desk.officer import PIN_ASKED, Computer, key_name
from tests.desk.test_agent_pairing import Ear, again
from tests.desk.tiny import make_tiny
from tests.desk.web.conftest import Web, opened, proof_in
from tests.test_docs_json import agrees

PAGE, DONE = "/dang-nhap/ky", "/dang-nhap/ky/xong"


@pytest.fixture(scope="module")
def web(template: Path, authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The pages of a station that trusts the demo's authority for logging in."""
    station = make_tiny(template, tmp_path_factory.mktemp("signing") / "station")
    with opened(station) as web:
        yield web


class KeptOpen(FileProvider):
    """A key that is opened once for all tests: checking its numbers is most of the work."""

    _is_open = False

    def __enter__(self) -> Self:
        if not self._is_open:
            super().__enter__()
            self._is_open = True
        return self

    def __exit__(self, *_: object) -> None:
        """Stay open."""


@cache
def key(authority: Path, name: str = "officer1") -> KeptOpen:
    files = pki.key_files(authority, name)
    return KeptOpen(Pkcs12Key(path=files.pkcs12, passphrase=read_secret_file(files.passphrase)))


def give(web: Web, authority: Path, login: str, name: str = "officer1") -> str:
    """Give a certificate to somebody, and to nobody else; return its fingerprint."""
    for person in web.house.accounts.people():
        for known in web.house.accounts.certificates.of(person.id):
            remove_certificate(web.house, person.login, known.sha256, "thử nghiệm")
    content = (authority / "certs" / "congvu" / f"{name}.cert.pem").read_bytes()
    return add_certificate(web.house, login, content, "thử nghiệm").sha256


def begun(web: Web, address: str = "testclient") -> tuple[TestClient, str]:
    """Return a browser that waits, and what it shows to be signed."""
    browser = web.browser(address)
    shown = browser.post(PAGE)
    assert shown.status_code == 200
    found = re.search(r"hoso-login-2\.[\w=-]+", shown.text)
    assert found is not None, shown.text
    return browser, found.group()


def signed(text: str, authority: Path, name: str = "officer1") -> str:
    return log_in_by_hand(text, now(), lambda _: None, key(authority, name)).to_text()


def finish(browser: TestClient, answer: str = "") -> int:
    told = {"answer": answer} if answer else {}
    return browser.post(DONE, data=told, follow_redirects=False).status_code


def test_a_key_logs_in_through_the_clipboard_and_no_code_is_asked(
    web: Web, authority: Path
) -> None:
    give(web, authority, "officer")
    browser, text = begun(web)
    told: list[str] = []
    answer = log_in_by_hand(text, now(), told.append, key(authority)).to_text()
    assert "ĐĂNG NHẬP vào trạm" in told[0]
    assert any("KHÔNG phải ký giấy tờ" in line for line in told)
    # As a terminal breaks it.
    broken = "\n".join(answer[place : place + 80] for place in range(0, len(answer), 80))
    assert finish(browser, broken) == 303
    assert "officer THỬ NGHIỆM" in browser.get("/").text
    event = web.house.archive.events.events("web")[-1]
    assert (event.type, event.outcome) == (EventType.LOGIN, "begun")
    assert event.detail == {"means": "certificate", "by": "web"}


def test_an_answer_opens_one_browser_once(web: Web, authority: Path) -> None:
    give(web, authority, "officer")
    browser, text = begun(web)
    answer = signed(text, authority)
    other, _ = begun(web)
    assert finish(other, answer) == 401
    # One look has used the other's challenge up, too.
    assert finish(other, answer) == 409
    assert finish(browser, answer) == 303
    again_there = web.browser()
    again_there.cookies.set("hoso-ky", browser.cookies["hoso-ky"])
    assert finish(again_there, answer) == 409


def test_a_challenge_is_over_after_minutes(web: Web, authority: Path) -> None:
    give(web, authority, "officer")
    browser, text = begun(web)
    answer = signed(text, authority)
    web.clock.go(minutes=CHALLENGE_MINUTES)
    assert finish(browser, answer) == 409
    late = read_challenge(text)
    with pytest.raises(AnswerRefused):
        log_in_by_hand(text, late.until, lambda _: None, key(authority))


@pytest.mark.parametrize(
    "change", [{"station": "Trạm khác"}, {"address": "https://evil.example"}, {"nonce": "0" * 64}]
)
def test_what_was_signed_for_another_station_opens_nothing(
    web: Web, authority: Path, change: dict[str, str]
) -> None:
    give(web, authority, "officer")
    browser, text = begun(web)
    ours = read_challenge(text)
    with key(authority) as provider:
        answer = sign_challenge(replace(ours, **change), provider)  # type: ignore[arg-type]  # names of fields
    assert finish(browser, replace(answer, nonce=ours.nonce).to_text()) == 401


def test_a_signature_of_another_key_or_on_something_else_opens_nothing(
    web: Web, authority: Path
) -> None:
    give(web, authority, "officer")
    browser, text = begun(web)
    stolen = replace(read_answer(signed(text, authority)), signature=b"\x30\x06")
    assert finish(browser, stolen.to_text()) == 401
    browser, text = begun(web)
    victim, forger = (read_answer(signed(text, authority, n)) for n in ("officer1", "officer2"))
    assert finish(browser, replace(victim, signature=forger.signature).to_text()) == 401
    browser, text = begun(web)
    assert finish(browser, "hoso-answer-1.e30=") == 401
    assert finish(browser, signed(text, authority)) == 409


@pytest.mark.parametrize(
    ("name", "word"),
    [("officer2", "chưa gắn"), ("revoked", "chưa gắn"), (pki.LOOKALIKE, "chưa gắn")],
)
def test_a_key_that_was_given_to_nobody_opens_nothing(
    web: Web, authority: Path, name: str, word: str
) -> None:
    give(web, authority, "officer")
    browser, text = begun(web)
    answer = browser.post(DONE, data={"answer": signed(text, authority, name)})
    assert answer.status_code == 401
    assert word in answer.text


def test_unknown_revocation_opens_nothing_and_counts_against_nobody(
    web: Web, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(web, authority, "officer", "officer3")
    shutil.rmtree(web.house.station.archive / "revocation")
    alone = station_network(web.house.station)
    monkeypatch.setattr(
        certificates, "station_network", lambda _: replace(alone, offline=True, cache=None)
    )
    for _ in range(6):
        browser, text = begun(web)
        answer = browser.post(DONE, data={"answer": signed(text, authority, "officer3")})
        assert answer.status_code == 401
        assert "Chưa biết chứng thư này có bị thu hồi không" in answer.text


def test_five_refusals_close_a_certificate(web: Web, authority: Path) -> None:
    web.clock.go(minutes=16)
    give(web, authority, "officer")
    for number in range(6):
        browser, text = begun(web)
        answer = browser.post(DONE, data={"answer": signed(text, authority, "officer2")})
        assert ("quá nhiều lần" in answer.text) is (number == 5)
    event = web.house.archive.events.events("web")[-1]
    assert (event.type, event.outcome) == (EventType.LOGIN, "closed")
    browser, text = begun(web)
    assert finish(browser, signed(text, authority)) == 303
    web.clock.go(minutes=16)


def test_a_paired_computer_signs_what_the_page_shows(
    web: Web, authority: Path, tmp_path: Path
) -> None:
    give(web, authority, "auditor", "officer2")
    told: list[str] = []
    with again(Ear(web.house.station, web.house.archive)) as ear:
        ear.join(tmp_path, give_code(ear.station, "van-thu", "Chị Lan THỬ NGHIỆM", "admin").code)
        folder = AgentFolder(root=tmp_path)
        browser, _ = begun(web, "192.0.2.7")
        code = re.search(r"[A-Z2-8]{4}-[A-Z2-8]{4}", unescape(browser.get(PAGE).text))
        assert code is not None
        assert finish(browser) == 409

        def sign(typed: str) -> LoginChallenge:
            return log_in_at_station(
                folder, typed, told.append, lambda _: key(authority, "officer2")
            )

        with pytest.raises(AnswerRefused, match="Mã không đúng"):
            sign("AAAA-AAAA")
        assert not told
        sign(code.group().lower().replace("-", " "))
        assert "ĐĂNG NHẬP" in told[0]
        # The browser of this test asks from another address than this computer.
        assert any(line.startswith("Trình duyệt đang chờ: 192.0.2.7") for line in told)
        assert "ĐỪNG nhập PIN" in told[-1]
        # Whoever else types the code comes too late.
        with pytest.raises(AnswerRefused):
            sign(code.group())
    assert finish(browser) == 303
    assert "auditor THỬ NGHIỆM" in browser.get("/").text
    assert [event.outcome for event in web.house.archive.events.events("van-thu")] == [
        "paired",
        "login unknown",
        "login signed",
        "login unknown",
    ]


def test_whoever_carries_a_challenge_to_somebody_else_cannot_say_that_it_is_theirs(
    web: Web, authority: Path
) -> None:
    give(web, authority, "officer")
    browser = web.browser()
    browser.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
    shown = browser.post(PAGE).text
    found = re.search(r"hoso-login-2\.[\w=-]+", shown)
    assert found is not None
    told: list[str] = []
    log_in_by_hand(found.group(), now(), told.append, key(authority))
    assert "Trình duyệt đang chờ: testclient · Firefox · Windows" in told
    # A look-alike page that shows the same challenge as one of the person's own browser.
    lie = replace(read_challenge(found.group()), asked_from="10.0.0.5 · Edge · Windows")
    assert finish(browser, signed(lie.to_text(), authority)) == 401


def test_a_challenge_of_other_pages_is_refused_before_the_key_is_opened(
    web: Web, authority: Path
) -> None:
    _, text = begun(web)
    theirs = replace(read_challenge(text), address="https://a.example.gov.vn").to_text()
    told: list[str] = []
    for address in ("https://hoso.example.gov.vn", "https://a.example.gov.vn.x"):
        with pytest.raises(AnswerRefused, match="KHÔNG ký"):
            log_in_by_hand(theirs, now(), told.append, key(authority), address)
    assert told == []
    log_in_by_hand(theirs, now(), told.append, key(authority), "https://a.example.gov.vn/")
    assert "Trang: https://a.example.gov.vn" in told


def test_a_paired_computer_that_tries_codes_on_and_on_is_told_no_more(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = web.clock
    monkeypatch.setattr(logins, "now", clock)
    one, other = (paired_as(web, name) for name in ("thu-mot", "thu-hai"))
    asked = Logins(station=web.house.station, archive=web.house.archive)

    def guess(agent: PairedAgent) -> None:
        code = messages.to_bytes(messages.LoginAsked(code="AAAA-AAAA"))
        with pytest.raises(Refused):
            asked.wanted(agent, code, "192.0.2.7")

    for _ in range(40):
        guess(one)
    guess(other)
    events = web.house.archive.events
    assert [len(events.events(name)) for name in ("thu-mot", "thu-hai")] == [10, 1]
    clock.go(minutes=16)
    guess(one)
    assert len(events.events("thu-mot")) == 11


def paired_as(web: Web, name: str) -> PairedAgent:
    path = web.house.station.root / f"{name}.pem"
    make_identity(path, name, now())
    return PairedAgent(
        name=name,
        person="Chị Lan THỬ NGHIỆM",
        host="máy",
        certificate=certificate_of(path),
        paired_at=now(),
        paired_by="admin",
    )


def test_a_certificate_that_ends_soon_is_told(
    web: Web, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(web, authority, "officer")
    monkeypatch.setattr(certificates, "_ENDS_SOON", certificates._ENDS_SOON * 100)
    browser, text = begun(web)
    entered = browser.post(DONE, data={"answer": signed(text, authority)})
    assert entered.status_code == 200
    assert "Hãy xin chứng thư mới" in entered.text


def test_a_certificate_that_is_taken_away_ends_what_it_began(web: Web, authority: Path) -> None:
    sha256 = give(web, authority, "officer")
    by_password = web.logged_in("officer")
    browser, text = begun(web)
    assert finish(browser, signed(text, authority)) == 303
    assert browser.get("/", follow_redirects=False).status_code == 200
    remove_certificate(web.house, "officer", sha256, "thử nghiệm")
    assert browser.get("/", follow_redirects=False).status_code == 303
    assert by_password.get("/", follow_redirects=False).status_code == 200
    browser, text = begun(web)
    assert finish(browser, signed(text, authority)) == 401


def test_one_certificate_is_one_persons(web: Web, authority: Path) -> None:
    give(web, authority, "officer")
    content = (authority / "certs" / "congvu" / "officer1.cert.pem").read_bytes()
    with pytest.raises(AnswerRefused):
        add_certificate(web.house, "auditor", content, "thử nghiệm")
    for broken in (
        b"",
        b"-----BEGIN CERTIFICATE-----",
        content[:300],
        content[::-1],
        b"0" * 20_000,
    ):
        with pytest.raises(KeyMaterialError):
            add_certificate(web.house, "auditor", broken, "thử nghiệm")
    told = web.house.archive.events.events("people")[-1]
    assert told.outcome == "certificate added"


def test_who_is_logged_in_stays_who_it_is_until_the_form_says_so(web: Web, authority: Path) -> None:
    give(web, authority, "auditor")
    web.add("staying", WebRole.OFFICER)
    browser = web.logged_in("staying")
    assert finish(browser) == 403
    proof = proof_in(browser.get("/").text)
    assert browser.post(PAGE, data={"proof": proof}, follow_redirects=False).status_code == 303
    assert "staying THỬ NGHIỆM" in browser.get("/").text


def test_an_administrator_gives_and_takes_certificates_on_the_page(
    web: Web, authority: Path
) -> None:
    sha256 = give(web, authority, "officer", "officer2")
    remove_certificate(web.house, "officer", sha256, "thử nghiệm")
    browser = web.logged_in("administrator")
    people = browser.get("/nguoi-dung").text
    told = {"proof": proof_in(people), "login": "officer"}
    content = (authority / "certs" / "congvu" / "officer2.cert.pem").read_bytes()
    for sent, word in (
        (b"-----BEGIN NOTHING-----", "Không đọc được chứng thư"),
        ((authority / "certs" / "congvu" / "server.cert.pem").read_bytes(), "sai mục đích"),
        ((authority / "certs" / "congvu" / "issuing.cert.pem").read_bytes(), "sai mục đích"),
    ):
        answer = browser.post("/nguoi-dung/chung-thu", data=told, files={"file": ("a.cer", sent)})
        assert (answer.status_code, word in answer.text) == (409, True)
    assert sha256 not in people
    given = browser.post("/nguoi-dung/chung-thu", data=told, files={"file": ("a.cer", content)})
    assert (given.status_code, sha256 in given.text) == (200, True)
    assert "Trần Thị Hai THỬ NGHIỆM" in given.text
    gone = browser.post("/nguoi-dung/chung-thu/go", data={**told, "sha256": sha256})
    assert sha256 not in gone.text
    told_of = [
        (event.actor, event.outcome)
        for event in web.house.archive.events.events("people")
        if event.type is EventType.SETTING
    ]
    assert told_of[-2:] == [
        ("administrator (web)", "certificate added"),
        ("administrator (web)", "certificate removed"),
    ]


def test_commands_give_sign_and_take(
    web: Web,
    authority: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sha256 = give(web, authority, "officer")
    remove_certificate(web.house, "officer", sha256, "thử nghiệm")
    file = authority / "certs" / "congvu" / "officer1.cert.pem"
    root = str(web.house.station.root)

    def printed(*arguments: str) -> Any:
        assert main([*arguments, "--json", "--station", root]) == 0
        return json.loads(capsys.readouterr().out)

    agrees("hoso people certificate", printed("people", "certificate", "officer", str(file)))
    everybody = printed("people")
    agrees("hoso people", everybody)
    assert [p["login"] for p in everybody["people"] if p["certificates"]] == ["officer"]
    assert main(["people", "--station", root]) == 0
    assert sha256[:10] in capsys.readouterr().out
    browser, text = begun(web)
    files = pki.key_files(authority, "officer1")
    monkeypatch.setattr(sys, "stdin", StringIO(f"{text}\n"))
    key_of = ("--key", str(files.pkcs12), "--passphrase", str(files.passphrase))
    answered = printed("login", *key_of)
    agrees("hoso login", answered)
    assert finish(browser, answered["answer"]) == 303
    assert main(["people", "uncertificate", "officer", sha256, "--station", root]) == 0
    assert browser.get("/", follow_redirects=False).status_code == 303
    assert main(["people", "uncertificate", "officer", sha256, "--station", root]) == 2
    assert main(["people", "certificate", "officer", "no-file", "--station", root]) == 2


def test_a_token_logs_in_at_a_terminal_that_says_what_is_signed(
    web: Web, authority: Path, tmp_path: Path
) -> None:
    give(web, authority, "auditor", "officer3")
    with (
        configured(tmp_path / "hsm") as tokens,
        again(Ear(web.house.station, web.house.archive)) as ear,
    ):
        token = make_token(tmp_path / "hsm", tokens, "Token THỬ NGHIỆM", authority)
        computer = Computer(folder=tmp_path / "pc", token=token, signer="officer3")
        code = give_code(ear.station, "kiem-toan", "Anh Ba THỬ NGHIỆM", "admin").code
        wished = AgentSettings(
            station=f"127.0.0.1:{ear.port}", name="", key=key_name(token.key("officer3"))
        )
        join_station(AgentFolder(root=computer.folder), wished, code)
        browser, _ = begun(web)
        shown = re.search(r"[A-Z2-8]{4}-[A-Z2-8]{4}", browser.get(PAGE).text)
        assert shown is not None
        with computer.run("login", typed=f"{shown.group()}\n") as terminal:
            # Before the PIN is asked for.
            terminal.await_text("ĐĂNG NHẬP vào trạm «Ủy ban nhân dân xã Thử Nghiệm»")
            terminal.await_text("KHÔNG phải ký giấy tờ")
            terminal.await_text(PIN_ASKED)
            terminal.type(f"{PIN}\n")
            assert "bấm «Tôi đã ký ở máy đó»" in terminal.ended(0)
    assert not computer.journal()
    assert finish(browser) == 303
    assert "auditor THỬ NGHIỆM" in browser.get("/").text
