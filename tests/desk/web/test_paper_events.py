"""What was done with a paper: a page has the newest, however often it was looked at."""

from __future__ import annotations

import re

from config.vocabulary import EventType
from desk.moments import show
from desk.views import view_record
from storage.model import NewEvent
from tests.desk.web.addresses import record_of
from tests.desk.web.conftest import Web

LOOKS = 130


def numbers(page: str) -> list[int]:
    """Return the events that a page shows, by number."""
    return [int(seq) for seq in re.findall(r'<tr><td class="number"[^>]*>(\d+)</td>', page)]


def test_a_page_has_the_newest_events_and_leads_to_all_others(web: Web) -> None:
    record, events = record_of(web), web.house.archive.events
    looks = [
        NewEvent(type=EventType.VIEW, object=record.id, actor="thử nghiệm", at=web.clock())
        for _ in range(LOOKS)
    ]
    events.append(*looks)
    auditor, path = web.logged_in("auditor"), f"/giay/{record.id}"
    seen: list[int] = []
    while path:
        page = auditor.get(path).text
        assert len(numbers(page)) <= 60
        seen = numbers(page) + seen
        further = re.search(r'href="(/giay/[^"]+/viec\?truoc=\d+)"', page)
        path = further.group(1) if further else ""
    about = [
        event.seq
        for event in events.events()
        if event.object in (record.id, record.submission_id) and event.seq <= max(seen)
    ]
    assert seen == about


def test_an_officer_sees_what_was_done_and_not_who_looked(web: Web) -> None:
    record = record_of(web)
    told = view_record(record, web.house.archive)["events"]
    acts = sorted(event["seq"] for event in told if event["type"] != "view")
    page = web.logged_in("officer").get(f"/giay/{record.id}").text
    assert numbers(page) == acts[-60:]


def test_a_dossiers_page_reads_no_events(web: Web) -> None:
    record, events = record_of(web), web.house.archive.events
    asked: list[object] = []
    read = events.events
    events.events = lambda *about: asked.append(about) or read(*about)  # type: ignore[method-assign, func-returns-value]  # counted
    try:
        page = web.logged_in("officer").get(f"/ho-so/{record.links[0].dossier_code}").text
    finally:
        events.events = read  # type: ignore[method-assign]  # as it was
    assert f'href="/giay/{record.id}"' in page
    assert asked == []


def test_a_page_says_until_when_its_file_proves_each_signature(web: Web) -> None:
    record = record_of(web)
    page = web.logged_in("officer").get(f"/giay/{record.id}").text
    days = [show(each.proven_until)[:10] for each in record.signatures if each.proven_until]
    assert len(days) == len(record.signatures) > 0
    assert "Tệp tự chứng minh đến" in page
    assert all(f">{day}</td>" in page for day in days)
