"""Papers wait for who scanned them, are signed in that person's session, and go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from config.vocabulary import EventType
from desk.demo import pki
from desk.people import current_account
from desk.station import Station
from storage.submissions import SubmissionState
from tests.desk.forked import Done, Forks
from tests.desk.tiny import (
    HALVES,
    archive_of,
    drop,
    drop_half,
    files_of,
    make_tiny,
    unsure_page,
)

CLERK = "officer3"
SIGNER = "Lê Văn Ba THỬ NGHIỆM"


@pytest.fixture(scope="module")
def forks(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with (
        pki.Services(template / "authority"),
        Forks(tmp_path_factory.mktemp("forks")) as made,
    ):
        yield made


@pytest.fixture
def station(template: Path, tmp_path: Path) -> Station:
    made = make_tiny(
        template, tmp_path / "station", signing={"personal": "required", "scans_of": ()}
    )
    drop_half(made, HALVES[0])
    return made


def run(forks: Forks, station: Station, **options: Any) -> Done:
    return forks.hoso("run", "--once", "--json", "--station", station.root, **options)


def sign(forks: Forks, station: Station, *more: str, key: str = CLERK, **options: Any) -> Done:
    """Open a session, the key's passphrase as systemd hands it over, sign what waits."""
    files = pki.key_files(station.root / "authority", key)
    return forks.hoso(
        "sign-session", "--once", "--json", "--key", files.pkcs12,
        "--passphrase", files.passphrase, "--station", station.root, *more, **options,
    )  # fmt: skip


def states(station: Station) -> list[str]:
    with archive_of(station) as archive:
        counts = archive.ledger.counts()
    return [state.value for state in SubmissionState for _ in range(getattr(counts, state.value))]


def session_events(station: Station) -> list[str]:
    with archive_of(station) as archive:
        rows = archive.db.rows(
            "SELECT outcome FROM event WHERE type = ? ORDER BY seq", (EventType.SIGNING_SESSION,)
        )
    return [row["outcome"] for row in rows]


def test_a_paper_waits_for_its_person_is_signed_in_a_session_and_filed_with_both_signatures(
    forks: Forks, station: Station
) -> None:
    assert run(forks, station).code == 0
    assert states(station) == ["awaiting_personal_signature"]
    (slip,) = [name for name in files_of(station.work) if name.endswith(".DANG-CHO.txt")]
    told = (station.work / slip).read_text(encoding="utf-8-sig")
    assert f"«{current_account()}»" in told
    assert "hoso sign-session" in told
    signed = sign(forks, station)
    assert signed.code == 0, signed.err
    answer = json.loads(signed.out)
    assert (answer["signer"], answer["used"], answer["signed"]) == (SIGNER, 1, 1)
    assert answer["waiting"] == []
    assert run(forks, station).code == 0
    assert states(station) == ["filed"]
    with archive_of(station) as archive:
        (record,) = archive.records.newest(9)
        events = archive.events.events(record.submission_id)
        assert archive.staging.exists()
        assert list(archive.staging.iterdir()) == []
    fields = [signature.field for signature in record.signatures]
    assert fields == ["CB_SaoChup", "CQ_SoHoa"]
    # The agency keeps the proofs of both in the file.
    assert [signature.level for signature in record.signatures] == ["B-LT", "B-LT"]
    assert record.verdict == "TOTAL-PASSED"
    assert record.signatures[0].signer == SIGNER
    kinds = [event.type for event in events]
    # The legal order: who copied signs before anything is read from the paper; the agency last.
    first = kinds.index(EventType.SIGNATURE_GENERATION)
    assert kinds.index(EventType.NORMALIZATION) < first
    assert first < kinds.index(EventType.METADATA_EXTRACTION) < kinds.index(EventType.RELEASE)
    assert kinds.count(EventType.SIGNATURE_GENERATION) == 2
    assert session_events(station) == ["opened", "used", "closed"]
    judged = forks.hoso("verify", "--json", "--trust", station.trust, station.done)
    assert (judged.code, json.loads(judged.out)[0]["overall"]) == (0, "TOTAL-PASSED")


def _answer(station: Station, folder: str) -> None:
    (scan,) = station.confirm.rglob("*.jpg")
    target = station.inbox / folder
    target.mkdir(parents=True, exist_ok=True)
    scan.rename(target / scan.name)


def test_an_answer_about_a_signed_paper_leaves_its_signed_file_as_it_is(
    forks: Forks, station: Station
) -> None:
    (only,) = station.inbox.rglob("*.jpg")
    only.unlink()
    drop(station, "H26.99-261105-0001/la.jpg", unsure_page())
    assert run(forks, station).code == 0
    assert json.loads(sign(forks, station).out)["signed"] == 1
    assert run(forks, station).code == 1
    assert states(station) == ["to_confirm"]
    _answer(station, "H26.99-261105-0001/GCS")
    assert run(forks, station).code == 0
    assert states(station) == ["filed"]
    assert session_events(station) == ["opened", "used", "closed"]


@pytest.mark.soak
def test_an_answer_that_names_another_dossier_than_the_signed_file_lets_it_be_signed_anew(
    forks: Forks, station: Station
) -> None:
    (only,) = station.inbox.rglob("*.jpg")
    only.unlink()
    drop(station, "H26.99-261105-0001/la.jpg", unsure_page())
    assert run(forks, station).code == 0
    sign(forks, station)
    assert run(forks, station).code == 1
    _answer(station, "H26.99-261106-0002/GCS")
    assert run(forks, station).code == 0
    # Inside the first file stands the dossier that the person says it is not of.
    assert states(station) == ["awaiting_personal_signature"]
    assert json.loads(sign(forks, station).out)["signed"] == 1
    assert run(forks, station).code == 0
    assert states(station) == ["filed"]
    assert session_events(station).count("used") == 2
    with archive_of(station) as archive:
        (record,) = archive.records.newest(9)
        with pikepdf.open(archive.objects.path(record.pdf.sha256)) as pdf:
            stated = pdf.Root.Metadata.read_bytes().decode()
    assert "H26.99-261106-0002" in stated
    assert "H26.99-261105-0001" not in stated
