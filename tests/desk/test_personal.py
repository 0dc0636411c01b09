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
    change_settings,
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


def test_nobody_signs_the_scans_of_another(forks: Forks, station: Station) -> None:
    change_settings(station.root, signing={"scans_of": ("chi.lan = *",)})
    assert run(forks, station).code == 0
    answer = json.loads(sign(forks, station).out)
    assert (answer["used"], answer["signed"]) == (0, 0)
    assert [paper["signer"] for paper in answer["waiting"]] == ["chi.lan"]
    assert states(station) == ["awaiting_personal_signature"]


def test_no_session_with_a_key_that_must_not_sign(forks: Forks, station: Station) -> None:
    change_settings(station.root, agency={"name": "Ủy ban nhân dân xã Thử Nghiệm"})
    assert run(forks, station).code == 0
    for name in (*pki.BAD_SIGNERS, pki.LOOKALIKE, pki.AGENCY):
        refused = sign(forks, station, key=name)
        assert refused.code == 31, (name, refused.out, refused.err)
    assert session_events(station) == []
    assert states(station) == ["awaiting_personal_signature"]


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


def test_a_session_ends_at_its_limit(forks: Forks, station: Station) -> None:
    drop_half(station, HALVES[1])
    assert run(forks, station).code == 0
    answer = json.loads(sign(forks, station, "--limit", "1").out)
    assert (answer["used"], len(answer["waiting"])) == (1, 1)
    over = json.loads(sign(forks, station, "--minutes", "0").out)
    assert over["used"] == 0


def _stands_after_a_kill(forks: Forks, station: Station, at: int) -> str | None:
    """Kill a session at a commit, go on, and see one paper filed with one signature of each.

    Returns:
        `broken` where a person had to say that it may be signed again, else `whole`; None where
        the session had ended before.
    """
    killed = sign(forks, station, kill_at=at, kill_before=at % 2 == 0)
    if not killed.killed:
        return None
    again = sign(forks, station)
    answer, found = json.loads(again.out), "whole"
    if answer["waiting"]:
        # The key may have been used: shown, and never signed again by itself.
        assert (again.code, answer["used"]) == (1, 0)
        assert answer["waiting"][0]["used_by"]
        status = json.loads(forks.hoso("status", "--json", "--station", station.root).out)
        assert status["broken_signatures"] == 1
        freed = sign(forks, station, "--again", answer["waiting"][0]["submission_id"])
        assert json.loads(freed.out)["signed"] == 1, freed.err
        found = "broken"
    assert run(forks, station).code == 0
    assert states(station) == ["filed"], killed.commits[-1]
    with archive_of(station) as archive:
        (record,) = archive.records.newest(9)
        assert list(archive.staging.iterdir()) == []
    assert [s.field for s in record.signatures] == ["CB_SaoChup", "CQ_SoHoa"]
    return found


def test_kills_of_a_session_sign_nothing_twice_and_lose_nothing(
    forks: Forks, station: Station
) -> None:
    assert run(forks, station).code == 0
    before = _copy_of(station)
    whole = sign(forks, station)
    last = len(whole.commits)
    used = next(
        at for at, commit in enumerate(whole.commits, 1) if ".pdf" in commit and "replace" in commit
    )
    found = set()
    # While it signs, right after the signed file has its name, and before it is handed back.
    for at in (used - 1, used + 1, last - 6):
        _restore(before, station)
        found.add(_stands_after_a_kill(forks, station, at))
    assert found == {"broken", "whole"}


@pytest.mark.soak
def test_a_kill_of_a_session_at_any_commit_is_made_good(forks: Forks, station: Station) -> None:
    assert run(forks, station).code == 0
    before = _copy_of(station)
    found: list[str | None] = []
    while None not in found:
        _restore(before, station)
        found.append(_stands_after_a_kill(forks, station, len(found) + 1))
    assert {"broken", "whole"} < set(found)
    assert len(found) > 20


def _copy_of(station: Station) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in station.root.rglob("*") if path.is_file()}


def _restore(before: dict[Path, bytes], station: Station) -> None:
    for path in station.root.rglob("*"):
        if path.is_file() and path not in before:
            path.unlink()
    for path, content in before.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    for folder in (station.archive / "staging").iterdir():
        if folder.is_dir():
            folder.rmdir()
