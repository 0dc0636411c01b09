"""A statement: what a program found of a file, laid out for people, however it is then shown.

Whoever judges fills it in; a page, a PDF or a terminal shows it. What stands in it is plain text
that may be shown anywhere: nothing in it acts, hides or reorders what stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How good the news is."""

    GOOD = "good"
    BAD = "bad"
    DOUBT = "doubt"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a section: a label and what it says."""

    label: str
    value: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rows that belong together, under a heading."""

    heading: str
    tone: Tone
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Everything that is said of one file."""

    language: str
    """Of its words: `vi` or `en`."""
    title: str
    """What kind of statement it is."""
    conclusion: str
    """The one sentence that counts."""
    tone: Tone
    reference: str
    """Which bytes it speaks of: stands on every page, so that pages of two are told apart."""
    checked: str
    """What was checked, and when: the conclusion is never shown without it."""
    sections: tuple[Section, ...]
    caution: str
    """What it does not say."""
