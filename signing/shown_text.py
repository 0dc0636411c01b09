"""Words out of a file as a person may be shown them: nothing in them hides, turns or runs over.

Names in certificates and fields are whatever their maker wrote. Marks that reorder a line could
make «hợp lệ» of its opposite, line ends could add a line of their own, letters without end push
what matters off the page (Unicode Technical Report 36). Such marks are shown by their numbers.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby

NAME_LETTERS = 200
SENTENCE_LETTERS = 800
# Drawn from right to left, or joined by rules that no page of ours follows.
_TURNING = {"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "PDF", "PDI", "FSI", "BN"}
# Controls, formats, halves of characters, private and unknown ones; marks that no letter took up.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Mc"}
# Of a long run of such marks the first ones tell enough.
_MOST_NAMED = 8
# Letters that are drawn as nothing at all.
_BLANK_LETTERS = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800"}


def shown(text: str, letters: int = NAME_LETTERS) -> str:
    """Give a text out of a file as it may stand on a page.

    Args:
        text: The text.
        letters: How many of it are shown; what is left out is counted.
    """
    composed = unicodedata.normalize("NFC", text[: 4 * letters])
    line = " ".join("".join(_pieces(composed[:letters])).split())
    # Of a text cut before it was composed, some marks may have been counted as letters.
    left = len(text) - len(composed[:letters])
    return f"{line} …(+{left})" if len(composed) > letters else line


def _pieces(text: str) -> list[str]:
    pieces = []
    for is_strange, run in groupby(text, _is_strange):
        letters = list(run)
        if is_strange:
            named = [f"U+{ord(letter):04X}" for letter in letters[:_MOST_NAMED]]
            left = [f"+{len(letters) - _MOST_NAMED}"] if len(letters) > _MOST_NAMED else []
            pieces.append(f"‹{' '.join([*named, *left])}›")
        else:
            pieces.append("".join(letters))
    return pieces


def _is_strange(letter: str) -> bool:
    if unicodedata.category(letter) in _UNSEEN or letter in _BLANK_LETTERS:
        return True
    # Spaces of any width become one; line ends of any kind are shown, not followed.
    is_break = unicodedata.category(letter) in {"Zl", "Zp"}
    return is_break or unicodedata.bidirectional(letter) in _TURNING
