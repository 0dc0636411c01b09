"""An officer's day and an auditor's day in the distribution's Chromium, on a real server.

With scripts and without, in both languages; every page is looked through by axe-core for what
keeps people out (WCAG 2.2 AA), and nothing of a page may break its own policy.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

from desk.demo import pki
from desk.station import Station
from tests.desk.forked import Forks
from tests.desk.web.conftest import PASSWORD, Web, opened

CHROMIUM = Path("/usr/bin/chromium")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SMALL = {"width": 390, "height": 800}
_USUAL = {"width": 1366, "height": 768}

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium of the distribution")


@dataclass
class Live:
    """The pages on loopback."""

    web: Web
    address: str
    said: list[str] = field(default_factory=list)
    """What browsers complained of: a policy that a page breaks, a script that fails."""


@pytest.fixture(scope="module")
def live(web_station: Station) -> Iterator[Live]:
    with opened(web_station) as web:
        server = uvicorn.Server(
            uvicorn.Config(web.app, log_config=None, lifespan="off", ws="none", port=0)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.05)
            assert thread.is_alive()
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Live(web=web, address=f"http://127.0.0.1:{port}")
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser
        browser.close()


@contextmanager
def logged_in(live: Live, chromium: Browser, login: str, *, scripts: bool = True) -> Iterator[Page]:
    """Open a browser in which somebody has logged in by the form."""
    context = chromium.new_context(
        base_url=live.address,
        java_script_enabled=scripts,
        viewport=_USUAL,  # type: ignore[arg-type]  # the two keys that it takes
    )
    page = context.new_page()
    page.on("console", lambda message: live.said.append(message.text))
    page.goto("/")
    page.fill("#ten", login)
    page.fill("#mat-khau", PASSWORD)
    page.fill("#ma", live.web.code(login))
    page.click("main button")
    yield page
    context.close()


def assert_open_to_all(page: Page) -> None:
    """Assert that nothing on a page keeps people out, and that it fits a telephone."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", _RULES)
    assert [(item["id"], item["nodes"][0]["target"]) for item in found["violations"]] == []
    page.set_viewport_size(_SMALL)  # type: ignore[arg-type]  # the two keys that it takes
    assert page.evaluate("document.documentElement.scrollWidth") <= _SMALL["width"], page.url
    page.set_viewport_size(_USUAL)  # type: ignore[arg-type]  # likewise


def test_every_page_is_open_to_all_and_keeps_its_own_policy(live: Live, chromium: Browser) -> None:
    record = live.web.house.archive.records.newest(1)[0]
    papers = (f"/giay/{record.id}", f"/ho-so/{record.links[0].dossier_code}")
    pages = {
        "officer": ("/", "/kiem-tra", "/duyet-ky", "/tim", "/tim?q=a&kind=dossiers", *papers),
        "auditor": ("/chung-minh", "/chung-minh/su-kien/1", "/bao-cao?theo=month", "/khong-co"),
        "administrator": ("/nguoi-dung", "/he-thong"),
    }
    live.said.clear()
    for login, paths in pages.items():
        with logged_in(live, chromium, login) as page:
            for path in paths:
                page.goto(path)
                assert_open_to_all(page)
    # A page that is not there is answered by 404, which the console tells.
    assert [line for line in live.said if "404" not in line] == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_officers_day(live: Live, chromium: Browser, tmp_path: Path, scripts: bool) -> None:
    objects = live.web.house.archive.objects
    record = live.web.house.archive.records.newest(1)[0]
    good, forged, foreign = (tmp_path / f"{name}.pdf" for name in ("tot", "gia", "la"))
    good.write_bytes(objects.read(record.pdf.sha256))
    # A digit of the time in the metadata: what is shown stays, what was signed does not.
    forged.write_bytes(good.read_bytes().replace(b"<xmp:CreateDate>2", b"<xmp:CreateDate>3", 1))
    foreign.write_bytes(b"%PDF-1.7 cut off")
    with logged_in(live, chromium, "officer", scripts=scripts) as page:
        page.click("text=Kiểm tra chữ ký")
        page.set_input_files("#tep", [good, forged, foreign])
        page.click("main button")
        conclusions = page.locator("article .verdict")
        assert conclusions.count() == 3
        assert "Hợp lệ" in conclusions.nth(0).inner_text()
        assert "Không hợp lệ" in conclusions.nth(1).inner_text()
        assert "Hợp lệ" not in conclusions.nth(2).inner_text()
        page.click("button:has-text('English')")
        page.click("nav >> text=Search")
        page.fill("#q", record.links[0].dossier_code)
        page.click("main button:has-text('Search')")
        page.click(".list strong >> nth=0")
        assert "Fields read from the paper" in page.inner_text("main")
        page.click("section .list a.code >> nth=0")
        assert record.links[0].dossier_code in page.inner_text("h1")
        page.click("button:has-text('Tiếng Việt')")
        page.click("text=Đăng xuất")
        assert page.locator("#mat-khau").count() == 1


def test_an_officer_releases_what_was_seen_and_finds_it_filed(
    live: Live, chromium: Browser, template: Path, tmp_path: Path
) -> None:
    station, archive = live.web.house.station, live.web.house.archive
    before = archive.records.count()
    with logged_in(live, chromium, "officer") as page:
        page.goto("/duyet-ky")
        picture = page.locator("img.page").first
        picture.scroll_into_view_if_needed()
        width = picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
        assert width > 500
        page.check("input[type=checkbox] >> nth=0")
        page.click("main form button")
        assert "Đã ghi nhận" in page.inner_text("main")
        with pki.Services(template / "authority"), Forks(tmp_path) as forks:
            done = forks.hoso("run", "--once", "--station", station.root)
        assert done.code == 0, (done.out, done.err)
        page.reload()
        assert "Không có giấy nào chờ duyệt" in page.inner_text("main")
    assert archive.records.count() == before + 1
    (newest,) = archive.records.newest(1)
    released = [e for e in archive.events.events(newest.submission_id) if e.type == "release"]
    assert [event.actor for event in released] == ["officer (web)"]


def test_an_auditors_day(live: Live, chromium: Browser) -> None:
    record = live.web.house.archive.records.newest(1)[0]
    with logged_in(live, chromium, "auditor") as page:
        page.goto(f"/tim?dossier={record.links[0].dossier_code}")
        page.click("summary")
        page.fill("#reason", "kiểm tra thử nghiệm")
        with page.expect_download() as download:
            page.click("details button")
        listed = Path(download.value.path()).read_text(encoding="utf-8-sig")
        assert record.links[0].dossier_code in listed
        page.goto("/chung-minh")
        page.click("main form button >> nth=0")
        assert "Nhật ký nguyên vẹn" in page.inner_text("main")
        page.goto("/chung-minh")
        page.fill("#tu", "3")
        page.click("form[action='/chung-minh/noi-tiep'] button")
        assert page.locator("main ol li").count() >= 1
        assert page.goto("/duyet-ky").status == 403  # type: ignore[union-attr]  # a page was asked for
