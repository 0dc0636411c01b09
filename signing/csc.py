"""Keys at a remote signing service: the Cloud Signature Consortium's API, versions 1 and 2.

Digests go out, signatures come back; a batch is one authorisation and one call, as many digests as
the service takes at once. What comes back is checked against the certificate: a service that mixes
up the order of a batch must not put one paper's signature on another.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

import aiohttp
from asn1crypto import algos, x509

from signing.errors import KeyMaterialError, PinRefused, RemoteKeyError
from signing.key_names import RemoteKey
from signing.providers import DIGEST, Padding, ToSign, is_signature_of, pss_parameters
from signing.secrets import Secret, SecretPrompt, obtain

# No service is asked for more at once, whatever it says that it takes.
_MOST_AT_ONCE = 100
_OTP_QUESTION = "Mã OTP của dịch vụ ký từ xa"
_DIGEST_OID = algos.DigestAlgorithmId.unmap(DIGEST)
_WRONG_PIN = {"invalid_pin", "invalid_otp", "authorization_error", "access_denied"}


@dataclass(frozen=True, slots=True)
class _Credential:
    """What the service says of a key."""

    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...]
    most_at_once: int
    needs_pin: bool
    needs_otp: bool


class RemoteProvider:
    """The key of a remote signing service.

    Args:
        key: Which service and key.
    """

    def __init__(self, key: RemoteKey) -> None:
        self._key = key
        self._is_second = key.url.endswith("/v2")
        self._runner = asyncio.Runner()
        self._exits = AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None
        self._credential: _Credential | None = None
        self._pin: Secret | None = None

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return self._open.certificate

    @property
    def issuers(self) -> Sequence[x509.Certificate]:
        """The chain that the service gives."""
        return self._open.issuers

    @property
    def padding(self) -> Padding:
        """How an RSA key signs."""
        return self._key.padding

    @property
    def _open(self) -> _Credential:
        assert self._credential is not None, "the provider is open"
        return self._credential

    def __enter__(self) -> Self:
        access = obtain(self._key.access)
        try:
            self._runner.run(self._connect(access))
            self._credential = self._runner.run(self._ask_credential())
            if self._credential.needs_pin:
                self._pin = obtain(self._key.pin)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self._close()

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        """Sign each, in order, as many in one call as the service takes.

        Raises:
            PinRefused: The service does not accept PIN or one-time password.
            RemoteKeyError: The service refuses, does not answer, or answers badly.
        """
        for start in range(0, len(wanted), self._open.most_at_once):
            part = wanted[start : start + self._open.most_at_once]
            yield from self._runner.run(self._sign_part(part))

    def _close(self) -> None:
        self._pin = None
        try:
            self._runner.run(self._exits.aclose())
        finally:
            self._runner.close()

    async def _connect(self, access: Secret) -> None:
        self._session = await self._exits.enter_async_context(
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._key.timeout_seconds),
                headers={"Authorization": f"Bearer {access.reveal()}"},
            )
        )

    async def _ask_credential(self) -> _Credential:
        body = {"credentialID": self._key.credential, "certificates": "chain", "authInfo": True}
        found = await self._post("credentials/info", {**body, "certInfo": True})
        try:
            chain = [
                x509.Certificate.load(base64.b64decode(item), strict=True)
                for item in found["cert"]["certificates"]
            ]
            most = min(max(int(found.get("multisign", 1)), 1), _MOST_AT_ONCE)
            pin, otp = _asks_second(found) if self._is_second else _asks_first(found)
            own, issuers = chain[0], tuple(chain[1:])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise _bad_answer(self._key.url) from error
        if found.get("key", {}).get("status") not in (None, "enabled"):
            raise KeyMaterialError(
                f"Khóa «{self._key.credential}» đang bị tắt ở dịch vụ ký từ xa. Hãy liên hệ nhà "
                "cung cấp.",
                f"key {self._key.credential} is disabled at the remote service; call the provider",
            )
        return _Credential(own, issuers, most, pin, otp)

    async def _sign_part(self, part: Sequence[ToSign]) -> list[bytes]:
        hashes = [base64.b64encode(item.digest).decode() for item in part]
        granted = await self._authorize(hashes)
        body: dict[str, Any] = {
            "credentialID": self._key.credential,
            "SAD": granted,
            **_algorithm(self.certificate, self.padding),
        }
        if self._is_second:
            body |= {"hashes": hashes, "hashAlgorithmOID": _DIGEST_OID}
        else:
            body |= {"hash": hashes, "hashAlgo": _DIGEST_OID}
        answer = await self._post("signatures/signHash", body)
        try:
            signatures = [base64.b64decode(item, validate=True) for item in answer["signatures"]]
        except (KeyError, TypeError, binascii.Error) as error:
            raise _bad_answer(self._key.url) from error
        if len(signatures) != len(part) or not all(
            is_signature_of(item, signature, self.certificate, self.padding)
            for item, signature in zip(part, signatures, strict=True)
        ):
            raise _bad_answer(self._key.url)
        return signatures

    async def _authorize(self, hashes: Sequence[str]) -> str:
        body: dict[str, Any] = {"credentialID": self._key.credential, "numSignatures": len(hashes)}
        secrets = self._secrets()
        if self._is_second:
            data = [{"id": name, "value": value} for name, value in secrets.items()]
            body |= {"hashes": hashes, "hashAlgorithmOID": _DIGEST_OID, "authData": data}
        else:
            body |= {"hash": hashes, **secrets}
        answer = await self._post("credentials/authorize", body)
        granted = answer.get("SAD")
        if not isinstance(granted, str):
            raise _bad_answer(self._key.url)
        return granted

    def _secrets(self) -> dict[str, str]:
        given = {}
        if self._pin is not None:
            given["PIN"] = self._pin.reveal()
        if self._open.needs_otp:
            # Good for one authorisation only, so a person is asked each time.
            given["OTP"] = obtain(SecretPrompt(question=_OTP_QUESTION)).reveal()
        return given

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        assert self._session is not None, "the provider is open"
        try:
            async with self._session.post(f"{self._key.url}/{path}", json=body) as response:
                answer = await response.json()
                status = response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise RemoteKeyError(
                f"Dịch vụ ký từ xa {self._key.url} không trả lời; chưa nhận được chữ ký nào. Hãy "
                "kiểm tra mạng rồi duyệt ký lại.",
                f"the remote signing service {self._key.url} does not answer "
                f"({type(error).__name__}); nothing came back",
                # Where no connection came about, nothing was asked either.
                is_answer=isinstance(error, aiohttp.ClientConnectorError),
            ) from error
        if not isinstance(answer, dict):
            raise _bad_answer(self._key.url)
        if status != HTTPStatus.OK:
            raise _refusal(self._key, answer)
        return answer


def _asks_first(found: Mapping[str, Any]) -> tuple[bool, bool]:
    """Tell whether a key of version 1 asks for a PIN and for a one-time password."""
    asks = [found.get(word, {}).get("presence") not in (None, "false") for word in ("PIN", "OTP")]
    return asks[0], asks[1]


def _asks_second(found: Mapping[str, Any]) -> tuple[bool, bool]:
    """Tell the same of version 2."""
    names = {item.get("id") for item in found.get("auth", {}).get("objects", ())}
    return "PIN" in names, "OTP" in names


def _algorithm(certificate: x509.Certificate, padding: Padding) -> dict[str, str]:
    if certificate.public_key.algorithm == "ec":
        return {"signAlgo": algos.SignedDigestAlgorithmId.unmap(f"{DIGEST}_ecdsa")}
    if padding is Padding.PKCS1:
        return {"signAlgo": algos.SignedDigestAlgorithmId.unmap(f"{DIGEST}_rsa")}
    parameters = pss_parameters().dump()
    return {
        "signAlgo": algos.SignedDigestAlgorithmId.unmap("rsassa_pss"),
        "signAlgoParams": base64.b64encode(parameters).decode(),
    }


def _refusal(key: RemoteKey, answer: Mapping[str, Any]) -> PinRefused | RemoteKeyError:
    word = str(answer.get("error", "")) or "unknown"
    if word in _WRONG_PIN:
        return PinRefused(
            "Dịch vụ ký từ xa không nhận mã PIN hoặc mã OTP. Máy không tự thử lại; hãy xem lại rồi "
            "duyệt ký lại.",
            f"the remote signing service refuses PIN or one-time password ({word})",
        )
    return RemoteKeyError(
        f"Dịch vụ ký từ xa từ chối ({word}); chưa ký. Hãy kiểm tra mã truy cập và khóa "
        f"«{key.credential}», hoặc gọi nhà cung cấp.",
        f"the remote signing service refuses ({word}); check the access token and the credential",
    )


def _bad_answer(url: str) -> RemoteKeyError:
    return RemoteKeyError(
        f"Dịch vụ ký từ xa {url} trả lời sai; chưa nhận được chữ ký nào. Hãy gọi nhà cung cấp.",
        f"the remote signing service {url} answers badly; nothing came back, call the provider",
        is_answer=False,
    )
