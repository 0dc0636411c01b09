"""Damage PDFs of ours in known ways: a referee that lets these pass proves nothing.

    python controls.py FOLDER LIST

Takes the first file of LIST before and after signing, writes the damaged copies into FOLDER and
appends them to LIST, each with the clause of ISO 19005-2 that it breaks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf

Damage = Callable[[pikepdf.Pdf], None]


def _drop_output_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root["/OutputIntents"]


def _drop_identification(pdf: pikepdf.Pdf) -> None:
    packet = pdf.Root["/Metadata"].read_bytes()
    part = b"<pdfaid:part>2</pdfaid:part>"
    assert part in packet
    pdf.Root["/Metadata"].write(packet.replace(part, b""))


def _add_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root["/OpenAction"] = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('THỬ NGHIỆM')")
    )


def _drop_schema(pdf: pikepdf.Pdf) -> None:
    """Leave our own names in the metadata without the schema that declares them."""
    packet = pdf.Root["/Metadata"].read_bytes()
    start, end = packet.index(b"<pdfaExtension:schemas>"), packet.index(b"</pdfaExtension:schemas>")
    pdf.Root["/Metadata"].write(packet[:start] + packet[end + len(b"</pdfaExtension:schemas>") :])


def _drop_unicode(pdf: pikepdf.Pdf) -> None:
    """Claim level U for a text layer whose letters lead nowhere."""
    del pdf.pages[0].obj["/Resources"]["/Font"]["/F0"]["/ToUnicode"]


def _hide_block(pdf: pikepdf.Pdf) -> None:
    # 2 is the bit "hidden" (ISO 32000-1, table 165).
    pdf.pages[0].obj["/Annots"][0]["/F"] = 2


def _drop_font_of_block(pdf: pikepdf.Pdf) -> None:
    font = pdf.pages[0].obj["/Annots"][0]["/AP"]["/N"]["/Resources"]["/Font"]["/F1"]
    del font["/DescendantFonts"][0]["/FontDescriptor"]["/FontFile2"]


def _save_again(pdf: pikepdf.Pdf) -> None:
    """Nothing: saving anew moves the bytes, so that /ByteRange no longer covers the file."""


# Set that the original comes from, what was done, the clause of ISO 19005-2, how.
DAMAGES: tuple[tuple[str, str, str, Damage], ...] = (
    ("before", "no output intent", "6.2.4.3", _drop_output_intent),
    ("before", "no PDF/A part number", "6.6.4", _drop_identification),
    ("before", "a script", "6.5.1", _add_script),
    ("before", "own names, not declared", "6.6.2.3.1", _drop_schema),
    ("before", "level U without Unicode", "6.2.11.7.2", _drop_unicode),
    ("after", "signature block hidden", "6.3.2", _hide_block),
    ("after", "signature block's font not embedded", "6.2.11.4.1", _drop_font_of_block),
    ("after", "signature covers other bytes", "6.4.3", _save_again),
)


def make_controls(originals: dict[str, Path], folder: Path) -> list[str]:
    """Write the damaged copies; return their lines of the list.

    Args:
        originals: a file of ours before and one after signing, by the name of its set.
        folder: where to; made here.
    """
    folder.mkdir()
    lines = []
    for number, (group, name, clause, damage) in enumerate(DAMAGES, start=1):
        target = folder / f"control-{number}.pdf"
        with pikepdf.open(originals[group]) as pdf:
            damage(pdf)
            pdf.save(target, fix_metadata_version=False)
        lines.append(f"control\tbreaks {clause}\t{name}\t{target}\n")
    return lines


def first_of_each_set(listed: Path) -> dict[str, Path]:
    """Return the first file of each set in a list."""
    rows = [line.split("\t") for line in listed.read_text(encoding="utf-8").splitlines()]
    return {row[0]: Path(row[3]) for row in reversed(rows)}


if __name__ == "__main__":
    target_list = Path(sys.argv[2])
    controls = make_controls(first_of_each_set(target_list), Path(sys.argv[1]))
    with target_list.open("a", encoding="utf-8") as target:
        target.writelines(controls)
