"""What a dossier lacks and has beyond its procedure is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.vocabulary import Role
from desk import completeness, slips
from desk.views import view
from storage.archive import open_archive
from storage.model import NewLink
from storage.submissions import NewSubmission
from tests.desk.shelf import AT, BIRTH, A, B, Shelf, dossier, procedure


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with open_archive(tmp_path / "archive") as archive:
        made = Shelf(archive, tmp_path)
        birth = procedure(BIRTH, ["GKS"], TKKS=True, GCS=True, GCNKH=False, CCCD="shown")
        made.load({"procedures": [birth], "dossiers": [dossier(A), dossier(B, "9.999999")]})
        yield made


def named(shelf: Shelf, code: str = A) -> tuple[list[str], list[str]]:
    found = completeness.check(code, shelf.archive)
    assert found is not None
    return [item.class_code for item in found.missing], [item.class_code for item in found.surplus]


def test_what_has_not_come_is_missing_but_for_what_is_only_shown(shelf: Shelf) -> None:
    shelf.file("TKKS", Role.COMPONENT)
    assert named(shelf) == (["GCS"], [])
    assert shelf.archive.results.count_incomplete() == 1
    shelf.file("GCS", Role.COMPONENT)
    assert named(shelf) == ([], [])
    assert shelf.archive.results.count_incomplete() == 0


def test_a_result_or_receipt_is_no_component(shelf: Shelf) -> None:
    for role in (Role.RESULT, Role.RECEIPT):
        shelf.file("GCS", role)
    assert "GCS" in named(shelf)[0]
    assert shelf.archive.results.count_incomplete() == 1


def test_what_nobody_asked_for_is_surplus(shelf: Shelf) -> None:
    for kind in ("TKKS", "GCS", "GCNKH", "HDCN"):
        shelf.file(kind, Role.COMPONENT)
    shelf.file("GKS", Role.RESULT)
    assert named(shelf) == ([], ["HDCN"])


def test_a_paper_of_two_dossiers_counts_in_both(shelf: Shelf) -> None:
    shelf.load({"dossiers": [dossier(B, BIRTH)]})
    paper = shelf.file("TKKS", Role.COMPONENT)
    link = NewLink(dossier_code=B, role=Role.COMPONENT)
    shelf.archive.link(paper.id, link, actor="thử nghiệm", at=AT)
    assert named(shelf, A) == named(shelf, B) == (["GCS"], [])
    assert shelf.archive.results.count_incomplete() == 2


def test_a_procedure_that_is_not_registered_asks_for_nothing_known(shelf: Shelf) -> None:
    shelf.file("TKKS", Role.COMPONENT, place=(B, None))
    assert completeness.check(B, shelf.archive) is None
    assert shelf.archive.results.count_incomplete() == 0


def test_show_and_the_slip_of_a_result_name_both(shelf: Shelf) -> None:
    shelf.file("TKKS", Role.COMPONENT)
    extra = shelf.file("HDCN", Role.COMPONENT)
    shown = view(A, shelf.archive)
    assert [item["class"] for item in shown["missing_components"]] == ["GCS"]
    assert [item["record_id"] for item in shown["surplus_components"]] == [extra.id]
    new = NewSubmission(
        id=extra.submission_id, name="x.pdf", tray_path="x", size_bytes=1, received_at=AT
    )
    item = shelf.archive.ledger.claim(new, "thử nghiệm")
    found = completeness.check(A, shelf.archive)
    assert found is not None
    slip = slips.result_slip(item, ((extra, extra.links[0]),), (found,), repeated=False)
    assert "còn thiếu: Giấy GCS (GCS)" in slip
    assert "ngoài thành phần của thủ tục: HDCN (HDCN)" in slip
