from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.outsider import ed25519
from storage.outsider.der import read_one
from storage.outsider.public_keys import Signed, UnknownAlgorithm, is_signed_by

# RFC 8032, 7.1: tests 1 to 3.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
MESSAGE = b"THU NGHIEM"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
# AlgorithmIdentifiers: RSA alone, RSA with SHA-256, PSS with SHA-256 and a salt of 32, ECDSA.
PLAIN_RSA = "300d06092a864886f70d0101010500"
RSA_SHA256 = "300d06092a864886f70d01010b0500"
PSS = (
    "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108"
    "300d06096086480165030402010500a203020120"
)
ECDSA = {"sha256": "300a06082a8648ce3d040302", "sha384": "300a06082a8648ce3d040303"}


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold(key: str, message: str, signature: str) -> None:
    parts = [bytes.fromhex(part) for part in (key, message, signature)]
    assert ed25519.is_signed(*parts)
    assert not ed25519.is_signed(parts[0], parts[1] + b"x", parts[2])


@given(st.binary(max_size=100), st.integers(0, 511), st.integers(0, 255))
@settings(max_examples=12)
def test_what_another_library_signs_holds_and_no_bit_can_change(
    message: bytes, at: int, key_at: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key = ed25519.key_of(spki)
    assert key is not None
    signature = private.sign(message)
    assert ed25519.is_signed(key, message, signature)
    assert not ed25519.is_signed(key, message, flipped(signature, at))
    assert not ed25519.is_signed(flipped(key, key_at), message, signature)


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_signature_with_a_scalar_that_is_too_large_is_none() -> None:
    key, message, signature = (bytes.fromhex(part) for part in VECTORS[1])
    order = 2**252 + 27742317777372353535851937790883648493
    larger = int.from_bytes(signature[32:], "little") + order
    twin = signature[:32] + larger.to_bytes(32, "little")
    assert not ed25519.is_signed(key, message, twin)


def test_keys_of_other_kinds_and_lengths_are_none() -> None:
    assert ed25519.key_of(spki_of(RSA_KEY)) is None
    assert not ed25519.is_signed(b"", b"", b"")
    assert not ed25519.is_signed(b"\xff" * 32, b"", bytes(64))


PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def spki_of(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def check(key: PrivateKey, algorithm: str, signature: bytes, message: bytes = MESSAGE) -> bool:
    signed = Signed(
        algorithm=read_one(bytes.fromhex(algorithm)),
        digest="sha256",
        message=message,
        signature=signature,
    )
    return is_signed_by(read_one(spki_of(key)), signed)


@pytest.mark.parametrize("algorithm", [PLAIN_RSA, RSA_SHA256])
def test_rsa_signatures_hold_and_changed_ones_do_not(algorithm: str) -> None:
    signature = RSA_KEY.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256())
    assert check(RSA_KEY, algorithm, signature)
    assert not check(RSA_KEY, algorithm, signature, b"khac")
    assert not check(RSA_KEY, algorithm, flipped(signature, 77))
    assert not check(RSA_KEY, algorithm, signature[1:])


def test_pss_signatures_hold_and_changed_ones_do_not() -> None:
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
    signature = RSA_KEY.sign(MESSAGE, pss, hashes.SHA256())
    assert check(RSA_KEY, PSS, signature)
    assert not check(RSA_KEY, PSS, signature, b"khac")
    assert not check(RSA_KEY, PSS, flipped(signature, 2000))
    other = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=20)
    assert not check(RSA_KEY, PSS, RSA_KEY.sign(MESSAGE, other, hashes.SHA256()))


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
@pytest.mark.parametrize(
    ("name", "digest"), [("sha256", hashes.SHA256()), ("sha384", hashes.SHA384())]
)
def test_ecdsa_signatures_hold_and_changed_ones_do_not(
    curve: ec.EllipticCurve, name: str, digest: hashes.HashAlgorithm
) -> None:
    key = ec.generate_private_key(curve)
    signature = key.sign(MESSAGE, ec.ECDSA(digest))
    assert check(key, ECDSA[name], signature)
    assert not check(key, ECDSA[name], signature, b"khac")


def test_what_is_not_checked_here_is_said() -> None:
    key = ec.generate_private_key(ec.SECP521R1())
    with pytest.raises(UnknownAlgorithm):
        check(key, ECDSA["sha256"], key.sign(MESSAGE, ec.ECDSA(hashes.SHA256())))
    with pytest.raises(UnknownAlgorithm):
        check(RSA_KEY, "300d06092a864886f70d0101050500", b"")  # with SHA-1
