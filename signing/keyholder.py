"""The short-lived process that holds a key: `python -m signing.keyholder`.

It gets the name of a key on its standard input, fetches PIN or passphrase by itself (from a person
or a private file), signs what it is given line by line, and ends when its input ends. So no other
process of ours ever has a PIN or a private key in its memory, and what had it is gone after the
batch. It leaves no core dump and cannot be looked into by other processes of the account.

Loads neither PDF nor network code that the key does not need: it starts in a fraction of a second.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import dataclasses
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, assert_never

from signing import errors
from signing.errors import KeyDeviceError, SigningError
from signing.key_names import Pkcs11Key, RemoteKey, SignerKey
from signing.pkcs12 import FileProvider, Pkcs12Key
from signing.providers import Padding, SignerProvider, ToSign
from signing.secrets import Secret, SecretFile, SecretPrompt, SecretSource

_KINDS: dict[str, type[Pkcs12Key | Pkcs11Key | RemoteKey]] = {
    kind.__name__: kind for kind in (Pkcs12Key, Pkcs11Key, RemoteKey)
}
_SECRETS = ("passphrase", "pin", "access")
_PATHS = ("path", "module", "lock_folder")
# prctl(2): PR_SET_DUMPABLE.
_SET_DUMPABLE = 4


def open_provider(key: SignerKey) -> SignerProvider:
    """Choose the provider of a key; to be entered where the key shall be held."""
    match key:
        case Pkcs12Key():
            return FileProvider(key)
        case Pkcs11Key():
            # Here, not above: a key in a file needs no drivers, a token no network.
            from signing.pkcs11_key import TokenProvider

            return TokenProvider(key)
        case RemoteKey():
            from signing.csc import RemoteProvider

            return RemoteProvider(key)
        case _:
            assert_never(key)


def key_to_plain(key: SignerKey) -> dict[str, Any]:
    """Write a key's name as JSON's own types; a secret that is known already goes along."""
    plain = {item.name: _to_plain(getattr(key, item.name)) for item in dataclasses.fields(key)}
    return {"kind": type(key).__name__, "fields": plain}


def key_from_plain(plain: dict[str, Any]) -> SignerKey:
    """Read what `key_to_plain` wrote."""
    given = dict(plain["fields"])
    for name in given.keys() & set(_SECRETS):
        given[name] = _secret_from(given[name])
    for name in given.keys() & set(_PATHS):
        given[name] = Path(given[name]) if given[name] is not None else None
    if given.get("object_id") is not None:
        given["object_id"] = bytes.fromhex(given["object_id"])
    given["padding"] = Padding(given["padding"])
    return _KINDS[plain["kind"]](**given)


def _to_plain(value: object) -> object:
    match value:
        case Secret():
            return {"value": value.reveal()}
        case SecretFile():
            return {"file": str(value.path)}
        case SecretPrompt():
            return {"question": value.question}
        case bytes():
            return value.hex()
        case Path():
            return str(value)
        case _:
            return value


def _secret_from(plain: dict[str, str]) -> SecretSource:
    if "value" in plain:
        return Secret(plain["value"])
    if "file" in plain:
        return SecretFile(path=Path(plain["file"]))
    return SecretPrompt(question=plain["question"])


def error_to_plain(error: SigningError) -> dict[str, Any]:
    """Write an error for the process that asked."""
    plain: dict[str, Any] = {"kind": type(error).__name__, "vi": error.vi, "en": error.en}
    if isinstance(error, KeyDeviceError):
        plain["more"] = {"is_answer": error.is_answer}
    return plain


def error_from_plain(plain: dict[str, Any]) -> SigningError:
    """Read what `error_to_plain` wrote."""
    kind = getattr(errors, plain["kind"])
    told = kind(plain["vi"], plain["en"], **plain.get("more", {}))
    assert isinstance(told, SigningError)
    return told


def seal_off() -> None:
    """Leave no core dump, and let no other process of this account read this one's memory."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Open the key named on the first line, then sign what each further line asks for.

    Args:
        requests: Lines of JSON; its end is the end of the key.
        answers: A line of JSON for the opened key, then one for each signature.
    """

    def answer(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value).encode() + b"\n")
        answers.flush()

    first = requests.readline()
    if not first:
        return
    try:
        with open_provider(key_from_plain(json.loads(first))) as provider:
            answer(
                {
                    "certificate": _text(provider.certificate.dump()),
                    "issuers": [_text(issuer.dump()) for issuer in provider.issuers],
                    "padding": provider.padding.value,
                }
            )
            for signature in _sign_lines(provider, requests):
                answer({"signature": _text(signature)})
    except SigningError as error:
        # After an error the key is closed: a person decides whether it is opened again.
        answer({"error": error_to_plain(error)})


def _sign_lines(provider: SignerProvider, requests: BinaryIO) -> Iterator[bytes]:
    for line in requests:
        wanted = [
            ToSign(title=item["title"], data=base64.b64decode(item["data"]))
            for item in json.loads(line)
        ]
        yield from provider.sign(wanted)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def main() -> None:
    """Hold one key for one batch."""
    # Ctrl-C goes to the whole group of the terminal; the one that asked decides when we end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seal_off()
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
