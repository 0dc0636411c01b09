"""What a key signs to log its holder in: a text of its own that can be no document's signature.

The bytes begin with words that no CMS attribute, PDF or other text of ours begins with, and the
side that signs builds them itself from the station's name, its address, a number used once and a
time, so that nobody gets a paper signed by asking for a login, nor a login by asking for a paper.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm

from signing.errors import KeyMaterialError
from signing.far_key import FarKey, read_far_key
from signing.providers import SignerProvider, ToSign, is_signature_of

_DOMAIN = "HOSO LOGIN 2: this text logs somebody in and is no document"
_CHALLENGE, _ANSWER = "hoso-login-2.", "hoso-answer-1."
_WORDS = ("station", "address", "nonce", "until", "asked_from")
_LONGEST_LINE = 300
_NONCE_LETTERS = 64
_MOST_ISSUERS = 5
# Certificate, five issuers and a signature, written twice in base64.
_LONGEST_TEXT = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginChallenge:
    """What one browser waits for.

    Attributes:
        station: Whose station lets in, for people.
        address: Where its pages are.
        nonce: A number used once, 64 hex digits.
        until: When it is over, aware.
        asked_from: Which browser waits, from where, as far as is known: whoever signs sees whether
            it is the own one, and nobody changes it on the way.
    """

    station: str
    address: str
    nonce: str
    until: datetime
    asked_from: str

    def to_sign(self) -> ToSign:
        """Give what the key signs."""
        until = self.until.isoformat()
        lines = (_DOMAIN, self.station, self.address, self.nonce, until, self.asked_from)
        data = "".join(f"{line}\n" for line in lines).encode()
        return ToSign(title=f"ĐĂNG NHẬP: {self.station}", data=data)

    def to_text(self) -> str:
        """Write it as one word, to be carried over by hand."""
        return _CHALLENGE + _packed(
            {
                "station": self.station,
                "address": self.address,
                "nonce": self.nonce,
                "until": self.until.isoformat(),
                "asked_from": self.asked_from,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAnswer:
    """A challenge that was signed.

    Attributes:
        nonce: Which one.
        key: The certificate of the key that signed, and what came with it.
        signature: The raw signature.
    """

    nonce: str
    key: FarKey
    signature: bytes

    def to_text(self) -> str:
        """Write it as one word, to be carried over by hand."""
        return _ANSWER + _packed(
            {
                "nonce": self.nonce,
                "certificate": _written(self.key.certificate.dump()),
                "issuers": [_written(issuer.dump()) for issuer in self.key.issuers],
                "padding": self.key.padding.value,
                "signature": _written(self.signature),
            }
        )


def read_challenge(text: str) -> LoginChallenge:
    """Read a challenge that was carried over.

    Raises:
        KeyMaterialError: It is none.
    """
    try:
        plain = _unpacked(text, _CHALLENGE)
        words = [plain[name] for name in _WORDS]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _no_challenge() from error
    return require_challenge(*words)


def require_challenge(
    station: str, address: str, nonce: str, until: str, asked_from: str
) -> LoginChallenge:
    """Make a challenge of what another side says; nothing else than a login may be signed.

    Raises:
        KeyMaterialError: It is none.
    """
    try:
        challenge = LoginChallenge(
            station=_line(station),
            address=_line(address),
            nonce=_line(nonce),
            until=datetime.fromisoformat(_line(until)),
            asked_from=_line(asked_from),
        )
    except (ValueError, TypeError) as error:
        raise _no_challenge() from error
    if challenge.until.tzinfo is None or not _is_nonce(challenge.nonce):
        raise _no_challenge()
    return challenge


def read_answer(text: str) -> LoginAnswer:
    """Read an answer that was carried over; it is believed only after `is_answered_by`.

    Raises:
        KeyMaterialError: It is none.
    """
    try:
        plain = _unpacked(text, _ANSWER)
        issuers = [_read(issuer) for issuer in plain["issuers"]][:_MOST_ISSUERS]
        key = read_far_key(_read(plain["certificate"]), issuers, _line(plain["padding"]))
        nonce, signature = _line(plain["nonce"]), _read(plain["signature"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _no_answer() from error
    return LoginAnswer(nonce=nonce, key=key, signature=signature)


def sign_challenge(challenge: LoginChallenge, provider: SignerProvider) -> LoginAnswer:
    """Sign a challenge with an open key.

    Raises:
        KeyDeviceError: The key cannot go on.
    """
    (signature,) = provider.sign([challenge.to_sign()])
    key = FarKey(
        certificate=provider.certificate,
        issuers=tuple(provider.issuers)[:_MOST_ISSUERS],
        padding=provider.padding,
    )
    return LoginAnswer(nonce=challenge.nonce, key=key, signature=signature)


def is_answered_by(challenge: LoginChallenge, answer: LoginAnswer) -> bool:
    """Tell whether an answer is the signature of its certificate's key on exactly this."""
    if answer.nonce != challenge.nonce:
        return False
    key = answer.key
    try:
        return is_signature_of(challenge.to_sign(), answer.signature, key.certificate, key.padding)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False  # a key that nobody can check with


def _packed(plain: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain, ensure_ascii=False).encode()).decode()


def _unpacked(text: str, kind: str) -> dict[str, Any]:
    # Mail programs and terminals break long words.
    word = "".join(text.split())
    if len(word) > _LONGEST_TEXT or not word.startswith(kind):
        raise ValueError("another kind of text")
    plain = json.loads(base64.b64decode(word.removeprefix(kind), altchars=b"-_", validate=True))
    if not isinstance(plain, dict):
        raise TypeError("no table")
    return plain


def _written(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _read(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _line(value: object) -> str:
    """Take a line that can be shown to a person and signed without doubt where it ends."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > _LONGEST_LINE:
        raise ValueError("no plain line")
    return value


def _is_nonce(text: str) -> bool:
    return len(text) == _NONCE_LETTERS and not text.strip("0123456789abcdef")


def _no_challenge() -> KeyMaterialError:
    return KeyMaterialError(
        "Đây không phải thử thách đăng nhập. Hãy chép lại trọn dòng hoso-login-2… trên trang.",
        "this is no challenge of a login; copy the whole line hoso-login-2… from the page",
    )


def _no_answer() -> KeyMaterialError:
    return KeyMaterialError(
        "Đây không phải trả lời đăng nhập. Hãy chép lại trọn dòng hoso-answer-1… rồi dán vào.",
        "this is no answer to a login; copy the whole line hoso-answer-1… and paste it",
    )
