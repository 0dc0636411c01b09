"""A font inside a PDF: the glyphs that a document shows, and what letter each of them is.

Text in it can be searched and copied, as PDF/A-2u asks (ISO 19005-2, 6.2.11). The same letters give
the same bytes.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

_THOUSAND = 1000
# At most a hundred letters a block (Adobe Technical Note 5411).
_BLOCK = 100
_TO_UNICODE = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{blocks}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


class LetterFont:
    """A TrueType font cut down to the letters of one document.

    Args:
        path: The font.
        text: All that the document may show; letters that the font lacks are shown by number.

    Raises:
        OSError: It cannot be read.
    """

    def __init__(self, path: Path, text: str) -> None:
        with TTFont(path, recalcTimestamp=False) as font:
            self._known = frozenset(font.getBestCmap())
            # The letters of numbers too, for those that the font lacks.
            wanted = {ord(letter) for letter in self.readable(text) + " ‹U+0123456789ABCDEF›"}
            options = Options(hinting=False, layout_features=[], notdef_outline=True)
            options.legacy_kern = False
            subsetter = Subsetter(options)
            subsetter.populate(unicodes=sorted(wanted & self._known))
            subsetter.subset(font)
            buffer = BytesIO()
            font.save(buffer, reorderTables=True)
            self._program = buffer.getvalue()
            order = {name: number for number, name in enumerate(font.getGlyphOrder())}
            self._glyphs = {code: order[name] for code, name in font.getBestCmap().items()}
            self._units: int = font["head"].unitsPerEm
            metrics = font["hmtx"].metrics
            self._advances: list[int] = [metrics[name][0] for name in font.getGlyphOrder()]
            self._ascent, self._descent = font["hhea"].ascent, font["hhea"].descent
            box = font["head"]
            self._box = (box.xMin, box.yMin, box.xMax, box.yMax)

    def readable(self, text: str) -> str:
        """Give a text in letters that the font has: others are shown by their numbers."""
        composed = unicodedata.normalize("NFC", text)
        return "".join(
            letter if ord(letter) in self._known else f"‹U+{ord(letter):04X}›"
            for letter in composed
        )

    def width(self, text: str, points: float) -> float:
        """Return the width of a readable text, points."""
        units: int = sum(self._advances[self._glyphs[ord(letter)]] for letter in text)
        return units * points / self._units

    def encode(self, text: str) -> str:
        """Return a readable text as the hex string that a content stream shows."""
        return "".join(f"{self._glyphs[ord(letter)]:04X}" for letter in text)

    def wrap(self, text: str, points: float, room: float) -> Iterator[str]:
        """Yield the lines of a text, none wider than the room: a word that is wider is cut."""
        line = ""
        for word in self.readable(text).split():
            for piece in self._cut(word, points, room):
                longer = f"{line} {piece}".strip()
                if line and self.width(longer, points) > room:
                    yield line
                    longer = piece
                line = longer
        yield line

    def _cut(self, word: str, points: float, room: float) -> Iterator[str]:
        piece = ""
        for letter in word:
            if piece and self.width(piece + letter, points) > room:
                yield piece
                piece = ""
            piece += letter
        yield piece

    def add_to(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """Put the font into a PDF; return what its pages name."""
        # Six letters tell subsets of one font apart (ISO 32000-1, 9.6.4).
        digest = hashlib.sha256(self._program).digest()
        tag = "".join(chr(ord("A") + byte % 26) for byte in digest[:6])
        name = pikepdf.Name(f"/{tag}+Tinos")
        descriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=name,
            Flags=4,
            FontBBox=[self._thousandths(side) for side in self._box],
            ItalicAngle=0,
            Ascent=self._thousandths(self._ascent),
            Descent=self._thousandths(self._descent),
            CapHeight=self._thousandths(self._ascent),
            StemV=80,
            FontFile2=pikepdf.Stream(pdf, self._program, Length1=len(self._program)),
        )
        descendant = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.CIDFontType2,
            BaseFont=name,
            CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            CIDToGIDMap=pikepdf.Name.Identity,
            DW=_THOUSAND,
            W=[0, [self._thousandths(advance) for advance in self._advances]],
            FontDescriptor=pdf.make_indirect(descriptor),
        )
        return pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type0,
                BaseFont=name,
                Encoding=pikepdf.Name("/Identity-H"),
                DescendantFonts=[pdf.make_indirect(descendant)],
                ToUnicode=pikepdf.Stream(pdf, self._unicode_map()),
            )
        )

    def _thousandths(self, units: int) -> int:
        return round(units * _THOUSAND / self._units)

    def _unicode_map(self) -> bytes:
        # Two letters may share a glyph: the first stands for both.
        letters: dict[int, int] = {}
        for code, glyph in sorted(self._glyphs.items()):
            letters.setdefault(glyph, code)
        pairs = [
            f"<{glyph:04X}> <{chr(code).encode('utf-16-be').hex().upper()}>"
            for glyph, code in sorted(letters.items())
        ]
        blocks = [pairs[start : start + _BLOCK] for start in range(0, len(pairs), _BLOCK)]
        written = "\n".join(
            f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar" for block in blocks
        )
        return _TO_UNICODE.format(blocks=written).encode("ascii")
