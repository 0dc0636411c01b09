"""The auditor's page of proof: heads, any event in any tree, checks, backups, what must be renewed.

Proofs are checked here by the functions of RFC 9162 themselves, never by what the page says.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from config.vocabulary import EventType, Role
from storage.accounts import WebRole
from storage.merkle import Head, is_consistent, is_included
from storage.model import NewEvent, NewLink
from storage.submissions import SubmissionState
from tests.desk.web.conftest import Web
from tests.storage.conftest import make_record


@pytest.fixture(scope="module")
def auditor(web: Web) -> TestClient:
    return web.logged_in("auditor")


def hashes(text: str) -> list[bytes]:
    return [bytes.fromhex(found) for found in re.findall(r'class="code">([0-9a-f]{64})<', text)]


@pytest.mark.parametrize("seq", [1, 4, 9])
@pytest.mark.parametrize("size", [None, 9, 13])
def test_any_event_is_proved_in_any_tree_that_holds_it(
    auditor: TestClient, seq: int, size: int | None
) -> None:
    asked = {"so": seq, **({"cay": size} if size else {})}
    page = auditor.get("/chung-minh/su-kien", params=asked)
    assert page.status_code == 200
    told: dict[str, Any] = auditor.get(
        f"/chung-minh/su-kien/{seq}.json", params={"cay": size} if size else {}
    ).json()
    assert size in (None, told["size"])
    head = Head(size=told["size"], root_hash=bytes.fromhex(told["root"]))
    steps = [bytes.fromhex(step) for step in told["inclusion"]]
    assert is_included(bytes.fromhex(told["leaf"]), seq - 1, head, steps)
    assert not is_included(bytes.fromhex(told["leaf"]), seq, head, steps)
    if size:
        assert told["root"] in page.text


@pytest.mark.parametrize(("old", "new"), [(1, 9), (4, 13), (8, 8)])
def test_any_two_trees_are_proved_to_be_one_log(auditor: TestClient, old: int, new: int) -> None:
    page = auditor.get("/chung-minh/noi-tiep", params={"tu": old, "den": new})
    assert page.status_code == 200
    first, second, *steps = hashes(page.text)
    before, after = Head(size=old, root_hash=first), Head(size=new, root_hash=second)
    assert is_consistent(before, after, steps)
    other = Head(size=old, root_hash=bytes(32))
    assert not is_consistent(other, after, steps)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("su-kien?so=0", 404),
        ("su-kien?so=x", 404),
        ("su-kien?so=999999", 404),
        ("su-kien?so=9&cay=8", 404),
        ("su-kien?so=1&cay=999999", 404),
        ("su-kien/9?cay=x", 404),
        ("noi-tiep?tu=0", 422),
        ("noi-tiep?tu=9&den=8", 422),
        ("noi-tiep?tu=1&den=999999", 422),
        ("noi-tiep?tu=²", 422),
    ],
)
def test_a_tree_that_never_was_is_not_proved(auditor: TestClient, path: str, status: int) -> None:
    assert auditor.get(f"/chung-minh/{path}").status_code == status


def test_heads_checks_and_backups_are_told_and_the_certificate_that_ends(
    web: Web, auditor: TestClient
) -> None:
    archive = web.house.archive
    checked = NewEvent(
        type=EventType.FIXITY_CHECK,
        object="archive",
        actor="hoso",
        at=web.clock(),
        outcome="failure",
        detail={"objects": 11, "findings": 2},
    )
    saved = {"set": "s1", "run": "2026-11-22-full", "records": 3, "kind": "full"}
    backup = NewEvent(
        type=EventType.REPLICATION, object="archive", actor="hoso", at=web.clock(), detail=saved
    )
    read_back = NewEvent(
        type=EventType.FIXITY_CHECK,
        object="archive",
        actor="hoso",
        at=web.clock(),
        detail={"set": "s1", "run": "2026-11-22-full", "bad": 1},
    )
    archive.events.append(checked, backup, read_back)
    page = auditor.get("/chung-minh").text
    assert page.count("có chỗ không khớp") == 1
    assert page.count(">2026-11-22-full<") == 2
    assert page.count("không xong, hoặc có tệp hỏng") == 1
    assert "đọc lại bản sao lưu" in page
    assert "Phải đóng dấu lại trước" in page
    sizes = [path.stem for path in archive.heads.glob("*.json")]
    assert sizes
    assert all(f'/chung-minh/noi-tiep?tu={size}"' in page for size in sizes)


def test_captures_without_an_end_are_told_with_where_they_stand(
    web: Web, auditor: TestClient
) -> None:
    page = auditor.get("/chung-minh/chua-ket-thuc").text
    (waiting,) = web.house.archive.ledger.in_state(SubmissionState.AWAITING_RELEASE)
    assert waiting.id in page
    assert "chờ duyệt ký" in page
    web.add("far", WebRole.AUDITOR, "H99.01")
    assert waiting.id not in web.logged_in("far").get("/chung-minh/chua-ket-thuc").text


HAN = "/chung-minh/han"


def file_ending(web: Web, title: str, code: str, *days: int) -> str:
    """File a paper whose signatures can be proved for so many days more; return its id."""
    archive = web.house.archive
    number = archive.records.count() + 1
    paper = make_record(archive, number, title=title)
    ends = [web.clock() + dt.timedelta(days=each) for each in days]
    signatures = tuple(replace(paper.signatures[0], proven_until=end) for end in ends)
    link = NewLink(dossier_code=code, role=Role.RESULT)
    filed = archive.file(
        replace(paper, signatures=signatures), link, actor="thử nghiệm", at=web.clock()
    )
    return filed.id


def counts(page: str) -> list[int]:
    """Return the numbers of the table, from what has ended to what nobody signed."""
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    return [int(found) for found in re.findall(r">(\d+)(?:</a>)?</td>", table)]


def test_papers_are_counted_and_listed_by_the_end_of_their_proof(
    web: Web, auditor: TestClient
) -> None:
    passed, soon, next_, *later = counts(auditor.get(HAN).text)
    # What the demo station filed and signed itself: its authorities end in three years.
    assert (passed, soon, next_) == (0, 0, 0)
    assert (sum(later), later[-2]) == (web.house.archive.records.count(), 0)
    here, there = "H26.99-261122-0001", "H99.01-261122-0002"
    gone = file_ending(web, "<b>Giấy</b> 001099000001", here, -1, 4000)
    near = file_ending(web, "Giấy sắp hết hạn", there, 50, 51)
    bare = file_ending(web, "Giấy không chữ ký", here)
    page = auditor.get(HAN).text
    assert counts(page)[:3] == [1, 1, 0]
    assert counts(page)[-1] == 1
    order = re.findall(r'href="/giay/([^"]+)"', page)
    assert order[:2] == [gone, near]
    assert bare not in order
    assert "&lt;b&gt;Giấy&lt;/b&gt; •••••••••001" in page
    (address,) = re.findall(r'href="([^"]+)" aria-label="đến trước[^"]+ba tháng', page)
    after = auditor.get(address.replace("&amp;", "&")).text
    assert re.findall(r'href="/giay/([^"]+)"', after)[0] == near
    for wrong in ("x", "x~1", "2026-11-22T00:00:00.000000Z~²", "9999-12-31T23:00:00-09:00~1"):
        assert (
            re.findall(r'href="/giay/([^"]+)"', auditor.get(HAN, params={"sau": wrong}).text)
            == order
        )


def test_ends_of_proof_are_those_of_the_scope(web: Web) -> None:
    there = file_ending(web, "Giấy của nơi khác", "H99.02-261122-0003", 20)
    web.add("of-99", WebRole.OFFICER, "H99.02")
    web.add("of-98", WebRole.AUDITOR, "H98.01")
    told = web.logged_in("of-99").get(HAN).text
    assert sum(counts(told)) == 1
    assert re.findall(r'href="/giay/([^"]+)"', told) == [there]
    nothing = web.logged_in("of-98").get(HAN).text
    assert set(counts(nothing)) == {0}
    assert "Chưa biết hạn của giấy tờ nào." in nothing
    end = {"sau": "2999-01-01T00:00:00.000000Z~0"}
    assert "Xem từ đầu" in web.logged_in("of-99").get(HAN, params=end).text


def test_a_proof_over_a_damaged_node_is_refused_with_what_to_do(
    web: Web, auditor: TestClient
) -> None:
    archive = web.house.archive
    views = [NewEvent(type=EventType.VIEW, object="web", actor="x", at=web.clock())] * 128
    archive.events.append(*views)
    (kept,) = archive.db.rows("SELECT hash FROM tree_node WHERE last = 64 AND level = 6")
    change = "UPDATE tree_node SET hash = ? WHERE last = 64 AND level = 6"
    archive.db.execute(change, (bytes(32),))
    try:
        for asked in ("su-kien/70", "su-kien/70.json", "noi-tiep?tu=70"):
            refused = auditor.get(f"/chung-minh/{asked}")
            assert refused.status_code == 409
            assert "hoso audit verify" in refused.text
        # The root over the first block stands on no way from this event to the top.
        assert auditor.get("/chung-minh/su-kien/130").status_code == 200
    finally:
        archive.db.execute(change, (kept["hash"],))
    assert auditor.get("/chung-minh/su-kien/70").status_code == 200
