"""An officer's day and an auditor's day in the distribution's Chromium, on a real server.

With scripts and without, in both languages; every page is looked through by axe-core for what
keeps people out (WCAG 2.2 AA), and nothing of a page may break its own policy.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, FilePayload, Page

from config.vocabulary import Role
from desk.station import Station
from desk.web.words import load_words
from fixtures.attacks import authority
from fixtures.attacks.bases import plain
from fixtures.attacks.signing import Hand, sign
from storage.accounts import WebRole
from storage.archive import Archive
from storage.model import FieldValue, NewLink, PageText, Record
from storage.register import Dossier, RegisterBatch
from tests.desk.tiny import make_tiny
from tests.desk.web.browsers import (
    NEEDED,
    Live,
    assert_open_to_all,
    chromium_started,
    logged_in,
    served,
)
from tests.desk.web.conftest import opened
from tests.notices import make_notice

pytestmark = NEEDED
# Of a person: what a hostile certificate, file or search would like to run here.
SCRIPT = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
HOSTILE_DOSSIER = "H26.99-261112-0666"
_USUAL_DAYS = (("vi", True), ("en", False))
DAYS = [
    pytest.param(
        language,
        scripts,
        marks=() if (language, scripts) in _USUAL_DAYS else pytest.mark.soak,
        id=f"{language}-{'scripts' if scripts else 'none'}",
    )
    for language, scripts in product(("vi", "en"), (True, False))
]


@pytest.fixture(scope="module")
def live(web_station: Station) -> Iterator[Live]:
    with opened(web_station) as web, served(web) as live:
        yield live


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chromium_started() as browser:
        yield browser


@pytest.fixture(scope="module")
def sent(live: Live, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A good PDF, one that was changed, and one of an authority that nobody trusts."""
    folder = tmp_path_factory.mktemp("sent")
    record = live.web.house.archive.records.newest(1)[0]
    good, forged, foreign = (folder / f"{name}.pdf" for name in ("tot", "gia", "la"))
    good.write_bytes(live.web.house.archive.objects.read(record.pdf.sha256))
    # A digit of the time in the metadata: what is shown stays, what was signed does not.
    forged.write_bytes(good.read_bytes().replace(b"<xmp:CreateDate>2", b"<xmp:CreateDate>3", 1))
    # In a thread: the browser's loop runs in this one, and signing wants a loop of its own.
    with ThreadPoolExecutor(1) as thread:
        foreign.write_bytes(thread.submit(sign_as_stranger).result())
    return [good, forged, foreign]


def sign_as_stranger() -> bytes:
    """Return a PDF that an authority signed which nobody trusts, for a signer of a hostile name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authority, "AGENCY", SCRIPT)
        stranger = authority.Authority(datetime.now(UTC))
    return sign(plain(), stranger, Hand(name=SCRIPT, level="B-T"))


def test_every_page_is_open_to_all_and_keeps_its_own_policy(live: Live, chromium: Browser) -> None:
    record = live.web.house.archive.records.newest(1)[0]
    papers = (f"/giay/{record.id}", f"/giay/{record.id}/viec", f"/giay/{record.id}/sua")
    dossier = f"/ho-so/{record.links[0].dossier_code}"
    pages = {
        "officer": ("/", "/kiem-tra", "/duyet-ky", "/tim", "/tim?q=a&kind=dossiers", *papers),
        "auditor": (
            "/chung-minh",
            "/chung-minh/han",
            "/chung-minh/chua-ket-thuc",
            "/chung-minh/su-kien/1",
            "/bao-cao?theo=month",
            "/khong-co",
        ),
        "administrator": ("/nguoi-dung", "/he-thong", "/mat-khau", "/phien"),
    }
    live.said.clear()
    for (login, paths), language in zip(pages.items(), ("vi", "en", "vi"), strict=True):
        with logged_in(live, chromium, login, language=language) as page:
            for path in (*paths, *([dossier] if login == "officer" else ())):
                page.goto(path)
                assert page.get_attribute("html", "lang") == language
                assert_open_to_all(page)
    # A page that is not there is answered by 404, which the console tells.
    assert [line for line in live.said if "404" not in line] == []


def test_what_is_printed_is_the_list_and_not_the_buttons(live: Live, chromium: Browser) -> None:
    record = live.web.house.archive.records.newest(1)[0]
    with logged_in(live, chromium, "officer") as page:
        page.emulate_media(media="print")
        # What a sheet of A4 leaves between its margins is as narrow as a telephone's page.
        page.set_viewport_size({"width": 680, "height": 1000})
        page.goto("/duyet-ky")
        assert page.locator("form .list li").first.is_visible()
        assert page.locator("button:visible, header .top:visible").count() == 0
        page.goto(f"/giay/{record.id}")
        row = page.locator("table.cards tbody tr").first
        assert row.evaluate("row => getComputedStyle(row).display") == "table-row"
        assert page.locator("table.cards thead").first.is_visible()


def test_what_cannot_be_taken_back_is_asked_for_twice(live: Live, chromium: Browser) -> None:
    live.web.add("sap-dong", WebRole.OFFICER)
    with logged_in(live, chromium, "administrator") as page:
        page.goto("/nguoi-dung")
        row = page.locator("tr", has=page.locator("th", has_text="sap-dong"))
        assert page.locator("td button:visible").count() == 0
        row.locator("summary", has_text="Đóng tài khoản").click()
        row.locator("button:visible").click()
        assert "đã đóng" in row.inner_text()


def test_who_uses_no_mouse_sees_where_the_focus_is_and_skips_what_repeats(
    live: Live, chromium: Browser
) -> None:
    with logged_in(live, chromium, "officer") as page:
        page.goto("/tim")
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        assert skip.evaluate("link => link === document.activeElement")
        box = skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "q"
        seen = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(seen) == "solid"
        page.keyboard.type("khai sinh")
        page.keyboard.press("Enter")
        page.wait_for_url("**/tim?q=khai+sinh*")


@pytest.mark.parametrize(("language", "scripts"), DAYS)
def test_an_officers_day(
    live: Live, chromium: Browser, sent: list[Path], language: str, scripts: bool
) -> None:
    say = load_words(language).gettext
    record = live.web.house.archive.records.newest(1)[0]
    with logged_in(live, chromium, "officer", scripts=scripts, language=language) as page:
        page.click(f"nav >> text={say('Kiểm tra chữ ký')}")
        page.set_input_files("#tep", sent)
        page.click("main button")
        good, forged, foreign = page.locator("article .verdict").all()
        assert "good" in str(good.get_attribute("class"))
        assert "TOTAL-PASSED" in good.inner_text()
        assert "bad" in str(forged.get_attribute("class"))
        assert "HASH_FAILURE" in forged.inner_text()
        assert "good" not in str(foreign.get_attribute("class"))
        assert "NO_CERTIFICATE_CHAIN_FOUND" in foreign.inner_text()
        page.click(f"nav >> text={say('Duyệt ký')}")
        assert page.locator("main input[type=checkbox]").count() == 1
        page.click(f"nav >> text={say('Tìm')}")
        page.fill("#q", record.links[0].dossier_code)
        page.click("main form[role=search] button")
        page.click(".list strong >> nth=0")
        assert say("Dữ liệu đọc từ giấy") in page.inner_text("main")
        page.click("section .list a.code >> nth=0")
        assert record.links[0].dossier_code in page.inner_text("h1")
        choose_the_other_language(page, language)
        page.click("header form[action='/dang-xuat'] button")
        assert page.locator("#mat-khau").count() == 1


def choose_the_other_language(page: Page, language: str) -> None:
    """Choose it on a page, which stays where it is; then go back."""
    other = {"vi": "en", "en": "vi"}[language]
    place = page.url
    for chosen in (other, language):
        page.click(f"header button[value={chosen}]")
        assert page.get_attribute("html", "lang") == chosen
        assert page.url == place


@pytest.mark.parametrize(("language", "scripts"), DAYS)
def test_an_auditors_day(live: Live, chromium: Browser, language: str, scripts: bool) -> None:
    say = load_words(language).gettext
    record = live.web.house.archive.records.newest(1)[0]
    with logged_in(live, chromium, "auditor", scripts=scripts, language=language) as page:
        page.goto(f"/tim?dossier={record.links[0].dossier_code}")
        page.click(f"summary:has-text('{say('Xuất danh sách này')}')")
        page.fill("#reason", "kiểm tra thử nghiệm")
        with page.expect_download() as download:
            page.click(f"button:has-text('{say('Xuất CSV')}')")
        listed = Path(download.value.path()).read_text(encoding="utf-8-sig")
        assert record.links[0].dossier_code in listed
        page.goto(f"/giay/{record.id}")
        with page.expect_download() as download:
            page.click(f"text={say('Tải gói bằng chứng')}")
        assert zipfile.is_zipfile(download.value.path())
        page.click(f"nav >> text={say('Chứng minh')}")
        page.click("main form button >> nth=0")
        assert page.locator("main .notice.good").count() == 1
        page.goto("/chung-minh")
        page.fill("#tu", "3")
        page.click("form[action='/chung-minh/noi-tiep'] button")
        assert page.locator("main ol li").count() >= 1
        page.click(f"nav >> text={say('Báo cáo')}")
        assert page.locator("table").count() == 2
        assert page.goto("/duyet-ky").status == 403  # type: ignore[union-attr]  # a page was asked for


def test_no_script_of_a_stranger_runs(live: Live, chromium: Browser, sent: list[Path]) -> None:
    ran: list[str] = []
    record = file_hostile(live.web.house.archive)
    hostile = FilePayload(
        name=f"{SCRIPT}.pdf", mimeType="application/pdf", buffer=sent[2].read_bytes()
    )
    # None of these is there, or may be asked for so: what is wrong with it is said in words.
    asked = [
        place + SCRIPT.replace("/", "%2F")
        for place in ("/tim?q=", "/tim?kind=dossiers&q=", "/tim?dossier=", "/ho-so/", "/giay/")
    ]

    def dismiss(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    with logged_in(live, chromium, "officer") as page:
        page.on("dialog", dismiss)
        live.said.clear()
        page.goto("/kiem-tra")
        page.set_input_files("#tep", [hostile])
        page.click("main button")
        # The certificate's subject and the name of the file are words on the page.
        assert page.inner_text("main").count("onerror=alert(1)") >= 2
        assert_no_stranger(page)
        page.goto(f"/giay/{record.id}")
        # Title, text and field.
        assert page.inner_text("main").count("onerror=alert(1)") >= 3
        assert_no_stranger(page)
        for path in (*asked, f"/giay/{record.id}/sua", "/tim", f"/ho-so/{HOSTILE_DOSSIER}"):
            page.goto(path)
            assert_no_stranger(page)
        page.goto("/tim")
        page.fill("#q", SCRIPT)
        page.click("main form[role=search] button")
        assert page.input_value("#q") == SCRIPT
        assert page.locator("mark").count() > 0
        assert_no_stranger(page)
    assert ran == []
    # The policy had nothing to stop: what a stranger wrote never was anything but words.
    assert [line for line in live.said if "404" not in line] == []


def file_hostile(archive: Archive) -> Record:
    """File a paper of which everything that a stranger may write is hostile."""
    pdf = archive.records.newest(1)[0].pdf
    dossier = Dossier(
        code=HOSTILE_DOSSIER,
        title=SCRIPT,
        procedure_code="1.004873",
        agency_code="H26.99",
        agency_name=SCRIPT,
        applicant=SCRIPT,
    )
    archive.register.load(RegisterBatch(dossiers=(dossier,)))
    paper = replace(
        make_notice(pdf),
        title=SCRIPT,
        original_name=f"{SCRIPT}.pdf",
        pages=(PageText(number=1, text=f"GIẤY THỬ NGHIỆM\n{SCRIPT}"),),
        fields=(FieldValue(name="subject", value=SCRIPT, confidence=0.9, source="ocr"),),
    )
    link = NewLink(dossier_code=HOSTILE_DOSSIER, role=Role.COMPONENT)
    record = archive.file(paper, link, actor="thử nghiệm", at=datetime.now(UTC))
    archive.catch_up()
    return record


def assert_no_stranger(page: Page) -> None:
    assert page.locator("script, img[src=x], [onerror]").count() == 0


def test_an_empty_station_says_so_on_every_page(
    template: Path, chromium: Browser, tmp_path: Path
) -> None:
    station = make_tiny(template, tmp_path / "station")
    with opened(station) as web, served(web) as live:
        with logged_in(live, chromium, "officer") as page:
            for path in ("/", "/duyet-ky", "/tim", "/tim?q=giay&kind=dossiers"):
                page.goto(path)
                assert page.locator(".empty, .numbers").count() == 1
                assert_open_to_all(page)
        with logged_in(live, chromium, "auditor") as page:
            page.goto("/bao-cao")
            assert_open_to_all(page)
        assert live.said == []
