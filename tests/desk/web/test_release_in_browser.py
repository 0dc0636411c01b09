"""An officer releases on the page, and signs with a token at another computer: `hoso agent`.

The engine, the pages and the agent are what runs at an agency; the token is SoftHSM.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from desk.remote.paired import give_code
from desk.station import Station, open_station
from fixtures.keys.soft_token import PIN, WRONG_PIN, SoftToken
from signing.structure import inspect
from storage.submissions import SubmissionState
from tests.desk.agent_desk import KEY, NAME, Running, running, until
from tests.desk.officer import PIN_ASKED, Computer
from tests.desk.tiny import change_settings
from tests.desk.web.browsers import (
    NEEDED,
    Live,
    assert_open_to_all,
    chromium_started,
    logged_in,
    served,
)
from tests.desk.web.conftest import opened
from tests.signing.workbench import free_port

pytestmark = NEEDED
HOLDER = "Chị Lan THỬ NGHIỆM"


@pytest.fixture(scope="module")
def at_agent(filed: Station, tmp_path_factory: pytest.TempPathFactory) -> tuple[Station, int]:
    """A station whose agency key lies at an officer's computer, and its port."""
    root = tmp_path_factory.mktemp("agent") / "station"
    shutil.copytree(filed.root, root)
    port = free_port()
    change_settings(
        root,
        signing={"key": KEY, "passphrase": ""},
        agents={"host": "127.0.0.1", "port": port},
    )
    return open_station(root), port


@pytest.fixture(scope="module")
def live(at_agent: tuple[Station, int]) -> Iterator[Live]:
    with opened(at_agent[0]) as web, served(web) as live:
        yield live


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chromium_started() as browser:
        yield browser


def holder_on(page: Page) -> str:
    """Return what the page says of the computer with the key, as it stands now."""
    page.goto("/duyet-ky")
    page.wait_for_load_state()
    return page.inner_text("p.notice >> nth=0")


def await_words(page: Page, words: str) -> None:
    until(lambda: words in holder_on(page))


def release_all(page: Page) -> None:
    """Look at what waits, choose all of it, look again, and release it."""
    picture = page.locator("img.page").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    page.click("text=Chọn tất cả giấy trên trang này")
    page.click("main form button")
    assert "Duyệt ký 1 giấy?" in page.inner_text("h1")
    assert_open_to_all(page)
    page.click("main form button:has-text('Duyệt ký 1 giấy')")
    assert "Đã ghi nhận" in page.inner_text("main")


def sign_with_a_slip(page: Page, computer: Computer, shown: str) -> None:
    """Have the PIN typed wrong, then right; the page tells of both."""
    with computer.run("--once") as terminal:
        terminal.await_text(shown)
        terminal.await_text(PIN_ASKED)
        await_words(page, "đã nhận danh sách 1 giấy")
        terminal.type(f"{WRONG_PIN}\n")
        assert "Sai mã PIN" in terminal.ended(53)
    await_words(page, "mã PIN gõ sai, chưa ký giấy nào")
    assert page.locator("[role=alert]").count() == 1
    assert_open_to_all(page)
    with computer.run("--once") as terminal:
        terminal.await_text(PIN_ASKED)
        terminal.type(f"{PIN}\n")
        assert "Đã ký 1/1 giấy." in terminal.ended(0)


def test_an_officer_releases_what_was_seen_signs_it_by_token_and_finds_it(
    live: Live,
    chromium: Browser,
    at_agent: tuple[Station, int],
    token: SoftToken,
    tmp_path: Path,
) -> None:
    station, port = at_agent
    archive, computer = live.web.house.archive, Computer(folder=tmp_path / "pc", token=token)
    before = archive.records.count()
    with logged_in(live, chromium, "officer") as page:
        assert f"hoso agents pair {NAME}" in holder_on(page)
        given = give_code(station, NAME, HOLDER, "admin")
        with running(station, port) as desk:
            assert f"«{NAME}»" in computer.join(desk.cable.address, given.code)
            await_words(page, f"{HOLDER}): chưa liên lạc từ khi trạm chạy")
            release_all(page)
            await_released(desk)
            page.goto("/duyet-ky")
            (title,) = page.locator(".numbered li").all_inner_texts()
            sign_with_a_slip(page, computer, title)
            until(lambda: archive.records.count() > before)
            await_words(page, "sẵn sàng")
            assert "Không có giấy nào chờ duyệt" in page.inner_text("main")
            assert page.locator(".numbered").count() == 0
        await_words(page, "trạm đang dừng")
        page.goto("/tim")
        page.click(".list strong >> nth=0")
        assert "CQ_SoHoa" in page.inner_text("main")
    (newest,) = archive.records.newest(1)
    assert newest.verdict == "TOTAL-PASSED"
    structure = inspect(archive.objects.path(newest.pdf.sha256))
    assert [found.field for found in structure.signatures] == ["CQ_SoHoa"]
    released = [e for e in archive.events.events(newest.submission_id) if e.type == "release"]
    assert [event.actor for event in released] == ["officer (web)"]
    assert live.said == []


def await_released(desk: Running) -> None:
    """Wait until the engine has taken the release, and waits for the holder of the key."""
    ledger = desk.archive.ledger
    until(
        lambda: [
            item
            for item in ledger.in_state(SubmissionState.AWAITING_RELEASE)
            if item.reason is not None and item.reason.code == "key_holder"
        ]
    )
