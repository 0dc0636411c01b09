"""The invisible text layer: words lie upright under their picture, in reading order.

One shared Type 0 font (two-byte codes are UTF-16 code units; ISO 32000-1, 9.7.5 and 9.10.3) with
one empty glyph; text rendering mode 3 (invisible). Upright text over a rotated picture, never
rotated text: readers shred rotated lines into letters.

A line with gaps as wide as between columns is taken apart by readers that look for columns
(poppler), and what was read as a row of a table comes out as neither row nor column. So a wide gap
is filled by one blank glyph that stands for two spaces; by a single space poppler would end the
word, and measure the gap again.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from statistics import median

import pikepdf

from digitize.layout import height_of
from digitize.model import Line, RecognizedPage

# Of the font in digitize/fonts: advance, and depth below the baseline, in em.
_ADVANCE_EM = 0.5
_DESCENT_EM = 0.2
_FONT_NAME = "/HoSoGlyphless"
# A line whose box was stretched by a stray mark still gets letters of its words' height.
_MAX_STRETCH = 1.3
_CODES = 65_536
_LEAST_WIDTH = 0.1
# High bytes of halves of characters beyond the basic plane: no characters by themselves.
_SURROGATES = range(0xD8, 0xE0)
_LAST_CHARACTER = 0xFFFD
# A mark of byte order is no character of a text (ISO 19005-2, 6.2.11.7.2).
_BYTE_ORDER_MARK = 0xFEFF
# A gap of so many letter heights is one between columns; the code that fills it is no letter's.
_WIDE_GAP = 1.0
# Letters with tails, commas and hyphens differ by less than so many letter heights.
_LEANING = 0.6
_WIDE_GAP_CODE = "0009"

TO_UNICODE = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfchar
<0009> <00200020>
endbfchar
%d beginbfrange
%s
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


def add_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Add the font of the text layer to a PDF; all its pages share it."""
    program = files("digitize").joinpath("fonts/hoso-glyphless.ttf").read_bytes()
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name(_FONT_NAME),
        Flags=4,
        FontBBox=[0, -200, 500, 800],
        ItalicAngle=0,
        Ascent=800,
        Descent=-200,
        CapHeight=800,
        StemV=80,
        FontFile2=pikepdf.Stream(pdf, program, Length1=len(program)),
    )
    # Code 0 is never shown; every other code is the one empty glyph.
    glyphs = b"\x00\x00" + b"\x00\x01" * (_CODES - 1)
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name(_FONT_NAME),
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        CIDToGIDMap=pikepdf.Stream(pdf, glyphs),
        DW=500,
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name(_FONT_NAME),
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(descendant)],
            ToUnicode=pikepdf.Stream(pdf, to_unicode_map()),
        )
    )


def to_unicode_map() -> bytes:
    """Map every code to itself; a range may not cross a change of the high byte (Adobe TN 5411)."""
    ranges = [
        f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>"
        for high in range(1, 0xFE)
        if high not in _SURROGATES
    ]
    ranges += ["<FE00> <FEFE> <FE00>", "<FF00> <FFFD> <FF00>"]
    ranges.insert(0, "<0020> <00FF> <0020>")
    # At most a hundred ranges a block.
    blocks = [ranges[start : start + 100] for start in range(0, len(ranges), 100)]
    body = b"\nendbfrange\n".join(
        b"%d beginbfrange\n%s" % (len(block), "\n".join(block).encode()) for block in blocks
    )
    first, _, rest = body.partition(b"\n")
    return TO_UNICODE.replace(b"%d beginbfrange", first).replace(b"%s", rest)


def draw_words(page: RecognizedPage) -> bytes:
    """Return the content that lays a page's words, invisible, at their places."""
    if not page.lines:
        return b""
    parts = ["BT", "3 Tr"]
    for line in page.lines:
        parts.extend(_draw_line(line, page.height))
    parts.append("ET")
    return "\n".join(parts).encode("ascii")


def _draw_line(line: Line, page_height: float) -> Iterator[str]:
    letters = median(word.box[3] - word.box[1] for word in line.words)
    size = max(min(height_of(line), _MAX_STRETCH * letters), 1.0)
    baseline = page_height - _foot_of(line, letters) + _DESCENT_EM * size
    yield f"/F0 {size:.2f} Tf"
    words = [(encode(word.text), word) for word in line.words]
    shown = [(codes, word) for codes, word in words if codes]
    for index, (codes, word) in enumerate(shown):
        left, right = word.box[0], max(word.box[2], word.box[0] + _LEAST_WIDTH)
        gap = shown[index + 1][1].box[0] - right if index + 1 < len(shown) else 0.0
        is_wide = gap > _WIDE_GAP * size
        # The space after a word belongs to the layer: readers need not guess it from the gap.
        yield _show(codes, (left, right), (size, baseline), "" if is_wide else "0020")
        if is_wide:
            yield _show(_WIDE_GAP_CODE, (right, right + gap), (size, baseline))


def _foot_of(line: Line, letters: float) -> float:
    """Return where a line's letters end below; of a line on a photo that leans, in its middle.

    All its words stand on one baseline, or readers would take it apart.

    Args:
        line: the line.
        letters: their height, points.
    """
    feet = [word.box[3] for word in line.words]
    leans = max(feet) - min(feet) > _LEANING * max(letters, 1.0)
    return median(feet) if leans else line.box[3]


def _show(codes: str, span: tuple[float, float], line: tuple[float, float], after: str = "") -> str:
    """Show codes from left to right end; what comes after them is as wide as one of them.

    Args:
        codes: two bytes each, hex.
        span: left and right end, points.
        line: size of its letters and height of its baseline, points.
        after: a code that is not counted into the width.
    """
    size, baseline = line
    natural = len(codes) // 4 * _ADVANCE_EM * size
    stretch = (span[1] - span[0]) / natural * 100
    return f"{stretch:.2f} Tz 1 0 0 1 {span[0]:.2f} {baseline:.2f} Tm <{codes}{after}> Tj"


def encode(text: str) -> str:
    """Return a text's two-byte codes as hex; what lies outside the basic plane is left out."""
    codes = (ord(letter) for letter in text)
    return "".join(
        f"{code:04X}"
        for code in codes
        if 0x20 <= code <= _LAST_CHARACTER
        and code >> 8 not in _SURROGATES
        and code != _BYTE_ORDER_MARK
    )
