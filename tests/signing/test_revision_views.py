"""Later revisions that only add evidence are harmless; the same objects used elsewhere are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper

from signing.model import Indication, Level, Modification
from signing.verdict import judge
from tests.signing.workbench import Workbench, now

Change = Callable[[IncrementalPdfFileWriter], None]


def _change(source: Path, target: Path, change: Change) -> Path:
    with source.open("rb") as file, target.open("wb") as out:
        writer = IncrementalPdfFileWriter(file)
        change(writer)
        writer.write(out)  # type: ignore[no-untyped-call]  # untyped in pyHanko
    return target


def _add_entry(writer: IncrementalPdfFileWriter) -> None:
    """Validation data by signature, as older tools write it."""
    store = writer.root["/DSS"]
    first = generic.ArrayObject([store["/Certs"].raw_get(0)])
    entry = generic.DictionaryObject({"/Cert": first})  # type: ignore[no-untyped-call]  # untyped in pyHanko
    store["/VRI"] = generic.DictionaryObject({f"/{'0A' * 20}": entry})  # type: ignore[no-untyped-call]  # as above
    writer.update_container(store)


def _rewrite_entries(writer: IncrementalPdfFileWriter) -> None:
    """What renewal by other tools does: each signature's entry becomes another object."""
    entries = writer.root["/DSS"]["/VRI"]
    for key in list(entries):
        entries[key] = writer.add_object(generic.DictionaryObject(entries[key]))  # type: ignore[no-untyped-call]  # untyped in pyHanko
    writer.update_container(entries)


def _drop_entries(writer: IncrementalPdfFileWriter) -> None:
    store = writer.root["/DSS"]
    del store["/VRI"]
    writer.update_container(store)


def _add_unknown_key(writer: IncrementalPdfFileWriter) -> None:
    store = writer.root["/DSS"]
    store["/EvidenceRecords"] = generic.ArrayObject()
    writer.update_container(store)


@pytest.mark.parametrize("change", [_rewrite_entries, _drop_entries, _add_unknown_key])
def test_the_security_store_may_change(bench: Workbench, tmp_path: Path, change: Change) -> None:
    with_entry = _change(bench.signed(Level.B_LTA).path, tmp_path / "a.pdf", _add_entry)
    path = _change(with_entry, tmp_path / "b.pdf", change)
    verdict = judge(path, bench.trust, at=now())
    assert verdict.overall is Indication.TOTAL_PASSED
    integrity = verdict.signatures[0].integrity
    assert integrity.modification is Modification.LTA


def test_what_the_store_shares_with_a_page_may_not_change(bench: Workbench, tmp_path: Path) -> None:
    """A store prepared before signing that points at a page's own objects hides nothing."""

    def point_at_page(writer: IncrementalPdfFileWriter) -> None:
        page = writer.root["/Pages"]["/Kids"][0]
        shared = generic.ArrayObject([page.raw_get("/Contents")])
        page["/Contents"] = writer.add_object(shared)
        writer.update_container(page)
        writer.root["/DSS"] = generic.DictionaryObject({"/Certs": page.raw_get("/Contents")})  # type: ignore[no-untyped-call]  # untyped in pyHanko
        writer.update_root()  # type: ignore[no-untyped-call]  # untyped in pyHanko

    def change_the_shared(writer: IncrementalPdfFileWriter) -> None:
        contents = writer.root["/DSS"]["/Certs"]
        stream = generic.StreamObject(stream_data=b"BT (THAY DOI) Tj ET")
        contents.append(writer.add_object(stream))
        writer.update_container(contents)

    prepared = _change(bench.signed(Level.B_B).path, tmp_path / "a.pdf", point_at_page)
    stamped = tmp_path / "b.pdf"
    with prepared.open("rb") as file, stamped.open("w+b") as out:
        PdfTimeStamper(HTTPTimeStamper(bench.services.timestamp_url)).timestamp_pdf(
            IncrementalPdfFileWriter(file), "sha256", output=out
        )
    attacked = _change(stamped, tmp_path / "c.pdf", change_the_shared)
    last = judge(attacked, bench.trust, at=now(), network=bench.network).signatures[-1]
    assert last.integrity.modification is Modification.OTHER
    assert last.indication is Indication.TOTAL_FAILED
