"""Pairing, and whom each side believes: real TLS in one process, no engine."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import Settings, render_settings
from desk.agent import messages
from desk.agent.calls import Gone, StationCalls
from desk.agent.identity import (
    certificate_of,
    client_context,
    fingerprint,
    make_identity,
    meeting_context,
    new_code,
    plain_code,
    proof_of,
)
from desk.agent.joining import Joined, join_station
from desk.agent.messages import Offer, Opened, Pairing, Paper
from desk.agent.settings import AgentFolder, AgentSettings, host_and_port, load_agent
from desk.cli.main import main
from desk.errors import (
    AgentNotPaired,
    AnswerRefused,
    PathUnusable,
    StationDistrusted,
    StationUnreachable,
    UnknownCode,
)
from desk.founding import found_station
from desk.moments import now
from desk.remote import paired
from desk.remote.answers import Answers, Desk
from desk.remote.board import Board
from desk.remote.line import Line
from desk.remote.listener import Listener
from desk.remote.paired import PairedAgent, give_code, paired_agents, unpair
from desk.remote.refusal import Refused
from desk.startup import open_services
from desk.station import Station, open_station
from signing.errors import CertificateRefused, KeyMaterialError
from storage.archive import Archive, open_archive
from storage.errors import DiskFull
from tests.signing.workbench import free_port
from tests.test_docs_json import agrees

WISHED = AgentSettings(station="", name="", key="pkcs11:token=T?module-path=/m.so")


class Ear:
    """A station that listens, and does nothing else."""

    def __init__(self, station: Station, archive: Archive) -> None:
        self.station, self.archive = station, archive
        self.port = 0

    def join(self, folder: Path, code: str) -> Joined:
        wished = replace(WISHED, station=f"127.0.0.1:{self.port}")
        return join_station(AgentFolder(root=folder), wished, code)

    def calls(self, folder: Path) -> Iterator[StationCalls]:
        """Return the calls of an agent."""
        agent = AgentFolder(root=folder)
        context = client_context(agent.identity, agent.station.read_text())
        calls = StationCalls(("127.0.0.1", self.port), context)
        try:
            yield calls
        finally:
            calls.close()


@pytest.fixture(scope="module")
def ear(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ear]:
    root = tmp_path_factory.mktemp("ear") / "station"
    station = found_station(root, Settings()).station
    with open_archive(station.archive) as archive, again(Ear(station, archive)) as made:
        yield made


@pytest.fixture
def code(ear: Ear) -> Iterator[str]:
    yield give_code(ear.station, "van-thu", "Chị Lan THỬ NGHIỆM", "admin").code
    for agent in paired_agents(ear.station):
        unpair(ear.station, ear.archive, agent.name, "admin")


class NothingWaits:
    """Offers nothing."""

    def offer(self, agent: PairedAgent) -> Offer | None:
        return None

    def begin(self, line: Line, agent: PairedAgent, board: Board) -> None:
        raise AssertionError


@contextmanager
def again(ear: Ear) -> Iterator[Ear]:
    """Start the station's ear anew."""
    later = Ear(ear.station, ear.archive)
    with Listener(ear.station, Answers(desk_of(ear))).listening("127.0.0.1", 0) as listener:
        later.port = listener.port
        yield later


def desk_of(ear: Ear) -> Desk:
    nothing = NothingWaits()
    return Desk(
        station=ear.station,
        archive=ear.archive,
        board=Board(),
        agency=nothing,
        personal=nothing,
    )


def ask(ear: Ear, folder: Path, path: str = messages.OFFER) -> bytes:
    for calls in ear.calls(folder):
        return calls.ask(path)
    raise AssertionError


def test_a_code_pairs_once_and_each_side_keeps_the_others_certificate(
    ear: Ear, code: str, tmp_path: Path
) -> None:
    joined = ear.join(tmp_path, code.replace("-", " ").lower())
    folder = AgentFolder(root=tmp_path)
    (agent,) = paired_agents(ear.station)
    assert agent.fingerprint == joined.fingerprint == fingerprint(certificate_of(folder.identity))
    assert fingerprint(folder.station.read_text()) == joined.station_fingerprint
    assert load_agent(folder) == replace(WISHED, station=f"127.0.0.1:{ear.port}", name="van-thu")
    assert folder.identity.stat().st_mode & 0o077 == 0
    with pytest.raises(Gone):
        ask(ear, tmp_path)
    with pytest.raises(AgentNotPaired) as caught:
        ear.join(tmp_path / "second", code)
    assert "mã ghép" in caught.value.vi
    assert not (tmp_path / "second" / "hoso-agent.toml").exists()


def test_three_wrong_codes_end_a_code(ear: Ear, code: str, tmp_path: Path) -> None:
    for _ in range(3):
        with pytest.raises(AgentNotPaired):
            ear.join(tmp_path, new_code())
    with pytest.raises(AgentNotPaired):
        ear.join(tmp_path, code)
    assert paired_agents(ear.station) == []


def test_a_code_ends_by_itself_and_by_the_next_one(
    ear: Ear, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = give_code(ear.station, "van-thu-2", "Chị Hoa THỬ NGHIỆM", "admin")
    with pytest.raises(AgentNotPaired):
        ear.join(tmp_path, code)
    monkeypatch.setattr(paired, "now", lambda: later.until)
    with pytest.raises(AgentNotPaired):
        ear.join(tmp_path, later.code)


def test_who_stands_between_with_another_certificate_is_found_out(
    ear: Ear, code: str, tmp_path: Path
) -> None:
    make_identity(tmp_path / "between.pem", "between", now())
    make_identity(tmp_path / "agent.pem", "agent", now())
    own = certificate_of(tmp_path / "agent.pem")
    seen = fingerprint(certificate_of(tmp_path / "between.pem"))
    # What the agent proves to who stands between is no proof for the station.
    proof = proof_of(code, "agent", seen, fingerprint(own))
    calls = StationCalls(("127.0.0.1", ear.port), meeting_context())
    with pytest.raises(AgentNotPaired):
        calls.ask(
            messages.PAIR,
            messages.to_bytes(Pairing(certificate=own, proof=proof, host="PC")),
        )
    calls.close()
    assert paired_agents(ear.station) == []


def test_a_station_that_does_not_know_the_code_is_not_believed(
    ear: Ear, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.remote.paired.proof_of", lambda *_: "0" * 64)
    monkeypatch.setattr("desk.remote.paired.is_proof", lambda *_: True)
    with pytest.raises(AgentNotPaired):
        ear.join(tmp_path, code)
    assert not (tmp_path / "station.pem").exists()


def test_who_is_not_paired_is_refused_whatever_it_shows(
    ear: Ear, code: str, tmp_path: Path
) -> None:
    ear.join(tmp_path, code)
    # Nothing shown: only a pairing may be asked for.
    nobody = StationCalls(("127.0.0.1", ear.port), meeting_context())
    for path in (messages.OFFER, messages.OPEN, messages.WANTED, messages.SIGNED, messages.CLOSE):
        with pytest.raises(AgentNotPaired):
            nobody.ask(path)
    nobody.close()
    # Another key than the one that was paired.
    (tmp_path / "agent.pem").rename(tmp_path / "kept.pem")
    make_identity(tmp_path / "agent.pem", "other", now())
    with pytest.raises((AgentNotPaired, StationUnreachable)):
        ask(ear, tmp_path)
    # Unpaired: TLS still believes the certificate, the station does not.
    (tmp_path / "kept.pem").replace(tmp_path / "agent.pem")
    with pytest.raises(Gone):
        ask(ear, tmp_path)
    unpair(ear.station, ear.archive, "van-thu", "admin")
    with pytest.raises(AgentNotPaired):
        ask(ear, tmp_path)
    # Also where the station was started anew since.
    with again(ear) as later, pytest.raises(AgentNotPaired):
        ask(later, tmp_path)
    assert [event.outcome for event in ear.archive.events.events("van-thu")][-2:] == [
        "paired",
        "unpaired",
    ]


def test_another_station_is_told_nothing(ear: Ear, code: str, tmp_path: Path) -> None:
    ear.join(tmp_path, code)
    make_identity(tmp_path / "other.pem", "station", now())
    (tmp_path / "station.pem").write_text(certificate_of(tmp_path / "other.pem"))
    with pytest.raises(StationDistrusted) as caught:
        ask(ear, tmp_path)
    assert "KHÔNG phải trạm đã ghép" in caught.value.vi
    with pytest.raises(StationUnreachable):
        StationCalls(("127.0.0.1", free_port()), meeting_context()).ask(messages.OFFER)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"batch": 1}', b"\xff" * 100])
def test_what_makes_no_sense_is_refused_and_the_station_goes_on(
    ear: Ear, code: str, tmp_path: Path, body: bytes
) -> None:
    ear.join(tmp_path, code)
    for calls in ear.calls(tmp_path):
        for path in (messages.OPEN, messages.WANTED, messages.SIGNED, messages.CLOSE):
            with pytest.raises(StationDistrusted):
                calls.ask(path, body)
        with pytest.raises(AgentNotPaired):
            calls.ask(messages.PAIR, body)
        with pytest.raises(Gone):
            calls.ask(messages.OFFER)
        with pytest.raises(Gone):
            calls.ask(messages.WANTED, b'{"batch": "x"}')


def test_old_tls_is_not_spoken(ear: Ear) -> None:
    context = meeting_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(StationUnreachable):
        StationCalls(("127.0.0.1", ear.port), context).ask(messages.OFFER)


def test_names_and_ports_that_cannot_be_are_refused(ear: Ear, code: str, tmp_path: Path) -> None:
    for name in ("", "Văn thư", "../x", "a" * 41):
        with pytest.raises(AnswerRefused):
            give_code(ear.station, name, "", "admin")
    ear.join(tmp_path, code)
    with pytest.raises(AnswerRefused):
        give_code(ear.station, "van-thu", "", "admin")
    with pytest.raises(UnknownCode):
        unpair(ear.station, ear.archive, "khac", "admin")
    with (
        pytest.raises(PathUnusable),
        Listener(ear.station, Answers(desk_of(ear))).listening("127.0.0.1", ear.port),
    ):
        pass


def test_a_key_at_an_agent_needs_a_port(tmp_path: Path) -> None:
    station = found_station(tmp_path / "tram", Settings()).station
    settings = station.settings
    signing = replace(settings.signing, key="agent:van-thu")
    text = render_settings(replace(settings, signing=signing))
    (station.root / "hoso.toml").write_text(text, encoding="utf-8")
    with (
        pytest.raises(KeyMaterialError) as caught,
        open_services(open_station(station.root)),
    ):
        pass
    assert "[agents] port" in caught.value.vi


def test_codes_are_read_as_people_type_them() -> None:
    code = new_code()
    assert len(plain_code(code)) == 16
    assert plain_code(f" {code.lower()} \n") == plain_code(code.replace("-", ""))
    assert plain_code("o1i8") == "OLIB"
    assert len({new_code() for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("tram.xa.vn", ("tram.xa.vn", 8443)),
        ("10.0.0.5:9000", ("10.0.0.5", 9000)),
        ("[fd00::1]:9000", ("fd00::1", 9000)),
        ("fd00::1", ("fd00::1", 8443)),
    ],
)
def test_addresses_are_split(address: str, wanted: tuple[str, int]) -> None:
    assert host_and_port(address) == wanted


def test_the_commands_print_what_is_documented(
    ear: Ear, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSO_STATION", str(ear.station.root))

    def printed(*words: str, typed: str = "") -> object:
        monkeypatch.setattr("sys.stdin.readline", lambda: typed, raising=False)
        capsys.readouterr()
        main([*words, "--json"])
        return json.loads(capsys.readouterr().out)

    given = printed("agents", "pair", "van-thu", "--person", "Chị Lan THỬ NGHIỆM")
    agrees("hoso agents pair", given)
    assert isinstance(given, dict)
    folder = ("--folder", str(tmp_path))
    where = ("agent", "join", f"127.0.0.1:{ear.port}", "--key", "pkcs11:x")
    agrees("hoso agent join", printed(*where, *folder, typed=given["code"]))
    agrees("hoso agents", printed("agents"))
    agrees("hoso agent journal", printed("agent", "journal", *folder))
    agrees("hoso agent", printed("agent", "--once", *folder))
    agrees("hoso agents unpair", printed("agents", "unpair", "van-thu"))


class Waits(NothingWaits):
    """Offers one paper, and refuses the key, or fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def offer(self, agent: PairedAgent) -> Offer | None:
        paper = Paper(number=1, reference="s/1/0", pdf_sha256="0" * 64, title="Giấy")
        return Offer(batch="lô", station="THỬ NGHIỆM", count=1, papers=(paper,))

    def begin(self, line: Line, agent: PairedAgent, board: Board) -> None:
        raise self._error


@pytest.mark.parametrize(
    "error", [CertificateRefused("Chứng thư đã hết hạn.", "expired"), DiskFull("Đĩa đầy.", "full")]
)
def test_a_key_that_must_not_sign_opens_no_batch(
    ear: Ear, tmp_path: Path, error: Exception
) -> None:
    board, work = Board(), Waits(error)
    agent = PairedAgent(
        name="pc",
        person="Chị Lan",
        host="PC",
        certificate="",
        paired_at=now(),
        paired_by="admin",
        account="chi.lan",
    )
    answers = Answers(replace(desk_of(ear), board=board, personal=work))
    make_identity(tmp_path / "key.pem", "THỬ NGHIỆM", now())
    der = ssl.PEM_cert_to_DER_cert(certificate_of(tmp_path / "key.pem"))
    opened = Opened(
        batch="lô",
        count=1,
        declined=(),
        certificate=messages.encoded(der),
        issuers=(),
        padding="pkcs1",
        host="PC",
    )
    assert messages.read_offer(answers.offer(agent, b"")).count == 1
    # What was not offered, or not so, is not opened.
    for other in (replace(opened, batch="khác"), replace(opened, count=2)):
        with pytest.raises(Refused):
            answers.open(agent, messages.to_bytes(other))
    for bad in (
        replace(opened, declined=("2",)),
        replace(opened, certificate="AAAA"),
        replace(opened, padding="x"),
        replace(opened, host=""),
    ):
        with pytest.raises(messages.BadMessage):
            answers.open(agent, messages.to_bytes(bad))
    with pytest.raises((Refused, DiskFull)) as caught:
        answers.open(agent, messages.to_bytes(opened))
    assert str(error.args[0]) in str(caught.value)
    assert board.line("pc") is None
    answers.sweep()
    assert [event.outcome for event in ear.archive.events.events("pc")][-1] == "batch closed"
