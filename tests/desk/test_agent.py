"""`hoso agent`: a token on an officer's own computer signs what the station had released.

Station and agent are two processes that see each other through TLS only; the token is SoftHSM.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from desk.demo import pki
from desk.people import current_device
from desk.remote.paired import give_code, unpair
from desk.station import Station, open_station
from desk.unknown_signatures import Decided, Decision, ask_decision, unknown_signatures
from fixtures.keys.soft_token import (
    PIN,
    WRONG_PIN,
    SoftToken,
    copy_of,
)
from signing.structure import inspect
from storage.submissions import SubmissionState
from tests.desk.agent_desk import NAME, Running, make_agent_station, running, until
from tests.desk.doubles import KeyJournal
from tests.desk.officer import PIN_ASKED, ROOT, Computer
from tests.desk.tiny import HALVES, change_settings, drop_half


@pytest.fixture(scope="module")
def desk(
    template: Path, authority: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    made = make_agent_station(template, tmp_path_factory.mktemp("desk") / "station")
    with running(*made) as at_work:
        yield at_work


@pytest.fixture(scope="module")
def computer(desk: Running, token: SoftToken, tmp_path_factory: pytest.TempPathFactory) -> Computer:
    folder = tmp_path_factory.mktemp("pc")
    made = Computer(folder=folder / "agent", token=copy_of(token, folder / "token"))
    given = give_code(desk.station, NAME, "Chị Lan THỬ NGHIỆM", "admin")
    assert f"«{NAME}»" in made.join(desk.cable.address, given.code)
    return made


def signed_once(computer: Computer, submissions: list[str]) -> None:
    """The journal knows one use of the key for each paper."""
    used = Counter(submission_of(entry) for entry in computer.journal())
    assert [used[each] for each in submissions] == [1] * len(submissions)


def submission_of(entry: dict[str, Any]) -> str:
    return str(entry["reference"].partition("/")[0])


def test_three_papers_are_shown_then_signed_by_the_token_and_pass(
    desk: Running, computer: Computer
) -> None:
    papers = desk.release(*HALVES[:3])
    # One wrong PIN is one try: the program ends, and nothing was signed.
    with computer.run("--once") as terminal:
        terminal.await_text("3 giấy chờ ký")
        terminal.await_text("1. ")
        terminal.await_text("3. ")
        terminal.await_text(PIN_ASKED)
        terminal.type(f"{WRONG_PIN}\n")
        assert "Sai mã PIN" in terminal.ended(53)
    assert computer.journal() == []
    assert desk.events("batch opened") == []
    assert "Đã ký 3/3 giấy." in computer.sign()
    desk.await_filed(papers)
    signed_once(computer, papers)
    (opened,), (closed,) = desk.events("batch opened"), until(lambda: desk.events("batch closed"))
    assert opened.actor == f"Chị Lan THỬ NGHIỆM (agent: {NAME})"
    assert {submission_of(paper) for paper in opened.detail["papers"]} == set(papers)
    assert (opened.detail["count"], closed.detail["signed"]) == (3, 3)
    assert set(closed.detail["digests"]) == {entry["digest"] for entry in computer.journal()}
    assert opened.detail["signer"] == "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"


def test_a_cut_line_is_found_again_and_nothing_is_signed_twice_or_lost(
    desk: Running, computer: Computer
) -> None:
    papers = desk.release(*HALVES[:2])
    before = len(computer.journal())
    with computer.run("--once") as terminal:
        terminal.await_text(PIN_ASKED)
        terminal.type("12345678\n")
        until(lambda: len(computer.journal()) > before)
        desk.cable.cut()
        time.sleep(1.0)  # how long the line stays away, not what is waited for
        desk.cable.mend()
        assert "Đã ký 2/2 giấy." in terminal.ended(0)
    desk.await_filed(papers)
    signed_once(computer, papers)


def kill_in_mid_batch(computer: Computer, kill_at: int) -> None:
    """Have the agent killed at a write to its journal: 1-2 its folder, then four for each paper."""
    with computer.run("--once", kill_at=kill_at) as terminal:
        terminal.await_text(PIN_ASKED)
        terminal.type("12345678\n")
        terminal.ended(-9)


def test_what_was_signed_before_a_kill_is_handed_over_and_not_signed_again(
    desk: Running, computer: Computer
) -> None:
    papers = desk.release(*HALVES[:2])
    # The first signature stands in the journal, and the station does not have it.
    kill_in_mid_batch(computer, 6)
    (known,) = [entry for entry in computer.journal() if submission_of(entry) in papers]
    assert known["signature"]
    with computer.run("--once") as terminal:
        terminal.await_text("ĐÃ KÝ ở máy này lúc")
        terminal.await_text(PIN_ASKED)
        terminal.type("12345678\n")
        assert "Đã ký 2/2 giấy." in terminal.ended(0)
    desk.await_filed(papers)
    signed_once(computer, papers)


def test_what_may_be_signed_waits_for_the_officers_word_on_both_sides(
    desk: Running, computer: Computer
) -> None:
    papers = desk.release(*HALVES[:2])
    # Written down, and killed before anybody knows whether the key was used.
    kill_in_mid_batch(computer, 4)
    # The same batch is found again: the station learns that nobody knows, and stops.
    with computer.run("--once") as terminal:
        terminal.await_text("DỞ DANG từ")
        terminal.await_text(PIN_ASKED)
        terminal.type("12345678\n")
        assert "KHÔNG ký" in terminal.ended(1)
    (unknown,) = until(lambda: unknown_signatures(desk.archive))
    (other,) = set(papers) - {unknown.submission_id}
    # The other paper is signed with the next batch, and that one is not offered.
    assert "Đã ký 1/1 giấy." in computer.sign()
    desk.await_filed([other])
    assert desk.archive.ledger.get(unknown.submission_id).state is SubmissionState.AWAITING_RELEASE
    # An officer says again at the station; the holder of the key must say so too.
    word = Decided(what=Decision.AGAIN, actor="chi.lan", device=current_device())
    ask_decision(desk.archive, [unknown], word)
    until(lambda: not unknown_signatures(desk.archive))
    assert "Đã ký 1/1 giấy." in computer.sign(typed="1\n")
    desk.await_filed([unknown.submission_id])
    uses = [e for e in computer.journal() if submission_of(e) == unknown.submission_id]
    assert [bool(use["signature"]) for use in uses] == [False, True]


def test_a_person_signs_own_scans_at_an_own_computer(
    template: Path, authority: Path, token: SoftToken, tmp_path: Path
) -> None:
    station, port = make_agent_station(template, tmp_path / "station")
    seal = pki.key_files(station.root / "authority", pki.AGENCY)
    change_settings(
        station.root,
        signing={
            "personal": "required",
            "scans_of": ("chi.lan = *",),
            "release": "automatic",
            "key": str(seal.pkcs12),
            "passphrase": str(seal.passphrase),
        },
    )
    clerk = Computer(
        folder=tmp_path / "pc", token=copy_of(token, tmp_path / "token"), signer="officer3"
    )
    with running(open_station(station.root), port) as at_work:
        given = give_code(at_work.station, "chi-lan", "Chị Lan", "admin", account="chi.lan")
        clerk.join(at_work.cable.address, given.code)
        with clerk.run() as terminal:
            # The program runs all day; the paper comes later.
            terminal.await_text("Đang chờ đợt ký")
            drop_half(at_work.station, HALVES[0])
            terminal.await_text("1 giấy chờ ký")
            terminal.await_text(PIN_ASKED)
            terminal.type("12345678\n")
            terminal.await_text("Đã ký 1/1 giấy.")
        until(lambda: at_work.archive.ledger.counts().filed == 1)
        (record,) = at_work.archive.records.newest(9)
        structure = inspect(at_work.archive.objects.path(record.pdf.sha256))
        assert [each.field for each in structure.signatures] == ["CB_SaoChup", "CQ_SoHoa"]
        assert record.verdict == "TOTAL-PASSED"
        assert len(clerk.journal()) == 1


def used_at_the_token(journal: KeyJournal, computer: Computer) -> Counter[str]:
    """Count what the token signed for each paper: by its own count, no digest twice."""
    digests = Counter(journal.digests())
    assert set(digests.values()) <= {1}
    noted = {entry["digest"]: submission_of(entry) for entry in computer.journal()}
    return Counter(noted[digest] for digest in digests)


def settle(at_work: Running, computer: Computer, journal: KeyJournal, papers: list[str]) -> int:
    """After a storm: each paper is filed or listed, signed once; then officers say again.

    Returns:
        Of how many papers nobody knew.
    """
    ledger = at_work.archive.ledger
    for _ in range(4):
        said = sign_what_waits(computer)
        if "Trạm dừng" not in said and "ở đợt sau" not in said:
            break
    unknown = unknown_signatures(at_work.archive)
    doubtful = [paper.submission_id for paper in unknown]
    at_work.await_filed(sorted(set(papers) - set(doubtful)))
    assert used_at_the_token(journal, computer) <= Counter(papers)
    if not doubtful:
        assert used_at_the_token(journal, computer) == Counter(papers)
        return 0
    states = {ledger.get(each).state for each in doubtful}
    assert states == {SubmissionState.AWAITING_RELEASE}
    word = Decided(what=Decision.AGAIN, actor="chi.lan", device=current_device())
    ask_decision(at_work.archive, unknown, word)
    until(lambda: not unknown_signatures(at_work.archive))
    typed = ",".join(str(number) for number in range(1, len(doubtful) + 1))
    for _ in range(4):
        # The station takes up what was said one paper after the other.
        sign_what_waits(computer, f"{typed}\n")
        if all(ledger.get(each).state is SubmissionState.FILED for each in doubtful):
            break
    at_work.await_filed(papers)
    used = used_at_the_token(journal, computer)
    assert {used[each] for each in set(papers) - set(doubtful)} <= {1}
    assert {used[each] for each in doubtful} <= {1, 2}
    return len(doubtful)


def sign_what_waits(computer: Computer, typed: str = "") -> str:
    """Have the officer sign what waits, if anything does; return what was said."""
    with computer.run("--once", typed=typed) as terminal:
        if terminal.sees(PIN_ASKED):
            terminal.type(f"{PIN}\n")
        return terminal.ended()


@pytest.fixture
def far(
    template: Path,
    authority: Path,
    token: SoftToken,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Station, int, Computer, KeyJournal]:
    """A station of its own, an officer's computer, and a journal kept at the token itself."""
    journal = KeyJournal(tmp_path / "at-the-token")
    for name, value in journal.environment.items():
        monkeypatch.setenv(name, value)
    station, port = make_agent_station(template, tmp_path / "station")
    computer = Computer(folder=tmp_path / "pc", token=copy_of(token, tmp_path / "token"))
    return station, port, computer, journal


@pytest.mark.soak
def test_an_agent_killed_twenty_times_in_a_batch_of_fifty(
    far: tuple[Station, int, Computer, KeyJournal],
) -> None:
    station, port, computer, journal = far
    moments, kills = random.Random(20261122), 0
    with running(station, port) as at_work:
        given = give_code(station, NAME, "Chị Lan", "admin")
        computer.join(at_work.cable.address, given.code)
        papers = at_work.release(*(HALVES * 10))
        while kills < 20:
            with computer.run("--once", kill_at=moments.randrange(3, 13)) as terminal:
                assert terminal.sees(PIN_ASKED), "the batch ended before it was killed so often"
                terminal.type(f"{PIN}\n")
                terminal.ended()
                kills += terminal.process.returncode == -signal.SIGKILL
            assert max(used_at_the_token(journal, computer).values(), default=0) <= 1
        doubtful = settle(at_work, computer, journal, papers)
    assert 0 < doubtful <= 20


@pytest.mark.parametrize(("scans", "kills"), [(3, 1), pytest.param(50, 20, marks=pytest.mark.soak)])
def test_a_station_killed_under_its_agent_signs_nothing_twice_and_loses_nothing(
    far: tuple[Station, int, Computer, KeyJournal], scans: int, kills: int
) -> None:
    station, port, computer, journal = far
    moments = random.Random(20261122)
    with running(station, port) as at_work:
        given = give_code(station, NAME, "Chị Lan", "admin")
        computer.join(f"127.0.0.1:{port}", given.code)
        papers = at_work.release(*(HALVES * 10)[:scans])
    for _ in range(kills):
        with started(station, port) as engine, computer.run("--once") as terminal:
            assert terminal.sees(PIN_ASKED), "the batch ended before it was killed so often"
            used = len(journal.digests())
            terminal.type(f"{PIN}\n")
            if moments.random() < 0.7:
                until(partial(signed_more, journal, used), pause=0.005)
            time.sleep(moments.uniform(0.0, 0.2))  # the moment of the kill
            os.killpg(engine.pid, signal.SIGKILL)
            engine.wait()
            terminal.kill()
        assert max(used_at_the_token(journal, computer).values(), default=0) <= 1
    with running(station, port) as at_work:
        doubtful = settle(at_work, computer, journal, papers)
    assert doubtful <= kills * 2


def signed_more(journal: KeyJournal, than: int) -> bool:
    return len(journal.digests()) > than


@contextmanager
def started(station: Station, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A station at work in a process of its own, which does not survive the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "desk.cli.main", "run", "--station", str(station.root)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as engine:
        try:
            until(lambda: is_listening(port))
            yield engine
        finally:
            if engine.poll() is None:
                os.killpg(engine.pid, signal.SIGKILL)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_another_station_and_an_agent_that_was_forgotten_are_refused(
    desk: Running, computer: Computer
) -> None:
    # What the agent believes is another certificate: it hangs up before it says anything.
    known = (computer.folder / "station.pem").read_text()
    (computer.folder / "station.pem").write_text((computer.folder / "agent.pem").read_text())
    with computer.run("--once") as terminal:
        assert "KHÔNG phải trạm đã ghép" in terminal.ended(26)
    (computer.folder / "station.pem").write_text(known)
    unpair(desk.station, desk.archive, NAME, "admin")
    with computer.run("--once") as terminal:
        assert "không nhận máy này" in terminal.ended(27)
    assert [len(desk.events(word)) for word in ("paired", "unpaired")] == [1, 1]
