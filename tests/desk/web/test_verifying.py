"""The page that verifies: the same verdicts as `hoso verify`, nothing kept of what was sent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from signing.judges import Ground, judge_many
from signing.report import verdict_json
from tests.desk.web.conftest import Web, proof_in

HOSTILE = "<script>alert(1)</script>\u202egnp.pdf"


@pytest.fixture
def signed(web: Web) -> Path:
    """A signed file."""
    (record, *_) = web.house.archive.records.newest(1)
    return web.house.archive.objects.path(record.pdf.sha256)


def ask(browser: TestClient, *files: tuple[str, bytes]) -> str:
    """Send files; return the address of their verdicts."""
    proof = proof_in(browser.get("/kiem-tra").text)
    sent = [("files", (name, data, "application/pdf")) for name, data in files]
    answer = browser.post("/kiem-tra", data={"proof": proof}, files=sent, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_the_verdict_of_a_file_is_that_of_the_command(web: Web, signed: Path) -> None:
    browser = web.logged_in("officer")
    place = ask(browser, (HOSTILE, signed.read_bytes()), ("khong-phai.pdf", b"%PDF-1.7 cut off"))
    shown = browser.get(place).text
    assert shown.count("<article") == 2
    assert "<script" not in shown
    assert "\u202e" not in shown
    # Where the file lay on this machine is not told: its words name it as its sender does.
    assert str(web.house.archive.root) not in shown
    assert "Tệp PDF khong-phai.pdf hỏng" in shown
    told = browser.get(f"{place}/0/bao-cao.json").json()
    trust = web.house.station.trust
    (verdict,) = judge_many([signed], Ground(trust=trust), web.clock.at, 1)
    wanted = json.loads(json.dumps([verdict_json(verdict, told[0]["file"])]))
    for item in (*told, *wanted):
        item.pop("validated_at")
    assert told == wanted
    for form, start in (("pdf", b"%PDF-"), ("xml", b"<?xml")):
        report = browser.get(f"{place}/0/bao-cao.{form}")
        assert report.content.startswith(start)
        assert report.headers["content-disposition"].startswith("attachment")


def test_nothing_that_was_sent_is_kept(web: Web, signed: Path) -> None:
    browser = web.logged_in("officer")
    ask(browser, ("a.pdf", signed.read_bytes()))
    kept = [path.suffix for path in (web.house.archive.root / "web").rglob("*") if path.is_file()]
    assert ".json" in kept
    assert ".pdf" not in kept


def test_the_verdicts_are_open_to_who_asked_and_for_a_while(web: Web, signed: Path) -> None:
    officer, auditor = web.logged_in("officer"), web.logged_in("auditor")
    place = ask(officer, ("a.pdf", signed.read_bytes()))
    assert auditor.get(place).status_code == 404
    assert auditor.get(f"{place}/0/bao-cao.json").status_code == 404
    assert officer.get(f"{place}/1/bao-cao.json").status_code == 404
    assert officer.get(f"{place}/0/bao-cao.exe").status_code == 404
    assert officer.get("/kiem-tra/..%2f..%2fpeople").status_code == 404
    assert web.logged_in("administrator").get("/kiem-tra").status_code == 403


def test_a_form_without_a_file_says_so(web: Web) -> None:
    browser = web.logged_in("officer")
    proof = proof_in(browser.get("/kiem-tra").text)
    answer = browser.post("/kiem-tra", data={"proof": proof})
    assert answer.status_code == 422
    assert re.search(r'role="alert">\s*Chưa chọn tệp', answer.text)
