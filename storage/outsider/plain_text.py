"""Text from outside as a terminal may show it: names in packages are anybody's."""

from __future__ import annotations

import unicodedata

# Controls, halves of signs (a file's name need not be text), and what turns the way of writing.
_REFUSED = ("Cc", "Cs", "Cf")


def plain_text(text: str) -> str:
    """Return a text without anything that a terminal would act on; lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(sign if _is_shown(sign) else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _is_shown(sign: str) -> bool:
    return sign in "\n\t" or unicodedata.category(sign) not in _REFUSED
