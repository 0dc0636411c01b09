"""Write a PDF/A-2 and judge what was written: the same end for every copy that we make.

The judge is the allow-list validator of pikepdf. It knows level B and no extension schema, so of
our own metadata, and of nothing else, its two objections to those are set aside; that they conform
is shown by another judge (docs/conformance.md).
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pikepdf

from digitize.metadata import (
    PRODUCER,
    Conformance,
    DocumentFacts,
    pdf_date,
    writable,
    write_xmp,
)
from digitize.unicode_maps import maps_to_unicode

# What the validator is asked for; level U adds Unicode to it, which `maps_to_unicode` answers.
_JUDGED_AS = "2b"
# A name outside Dublin Core and Adobe's schemas; a level other than B.
_ITS_LIMITS = {"ISO_19005_2:6.6.2.3.1-1", "ISO_19005_2:6.6.4-3"}
_DROPPED = ("/OpenAction", "/AA", "/AcroForm", "/Names")


def write_archival(
    pdf: pikepdf.Pdf, font: pikepdf.Object, facts: DocumentFacts, target: Path
) -> str:
    """Write a PDF as PDF/A-2, of level U where all its text maps to Unicode, else of level B.

    The same PDF and facts give the same bytes.

    Args:
        pdf: its pages; metadata, colours and what acts are replaced here.
        font: that of our text layer, which maps every letter.
        facts: what the file says of itself.
        target: where to.

    Returns:
        The flavour: `2u` or `2b`.
    """
    validator = _validator()
    validator.prepare(pdf, _JUDGED_AS)
    root = pdf.Root
    for key in _DROPPED:
        if key in root:
            del root[key]
    root["/Lang"] = pikepdf.String(facts.language)
    conformance: Conformance = "U" if maps_to_unicode(pdf, font) else "B"
    # `prepare` writes the moment of its run; ours says when the scan was taken in, and repeats.
    root["/Metadata"] = pikepdf.Stream(
        pdf,
        write_xmp(facts, conformance),
        Type=pikepdf.Name.Metadata,
        Subtype=pikepdf.Name.XML,
    )
    moment = pdf_date(facts.received_at)
    pdf.trailer["/Info"] = pdf.make_indirect(
        pikepdf.Dictionary(
            Title=pikepdf.String(writable(facts.title)),
            Producer=pikepdf.String(PRODUCER),
            CreationDate=pikepdf.String(moment),
            ModDate=pikepdf.String(moment),
        )
    )
    if facts.note:
        pdf.trailer["/Info"]["/Subject"] = pikepdf.String(writable(facts.note))
    pdf.save(
        target,
        min_version="1.7",
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        fix_metadata_version=False,
    )
    return f"2{conformance.lower()}"


def _validator() -> ModuleType:
    # Here, not above: a third of a second of every process that only reads.
    from pikepdf import pdfa

    return pdfa


def find_problems(path: Path, facts: DocumentFacts) -> tuple[str, ...]:
    """Return what keeps a written file from being PDF/A-2b; empty where nothing does.

    Args:
        path: the file.
        facts: what it was written with.
    """
    findings = _validator().validate_written(path, _JUDGED_AS).findings
    if findings and _is_ours(path, facts):
        place = "(MetadataStream)"
        findings = [
            finding
            for finding in findings
            if finding.rule not in _ITS_LIMITS or not finding.where.endswith(place)
        ]
    return tuple(f"{finding.rule}: {finding.message}" for finding in findings)


def _is_ours(path: Path, facts: DocumentFacts) -> bool:
    """Tell whether the file's metadata are what we write, byte for byte."""
    try:
        with pikepdf.open(path) as pdf:
            packet = pdf.Root["/Metadata"].read_bytes()
    except (pikepdf.PdfError, KeyError, AttributeError):
        return False
    return packet in (write_xmp(facts, "B"), write_xmp(facts, "U"))
