"""The distribution's Chromium before the pages of a real server, and what every page must keep."""

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

from tests.desk.web.conftest import PASSWORD, Web

CHROMIUM = Path("/usr/bin/chromium")
NEEDED = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium of the distribution")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A row is a card on a telephone: what its cells are called there is what the headings say.
_MISNAMED = """() => [...document.querySelectorAll("table.cards")].flatMap(table => {
    const heads = [...table.tHead.rows[0].cells].map(cell => cell.innerText.trim());
    return [...table.tBodies[0].rows].flatMap(row => [...row.cells].filter((cell, place) =>
        !(cell.scope === "row" && place === 0) && cell.dataset.label !== heads[place]
    ).map(cell => cell.outerHTML));
})"""
_BESIDE = """() => [...document.querySelectorAll("table.cards")]
    .filter(table => table.scrollWidth > table.parentElement.clientWidth)
    .map(table => table.parentElement.getAttribute("aria-labelledby"))"""
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL = {"width": 320, "height": 844}
USUAL = {"width": 1366, "height": 768}


@dataclass
class Live:
    """The pages on loopback."""

    web: Web
    address: str
    said: list[str] = field(default_factory=list)
    """What browsers complained of: a policy that a page breaks, a script that fails."""


@contextmanager
def served(web: Web) -> Iterator[Live]:
    """Serve pages on loopback."""
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


@contextmanager
def chromium_started() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser
        browser.close()


@contextmanager
def logged_in(
    live: Live, chromium: Browser, login: str, *, scripts: bool = True, language: str = "vi"
) -> Iterator[Page]:
    """Open a browser in which somebody has logged in by the form."""
    context = chromium.new_context(
        base_url=live.address,
        java_script_enabled=scripts,
        viewport=USUAL,  # type: ignore[arg-type]  # the two keys that it takes
    )
    page = context.new_page()
    page.on("console", lambda message: live.said.append(message.text))
    page.goto("/")
    page.fill("#ten", login)
    page.fill("#mat-khau", PASSWORD)
    page.fill("#ma", live.web.code(login))
    page.click("main form:has(#mat-khau) button")
    if language == "en":
        page.click("header button[value=en]")
    else:
        choose_vietnamese(page)
    yield page
    context.close()


def choose_vietnamese(page: Page) -> None:
    """Go back to the language of the pages: a person's choice is kept."""
    if page.locator("header button[value=vi]").count():
        page.click("header button[value=vi]")


def assert_open_to_all(page: Page) -> None:
    """Assert that nothing on a page keeps people out, by day and by night, and on a telephone."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", _RULES)
    assert [(item["id"], item["nodes"][0]["target"]) for item in found["violations"]] == []
    page.emulate_media(color_scheme="dark")
    found = page.evaluate("() => axe.run(document, {runOnly: ['color-contrast']})")
    assert [item["nodes"][0]["target"] for item in found["violations"]] == []
    page.emulate_media(color_scheme="light")
    assert page.evaluate(_MISNAMED) == [], page.url
    page.set_viewport_size(SMALL)  # type: ignore[arg-type]  # the two keys that it takes
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"], page.url
    assert page.evaluate(_BESIDE) == [], page.url
    page.set_viewport_size(USUAL)  # type: ignore[arg-type]  # likewise
