"""What an access copy is made of: apart from `digitize.access`, so that ordering one is light."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from digitize.metadata import DocumentFacts

SUFFIX = ".ban-xem.pdf"
"""Ending of a copy's name."""


class AccessKind(StrEnum):
    """How the pictures of an access copy are made small."""

    MRC = "mrc"
    """Sharp ink over coarse colours."""
    G4 = "g4"
    """Black and white."""
    GRAY = "gray"
    """Grey, coarse: for photographs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessJob:
    """What one access copy is made of."""

    source: Path
    """The PDF that it shows; read only."""
    kind: AccessKind
    facts: DocumentFacts
    """Those of the source; `access_copy_of` is its digest."""
    font: Path
    """A TrueType font with Vietnamese letters, for the line at the foot."""
