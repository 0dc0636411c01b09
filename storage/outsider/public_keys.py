"""Signatures of timestamp authorities: RSA (PKCS#1 v1.5, PSS) and ECDSA, with integers alone."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from storage.outsider.der import SEQUENCE, Node, read_one

_DIGESTS = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
# Signature algorithms that name their digest; plain RSA leaves it to whoever signs.
_SIGNATURES = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
_RSA, _PSS, _EC = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.10045.2.1"
_PREFIXES = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


class UnknownAlgorithm(ValueError):
    """An algorithm that is not checked here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curve:
    p: int
    b: int
    n: int
    base: tuple[int, int]


# FIPS 186-4, D.1.2.3 and D.1.2.4; a = -3.
_CURVES = {
    "1.2.840.10045.3.1.7": _Curve(
        p=0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        base=(
            0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
            0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        ),
    ),
    "1.3.132.0.34": _Curve(
        p=2**384 - 2**128 - 2**96 + 2**32 - 1,
        b=int(
            "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875A"
            "C656398D8A2ED19D2A85C8EDD3EC2AEF",
            16,
        ),
        n=int(
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF"
            "581A0DB248B0A77AECEC196ACCC52973",
            16,
        ),
        base=(
            int(
                "AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A38"
                "5502F25DBF55296C3A545E3872760AB7",
                16,
            ),
            int(
                "3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C0"
                "0A60B1CE1D7E819D7A431D7C90EA0E5F",
                16,
            ),
        ),
    ),
}


def digest_name(algorithm: Node) -> str:
    """Return the name of a digest from its AlgorithmIdentifier.

    Raises:
        UnknownAlgorithm: It is none of SHA-2.
    """
    oid = algorithm.parts[0].oid
    if oid not in _DIGESTS:
        raise UnknownAlgorithm(oid)
    return _DIGESTS[oid]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature and what it is over."""

    algorithm: Node
    """AlgorithmIdentifier of the signature."""
    digest: str = ""
    """Digest that stands beside an algorithm that names none."""
    message: bytes
    """What was signed."""
    signature: bytes
    """The signature."""


def is_signed_by(spki: Node, signed: Signed) -> bool:
    """Tell whether a key signed this.

    Args:
        spki: SubjectPublicKeyInfo.
        signed: The signature.

    Raises:
        UnknownAlgorithm: The key or signature is of a kind that is not checked here.
        ValueError: The key is broken.
    """
    algorithm, key = spki.parts
    kind = algorithm.parts[0].oid
    oid = signed.algorithm.parts[0].oid
    if kind == _RSA and oid == _PSS:
        return _is_pss(key, signed)
    name = _SIGNATURES.get(oid) or (signed.digest if oid == _RSA else "")
    if not name:
        raise UnknownAlgorithm(oid)
    digest = hashlib.new(name, signed.message).digest()
    if kind == _RSA:
        return _is_pkcs1(key, name, digest, signed.signature)
    curve = _CURVES.get(algorithm.parts[1].oid) if kind == _EC else None
    if curve is None:
        raise UnknownAlgorithm(kind)
    return _is_ecdsa(curve, key.bits, digest, signed.signature)


def _rsa_open(key: Node, signature: bytes) -> tuple[bytes, int]:
    modulus, exponent = (part.integer for part in read_one(key.bits).expect(SEQUENCE).parts)
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= modulus:
        return b"", modulus.bit_length()
    return pow(number, exponent, modulus).to_bytes(size, "big"), modulus.bit_length()


def _is_pkcs1(key: Node, name: str, digest: bytes, signature: bytes) -> bool:
    opened, _ = _rsa_open(key, signature)
    tail = b"\0" + _PREFIXES[name] + digest
    return hmac.compare_digest(
        opened, b"\0\1".ljust(len(opened) - len(tail), b"\xff") + tail if opened else b"-"
    )


def _is_pss(key: Node, signed: Signed) -> bool:
    """Check RSASSA-PSS with MGF1 over the same digest (RFC 8017, 9.1.2)."""
    stated = {part.tag: part.parts[0] for part in signed.algorithm.parts[1].parts}
    name = digest_name(stated[0xA0])
    if digest_name(stated[0xA1].parts[1]) != name:
        raise UnknownAlgorithm("a mask over another digest")
    salt_bytes = stated[0xA2].integer if 0xA2 in stated else 20
    opened, bits = _rsa_open(key, signed.signature)
    encoded = opened[len(opened) - (bits + 6) // 8 :]
    digest = hashlib.new(name, signed.message).digest()
    size = len(encoded) - len(digest) - 1
    if size < salt_bytes + 1 or encoded[-1:] != b"\xbc":
        return False
    masked, found = encoded[:size], encoded[size:-1]
    block = bytes(a ^ b for a, b in zip(masked, _mask(name, found, size), strict=True))
    block = bytes([block[0] & 0xFF >> (8 * len(encoded) - bits + 1)]) + block[1:]
    if block[: size - salt_bytes] != b"\1".rjust(size - salt_bytes, b"\0"):
        return False
    salted = hashlib.new(name, bytes(8) + digest + block[size - salt_bytes :]).digest()
    return hmac.compare_digest(salted, found)


def _mask(name: str, seed: bytes, size: int) -> bytes:
    made, counter = b"", 0
    while len(made) < size:
        made += hashlib.new(name, seed + counter.to_bytes(4, "big")).digest()
        counter += 1
    return made[:size]


_Affine = tuple[int, int] | None


def _is_ecdsa(curve: _Curve, key: bytes, digest: bytes, signature: bytes) -> bool:
    r, s = (part.integer for part in read_one(signature).expect(SEQUENCE).parts)
    point = _public_point(curve, key)
    if point is None or not (0 < r < curve.n and 0 < s < curve.n):
        return False
    shift = max(0, 8 * len(digest) - curve.n.bit_length())
    number = int.from_bytes(digest, "big") >> shift
    inverse = pow(s, -1, curve.n)
    total = _add(
        curve,
        _times(curve, number * inverse % curve.n, curve.base),
        _times(curve, r * inverse % curve.n, point),
    )
    return total is not None and total[0] % curve.n == r


def _public_point(curve: _Curve, key: bytes) -> _Affine:
    size = (curve.p.bit_length() + 7) // 8
    if len(key) != 1 + 2 * size or key[0] != 4:  # SEC 1: uncompressed
        raise UnknownAlgorithm("a point in another form")
    x, y = int.from_bytes(key[1 : 1 + size], "big"), int.from_bytes(key[1 + size :], "big")
    is_on = (y * y - x * x * x + 3 * x - curve.b) % curve.p == 0
    return (x, y) if is_on and x < curve.p and y < curve.p else None


def _add(curve: _Curve, one: _Affine, other: _Affine) -> _Affine:
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0]:
        if (one[1] + other[1]) % curve.p == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, curve.p)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, curve.p)
    x = (slope * slope - one[0] - other[0]) % curve.p
    return x, (slope * (one[0] - x) - one[1]) % curve.p


def _times(curve: _Curve, scalar: int, point: _Affine) -> _Affine:
    total: _Affine = None
    while scalar:
        if scalar & 1:
            total = _add(curve, total, point)
        point = _add(curve, point, point)
        scalar >>= 1
    return total
