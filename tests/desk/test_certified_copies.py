"""Certified copies: asked for, released by a person, signed once, shown by «BẢN SAO» alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from config.vocabulary import EventType, Role
from desk.certified_copies import waiting_copies
from desk.copies import Asked, ask_certified
from desk.demo import pki
from desk.moments import now
from desk.reading_copies import KEEP_CERTIFIED, end_copies
from digitize import render
from signing.judges import Ground, judge_many
from signing.model import Indication
from storage.access_copies import CopyState, IssuedCopy, IssuedKind
from storage.key_uses import NewKeyUse, Place, UseState
from storage.model import NewLink, ObjectRef
from tests.desk.conftest import SmallStation
from tests.desk.forked import Forks
from tests.desk.signed_notice import CODE, RECORD, file_signed
from tests.notices import make_notice
from tests.signing.workbench import make_pdf

REASON = "bà TRẦN THỊ THỬ NGHIỆM xin bản sao"


@pytest.fixture(scope="module")
def small(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStation]:
    """A station with one signed paper in its archive; its services run."""
    made = SmallStation.of(template, tmp_path_factory.mktemp("certified") / "station")
    made.set(signing={"release": "person", "level": "B-LT"})
    with pki.Services(made.station.root / "authority") as services:
        file_signed(made.station, services, signer="agency")
        yield made


def ask(small: SmallStation) -> IssuedCopy:
    asked = Asked(kind=IssuedKind.CERTIFIED, actor="văn thư thử", reason=REASON, at=now())
    with small.archive() as archive:
        (copy,) = ask_certified(CODE, asked, archive)
    return copy


def as_it_is(small: SmallStation, copy: IssuedCopy) -> IssuedCopy:
    with small.archive() as archive:
        return archive.copies.get(copy.id)


def release(small: SmallStation, copy: IssuedCopy, program: Forks) -> None:
    done = program.hoso("release", copy.id, "--json", "--station", small.station.root)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["copies_released"] == [copy.id]
    assert said["copies"][0]["paper"] == f"{CODE}.1"


def test_a_certified_copy_is_the_record_with_one_signature_more(
    small: SmallStation, program: Forks
) -> None:
    copy = ask(small)
    small.run()
    assert as_it_is(small, copy).state is CopyState.ASKED, "nobody has released it"
    release(small, copy, program)
    small.run()
    issued = as_it_is(small, copy)
    assert (issued.state, issued.note) == (CopyState.ISSUED, "")
    path = small.station.root / issued.file
    with small.archive() as archive:
        record = archive.records.get(RECORD)
        before = archive.objects.read(record.pdf.sha256)
        told = [event for event in archive.events.events(RECORD) if "copy" in event.detail]
    assert record.pdf.sha256 == issued.pdf_sha256, "the record stays as it was"
    assert path.read_bytes().startswith(before)
    (verdict,) = judge_many([path], Ground(trust=small.station.trust), now(), 1)
    assert verdict.overall is Indication.TOTAL_PASSED
    assert verdict.sha256 == issued.sha256
    assert [one.field for one in verdict.signatures][-1].startswith("CQ_BanSao_")
    assert len(verdict.signatures) == len(record.signatures) + 1
    assert [(event.type, event.outcome) for event in told] == [
        (EventType.DISSEMINATION, "asked"),
        (EventType.RELEASE, "certified_copy"),
        (EventType.SIGNATURE_GENERATION, "certified_copy"),
        (EventType.SIGNATURE_VALIDATION, "certified_copy"),
        (EventType.DISSEMINATION, "certified"),
    ]
    assert {event.detail["order_sha256"] for event in told} == {issued.order_sha256}
    assert REASON not in str([event.detail for event in told])
    assert list((small.station.archive / "staging").iterdir()) == []
    _assert_shown(path, verdict.signatures[-1].field)
    with small.archive() as archive:
        assert end_copies(small.station, archive, now(), "hoso") == 0
        assert end_copies(small.station, archive, now() + KEEP_CERTIFIED, "hoso") == 1
    assert not path.exists()


def _assert_shown(path: Path, field: str) -> None:
    """The signature is two words at the top right of page 1; of chứng thực no word is said."""
    with pikepdf.open(path) as pdf:
        (widget,) = [item for item in pdf.Root.AcroForm.Fields if str(item.T) == field]
        left, bottom, right, top = (float(side) for side in widget.Rect)
        page = pdf.pages[0].mediabox
        streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
        content = b"".join(
            stream.read_bytes() for stream in streams if stream.get("/Subtype") != "/Image"
        )
        said = [str(value) for item in pdf.objects if isinstance(item, pikepdf.Dictionary)
                for value in item.values() if isinstance(value, pikepdf.String)]  # fmt: skip
    assert right > float(page[2]) * 0.6
    assert bottom > float(page[3]) * 0.5
    assert right - left == pytest.approx(48, abs=3)
    assert top - bottom == pytest.approx(16, abs=2)
    shown = render.draw(path, 0, 144, annotations=True)
    height = shown.shape[0]
    box = shown[
        round(height - 2 * top) : round(height - 2 * bottom), round(2 * left) : round(2 * right)
    ]
    assert box.min() < 60, "black letters are there"
    for word in ("chứng thực", "chung thuc"):
        assert word not in " ".join(said).lower()
        assert word.encode() not in content.lower()


def test_what_fails_waits_for_another_release(
    small: SmallStation, program: Forks, tmp_path: Path
) -> None:
    url = small.station.settings.signing.timestamp_url
    copy = ask(small)
    small.set(signing={"timestamp_url": "http://127.0.0.1:9/"})
    try:
        release(small, copy, program)
        small.run()
    finally:
        small.set(signing={"timestamp_url": url})
    failed = as_it_is(small, copy)
    assert failed.state is CopyState.ASKED
    assert failed.note
    small.run()
    assert as_it_is(small, copy) == failed, "nothing is signed again by itself"
    with small.archive() as archive:
        assert [item.note for item in waiting_copies(archive)] == [failed.note]
        # A run was cut off while the key was used: that use is over, a person releases anew.
        place = Place(
            subject=RECORD, paper=0, field=f"CQ_BanSao_{copy.id[-8:]}", pdf_sha256=copy.pdf_sha256
        )
        use = archive.key_uses.intend(NewKeyUse(place=place, digest="0", actor="hoso", at=now()))
        assert use is not None
    # It had put the file there and not told the register yet.
    unknown = small.station.root / "ban-sao" / f"{CODE}.1.{copy.id[-8:]}.ban-sao.pdf"
    unknown.parent.mkdir(exist_ok=True)
    unknown.write_bytes(b"%PDF-1.7 ...")
    half = unknown.with_name(f".{unknown.name}.tmp")
    half.write_bytes(b"%PDF")
    release(small, copy, program)
    small.run()
    cut = as_it_is(small, copy)
    assert (cut.state, "ngắt giữa chừng" in cut.note) == (CopyState.ASKED, True)
    assert not unknown.exists()
    assert not half.exists()
    release(small, copy, program)
    small.run()
    issued = as_it_is(small, copy)
    assert (issued.state, issued.file) == (CopyState.ISSUED, f"ban-sao/{unknown.name}")
    with small.archive() as archive:
        states = [item.state for item in archive.key_uses.of(RECORD) if item.place == place]
    assert states[-2:] == [UseState.GIVEN_UP, UseState.SIGNED]


def test_where_the_upper_half_is_full_nothing_is_covered(
    small: SmallStation, program: Forks, tmp_path: Path
) -> None:
    full = make_pdf(tmp_path / "kin.pdf")
    with pikepdf.open(full, allow_overwriting_input=True) as pdf:
        rows = b"q 0 g " + b" ".join(b"0 %d 600 3 re f" % y for y in range(400, 850, 8)) + b" Q"
        pdf.pages[0].contents_add(pikepdf.Stream(pdf, rows))
        pdf.save(full)
    with small.archive() as archive:
        stored = archive.objects.add(full)
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        new = replace(make_notice(ref), id=f"{RECORD[:-1]}1", submission_id=f"{RECORD[:-1]}2")
        link = NewLink(dossier_code=f"{CODE[:-1]}6", role=Role.RESULT)
        archive.file(new, link, actor="thử nghiệm", at=now())
        asked = Asked(kind=IssuedKind.CERTIFIED, actor="thử", reason=REASON, at=now())
        (copy,) = ask_certified(new.id, asked, archive)
    done = program.hoso("release", copy.id, "--station", small.station.root)
    assert done.code == 0, done.err
    small.run()
    left = as_it_is(small, copy)
    assert (left.state, left.note.partition(":")[0]) == (CopyState.ASKED, "BlockDoesNotFit")
    with small.archive() as archive:
        assert archive.key_uses.of(new.id) == []
    shutil.rmtree(small.station.root / "ban-sao", ignore_errors=True)
