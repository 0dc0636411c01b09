"""What was read is shown where it stands: fields and lines, on the page and as a strip."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from desk.line_places import line_place
from desk.web.page_pictures import PagePictures
from storage.model import Box, Record
from tests.desk.web.conftest import Web

_FRAME = (0xC0, 0x1F, 0x1A)
_DPI = 150 / 72


@pytest.fixture(scope="module")
def auditor(web: Web) -> TestClient:
    return web.logged_in("auditor")


def receipt(web: Web) -> Record:
    """Return a paper of which a field was read."""
    newest = web.house.archive.records.newest(3)
    return next(record for record in newest if any(field.box for field in record.fields))


def picture(browser: TestClient, path: str) -> Image.Image:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    return Image.open(BytesIO(answer.content))


def framed(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Return what the frame encloses, in pixels."""
    pixels = np.asarray(image.convert("RGB"))
    rows, columns = np.nonzero((pixels == _FRAME).all(axis=2))
    if not len(rows):
        return None
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_a_field_is_framed_where_it_was_read(web: Web, auditor: TestClient) -> None:
    record = receipt(web)
    place, field = next((n, f) for n, f in enumerate(record.fields, start=1) if f.box is not None)
    page = auditor.get(f"/giay/{record.id}").text
    link = f"?trang={field.page}&amp;truong={place}#hinh"
    assert link in page
    shown = auditor.get(f"/giay/{record.id}?trang={field.page}&truong={place}").text
    source = f"/giay/{record.id}/trang/{field.page}.png?truong={place}"
    assert f'src="{source}"' in shown
    frame = framed(picture(auditor, source))
    assert frame is not None
    assert field.box is not None
    left, top, right, bottom = (side * _DPI for side in field.box)
    assert frame[0] < left < right < frame[2] + 1
    assert frame[1] < top < bottom < frame[3] + 1
    assert max(left - frame[0], top - frame[1], frame[2] - right, frame[3] - bottom) < 15


def test_a_hit_leads_to_its_line_in_text_and_picture(web: Web, auditor: TestClient) -> None:
    found = auditor.get("/tim", params={"q": "thử nghiệm"}).text
    record = receipt(web)
    lines = record.pages[0].text.split("\n")
    number = next(n for n, line in enumerate(lines, 1) if "thử nghiệm" in line.casefold())
    assert f'href="/giay/{record.id}?trang=1&amp;dong={number}"' in found
    assert f'src="/giay/{record.id}/trang/1/dong.png?dong={number}"' in found
    shown = auditor.get(f"/giay/{record.id}?trang=1&dong={number}").text
    assert shown.count("<mark>") == 1
    assert f"<mark>{lines[number - 1]}</mark>" in shown
    strip = picture(auditor, f"/giay/{record.id}/trang/1/dong.png?dong={number}")
    frame = framed(strip)
    assert frame is not None
    assert strip.width > 1000
    assert strip.height < 200
    assert frame[3] - frame[1] > strip.height / 5


def test_the_line_of_a_hit_is_framed_on_the_whole_page_too(
    web: Web, auditor: TestClient, marked: list[Box | None]
) -> None:
    record = receipt(web)
    auditor.get(f"/giay/{record.id}/trang/1.png?dong=2")
    place = line_place(record, 1, 2, web.house.archive)
    assert place is not None
    assert marked == [place]


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> list[Box | None]:
    """What pictures that are asked for would have a frame round; none is drawn."""
    frames: list[Box | None] = []

    def note(*_: object, marked: Box | None = None, **__: object) -> bytes:
        frames.append(marked)
        return b""

    monkeypatch.setattr(PagePictures, "draw", note)
    return frames


@pytest.mark.parametrize(
    "asked", ["", "dong=0", "dong=99999", "dong=x", "truong=999", "truong=-1", "dong=999&dau=1"]
)
def test_a_place_that_is_not_known_shows_the_page_without_a_frame(
    web: Web, auditor: TestClient, marked: list[Box | None], asked: str
) -> None:
    record = receipt(web)
    for path in ("", "/trang/1.png", "/trang/1/dong.png"):
        assert auditor.get(f"/giay/{record.id}{path}?{asked}").status_code == 200
    assert marked == [None, None]


def test_no_picture_outside_the_paper(web: Web, auditor: TestClient) -> None:
    record = receipt(web)
    beyond = record.page_count + 1
    for path in (f"trang/{beyond}.png", f"trang/{beyond}/dong.png?dong=1", "truong/999.png"):
        assert auditor.get(f"/giay/{record.id}/{path}").status_code == 404
