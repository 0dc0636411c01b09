"""Ed25519 signatures (RFC 8032, 5.1.7), checked with integers alone."""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64
# SubjectPublicKeyInfo of an Ed25519 key: this, then the 32 bytes (RFC 8410).
_SPKI = bytes.fromhex("302a300506032b6570032100")

# X, Y, Z, T with x = X/Z, y = Y/Z, x*y = T/Z.
_Point = tuple[int, int, int, int]


def key_of(spki: bytes) -> bytes | None:
    """Return the 32 bytes of a key from its DER, or None where it is no Ed25519 key."""
    if spki.startswith(_SPKI) and len(spki) == len(_SPKI) + _KEY_BYTES:
        return spki[len(_SPKI) :]
    return None


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a key signed a message.

    Args:
        key: The 32 bytes of the public key.
        message: What was signed.
        signature: The 64 bytes of the signature.
    """
    if len(key) != _KEY_BYTES or len(signature) != _SIGNATURE_BYTES:
        return False
    public = _point(key)
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or scalar >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(digest, "little") % _L
    minus = (_P - public[0], public[1], public[2], _P - public[3])
    return _bytes(_add(_times(scalar, _BASE), _times(challenge, minus))) == signature[:32]


def _add(p: _Point, q: _Point) -> _Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(scalar: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _bytes(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(_KEY_BYTES, "little")


def _point(encoded: bytes) -> _Point | None:
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    x = _recover_x(y, sign) if y < _P else None
    return None if x is None else (x, y, 1, x * y % _P)


def _recover_x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _base() -> _Point:
    y = 4 * pow(5, _P - 2, _P) % _P
    x = _recover_x(y, 0)
    assert x is not None, "the base point is on the curve"
    return (x, y, 1, x * y % _P)


_BASE = _base()
