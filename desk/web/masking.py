"""Numbers of persons in lists: shown as dots, one for each digit, so that marks keep their places.

Luật 91/2025/QH15: a list is seen by more eyes than a paper. The whole number stands on the paper's
own page, whose view is an event.
"""

from __future__ import annotations

import re

# 12 digits of a personal number, 9 of an older one; also written in groups. A dossier's code, a
# date or a certificate's serial is none of them.
_NUMBER = re.compile(r"(?<![\w.\-/])\d(?:[ .]?\d){8}(?:(?:[ .]?\d){3})?(?![\w\-/]|\.\d)")
_KEPT = 3


def mask(text: str) -> str:
    """Return a text of the same length without the numbers of persons."""
    return _NUMBER.sub(_dotted, text)


def _dotted(found: re.Match[str]) -> str:
    number = found.group()
    hidden = number[:-_KEPT]
    return re.sub(r"\d", "•", hidden) + number[-_KEPT:]
