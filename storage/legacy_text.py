"""Text of fonts older than Unicode: born-digital papers in TCVN3 (.VnTime) and VNI (VNI-Times).

Such a PDF shows «Cộng hòa» and says «Céng hßa» or «Coäng hoøa». Line for line the same text comes
back in Unicode, for the index and for showing; what is filed stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from storage.syllables import is_syllable

# Signs of Latin-1 that no Vietnamese text in Unicode has inside a word, but both encodings do.
_STRANGE = (
    "\u00a1-\u00a9\u00aa-\u00af\u00b1-\u00b9\u00bb-\u00bfÄÅÆÇËÎÏÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþÿ\u03bc"
)
_STRANGE_SIGN = re.compile(f"[{_STRANGE}]")
_STRANGE_WORD = re.compile(f"[A-Za-z][{_STRANGE}]|[{_STRANGE}][A-Za-z]")
_MIN_STRANGE = 3
_MIN_LEGAL_SHARE = 0.75
# A line with such a letter is in Unicode already: a page may mix fonts.
_UNICODE = re.compile("[\u0100-\u01b0\u0300-\u0323\u1ea0-\u1ef9]")
_RUN = re.compile(rf"[^\W\d_{_STRANGE}]*[A-Za-z{_STRANGE}\u00c0-\u00ff]+")

_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢£¤¥¦§μ",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂÊÔƠƯĐà",
        strict=True,
    )
)
_ALONE = dict(zip("íìæóòôöñîÍÌÆÓÒÔÖÑÎ", "íìỉĩịơưđỵÍÌỈĨỊƠƯĐỴ", strict=True))
# VNI writes a letter, then what stands on it: both as letters of Latin-1.
_TONES = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_ON_ROOF = dict(zip("âáàåãä", ["", *"\u0301\u0300\u0309\u0303\u0323"], strict=True))
_ON_BREVE = dict(zip("êéèúüë", ["", *"\u0301\u0300\u0309\u0303\u0323"], strict=True))
_ROOF, _BREVE = "\u0302", "\u0306"
_VNI_PAIR = re.compile("([aeoAEO])([âáàåãäÂÁÀÅÃÄ])|([aA])([êéèúüëÊÉÈÚÜË])|(.)([ùøûõïÙØÛÕÏ])|(.)")


def repaired(text: str) -> str:
    """Return a text in Unicode, line for line; as it is where it is Unicode already."""
    # The first look is the quick one: nearly every page is in Unicode.
    if any(len(signs.findall(text)) < _MIN_STRANGE for signs in (_STRANGE_SIGN, _STRANGE_WORD)):
        return text
    lines = text.split("\n")
    old = "\n".join(line for line in lines if not _UNICODE.search(line))
    share, convert = max(
        ((_legal_share(old, way), way) for way in (_from_tcvn3, _from_vni)), key=lambda way: way[0]
    )
    if share < _MIN_LEGAL_SHARE:
        return text
    return "\n".join(line if _UNICODE.search(line) else convert(line) for line in lines)


def _legal_share(text: str, convert: Callable[[str], str]) -> float:
    """Return which share of the words that change are Vietnamese syllables afterwards."""
    runs = {run for run in _RUN.findall(text) if not run.isascii()}
    changed = [convert(run) for run in runs if convert(run) != run]
    return sum(map(is_syllable, changed)) / len(changed) if changed else 0.0


def _from_tcvn3(text: str) -> str:
    return "".join(_TCVN3.get(letter, letter) for letter in text)


def _from_vni(text: str) -> str:
    return _VNI_PAIR.sub(_vni_letter, text)


def _vni_letter(match: re.Match[str]) -> str:
    roofed, roof, open_a, breve, letter, tone, single = match.groups()
    if roofed:
        return _composed(roofed, _ROOF + _ON_ROOF[roof.lower()])
    if open_a:
        return _composed(open_a, _BREVE + _ON_BREVE[breve.lower()])
    if letter and letter.lower() in "aeouyôö":
        return _composed(_ALONE.get(letter, letter), _TONES[tone.lower()])
    return "".join(_ALONE.get(sign, sign) for sign in (single or letter + tone))


def _composed(letter: str, marks: str) -> str:
    return unicodedata.normalize("NFC", letter + marks)
