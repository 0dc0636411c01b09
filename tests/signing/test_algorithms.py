from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from asn1crypto import algos, keys
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config.signature_policy import house_rules
from signing.algorithms import NamedAlgorithms

POLICY = NamedAlgorithms(house_rules())


@cache
def public_key(kind: str) -> keys.PublicKeyInfo:
    made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey
    match kind.split("-"):
        case ["rsa", bits]:
            made = rsa.generate_private_key(65537, int(bits))
        case ["ec", bits]:
            made = ec.generate_private_key(ec.SECP192R1() if bits == "192" else ec.SECP256R1())
        case _:
            made = dsa.generate_private_key(1024)  # noqa: S505  short on purpose
    der = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return keys.PublicKeyInfo.load(der)


@pytest.mark.parametrize(
    ("digest", "is_believed"),
    [("sha256", True), ("sha3_256", True), ("sha1", False), ("md5", False), ("sha224", False)],
)
def test_only_the_digests_that_the_rules_name_are_believed(digest: str, is_believed: bool) -> None:
    algorithm = algos.DigestAlgorithm({"algorithm": digest})
    assert bool(POLICY.digest_algorithm_allowed(algorithm, None)) is is_believed


@pytest.mark.parametrize(
    ("way", "key", "is_believed"),
    [
        ("sha256_rsa", "rsa-2048", True),
        ("sha256_rsa", "rsa-1024", False),
        ("sha1_rsa", "rsa-2048", False),
        ("sha256_ecdsa", "ec-256", True),
        ("sha256_ecdsa", "ec-192", False),
        ("sha256_dsa", "dsa-1024", False),
        ("rsassa_pkcs1v15", "rsa-2048", True),
        ("rsassa_pkcs1v15", "rsa-1024", False),
    ],
)
def test_a_way_of_signing_is_held_to_its_digest_and_key(
    way: str, key: str, is_believed: bool
) -> None:
    algorithm = algos.SignedDigestAlgorithm({"algorithm": way})
    assert bool(POLICY.signature_algorithm_allowed(algorithm, None, public_key(key))) is is_believed


def test_a_station_may_demand_longer_keys() -> None:
    own = NamedAlgorithms(replace(house_rules(), min_rsa_bits=3072))
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
    found = own.signature_algorithm_allowed(algorithm, None, public_key("rsa-2048"))
    assert not found
    assert "shorter" in (found.failure_reason or "")
