"""What people are told: errors, Vietnamese first, English second; and lines that only say.

Each package has a base class of its own over this one, and its tree in its `errors` module.
"""

from __future__ import annotations


class ToldError(Exception):
    """What happened, to which file, and what to do next, in both languages.

    Args:
        vi: The message for people, in Vietnamese.
        en: The same in English.
    """

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(vi, en)
        self.vi = vi
        self.en = en

    def __str__(self) -> str:
        return f"{self.vi} ({self.en})"


def one_line(text: str) -> str:
    """Return what a person typed without anything that a terminal or a slip would act on."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
