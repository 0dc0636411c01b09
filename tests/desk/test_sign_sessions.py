"""A session signs what waits for its person, as often as it may, and leaves nothing behind.

The engine is not run here: what it writes when a paper waits is written by the test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.codec import to_plain
from config.vocabulary import EventType
from desk.demo import pki
from desk.moments import now
from desk.people import current_account
from desk.personal import Asked, ask_anew, take_handed_back
from desk.session_folders import take_over
from desk.sign_sessions import waiting_for
from desk.station import Station
from signing.structure import inspect
from storage.model import ObjectRef
from storage.submissions import NewSubmission, Outcome, SubmissionState
from tests.desk.forked import Done, Forks
from tests.desk.tiny import archive_of, change_settings, make_tiny
from tests.signing.workbench import make_pdf

WAITING = SubmissionState.AWAITING_PERSONAL_SIGNATURE


@pytest.fixture(scope="module")
def forks(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with (
        pki.Services(template / "authority"),
        Forks(tmp_path_factory.mktemp("forks")) as made,
    ):
        yield made


@pytest.fixture
def station(template: Path, tmp_path: Path) -> Station:
    return make_tiny(template, tmp_path / "station", signing={"personal": "required"})


def ask(station: Station, name: str, signer: str = "") -> None:
    """Let a paper wait for its person, as the engine does."""
    with archive_of(station) as archive:
        stored = archive.objects.add(make_pdf(station.root / f"{name}.pdf"))
        pdf = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        new = NewSubmission(
            id=name, name=name, tray_path=name, size_bytes=1, received_at=now(), owner="scanner"
        )
        archive.ledger.claim(new, "hoso")
        asked = Asked(pdf=pdf, signer=signer or current_account(), copied_at=now(), written=())
        archive.ledger.record_outcome(
            Outcome(submission_id=name, paper=1, stage="personal_asked", body=to_plain(asked))
        )
        archive.ledger.move(name, WAITING, at=now())


def sign(forks: Forks, station: Station, *more: str, key: str = "officer3", **options: Any) -> Done:
    """Open a session, the key's passphrase as systemd hands it over, sign what waits."""
    files = pki.key_files(station.root / "authority", key)
    return forks.hoso(
        "sign-session", "--once", "--json", "--key", files.pkcs12,
        "--passphrase", files.passphrase, "--station", station.root, *more, **options,
    )  # fmt: skip


def answer(done: Done) -> dict[str, Any]:
    return dict(json.loads(done.out))


def uses(station: Station) -> list[str]:
    """Return what the log tells of sessions."""
    with archive_of(station) as archive:
        rows = archive.db.rows(
            "SELECT outcome FROM event WHERE type = ? ORDER BY seq", (EventType.SIGNING_SESSION,)
        )
    return [row["outcome"] for row in rows]


def returned(station: Station) -> dict[str, str]:
    """Take what came back, as the engine does; return the digest of each signed file."""
    found = {}
    with archive_of(station) as archive:
        take_over(archive)
        take_handed_back(archive)
        assert list(archive.staging.glob("session-*")) == []
        for row in archive.db.rows(
            "SELECT submission_id, body FROM outcome WHERE stage = 'personal_returned'"
        ):
            digest = json.loads(row["body"])["pdf"]["sha256"]
            structure = inspect(archive.objects.path(digest))
            assert [each.field for each in structure.signatures] == ["CB_SaoChup"]
            assert structure.unsigned_fields == ("CQ_SoHoa",)
            assert archive.ledger.get(row["submission_id"]).state is SubmissionState.IN_WORK
            found[row["submission_id"]] = digest
    return found


def test_a_session_signs_its_persons_papers_only_and_no_more_than_its_limits(
    forks: Forks, station: Station
) -> None:
    for name in ("one", "two"):
        ask(station, name)
    ask(station, "hers", "chi.lan")
    over = answer(sign(forks, station, "--minutes", "0"))
    assert (over["used"], len(over["waiting"])) == (0, 3)
    first = answer(sign(forks, station, "--limit", "1"))
    assert (first["signer"], first["used"], first["signed"]) == ("Lê Văn Ba THỬ NGHIỆM", 1, 1)
    rest = answer(sign(forks, station))
    assert rest["signed"] == 1
    assert [(paper["name"], paper["signer"]) for paper in rest["waiting"]] == [("hers", "chi.lan")]
    assert set(returned(station)) == {"one", "two"}
    assert uses(station).count("used") == 2
    status = json.loads(forks.hoso("status", "--json", "--station", station.root).out)
    assert status["signers"] == [{"person": "chi.lan", "papers": 1}]


def test_what_came_back_and_does_not_pass_is_signed_again_on_a_word_only(
    forks: Forks, station: Station
) -> None:
    ask(station, "one")
    assert answer(sign(forks, station))["signed"] == 1
    assert set(returned(station)) == {"one"}
    with archive_of(station) as archive:
        # The engine judged it, and let the paper wait again.
        archive.ledger.move("one", WAITING, at=now())
        (waiting,) = waiting_for(archive)
        assert waiting.used_by
    again = sign(forks, station)
    assert (again.code, answer(again)["used"]) == (1, 0)
    assert answer(sign(forks, station, "--again", "one"))["signed"] == 1


def test_papers_are_asked_for_anew_where_the_settings_name_another_person(
    station: Station,
) -> None:
    ask(station, "mine")
    ask(station, "hers", "chi.lan")
    with archive_of(station) as archive:
        assert ask_anew(archive, (f"{current_account()} = scanner",)) == 1
        assert archive.ledger.get("mine").state is WAITING
        assert archive.ledger.get("hers").state is SubmissionState.IN_WORK


def test_no_session_with_a_key_that_must_not_sign(forks: Forks, station: Station) -> None:
    change_settings(station.root, agency={"name": "Ủy ban nhân dân xã Thử Nghiệm"})
    ask(station, "one")
    for name in (*pki.BAD_SIGNERS, pki.LOOKALIKE, pki.AGENCY):
        refused = sign(forks, station, key=name)
        assert refused.code == 31, (name, refused.out, refused.err)
    assert uses(station) == []
    assert returned(station) == {}


def test_without_a_timestamp_nothing_is_signed_and_it_may_be_tried_again(
    forks: Forks, station: Station
) -> None:
    ask(station, "one")
    right = station.settings.signing.timestamp_url
    change_settings(station.root, signing={"timestamp_url": right.replace("/tsa/tsa", "/tsa/x")})
    assert sign(forks, station).code == 32
    assert returned(station) == {}
    change_settings(station.root, signing={"timestamp_url": right})
    assert answer(sign(forks, station))["signed"] == 1


def _stands_after_a_kill(forks: Forks, station: Station, name: str, at: int) -> str | None:
    """Kill a session at a commit and go on: the paper is signed once, and told where unsure.

    Returns:
        `broken` where a person had to say that it may be signed again, else `whole`; None where
        the session had ended before.
    """
    ask(station, name)
    killed = sign(forks, station, kill_at=at, kill_before=at % 2 == 0)
    if not killed.killed:
        return None
    again = sign(forks, station)
    waiting, found = answer(again)["waiting"], "whole"
    if waiting:
        # The key may have been used: shown, and never signed again by itself.
        assert (again.code, answer(again)["used"]) == (1, 0)
        assert waiting[0]["used_by"]
        status = json.loads(forks.hoso("status", "--json", "--station", station.root).out)
        assert status["broken_signatures"] == 1
        assert answer(sign(forks, station, "--again", name))["signed"] == 1
        found = "broken"
    assert name in returned(station), killed.commits[-1]
    return found


def test_kills_of_a_session_sign_nothing_twice_and_lose_nothing(
    forks: Forks, station: Station
) -> None:
    # The first one also keeps what it learnt of revocation; the others commit alike.
    ask(station, "first")
    sign(forks, station)
    ask(station, "whole")
    commits = sign(forks, station).commits
    named = next(
        at for at, commit in enumerate(commits, 1) if ".pdf" in commit and "replace" in commit
    )
    # Once the key was used, and right after the signed file has its name.
    found = [_stands_after_a_kill(forks, station, f"at-{at}", at) for at in (named - 1, named + 1)]
    assert found == ["broken", "whole"]


@pytest.mark.soak
def test_a_kill_of_a_session_at_any_commit_is_made_good(forks: Forks, station: Station) -> None:
    found: list[str | None] = []
    while None not in found:
        at = len(found) + 1
        found.append(_stands_after_a_kill(forks, station, f"at-{at}", at))
    assert {"broken", "whole"} < set(found)
    assert len(found) > 20
