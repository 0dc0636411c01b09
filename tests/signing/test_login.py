"""Who a certificate lets in, and what a key signs to log in: by itself, without pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from signing.attributes import are_signature_attributes
from signing.errors import CertificateRefused, KeyMaterialError
from signing.login import check_login, load_login_trust, read_login_certificate
from signing.login_challenge import (
    LoginChallenge,
    is_answered_by,
    read_answer,
    read_challenge,
    require_challenge,
    sign_challenge,
)
from signing.network import OFFLINE
from signing.trust import load_trust
from tests.signing.workbench import Workbench, now

UNTIL = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
OURS = LoginChallenge(
    station="Trạm THỬ NGHIỆM",
    address="https://a.example",
    nonce="0f" * 32,
    until=UNTIL,
    asked_from="192.0.2.7 · Firefox · Windows",
)
LINES = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=60)


@pytest.mark.parametrize("name", ["officer1", "officer3"])
def test_a_good_certificate_logs_in(bench: Workbench, name: str) -> None:
    trust = load_login_trust(bench.folder / "trust")
    with bench.signer(name) as signer:
        shown = read_login_certificate(signer.certificate.dump())
        check_login(shown, [], trust, bench.network, now())
    assert "THỬ NGHIỆM" in shown.subject
    pem = bench.folder / "certs" / "congvu" / f"{name}.cert.pem"
    assert read_login_certificate(pem.read_bytes()) == shown


def test_anchors_of_signatures_let_nobody_in(
    bench: Workbench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("trust")
    (folder / "signers").mkdir()
    root = bench.folder / "trust" / "signers" / "goc-thu-nghiem.pem"
    (folder / "signers" / "goc.pem").write_bytes(root.read_bytes())
    assert load_trust(folder).signers
    content = (bench.folder / "certs" / "congvu" / "officer1.cert.pem").read_bytes()
    shown, trust = read_login_certificate(content), load_login_trust(folder)
    with pytest.raises(CertificateRefused) as caught:
        check_login(shown, [], trust, bench.network, now())
    assert caught.value.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_unknown_revocation_lets_nobody_in(bench: Workbench) -> None:
    trust = load_login_trust(bench.folder / "trust")
    with bench.signer() as signer, pytest.raises(CertificateRefused) as caught:
        check_login(read_login_certificate(signer.certificate.dump()), [], trust, OFFLINE, now())
    assert caught.value.sub_indication == "TRY_LATER"


def made(
    *,
    usage: Sequence[str] | None = (),
    purposes: Sequence[x509.ObjectIdentifier] = (),
    ca: bool = False,
) -> bytes:
    """Return a certificate for some purposes, self-signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "THỬ NGHIỆM")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now() - dt.timedelta(days=1))
        .not_valid_after(now() + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
    )
    if usage is not None:
        words = ("digital_signature", "content_commitment", "key_encipherment")
        flags = {word: word in usage for word in words}
        others = ("data_encipherment", "key_agreement", "key_cert_sign", "crl_sign")
        flags |= dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
        builder = builder.add_extension(x509.KeyUsage(**flags), True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


SIGNS = ("digital_signature",)
MAIL, CLIENT = ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.CLIENT_AUTH
CASES = {
    "no usage": (made(usage=None), False),
    "documents alone": (made(usage=("content_commitment",)), False),
    "encryption": (made(usage=("key_encipherment",)), False),
    "mail": (made(usage=SIGNS, purposes=[MAIL]), False),
    "timestamps": (made(usage=SIGNS, purposes=[ExtendedKeyUsageOID.TIME_STAMPING]), False),
    "an authority": (made(usage=SIGNS, ca=True), False),
    "a person": (made(usage=SIGNS), True),
    "mail and clients": (made(usage=SIGNS, purposes=[MAIL, CLIENT]), True),
    "any": (made(usage=SIGNS, purposes=[ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), True),
}


@pytest.mark.parametrize("name", CASES)
def test_only_certificates_made_for_it_log_in(name: str) -> None:
    content, is_fit = CASES[name]
    with pytest.raises(CertificateRefused) as caught:
        check_login(read_login_certificate(content), [], load_trust(None), OFFLINE, now())
    # What is fit gets as far as its chain, which leads nowhere.
    wanted = "NO_CERTIFICATE_CHAIN_FOUND" if is_fit else "CHAIN_CONSTRAINTS_FAILURE"
    assert caught.value.sub_indication == wanted


@given(st.binary(max_size=400), st.integers(0, 2000), st.integers(0, 255))
def test_broken_certificates_are_refused_and_nothing_else_happens(
    noise: bytes, place: int, flip: int
) -> None:
    good = CASES["a person"][0]
    place %= len(good)
    for content in (
        noise,
        good[:place],
        good[:place] + bytes([good[place] ^ flip]) + good[place + 1 :],
    ):
        try:
            shown = read_login_certificate(content)
            check_login(shown, [noise], load_trust(None), OFFLINE, now())
        except (KeyMaterialError, CertificateRefused):
            continue
        raise AssertionError("nobody trusts it")


@given(LINES, LINES)
def test_a_challenge_comes_over_whole(station: str, address: str) -> None:
    challenge = replace(OURS, station=station, address=address)
    word = challenge.to_text()
    assert read_challenge(word) == challenge
    assert read_challenge(f"  {word[:30]}\n{word[30:]}\r\n") == challenge


@given(LINES, LINES, LINES)
def test_no_two_challenges_are_signed_alike(one: str, two: str, three: str) -> None:
    first = replace(OURS, station=one, address=two)
    second = replace(OURS, station=one, address=three)
    assert (first.to_sign().data == second.to_sign().data) == (two == three)


@pytest.mark.parametrize(
    "change",
    [
        {"station": "a\nb"},
        {"address": "x" * 301},
        {"station": "\u202etrái"},
        {"nonce": "0" * 63},
        {"nonce": "G" * 64},
        {"until": "2026-11-22T12:00:00"},
        {"until": "tomorrow"},
        {"station": None},
        {"asked_from": "a\nb"},
    ],
)
def test_what_cannot_be_shown_is_no_challenge(change: dict[str, str]) -> None:
    words = {"station": "a", "address": "b", "nonce": "0" * 64, "until": UNTIL.isoformat()}
    words["asked_from"] = "c"
    require_challenge(**words)
    with pytest.raises(KeyMaterialError):
        require_challenge(**words | change)


@given(st.text(max_size=200))
def test_any_other_text_is_neither(text: str) -> None:
    for word in (text, f"hoso-login-2.{text}", f"hoso-answer-1.{text}", "hoso-answer-1.bnVsbA=="):
        with pytest.raises(KeyMaterialError):
            read_challenge(word)
        with pytest.raises(KeyMaterialError):
            read_answer(word)


def test_a_login_is_no_papers_signature_and_the_other_way_round(bench: Workbench) -> None:
    with bench.signer("officer3") as signer:
        answer = sign_challenge(OURS, signer.provider)
        assert is_answered_by(OURS, answer)
        again = read_answer(answer.to_text())
        assert (again.nonce, again.signature) == (answer.nonce, answer.signature)
        assert again.key.is_same(answer.key)
        assert not is_answered_by(replace(OURS, nonce="1f" * 32), answer)
        assert not is_answered_by(replace(OURS, station="Trạm khác"), answer)
        assert not is_answered_by(replace(OURS, asked_from="10.0.0.5"), answer)
        data = OURS.to_sign().data
        assert not are_signature_attributes(data, signer.certificate)
