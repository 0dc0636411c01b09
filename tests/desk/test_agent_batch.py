"""What an agent refuses, and what its journal knows: a station in a test's own words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest
from asn1crypto import cms, pem, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.agent import batch, messages
from desk.agent.batch import BatchRun, Shown, Tally
from desk.agent.calls import Gone, StationCalls
from desk.agent.identity import certificate_of, make_identity
from desk.agent.journal import FILE, Entry, Journal, Standing
from desk.agent.messages import BadMessage, Offer, Opened, Paper, Signed, Wanted, Work
from desk.errors import JournalUnusable, StationDistrusted, StationUnreachable
from desk.moments import now
from signing.attributes import are_signature_attributes
from signing.errors import TokenLost
from signing.providers import Padding, ToSign, is_signature_of

PAPERS = tuple(
    Paper(number=n, reference=f"s{n}/1", pdf_sha256=f"{n:064x}", title=f"Giấy THỬ NGHIỆM {n}")
    for n in (1, 2, 3)
)
OFFER = Offer(batch="lô-1", station="UBND THỬ NGHIỆM", count=3, papers=PAPERS)


class Key:
    """A key that counts its uses; it may fail, or be killed, at one of them."""

    padding = Padding.PKCS1
    issuers: Sequence[x509.Certificate] = ()

    def __init__(self, path: Path) -> None:
        if not path.exists():
            make_identity(path, "THỬ NGHIỆM", now())
        private = load_pem_private_key(path.read_bytes(), None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        self._private = private
        _, _, der = pem.unarmor(certificate_of(path).encode())
        self.certificate = x509.Certificate.load(der)
        self.uses: list[bytes] = []
        self.fails_at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        return

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        for item in wanted:
            self.uses.append(item.data)
            if len(self.uses) == self.fails_at:
                raise TokenLost("Token bị rút.", "gone", is_answer=False)
            yield self._private.sign(item.data, ec.ECDSA(hashes.SHA256()))


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    make_identity(path, "THỬ NGHIỆM", now())
    return path


@pytest.fixture
def key(identity: Path) -> Key:
    return Key(identity)


def attributes(key: Key, about: object, kind: str = "data") -> bytes:
    """Return the signed attributes of a signature on something."""
    certificate = {"cert_hash": hashlib.sha256(key.certificate.dump()).digest()}
    values: dict[str, object] = {
        "content_type": kind,
        "message_digest": hashlib.sha256(repr(about).encode()).digest(),
        "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [certificate]}),
    }
    listed = [{"type": name, "values": [value]} for name, value in values.items()]
    return bytes(cms.CMSAttributes(listed).dump())


def wanted(key: Key, number: int, about: object = "") -> Wanted:
    data = messages.encoded(attributes(key, (number, about)))
    return Wanted(number=number, title=PAPERS[number - 1].title, data=data)


class Station(StationCalls):
    """A station that asks for what a test says, and notes the answers."""

    def __init__(self, *work: Wanted, is_cut: int = 0) -> None:
        self._work, self._is_cut = list(work), is_cut
        self.opened: Opened | None = None
        self.answers: list[Signed] = []

    def ask(self, path: str, body: bytes = b"{}") -> bytes:
        if self._is_cut:
            self._is_cut -= 1
            raise StationUnreachable("Mất mạng.", "cut")
        if path == messages.OPEN:
            self.opened = messages.read(Opened, body)
        if path == messages.SIGNED:
            self.answers.append(messages.read(Signed, body))
        if path != messages.WANTED:
            return b"{}"
        # One at a time, as a station does whose papers become ready one after the other.
        part, self._work = tuple(self._work[:1]), self._work[1:]
        return messages.to_bytes(Work(wanted=part, is_ended=not self._work))


def run(
    folder: Path, key: Key, station: Station, offer: Offer = OFFER, again: tuple[int, ...] = ()
) -> Tally:
    with Journal(folder) as journal:
        said: list[str] = []
        shown = Shown(offer=offer, again=again)
        tally = BatchRun(station, journal, key, shown, said.append).run()
    assert len([line for line in said if "ký" in line]) == tally.signed + tally.refused
    return tally


def standings(folder: Path) -> list[Standing]:
    with Journal(folder) as journal:
        return [journal.standing(paper) for paper in PAPERS]


def test_each_paper_is_signed_once_and_written_down_before_and_after(
    tmp_path: Path, key: Key
) -> None:
    station = Station(*(wanted(key, number) for number in (1, 2, 3)))
    tally = run(tmp_path, key, station)
    assert (tally.signed, tally.refused, tally.left, len(key.uses)) == (3, 0, 0, 3)
    assert station.opened is not None
    assert (station.opened.count, station.opened.declined) == (3, ())
    for answer, data in zip(station.answers, key.uses, strict=True):
        signature = messages.decoded(answer.signature)
        item = ToSign(title="", data=data)
        assert is_signature_of(item, signature, key.certificate, Padding.PKCS1)
        assert answer.digest == item.digest.hex()
    lines = [json.loads(line) for line in (tmp_path / FILE).read_bytes().splitlines()]
    assert [bool(line["signature"]) for line in lines] == [False, True] * 3
    assert standings(tmp_path) == [Standing.SIGNED] * 3


def test_the_same_bytes_are_handed_over_again_in_their_batch_and_never_in_another(
    tmp_path: Path, key: Key
) -> None:
    asked = wanted(key, 1)
    first, second = Station(asked, asked), Station(asked)
    assert run(tmp_path, key, first).signed == 1
    assert first.answers[0] == first.answers[1]
    tally = run(tmp_path, key, second, replace(OFFER, batch="lô-2"), again=(1,))
    assert second.answers[0].refused == messages.Refusal.SIGNED_BEFORE
    assert (tally.signed, tally.refused, len(key.uses)) == (0, 1, 1)


def test_a_paper_made_anew_is_signed_again_only_where_its_officer_says_so(
    tmp_path: Path, key: Key
) -> None:
    run(tmp_path, key, Station(wanted(key, 1)))
    later = replace(OFFER, batch="lô-2")
    refusing = Station(wanted(key, 1, "anew"), wanted(key, 2))
    tally = run(tmp_path, key, refusing, later)
    assert refusing.opened is not None
    assert refusing.opened.declined == ("1",)
    assert [answer.refused for answer in refusing.answers] == [messages.Refusal.SIGNED_BEFORE, ""]
    assert (tally.signed, tally.refused) == (1, 1)
    # One word, one signature.
    allowed = Station(wanted(key, 1, "anew 2"), wanted(key, 1, "anew 3"))
    run(tmp_path, key, allowed, replace(OFFER, batch="lô-3"), again=(1,))
    assert allowed.opened is not None
    assert allowed.opened.declined == ("2",)
    assert [answer.refused for answer in allowed.answers] == ["", messages.Refusal.SIGNED_BEFORE]


def test_a_use_without_an_end_is_not_repeated(tmp_path: Path, key: Key) -> None:
    key.fails_at = 2
    asked = [wanted(key, number) for number in (1, 2, 3)]
    with pytest.raises(TokenLost):
        run(tmp_path, key, Station(*asked))
    assert standings(tmp_path) == [Standing.SIGNED, Standing.UNSURE, Standing.NEW]
    station = Station(*asked)
    tally = run(tmp_path, key, station)
    assert [answer.refused for answer in station.answers] == ["", messages.Refusal.UNSURE, ""]
    assert (tally.signed, tally.refused, len(key.uses)) == (2, 1, 3)
    # The same paper made anew in the same batch: still nobody knows.
    anew = Station(wanted(key, 2, "anew"))
    assert run(tmp_path, key, anew).refused == 1
    assert len(key.uses) == 3


BAD_QUESTIONS: dict[str, dict[str, Any]] = {
    "more than was stated": {"number": 4, "title": PAPERS[0].title},
    "another title": {"title": "Giấy khác"},
    "no signature's attributes": {"data": messages.encoded(b"\x31\x00")},
    "a digest alone": {"data": messages.encoded(bytes(32))},
    "no base64": {"data": "?"},
}


@pytest.mark.parametrize("fault", BAD_QUESTIONS)
def test_what_was_not_shown_is_not_signed_and_ends_the_batch(
    tmp_path: Path, key: Key, fault: str
) -> None:
    bad = replace(wanted(key, 1), **BAD_QUESTIONS[fault])
    with pytest.raises(StationDistrusted) as caught:
        run(tmp_path, key, Station(bad, wanted(key, 2)))
    assert "đóng khóa" in caught.value.vi
    assert key.uses == []


def test_only_attributes_of_a_pdfs_signature_by_this_certificate_are_signed(
    key: Key, tmp_path: Path
) -> None:
    good = attributes(key, "x")
    assert are_signature_attributes(good, key.certificate)
    other = Key(tmp_path / "other.pem")
    assert not are_signature_attributes(good, other.certificate)
    assert not are_signature_attributes(attributes(key, "x", "signed_data"), key.certificate)
    assert not are_signature_attributes(good + b"\x00", key.certificate)
    for end in range(len(good)):
        assert not are_signature_attributes(good[:end], key.certificate)


def test_a_station_that_is_cut_off_is_asked_again(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_PAUSE_SECONDS", 0.0)
    assert run(tmp_path, key, Station(wanted(key, 1), is_cut=3)).signed == 1
    monkeypatch.setattr(batch, "_CUT_SECONDS", 0.0)
    with pytest.raises(StationUnreachable):
        run(tmp_path, key, Station(is_cut=1))


def test_a_batch_that_the_station_closed_says_why(tmp_path: Path, key: Key) -> None:
    class Closing(Station):
        def ask(self, path: str, body: bytes = b"{}") -> bytes:
            if path == messages.WANTED:
                raise Gone("Chứng thư đã hết hạn.\x1b[2J")
            return super().ask(path, body)

    tally = run(tmp_path, key, Closing())
    assert tally.ended == "Chứng thư đã hết hạn. [2J"
    assert tally.left == 3


def entry(number: int, **changes: str) -> Entry:
    paper = PAPERS[number - 1]
    plain = Entry(
        at="2026-11-22T01:00:00Z",
        batch="lô-1",
        digest=f"{number:064x}",
        reference=paper.reference,
        pdf_sha256=paper.pdf_sha256,
        title=paper.title,
    )
    return replace(plain, **changes)


@pytest.mark.parametrize("lost", [1, 20, 150])
def test_a_line_that_a_crash_cut_off_does_not_count(tmp_path: Path, lost: int) -> None:
    with Journal(tmp_path) as journal:
        journal.begin(entry(1))
        journal.end(entry(1).digest, "AAAA")
        journal.begin(entry(2))
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-lost])
    with Journal(tmp_path) as journal:
        assert journal.find(entry(2).digest) is None
        journal.begin(entry(2))
    assert standings(tmp_path) == [Standing.SIGNED, Standing.UNSURE, Standing.NEW]


@pytest.mark.parametrize("damage", [b"x\n", b"[]\n", b'{"at": 1}\n', b"\xff\n"])
def test_without_a_whole_journal_nothing_is_signed(tmp_path: Path, key: Key, damage: bytes) -> None:
    (tmp_path / FILE).write_bytes(damage)
    with pytest.raises(JournalUnusable) as caught:
        run(tmp_path, key, Station(wanted(key, 1)))
    assert "không ký" in caught.value.vi
    assert key.uses == []


def test_a_full_disk_keeps_the_key_from_being_used(
    tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    with Journal(tmp_path) as journal:
        signing = BatchRun(Station(wanted(key, 1)), journal, key, Shown(offer=OFFER), print)
        monkeypatch.setattr("desk.agent.journal.os.write", full)
        with pytest.raises(JournalUnusable):
            signing.run()
    assert key.uses == []


def offered(**changes: Any) -> bytes:
    plain = json.loads(messages.to_bytes(OFFER))
    return json.dumps(plain | changes).encode()


def changed_paper(**changes: Any) -> list[Any]:
    papers = json.loads(messages.to_bytes(OFFER))["papers"]
    return [papers[0] | changes, *papers[1:]]


BAD_OFFERS: dict[str, dict[str, Any]] = {
    "more listed than stated": {"count": 2},
    "fewer listed than stated": {"count": 4},
    "nothing": {"count": 0, "papers": []},
    "a gap in the numbers": {"papers": changed_paper(number=4)},
    "one paper twice": {"papers": changed_paper(reference=PAPERS[1].reference)},
    "an empty title": {"papers": changed_paper(title="")},
    "a title that hides others": {"papers": changed_paper(title="a\x1b[2Jb")},
    "a title of two lines": {"papers": changed_paper(title="a\nb")},
    "a title that runs on": {"papers": changed_paper(title="a" * 301)},
    "no digest": {"papers": changed_paper(pdf_sha256="0" * 63)},
    "a number as text": {"papers": changed_paper(number="1")},
    "an unknown key": {"more": 1},
    "no list": {"papers": {}},
    "no station": {"station": ""},
    "too many": {"count": 1001, "papers": [{}] * 1001},
}


@pytest.mark.parametrize("fault", BAD_OFFERS)
def test_a_list_that_contradicts_itself_is_not_shown(fault: str) -> None:
    assert messages.read_offer(offered()) == OFFER
    with pytest.raises(BadMessage):
        messages.read_offer(offered(**BAD_OFFERS[fault]))


@settings(max_examples=30)
@given(st.binary(max_size=40) | st.lists(st.text(max_size=9), max_size=3).map(json.dumps))
def test_no_bytes_break_the_reading_of_messages(content: bytes | str) -> None:
    raw = content.encode() if isinstance(content, str) else content
    for reader in (messages.read_offer, messages.read_work, partial(messages.read, Signed)):
        with pytest.raises(BadMessage):
            reader(raw)
