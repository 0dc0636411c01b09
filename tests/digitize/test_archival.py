"""What we wrote is judged; only what we know of our own metadata is excused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from digitize.archival import find_problems, write_archival
from digitize.textlayer import add_font
from tests.digitize.workbench import facts


def _written(path: Path) -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        assert write_archival(pdf, add_font(pdf), facts(), path) == "2u"
    return path


def _other_packet(pdf: pikepdf.Pdf) -> None:
    packet = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(packet.replace(b"<hoso:agency>", b"<hoso:agency >"))


def _broken_packet(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(b"</rdf:RDF>", b""))


def _no_packet(pdf: pikepdf.Pdf) -> None:
    del pdf.Root["/Metadata"]


def _second_packet(pdf: pikepdf.Pdf) -> None:
    """Metadata of a page are not the document's: they are not ours, whatever they say."""
    strange = pdf.Root.Metadata.read_bytes().replace(b"urn:hoso:facts", b"urn:khac")
    pdf.pages[0].obj.Metadata = pikepdf.Stream(
        pdf, strange, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
    )
    del pdf.Root["/Metadata"]


def _no_colours(pdf: pikepdf.Pdf) -> None:
    del pdf.Root["/OutputIntents"]
    pdf.pages[0].obj.Contents = pikepdf.Stream(pdf, b"1 0 0 rg 0 0 9 9 re f")


def test_our_own_file_passes(tmp_path: Path) -> None:
    assert not find_problems(_written(tmp_path / "a.pdf"), facts())


@pytest.mark.parametrize(
    "damage", [_other_packet, _broken_packet, _no_packet, _second_packet, _no_colours]
)
def test_nothing_else_is_excused(tmp_path: Path, damage: Callable[[pikepdf.Pdf], None]) -> None:
    path = tmp_path / "b.pdf"
    with pikepdf.open(_written(tmp_path / "a.pdf")) as pdf:
        damage(pdf)
        pdf.save(path, fix_metadata_version=False)
    assert find_problems(path, facts())


def test_the_packet_of_other_facts_is_not_excused(tmp_path: Path) -> None:
    assert find_problems(_written(tmp_path / "a.pdf"), facts("khac.pdf"))
