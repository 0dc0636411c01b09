"""What a check found wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BROKEN = (
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    RecursionError,
    TypeError,
    AttributeError,
)
"""What reading a file that somebody changed, or made up, can raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is not as it was left."""

    kind: Literal["event", "head", "anchor", "export", "file", "paper", "signature"]
    """What is wrong."""
    identifier: str
    """Event number or span, name of a file."""
    vi: str
    """What is wrong with it, Vietnamese."""
    en: str
    """The same in English."""
