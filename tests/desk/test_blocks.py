"""Both signature blocks on page 1: where they stand, in millimetres from the upper left as seen."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import segno
from PIL import Image, ImageDraw, ImageFont

from config.rules import load_rule_set
from desk.blocks import Wish, lay_blocks
from signing.appearance import measure_block
from signing.model import VisibleBlock

MM = 72 / 25.4
DPI = 100
AT = dt.datetime(2026, 11, 21, 8, 4, 5, tzinfo=dt.UTC)
RULES = load_rule_set(dt.date(2026, 11, 21))
EDGE = RULES.block.edge_mm
SHORT = "Ủy ban nhân dân xã Thử Nghiệm"
LONG = (
    "Trung tâm Phục vụ hành chính công Văn phòng Hội đồng nhân dân và Ủy ban nhân dân phường "
    "Thử Nghiệm Dài Nhất, thành phố Thử Nghiệm"
)
A4, A3 = (210.0, 297.0), (297.0, 420.0)
LANDSCAPE, CARD = (297.0, 210.0), (85.6, 54.0)
_FONT = "/usr/share/fonts/truetype/croscore/Tinos-Bold.ttf"
Seen = tuple[float, float, float, float]


def _pixels(millimetres: tuple[float, float]) -> tuple[int, int]:
    return round(millimetres[0] / 25.4 * DPI), round(millimetres[1] / 25.4 * DPI)


class Sheet:
    """A drawn page of some size in millimetres."""

    def __init__(self, size: tuple[float, float]) -> None:
        self.size = size
        self.picture = Image.new("RGB", _pixels(size), "white")
        self._pen = ImageDraw.Draw(self.picture)

    def write(self, at: tuple[float, float], text: str, height: float = 4.0) -> Seen:
        """Print words; return what they cover, millimetres."""
        font = ImageFont.truetype(_FONT, round(height / 25.4 * DPI))
        left, top = (side / 25.4 * DPI for side in at)
        self._pen.text((left, top), text, font=font, fill="black")
        box = self._pen.textbbox((left, top), text, font=font)
        return tuple(side * 25.4 / DPI for side in box)  # type: ignore[return-value]  # four of four

    def put_code(self, at: tuple[float, float], side: float) -> Seen:
        """Print a QR code."""
        buffer = BytesIO()
        segno.make("H26.99-261121-0001 THU NGHIEM").save(buffer, kind="png", border=0)
        code = Image.open(buffer).convert("RGB").resize((round(side / 25.4 * DPI),) * 2)
        self.picture.paste(code, _pixels(at))
        return at[0], at[1], at[0] + side, at[1] + side

    def save(self, path: Path, turn: int = 0) -> Path:
        """Write it as a PDF; a turn is undone by the page's own /Rotate."""
        buffer = BytesIO()
        # PIL turns counter-clockwise, viewers turn a page clockwise.
        self.picture.rotate(turn, expand=True).save(buffer, "PDF", resolution=DPI)
        with pikepdf.open(buffer) as pdf:
            if turn:
                pdf.pages[0].obj.Rotate = turn
            pdf.save(path)
        return path


def wishes(agency: str = SHORT) -> list[Wish]:
    return [
        Wish(
            corner="left",
            name="Nguyễn Thị Hoàng Phương Anh THỬ NGHIỆM",
            at=AT,
            copy_type=None,
            rules=RULES.personal_block,
        ),
        Wish(corner="right", name=agency, at=AT, copy_type="Sao y", rules=RULES.block),
    ]


def lay(sheet: Sheet, folder: Path, agency: str = SHORT, turn: int = 0) -> dict[str, Seen]:
    """Lay both blocks; return their places as seen, in millimetres."""
    laid = lay_blocks(sheet.save(folder / "a.pdf", turn), wishes(agency), ())
    assert laid is not None
    with pikepdf.open(folder / "a.pdf") as pdf:
        page = tuple(float(side) for side in pdf.pages[0].mediabox)
    return {corner: as_seen(block, page, turn) for corner, block in laid.items()}


def as_seen(block: VisibleBlock, page: tuple[float, ...], turn: int) -> Seen:
    x0, y0, x1, y1 = block.box
    width, height = page[2], page[3]
    seen = {
        0: (x0, height - y1, x1, height - y0),
        90: (y0, x0, y1, x1),
        180: (width - x1, y0, width - x0, y1),
        270: (height - y1, width - x1, height - y0, width - x0),
    }[turn]
    return tuple(side / MM for side in seen)  # type: ignore[return-value]  # four of four


def apart(one: Seen, other: Seen) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [A4, LANDSCAPE, A3], ids=["A4", "landscape", "A3"])
def test_on_an_empty_page_each_stands_in_its_corner(
    size: tuple[float, float], turn: int, tmp_path: Path
) -> None:
    places = lay(Sheet(size), tmp_path, turn=turn)
    left, right = places["left"], places["right"]
    assert left[:2] == pytest.approx((EDGE, EDGE), abs=0.5)
    assert (right[2], right[1]) == pytest.approx((size[0] - EDGE, EDGE), abs=0.5)
    # Three lines of 10 points with their leading: copy type, agency, time.
    assert right[3] - right[1] == pytest.approx(3 * 11.5 / MM + 4 / MM, abs=0.5)
    assert left[3] - left[1] == pytest.approx(2 * 11.5 / MM + 4 / MM, abs=0.5)
    assert apart(left, right)


def test_beside_a_code_at_the_top_left_stands_who_copied(tmp_path: Path) -> None:
    sheet = Sheet(A4)
    code = sheet.put_code((8.0, 8.0), 25.0)
    places = lay(sheet, tmp_path)
    assert places["left"][0] == pytest.approx(code[2] + 1, abs=1.5)
    assert places["left"][1] == pytest.approx(EDGE, abs=0.5)
    assert places["right"][2] == pytest.approx(A4[0] - EDGE, abs=0.5)
    assert all(apart(place, code) for place in places.values())


def test_below_words_in_both_corners_and_never_on_them(tmp_path: Path) -> None:
    sheet = Sheet(A4)
    written = [
        sheet.write((12.0, 6.0), "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"),
        sheet.write((105.0, 6.0), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        sheet.write((125.0, 12.0), "Độc lập - Tự do - Hạnh phúc"),
        sheet.write((20.0, 12.0), "Số: 12/QĐ-UBND"),
    ]
    places = lay(sheet, tmp_path)
    assert all(apart(place, box) for place in places.values() for box in written)
    assert places["left"][1] < 25
    assert places["right"][1] < 25
    assert places["left"][0] == pytest.approx(EDGE, abs=0.5)


def test_a_long_name_wraps_and_keeps_to_its_corner(tmp_path: Path) -> None:
    places = lay(Sheet(A4), tmp_path, LONG)
    right = places["right"]
    assert (right[2], right[1]) == pytest.approx((A4[0] - EDGE, EDGE), abs=0.5)
    assert right[2] - right[0] <= 80.5
    assert right[3] - right[1] > 20
    assert apart(places["left"], right)


def test_where_the_margin_is_narrow_a_block_becomes_narrower_first(tmp_path: Path) -> None:
    sheet = Sheet(A4)
    sheet.write((6.0, 4.0), "\n".join(["CHỮ IN KÍN LỀ TRÁI"] * 30), 6.0)
    sheet.write((140.0, 4.0), "\n".join(["CHỮ IN LỀ PHẢI"] * 30), 6.0)
    places = lay(sheet, tmp_path)
    assert apart(places["left"], places["right"])
    widths = sorted(place[2] - place[0] for place in places.values())
    assert widths[0] < 62


def test_on_a_card_both_find_room_one_below_the_other(tmp_path: Path) -> None:
    places = lay(Sheet(CARD), tmp_path)
    assert apart(places["left"], places["right"])
    assert max(place[3] for place in places.values()) <= CARD[1]


def test_a_page_that_is_written_full_is_for_a_person(tmp_path: Path) -> None:
    sheet = Sheet(A4)
    for row in range(60):
        sheet.write((3.0, 2.0 + row * 5.0), "KÍN TRANG " * 12)
    assert lay_blocks(sheet.save(tmp_path / "a.pdf"), wishes(), ()) is None


def test_what_was_read_is_never_covered_though_its_ink_is_not_seen(tmp_path: Path) -> None:
    path = Sheet(A4).save(tmp_path / "a.pdf")
    pale = (10.0, 10.0, 120.0, 60.0)
    laid = lay_blocks(path, wishes(), [pale])
    assert laid is not None
    x0, _, _, y1 = laid["left"].box
    assert x0 >= pale[2] or A4[1] * MM - y1 >= pale[3] - 1


def test_each_block_is_as_large_as_its_words(tmp_path: Path) -> None:
    laid = lay_blocks(Sheet(A4).save(tmp_path / "a.pdf"), wishes(LONG), ())
    assert laid is not None
    for block in laid.values():
        x0, y0, x1, y1 = block.box
        assert (x1 - x0, y1 - y0) == pytest.approx(measure_block(block.lines))
