"""The auditor's page of proof: heads, any event in any tree, checks, backups, what must be renewed.

Proofs are checked here by the functions of RFC 9162 themselves, never by what the page says.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from config.vocabulary import EventType
from storage.accounts import WebRole
from storage.merkle import Head, is_consistent, is_included
from storage.model import NewEvent
from storage.submissions import SubmissionState
from tests.desk.web.conftest import Web


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
