"""SIGKILL while the agency's key on a token is used: no paper is signed twice, none is lost.

Where nobody can know whether the key signed, an officer is asked. What the key was given is counted
by a journal at the token, not by what the program says of itself.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.vocabulary import EventType
from desk import unknown_signatures
from desk.demo import pki
from desk.moments import now
from desk.people import current_device
from desk.sealing import place_of
from desk.station import Station, open_station
from desk.unknown_signatures import Decided, Decision
from fixtures.keys.soft_token import MODULE, PIN, configured, make_token
from storage.archive import open_archive
from storage.key_uses import NewKeyUse, UseState
from storage.submissions import NewSubmission, Outcome, SubmissionState
from tests.desk.doubles import KeyJournal
from tests.desk.forked import SIGNED, Done, Forks
from tests.desk.tiny import HALVES, archive_of, change_settings, drop_half, files_of, make_tiny

TOKEN: dict[str, str] = {}
"""Where the token is, for the program's environment."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A station whose agency's key is on a token, and what that key was given."""

    station: Station
    forks: Forks
    journal: KeyJournal

    def hoso(self, *arguments: str | Path, **options: Any) -> Done:
        return self.forks.hoso(
            *arguments, "--json", "--station", self.station.root,
            environment={**TOKEN, **self.journal.environment}, **options,
        )  # fmt: skip

    def run(self, **options: Any) -> Done:
        return self.hoso("run", "--once", **options)

    def release(self, *arguments: str | Path) -> dict[str, Any]:
        return dict(json.loads(self.hoso("release", *arguments).out))

    def uses(self) -> Counter[str]:
        """Count how often the key was used for each paper; every use was written down before."""
        with archive_of(self.station) as archive:
            noted = {
                row["digest"]: row["subject"]
                for row in archive.db.rows("SELECT digest, subject FROM key_use")
            }
        return Counter(noted[digest] for digest in self.journal.digests())

    def filed(self) -> dict[str, list[str]]:
        """Return the types of events of each filed paper."""
        with archive_of(self.station) as archive:
            return {
                record.submission_id: [
                    event.type for event in archive.events.events(record.submission_id)
                ]
                for record in archive.records.newest(1000)
            }


def prepare(template: Path, root: Path, forks: Forks, scans: int) -> Station:
    """Let scans wait for the release of a key that is on a token."""
    station = make_tiny(
        template,
        root,
        signing={"release": "person"},
        intake={"rescans": "keep"},
        reading={"workers": 1},
    )
    pin = root / "pin"
    pin.write_text(PIN, encoding="utf-8")
    pin.chmod(0o600)
    key = f"pkcs11:token=THU;id=agency?module-path={MODULE}"
    change_settings(root, signing={"key": key, "passphrase": str(pin)})
    for number in range(scans):
        drop_half(station, HALVES[number % len(HALVES)], f"{number:03}.jpg")
    done = forks.hoso("run", "--once", "--json", "--station", root)
    assert done.code == 0, (done.out, done.err)
    return open_station(root)


@pytest.fixture(scope="module")
def forks(
    template: Path, program: Forks, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forks]:
    """The program, with services and a token beside it."""
    folder = tmp_path_factory.mktemp("token")
    with pki.Services(template / "authority"), configured(folder) as tokens:
        make_token(folder, tokens, "THU", template / "authority")
        TOKEN["SOFTHSM2_CONF"] = os.environ["SOFTHSM2_CONF"]
        yield program


@pytest.fixture(scope="module")
def waiting(template: Path, forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station with three papers that wait for a release; tests copy it."""
    return prepare(template, tmp_path_factory.mktemp("waiting") / "station", forks, 3).root


@pytest.fixture
def desk(waiting: Path, forks: Forks, tmp_path: Path) -> Desk:
    root = Path(shutil.copytree(waiting, tmp_path / "station"))
    change_settings(root, signing={"passphrase": str(root / "pin")})
    return Desk(open_station(root), forks, KeyJournal(tmp_path / "journal"))


def slips(station: Station) -> list[str]:
    """Return the slips that say that nobody knows."""
    names = [name for name in files_of(station.work) if name.endswith(".DANG-CHO.txt")]
    texts = [(station.work / name).read_text(encoding="utf-8-sig") for name in names]
    return [text for text in texts if "Chưa rõ giấy này đã được ký hay chưa" in text]


def test_kills_in_a_batch_sign_nothing_twice_and_an_officer_decides(
    desk: Desk, tmp_path: Path
) -> None:
    assert len(desk.release("--all")["released"]) == 3
    # The file has its name: the next run takes it, and the key is not asked again.
    assert desk.run(kill_on=SIGNED, kill_before=False).killed
    # The key has signed, the file has no name yet: nobody can know. Twice.
    assert desk.run(kill_on=SIGNED).killed
    (part,) = desk.station.archive.glob("staging/*/.ky-*.part")
    found = Path(shutil.copy(part, tmp_path / "found.pdf"))
    assert desk.run(kill_on=SIGNED).killed
    # Somebody must look.
    assert desk.run().code == 1
    assert len(desk.filed()) == 1
    assert set(desk.uses().values()) == {1}
    assert len(slips(desk.station)) == 2
    seen = desk.hoso("release", "--all")
    listed = json.loads(seen.out)
    assert (seen.code, listed["released"], len(listed["unknown"])) == (1, [], 2)
    assert {paper["digest"] for paper in listed["unknown"]} <= set(desk.journal.digests())
    assert json.loads(desk.hoso("status").out)["broken_signatures"] == 2
    # One was found, for the other an officer lets the key be used again.
    assert desk.hoso("release", "--found", tmp_path / "none.pdf").code == 2
    (decided,) = desk.release("--found", found)["decided"]
    (other,) = (paper for paper in listed["unknown"] if paper["use"] != decided["use"])
    desk.release("--again", other["submission_id"])
    assert desk.run().code == 0
    filed = desk.filed()
    assert len(filed) == 3
    assert {kinds.count(EventType.SIGNATURE_GENERATION) for kinds in filed.values()} == {1}
    assert desk.uses() == Counter({**dict.fromkeys(filed, 1), other["submission_id"]: 2})
    assert desk.release()["unknown"] == []


@pytest.mark.soak
def test_what_is_given_up_or_does_not_pass_is_not_filed(desk: Desk, tmp_path: Path) -> None:
    desk.release("--all")
    assert desk.run(kill_on=SIGNED).killed
    (part,) = desk.station.archive.glob("staging/*/.ky-*.part")
    # Its signature does not hold any more.
    broken = bytearray(part.read_bytes())
    broken[broken.rindex(b"/ByteRange") + 12] ^= 1
    wrong = tmp_path / "wrong.pdf"
    wrong.write_bytes(broken)
    desk.run()
    (unknown,) = desk.release()["unknown"]
    desk.release("--found", wrong)
    desk.run()
    assert desk.release()["unknown"] == [unknown]
    assert "không phải là giấy này" in "".join(slips(desk.station))
    desk.release("--give-up", unknown["submission_id"])
    desk.run()
    assert len(desk.filed()) == 2
    (reason,) = (name for name in files_of(desk.station.error) if name.endswith(".LY-DO.txt"))
    text = (desk.station.error / reason).read_text(encoding="utf-8-sig")
    assert "thôi ký" in text
    with archive_of(desk.station) as archive:
        told = [
            event.outcome
            for event in archive.events.events(unknown["submission_id"])
            if event.type is EventType.KEY_USE
        ]
    assert told == ["unknown", "found", "give_up"]
    assert set(desk.uses().values()) == {1}


@pytest.mark.soak
def test_a_batch_of_fifty_killed_at_twenty_moments(
    template: Path, forks: Forks, tmp_path: Path
) -> None:
    station = prepare(template, tmp_path / "station", forks, 50)
    desk = Desk(station, forks, KeyJournal(tmp_path / "journal"))
    assert len(desk.release("--all")["released"]) == 50
    moments, kills = random.Random(20261122), 0
    while kills < 20:
        done = desk.run(kill_after_seconds=moments.uniform(1.0, 4.0))
        if not done.killed:
            break
        kills += 1
        assert max(desk.uses().values(), default=0) <= 1, f"after {kills} kills"
    desk.run()
    unknown = {paper["submission_id"] for paper in desk.release()["unknown"]}
    filed, uses = desk.filed(), desk.uses()
    # Unknown is also what was intended when the kill came, and the key never saw.
    assert set(filed) <= set(uses) <= set(filed) | unknown
    assert len(filed) + len(unknown) == 50
    assert set(filed).isdisjoint(unknown)
    assert set(uses.values()) == {1}
    for submission_id in unknown:
        desk.release("--again", submission_id)
    assert desk.run().code == 0
    filed = desk.filed()
    assert len(filed) == 50
    assert {kinds.count(EventType.SIGNATURE_GENERATION) for kinds in filed.values()} == {1}
    assert desk.uses() == uses + Counter(unknown)
    assert kills == 20, "the batch ended before it was killed so often"


def test_a_word_that_comes_late_changes_nothing(tmp_path: Path) -> None:
    place = place_of("s", 1, "aa")
    with open_archive(tmp_path) as archive:
        new = NewSubmission(id="s", name="s", tray_path="s", size_bytes=1, received_at=now())
        archive.ledger.claim(new, "thử nghiệm")
        archive.ledger.record_outcome(Outcome(submission_id="s", paper=1, stage="release", body={}))
        use = archive.key_uses.intend(
            NewKeyUse(place=place, digest="1" * 64, actor="thử nghiệm", at=now())
        )
        assert use is not None
        unknown_signatures.ask_decision(
            archive,
            [cast("unknown_signatures.UnknownSignature", SimpleNamespace(use=use.number))],
            Decided(what=Decision.GIVE_UP, actor="thử nghiệm", device=current_device()),
        )
        archive.key_uses.end(use.number, UseState.AGAIN, now())
        archive.ledger.move("s", SubmissionState.AWAITING_RELEASE, at=now())
        services: Any = SimpleNamespace(archive=archive)
        assert unknown_signatures.apply_decisions(services) == 0
        assert archive.requests.pending(unknown_signatures.REQUEST) == []
        assert archive.ledger.outcome("s", 1, "release") is not None
        assert archive.ledger.get("s").state is SubmissionState.AWAITING_RELEASE
