"""Small parts of the desk, each by a table of cases."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

import pytest

from config import codec
from desk import accession, trays
from desk.accession import Sighting
from desk.identifiers import new_id
from desk.moments import parse_moment, show
from digitize.model import Description, Evidence, Line, PageKind, RecognizedPage, Word

A, B = "H26.99-261105-0001", "H26.99-261106-0002"


def described(**fields: str) -> Description:
    return Description(
        fields=tuple(
            Evidence(name=name, value=value, confidence=1.0, page=1, box=(0, 0, 1, 1))
            for name, value in fields.items()
        )
    )


def choose(
    folder: str = "", confirmed: str | None = None, **fields: str
) -> accession.DossierChoice:
    sighting = Sighting(folder=folder, confirmed=confirmed, description=described(**fields))
    return accession.choose_dossier(sighting)


@pytest.mark.parametrize(
    ("choice", "code", "source"),
    [
        (choose(A), A, "folder"),
        (choose(A, dossier_code_qr=A), A, "folder"),
        (choose(A, dossier_code=B), A, "folder"),
        (choose(dossier_code_qr=A), A, "qr"),
        (choose(dossier_code_qr=A, dossier_code=B), A, "qr"),
        (choose(dossier_code_label=A), A, "label"),
        (choose(A, confirmed=B, dossier_code_qr=A), B, "person"),
        (choose(f"{A}/GKS"), A, "folder"),
        (choose(f"Lan/{A}/GKS", dossier_code=B), A, "folder"),
        (choose(f"{B}/{A}", confirmed=A), A, "person"),
    ],
)
def test_the_surest_sign_names_the_dossier(
    choice: accession.DossierChoice, code: str, source: str
) -> None:
    assert (choice.code, choice.source, choice.question) == (code, source, None)


@pytest.mark.parametrize(
    ("choice", "question"),
    [
        (choose(), "no_dossier_code"),
        (choose("thu-muc-khac"), "no_dossier_code"),
        (choose(dossier_code=A), "dossier_code_cited"),
        (choose(A, dossier_code_qr=B), "dossier_conflict"),
        (choose(A, dossier_code_label=B), "dossier_conflict"),
        (choose(dossier_code_qr=A, dossier_code_label=B), "dossier_conflict"),
        (choose(f"Lan/{A}", dossier_code_qr=B), "dossier_conflict"),
        (choose(f"{A}/{B}"), "nested_dossier_folders"),
        (choose(f"Lan/{A}/{B}/GKS", dossier_code_qr=B), "nested_dossier_folders"),
    ],
)
def test_what_is_unsure_is_asked(choice: accession.DossierChoice, question: str) -> None:
    assert choice.code is None
    assert choice.question is not None
    assert choice.question.code == question


def test_a_read_page_survives_the_ledger() -> None:
    word = Word(text="Số", box=(1.5, 2.0, 3.25, 4.0), confidence=0.93)
    page = RecognizedPage(
        number=1,
        kind=PageKind.IMAGE,
        width=595.3,
        height=841.9,
        dpi=200.0,
        quarter_turns=1,
        skew_degrees=-0.8,
        recipe="red",
        confidence=0.93,
        lines=(Line(words=(word,), box=word.box),),
        barcodes=(),
        colour=True,
    )
    plain = codec.to_plain((page,))
    assert codec.from_plain(tuple[RecognizedPage, ...], plain) == (page,)
    assert codec.to_bytes((page,)) == codec.to_bytes((page,))


def test_identifiers_are_version_seven_and_sort_by_time() -> None:
    made = [new_id() for _ in range(50)]
    assert len(set(made)) == 50
    assert {uuid.UUID(item).version for item in made} == {7}
    assert made[0][:8] <= made[-1][:8]


def test_moments_are_shown_on_vietnams_clocks() -> None:
    at = dt.datetime(2026, 11, 21, 20, 4, 5, tzinfo=dt.UTC)
    assert show(at) == "22/11/2026 03:04:05"
    assert parse_moment("2026-11-22T03:04:05") == at
    assert parse_moment("2026-11-21T20:04:05+00:00") == at
    for beyond in ("0001-01-01", "9999-12-31T23:59:59-14:00"):
        with pytest.raises(ValueError, match=beyond):
            parse_moment(beyond)


@pytest.mark.parametrize("suffix", [".LY-DO.txt", ".KET-QUA.txt"])
@pytest.mark.parametrize("length", [1, 100, 200, 240, 250])
def test_slip_names_fit_and_stay_apart(suffix: str, length: int) -> None:
    first, second = ("ế" * length + ending for ending in ("a.jpg", "b.jpg"))
    names = {trays.fit_name(name, suffix) for name in (first, second)}
    assert len(names) == 2
    assert all(len(name.encode()) <= 255 and name.endswith(suffix) for name in names)


def test_moving_never_replaces_a_file(tmp_path: Path) -> None:
    inbox, work = tmp_path / "1", tmp_path / "2"
    for folder, text in ((inbox, "new"), (work, "old")):
        folder.mkdir()
        (folder / "SCAN_0001.jpg").write_text(text, encoding="utf-8")
    moved = trays.move(inbox / "SCAN_0001.jpg", work)
    assert moved.name == "SCAN_0001 (2).jpg"
    assert (work / "SCAN_0001.jpg").read_text(encoding="utf-8") == "old"
    assert moved.read_text(encoding="utf-8") == "new"


def test_symbolic_links_are_no_scans(tmp_path: Path) -> None:
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"x")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "link.jpg").symlink_to(outside)
    assert list(trays.list_scans(inbox)) == []
