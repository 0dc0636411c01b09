"""Signatures of PDFs, made with OpenSSL and stamped, seen with Python alone."""

from __future__ import annotations

import hashlib
import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from asn1crypto import cms

from storage.outsider.certificates import Certificate, read_certificates
from storage.outsider.pdf_signatures import Anchors, PdfSignature, check_signatures
from tests.storage.timestamps import Stamper, make_stamper

_ROOM = 12_000
_BODY = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + "giấy THỬ NGHIỆM\n".encode() * 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who signs, and who is trusted."""

    stamper: Stamper
    key: Path
    certificate: Path
    anchors: Anchors


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory) -> Hand:
    folder = tmp_path_factory.mktemp("hand")
    stamper = make_stamper(folder / "tsa", ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"))
    root, key, certificate = stamper.folder / "root.pem", folder / "a.key", folder / "a.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-subj", "/CN=UBND xa THU NGHIEM", "-days", "30", "-keyout", key),
            *("-CA", root, "-CAkey", stamper.folder / "root.key", "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    trusted: list[Certificate] = read_certificates(root.read_bytes())
    anchors = Anchors(signers=trusted, timestamping=trusted)
    return Hand(stamper=stamper, key=key, certificate=certificate, anchors=anchors)


def sign(data: bytes, hand: Hand, *, stamped: bool = True) -> bytes:
    """Sign detached, as PAdES has it."""
    command = ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER"]
    made = subprocess.run(
        [*command, "-signer", hand.certificate, "-inkey", hand.key],
        input=data,
        check=True,
        capture_output=True,
    ).stdout
    if not stamped:
        return made
    message = cms.ContentInfo.load(made)
    signer = message["content"]["signer_infos"][0]
    token = hand.stamper(hashlib.sha256(signer["signature"].native).digest())
    attribute = {"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]}
    signer["unsigned_attrs"] = [attribute]
    return bytes(message.dump())


def put_together(make: Callable[[bytes], bytes]) -> bytes:
    """Write a file whose signature lies where its ByteRange says."""
    head = b"2 0 obj\n<< /Type /Sig /ByteRange [0 %010d %010d %010d] /Contents "
    begins = len(_BODY + head % (0, 0, 0))
    ends = begins + 2 * _ROOM + 2
    tail = b" >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
    head = _BODY + head % (begins, ends, len(tail))
    return head + b"<" + make(head + tail).hex().encode().ljust(2 * _ROOM, b"0") + b">" + tail


@pytest.fixture(scope="module")
def signed(hand: Hand) -> bytes:
    return put_together(lambda data: sign(data, hand))


def check(data: bytes, hand: Hand, tmp_path: Path) -> list[PdfSignature]:
    path = tmp_path / "giay.pdf"
    path.write_bytes(data)
    return check_signatures(path, hand.anchors)


def test_a_signature_says_whose_it_is_and_before_when(
    signed: bytes, hand: Hand, tmp_path: Path
) -> None:
    (found,) = check(signed, hand, tmp_path)
    assert found.holds
    assert (found.signer, found.anchor) == ("UBND xa THU NGHIEM", "Goc THU NGHIEM")
    assert found.before is not None
    assert found.authority == "Dau thoi gian THU NGHIEM"


def test_any_byte_that_it_covers_belongs_to_it(signed: bytes, hand: Hand, tmp_path: Path) -> None:
    begins, ends = signed.index(b"<30"), signed.index(b"> >>")
    draw = random.Random(8)
    places = [draw.randrange(len(signed)) for _ in range(60)]
    for place in [at for at in places if not begins <= at <= ends]:
        changed = bytearray(signed)
        changed[place] ^= 1 << draw.randrange(8)
        held = [one.holds for one in check(bytes(changed), hand, tmp_path)]
        assert held in ([False], []), place


def test_a_document_timestamp_is_one_too(hand: Hand, tmp_path: Path) -> None:
    made = put_together(lambda data: hand.stamper(hashlib.sha256(data).digest()))
    (found,) = check(made, hand, tmp_path)
    assert (found.holds, found.signer) == (True, "Dau thoi gian THU NGHIEM")
    (changed,) = check(made.replace(b"/Catalog", b"/Catalos"), hand, tmp_path)
    assert changed.holds is False


def test_a_signature_of_other_bytes_or_of_a_stranger_is_told(hand: Hand, tmp_path: Path) -> None:
    other = put_together(lambda data: sign(data + b" ", hand, stamped=False))
    (found,) = check(other, hand, tmp_path)
    assert (found.holds, found.why) == (False, "its content has changed")
    made = put_together(lambda data: sign(data, hand, stamped=False))
    path = tmp_path / "la.pdf"
    path.write_bytes(made)
    (stranger,) = check_signatures(path, Anchors(signers=(), timestamping=()))
    assert (stranger.holds, stranger.anchor, stranger.before) == (True, None, None)


@pytest.mark.parametrize(
    "contents", [b"", b"\x30\x80\x06\x00", b"\x00" * 40, b"\x30\x03\x02\x01\x05", b"\xff" * 30]
)
def test_what_is_no_message_is_not_taken_for_one(
    contents: bytes, hand: Hand, tmp_path: Path
) -> None:
    (found,) = check(put_together(lambda _: contents), hand, tmp_path)
    assert found.holds is not True
    assert found.why


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 /ByteRange [0 1 2 3]",
        b"/ByteRange [0 999999999999 999999999999 1]",
        b"/ByteRange [5 1 9 1] <00>",
    ],
)
def test_words_alone_are_no_signature(data: bytes, hand: Hand, tmp_path: Path) -> None:
    assert check(data, hand, tmp_path) == []


def overlapping(ranges: int) -> bytes:
    """Write a PDF in which so many signatures claim nearly all of its bytes, in one place."""
    head, contents = b"%PDF-1.7\n", b"<3000>"
    told = b"".join(
        b"/ByteRange [0 %d %d %d]\n" % (len(head), len(head) + len(contents), number)
        for number in range(ranges)
    )
    return head + contents + told + bytes(ranges)


def test_signatures_without_end_are_checked_up_to_a_number(tmp_path: Path) -> None:
    path, anchors = tmp_path / "nhieu.pdf", Anchors(signers=(), timestamping=())
    path.write_bytes(overlapping(20_000))
    found = check_signatures(path, anchors)
    assert len(found) == 65
    assert not any(one.holds for one in found)
    assert "more than 64" in found[-1].why
    path.write_bytes(overlapping(64))
    assert len(check_signatures(path, anchors)) == 64


def test_bytes_that_are_claimed_twice_are_one_signature(tmp_path: Path) -> None:
    path = tmp_path / "hai.pdf"
    data = overlapping(1)
    path.write_bytes(data + data[data.index(b"/ByteRange") :])
    assert len(check_signatures(path, Anchors(signers=(), timestamping=()))) == 1
