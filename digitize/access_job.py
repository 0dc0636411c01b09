"""What an access copy is made of: apart from `digitize.access`, so that ordering one is light."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from digitize.metadata import DocumentFacts

SUFFIX = ".ban-xem.pdf"
"""Ending of a copy's name."""
COPY_WORD = "BẢN SAO"
"""What certified and uncertified copies say of themselves (TT 05/2025/TT-BNV)."""


class AccessKind(StrEnum):
    """How the pictures of an access copy are made small."""

    MRC = "mrc"
    """Sharp ink over coarse colours."""
    G4 = "g4"
    """Black and white."""
    GRAY = "gray"
    """Grey, coarse: for photographs."""


class CopyForm(StrEnum):
    """What an access copy is to whoever gets it (TT 05/2025/TT-BNV)."""

    VIEW = "view"
    """Of a PDF that lies in no archive: small, and says of what."""
    READING = "reading"
    """For reading at the desk: the agency's name at the foot of every page, and a last day."""
    PLAIN = "plain"
    """Uncertified: the words «BẢN SAO» at the top right of page 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessJob:
    """What one access copy is made of."""

    source: Path
    """The PDF that it shows; read only."""
    kind: AccessKind
    facts: DocumentFacts
    """Those of the source; `access_copy_of` is its digest."""
    font: Path
    """A TrueType font with Vietnamese letters, metrics of Times New Roman, for what is added."""
    form: CopyForm = CopyForm.VIEW
    last_day: dt.date | None = None
    """Of a reading copy: the last day on which it may be read."""
