"""Does every letter that a PDF shows have a place in Unicode? Then its copy may be of level U.

ISO 19005-2, 6.2.11.7.2: the font of each text, invisible text included, leads to Unicode. Fonts
that do so by a well-known encoding are not believed here: only a /ToUnicode map that covers the
codes in use is. What cannot be told is level B, which claims less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

_SHOWING = {"Tj", "TJ", "'", '"'}
_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")
_TWO_BYTE_ENCODINGS = {"/Identity-H", "/Identity-V"}
# No character at all, and the marks of byte order (6.2.11.7.2).
_NO_LETTERS = ("\0", "\ufeff", "\ufffe")
_MAX_RANGE = 0x10000
Font = tuple[int, int]
"""Object number and generation."""


def maps_to_unicode(pdf: pikepdf.Pdf, *own: pikepdf.Object) -> bool:
    """Tell whether all text of a PDF maps to Unicode.

    Args:
        pdf: the document.
        own: fonts of ours, which map every code that we show.
    """
    trusted = {font.objgen for font in own}
    shown: dict[Font, tuple[Dictionary, set[bytes]]] = {}
    try:
        for scope in pdf.content_scopes():
            resources = scope.resources if scope.resources is not None else Dictionary()
            if _has_other_fonts(resources, trusted):
                _collect(scope.content, resources, shown)
        return all(
            _covers(font, codes) for key, (font, codes) in shown.items() if key not in trusted
        )
    except (pikepdf.PdfError, _Unclear, IndexError, TypeError, ValueError):
        return False


def _has_other_fonts(resources: Dictionary, trusted: set[Font]) -> bool:
    """Tell whether a content may show text in a font that is not ours."""
    fonts = _dictionary(resources, "/Font").values()
    return any(not isinstance(font, Dictionary) or font.objgen not in trusted for font in fonts)


class _Unclear(Exception):
    """It cannot be told in which font a text is shown."""


def _dictionary(holder: pikepdf.Object, key: str) -> Dictionary:
    value = holder.get(key)
    return value if isinstance(value, Dictionary) else Dictionary()


def _collect(
    content: pikepdf.Object,
    resources: Dictionary,
    shown: dict[Font, tuple[Dictionary, set[bytes]]],
) -> None:
    """Add the strings that a content shows, by font."""
    fonts, states = _dictionary(resources, "/Font"), _dictionary(resources, "/ExtGState")
    font: Dictionary | None = None
    saved: list[Dictionary | None] = []
    for instruction in pikepdf.parse_content_stream(content):
        operands = instruction.operands
        match str(instruction.operator):
            case "q":
                saved.append(font)
            case "Q" if saved:
                font = saved.pop()
            case "Tf":
                font = _named(fonts, operands[0])
            case "gs" if "/Font" in _named(states, operands[0]):
                raise _Unclear
            case operator if operator in _SHOWING:
                if font is None or not font.is_indirect:
                    raise _Unclear
                _, strings = shown.setdefault(font.objgen, (font, set()))
                strings.update(_strings(operands[-1]))


def _named(among: Dictionary, name: object) -> Dictionary:
    found = among.get(name) if isinstance(name, Name) else None
    if not isinstance(found, Dictionary):
        raise _Unclear
    return found


def _strings(operand: object) -> Iterator[bytes]:
    items = operand if isinstance(operand, Array) else [operand]
    for item in items:
        if isinstance(item, String):
            yield bytes(item)


def _covers(font: Dictionary, strings: set[bytes]) -> bool:
    unicode_map = font.get("/ToUnicode")
    if not isinstance(unicode_map, Stream):
        return False
    length = 1
    if font.get("/Subtype") == Name.Type0:
        if str(font.get("/Encoding")) not in _TWO_BYTE_ENCODINGS:
            return False
        length = 2
    codes = {
        int.from_bytes(text[at : at + length], "big")
        for text in strings
        for at in range(0, len(text), length)
    }
    letters = read_unicode_map(unicode_map.read_bytes())
    return all(code in letters and _is_letter(letters[code]) for code in codes)


def _is_letter(text: str) -> bool:
    return bool(text) and not any(mark in text for mark in _NO_LETTERS)


def read_unicode_map(data: bytes) -> dict[int, str]:
    """Read the pairs and ranges of a /ToUnicode map (ISO 32000-1, 9.10.3): code to text."""
    found: dict[int, str] = {}
    for kind, body in _BLOCK.findall(data):
        entries = _entries(body)
        if kind == b"bfchar":
            pairs = zip(entries[::2], entries[1::2], strict=False)
            found.update((_number(code), _text(target)) for code, target in pairs)
            continue
        for first, last, target in zip(entries[::3], entries[1::3], entries[2::3], strict=False):
            found.update(_range(_number(first), _number(last), target))
    return found


_Entry = bytes | list[bytes]


def _entries(body: bytes) -> list[_Entry]:
    """Return the hex strings of a block, those within brackets as one list."""
    found: list[_Entry] = []
    inside: list[bytes] | None = None
    for token in _TOKEN.finditer(body):
        if token[2]:
            inside = []
            found.append(inside)
        elif token[3]:
            inside = None
        else:
            value = bytes.fromhex(token[1].decode("ascii"))
            (found if inside is None else inside).append(value)
    return found


def _number(entry: _Entry) -> int:
    return int.from_bytes(entry, "big") if isinstance(entry, bytes) else -1


def _text(entry: _Entry) -> str:
    return entry.decode("utf-16-be", "replace") if isinstance(entry, bytes) else ""


def _range(first: int, last: int, target: _Entry) -> Iterator[tuple[int, str]]:
    codes = range(first, min(last, first + _MAX_RANGE - 1) + 1)
    if isinstance(target, list):
        for code, item in zip(codes, target, strict=False):
            yield code, _text(item)
        return
    # Only the last byte counts up.
    for code in codes:
        step = code - first + (target[-1] if target else 0)
        yield code, _text(target[:-1] + bytes([step])) if target and step < 256 else ""
