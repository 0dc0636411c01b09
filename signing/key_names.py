"""Which key: a PKCS#12 file, a key on a token, or one at a remote service; named in one line.

A path names a PKCS#12 file. A `pkcs11:` address (RFC 7512) names a key on a token. A `csc+https:`
address names a credential of a remote signing service (Cloud Signature Consortium API). None of
them ever holds a PIN: an address is seen in settings, process lists and logs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from urllib.parse import parse_qs, unquote, unquote_to_bytes, urlsplit

from signing.errors import KeyMaterialError
from signing.pkcs12 import Pkcs12Key
from signing.providers import Padding
from signing.secrets import SecretPrompt, SecretSource

_ON_TOKEN = "pkcs11:"  # noqa: S105  a kind of address, no password
_REMOTE_SCHEMES = ("csc+https://", "csc+http://")
# Loopback services carry no secret over a wire; every other address needs TLS.
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_TOKEN_WORDS = {"token", "serial", "id", "object", "type", "manufacturer", "model"}
_QUESTION_WORDS = {"module-path"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs11Key:
    """A key on a token.

    Attributes:
        module: The vendor's PKCS#11 module (a shared library).
        pin: Where the PIN comes from; a device with a PIN pad asks by itself.
        token: Label of the token, None for the only one there is.
        serial: Serial number of the token, None for any.
        object_id: CKA_ID of key and certificate, None for any.
        object_label: Label of the certificate, None for any.
        padding: How an RSA key signs.
        lock_folder: Where locks of tokens lie; None takes the folder that is common to the machine.
    """

    module: Path
    pin: SecretSource
    token: str | None = None
    serial: str | None = None
    object_id: bytes | None = None
    object_label: str | None = None
    padding: Padding = Padding.PKCS1
    lock_folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteKey:
    """A key at a remote signing service (CSC API).

    Attributes:
        url: Address of the service up to its version, such as https://host/csc/v1.
        credential: Name of the key there.
        access: The bearer token that the service gave this station.
        pin: Where the key's PIN comes from.
        padding: How an RSA key signs.
        timeout_seconds: Limit of one request.
    """

    url: str
    credential: str
    access: SecretSource
    pin: SecretSource
    padding: Padding = Padding.PKCS1
    timeout_seconds: float = 60.0


SignerKey = Pkcs12Key | Pkcs11Key | RemoteKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecrets:
    """What opens a key, and how it signs.

    Attributes:
        pin: Passphrase of a file, PIN of a token or of a remote key.
        access: Bearer token of a remote service, None where there is none.
        padding: How an RSA key signs.
    """

    pin: SecretSource
    access: SecretSource | None = None
    padding: Padding = Padding.PKCS1


def is_on_token(name: str) -> bool:
    """Tell whether a name stands for a key on a token."""
    return name.startswith(_ON_TOKEN)


def is_remote(name: str) -> bool:
    """Tell whether a name stands for a key at a remote service."""
    return name.startswith(_REMOTE_SCHEMES)


def name_key(name: str, folder: Path, secrets: KeySecrets) -> SignerKey:
    """Read the name of a key.

    Args:
        name: A path, a `pkcs11:` address, or a `csc+https:` address with `?credential=`.
        folder: What a relative path is relative to.
        secrets: What opens it.

    Raises:
        KeyMaterialError: The address cannot be understood, or holds a secret.
    """
    if is_on_token(name):
        return _token_key(name, secrets)
    if is_remote(name):
        return _remote_key(name, secrets)
    return Pkcs12Key(path=folder / name, passphrase=secrets.pin, padding=secrets.padding)


def shown_name(key: SignerKey) -> str:
    """Name a key for people."""
    match key:
        case Pkcs12Key():
            return str(key.path)
        case Pkcs11Key():
            return f"token «{key.token or key.serial or key.module.name}»"
        case RemoteKey():
            return f"{key.url} «{key.credential}»"
        case _:
            assert_never(key)


def needs_person(key: SignerKey) -> bool:
    """Tell whether a person has to be asked to open a key."""
    match key:
        case Pkcs12Key():
            return isinstance(key.passphrase, SecretPrompt)
        case Pkcs11Key() | RemoteKey():
            return isinstance(key.pin, SecretPrompt)
        case _:
            assert_never(key)


def _token_key(name: str, secrets: KeySecrets) -> Pkcs11Key:
    path, _, query = name.removeprefix(_ON_TOKEN).partition("?")
    words = dict(_pair(part) for part in path.split(";") if part)
    asked = dict(_pair(part) for part in query.split("&") if part)
    unknown = (words.keys() - _TOKEN_WORDS) | (asked.keys() - _QUESTION_WORDS)
    if unknown & {"pin-value", "pin-source"}:
        raise KeyMaterialError(
            "Không ghi mã PIN trong tên khóa: người khác đọc được. Hãy bỏ pin-value/pin-source; "
            "chương trình sẽ hỏi PIN hoặc đọc tệp trong [signing] passphrase.",
            "a PIN never stands in the name of a key; leave pin-value and pin-source out",
        )
    module = asked.get("module-path")
    if unknown or not module:
        raise KeyMaterialError(
            "Địa chỉ khóa pkcs11: chưa đúng. Mẫu: "
            "pkcs11:token=TÊN-TOKEN;id=%01?module-path=/đường/dẫn/phần-mềm-token.so",
            f"bad pkcs11: address (unknown: {', '.join(sorted(unknown)) or 'none'}; module-path is "
            "needed), see RFC 7512",
        )
    return Pkcs11Key(
        module=Path(unquote(module)),
        pin=secrets.pin,
        token=_text(words, "token"),
        serial=_text(words, "serial"),
        object_id=unquote_to_bytes(words["id"]) if "id" in words else None,
        object_label=_text(words, "object"),
        padding=secrets.padding,
    )


def _pair(part: str) -> tuple[str, str]:
    word, _, value = part.partition("=")
    return word, value


def _text(words: dict[str, str], word: str) -> str | None:
    return unquote(words[word]) if word in words else None


def _remote_key(name: str, secrets: KeySecrets) -> RemoteKey:
    parts = urlsplit(name.removeprefix("csc+"))
    credentials = parse_qs(parts.query).get("credential", [])
    if len(credentials) != 1 or parts.username or parts.password:
        raise KeyMaterialError(
            "Địa chỉ khóa ký từ xa chưa đúng. Mẫu: csc+https://máy-chủ/csc/v1?credential=MÃ-KHÓA",
            "bad remote key; write csc+https://host/csc/v1?credential=NAME",
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise KeyMaterialError(
            "Dịch vụ ký từ xa phải dùng https. Hãy sửa địa chỉ khóa ký.",
            "a remote signing service must be reached over https",
        )
    if secrets.access is None:
        raise KeyMaterialError(
            "Thiếu mã truy cập dịch vụ ký từ xa. Hãy ghi [signing] access trong hoso.toml.",
            "the access token of the remote signing service is missing; set [signing] access",
        )
    return RemoteKey(
        url=f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}",
        credential=credentials[0],
        access=secrets.access,
        pin=secrets.pin,
        padding=secrets.padding,
    )
