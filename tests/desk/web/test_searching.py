"""Search on the pages: what is typed narrows, and numbers of persons are dots in every list."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from storage.register import RegisterBatch
from storage.remembered import Remembered
from tests.desk.shelf import spoiled
from tests.desk.web.conftest import Web, proof_in


@pytest.fixture(scope="module")
def auditor(web: Web) -> TestClient:
    return web.logged_in("auditor")


def count(page: str) -> int:
    found = re.search(r'role="status">(\d+) kết quả', page)
    assert found is not None, page
    return int(found.group(1))


def test_each_field_of_the_form_narrows_and_can_be_taken_away(
    web: Web, auditor: TestClient
) -> None:
    records = web.house.archive.records.newest(3)
    holder = next(f.value for r in records for f in r.fields if f.name == "holder")
    assert holder is not None
    whole = auditor.get("/tim").text
    fields = set(re.findall(r'<(?:input|select)[^>]* name="([a-z_]+)"', whole.split("</form>")[2]))
    assert {"q", "kind", "order", "near", "holder", "dossier", "procedure", "year"} <= fields
    dossier = records[0].links[0].dossier_code
    for name, value in (("holder", holder), ("dossier", dossier), ("year", "2026")):
        page = auditor.get("/tim", params={name: value, "q": ""}).text
        told = count(page)
        assert 1 <= told <= count(whole)
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
        none = auditor.get("/tim", params={name: "khongco"}).text
        assert count(none) == 0
        without = re.search(r'class="button plain" href="([^"]+)"><?', none)
        assert without is not None
        assert count(auditor.get(without.group(1).replace("&amp;", "&")).text) == count(whole)


def test_numbers_of_persons_are_dots_in_lists_and_in_what_is_exported(
    web: Web, auditor: TestClient
) -> None:
    number = "000190000011"
    archive = web.house.archive
    known = archive.register.dossier(archive.records.newest(1)[0].links[0].dossier_code)
    assert known is not None
    entry = replace(known, title=f"Cấp lại thẻ số {number}", applicant=f"KHOẮNG {number}")
    archive.register.load(RegisterBatch(dossiers=(entry,)))
    archive.catch_up()
    found = auditor.get("/tim", params={"q": number}).text
    dossiers = auditor.get("/tim", params={"q": "cấp lại", "kind": "dossiers"}).text
    assert count(dossiers) == 1
    assert "•••••••••011" in dossiers
    proof = proof_in(found)
    told = {"proof": proof, "reason": "thử nghiệm"}
    table = auditor.post(f"/tim/danh-sach.csv?q={number}", data=told).text
    # What was typed is given back in forms and links; what is listed says it nowhere.
    for page in (found, dossiers, table):
        assert number not in re.sub(r'="[^"]*"', "", page)


def test_a_damaged_paper_is_named_on_every_page_and_hides_no_other(
    web: Web, auditor: TestClient
) -> None:
    archive = web.house.archive
    first, *others = archive.records.newest(3)
    code = first.links[0].dossier_code
    before = count(auditor.get("/tim").text)
    with spoiled(archive, "record.title", f"number = {first.number}"):
        found = auditor.get("/tim").text
        assert f"Hỏng dòng dữ liệu: {first.id}" in found
        assert all(f'href="/giay/{paper.id}' in found for paper in others)
        assert count(found) == before
        assert first.id in auditor.get(f"/ho-so/{code}").text
        told = auditor.get(f"/giay/{first.id}")
        assert (told.status_code, first.id in told.text) == (409, True)
        assert auditor.get("/").status_code == 200
        assert auditor.get("/bao-cao").status_code == 200
    with spoiled(archive, "dossier.settled_at", f"code = '{code}'", "hôm qua"):
        assert f"dossier {code}" in auditor.get(f"/ho-so/{code}").text
        assert code in auditor.get("/tim", params={"kind": "dossiers"}).text
        # A worker that counted before counts again once something changes; this one starts anew.
        archive.remembered = Remembered(archive.db)
        home = auditor.get("/").text
        assert "Có 1 dòng dữ liệu hỏng" in home
    last = archive.events.size()
    with spoiled(archive, "event.body", f"seq = {last}"):
        log = auditor.get("/chung-minh").text
        assert f"event {last}." in log
        assert f"/chung-minh/su-kien/{last - 1}" in log
        assert auditor.get(f"/chung-minh/su-kien/{last}").status_code == 409


def test_a_verdict_that_is_none_of_ours_is_shown_as_text(web: Web, auditor: TestClient) -> None:
    archive = web.house.archive
    (first,) = archive.records.newest(1)
    pages = ("/tim", f"/ho-so/{first.links[0].dossier_code}", f"/giay/{first.id}")
    with spoiled(archive, "record.verdict", f"number = {first.number}", "<b>TOTAL"):
        for address in pages:
            shown = auditor.get(address).text
            assert "&lt;b&gt;TOTAL" in shown, address
            assert "<b>TOTAL" not in shown, address
