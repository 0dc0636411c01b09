"""Errors that are told to people: Vietnamese first, English second.

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
