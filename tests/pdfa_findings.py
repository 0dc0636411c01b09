"""What pikepdf's allow-list validator finds in a PDF of ours, but for what it does not know."""

from __future__ import annotations

from pathlib import Path

from pikepdf import pdfa as validator

# It knows neither a declared schema of ours nor level U; veraPDF judges both (`make conformance`).
_ITS_LIMITS = {"ISO_19005_2:6.6.2.3.1-1", "ISO_19005_2:6.6.4-3"}


def objections(path: Path) -> list[str]:
    """Return the findings as 2b, without those two about the document's metadata."""
    found = validator.validate_written(path, "2b").findings
    return [
        str(finding)
        for finding in found
        if finding.rule not in _ITS_LIMITS or "(MetadataStream)" not in finding.where
    ]
