"""A token in software (SoftHSM2) with the throw-away keys on it, for what tokens do."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pkcs11
from asn1crypto import pem
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pkcs11 import Attribute, ObjectClass
from pkcs11.util import ec as ec_util
from pkcs11.util import rsa as rsa_util
from pkcs11.util import x509 as x509_util

from signing.key_names import Pkcs11Key
from signing.providers import Padding
from signing.secrets import Secret, SecretSource

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "12345678"
WRONG_PIN = "87654321"
# Which throw-away key belongs to which signer of the authority.
KEYS = {"agency": "agency", "officer1": "rsa2048", "officer2": "rsa3072", "officer3": "p256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftToken:
    """A software token: its folder can be taken away, as a stick is pulled out."""

    folder: Path
    label: str
    locks: Path

    def key(self, signer: str = "agency", **changes: object) -> Pkcs11Key:
        plain: dict[str, object] = {
            "module": MODULE,
            "pin": Secret(PIN),
            "token": self.label,
            "object_id": signer.encode(),
            "lock_folder": self.locks,
        }
        return Pkcs11Key(**(plain | changes))  # type: ignore[arg-type]  # fields by name

    def with_pin(self, pin: SecretSource, padding: Padding = Padding.PKCS1) -> Pkcs11Key:
        return self.key(pin=pin, padding=padding)

    def pull(self) -> None:
        self.folder.rename(self.folder.with_name("pulled"))

    def plug(self) -> None:
        self.folder.with_name("pulled").rename(self.folder)


@contextmanager
def configured(folder: Path) -> Iterator[Path]:
    """Point SoftHSM at a folder of tokens, for this process and its children."""
    tokens = folder / "tokens"
    tokens.mkdir(parents=True)
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
        "slots.removable = true\n",
        encoding="utf-8",
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    try:
        yield tokens
    finally:
        pkcs11.unload(str(MODULE))
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before


def make_token(folder: Path, tokens: Path, label: str, authority: Path) -> SoftToken:
    """Initialise a token and put the signers' keys and certificates on it."""
    words = ["softhsm2-util", "--init-token", "--free", "--so-pin", "0000", "--pin"]
    subprocess.run([*words, PIN, "--label", label], check=True, capture_output=True)
    library = pkcs11.lib(str(MODULE))
    library.reinitialize()
    with library.get_token(token_label=label).open(rw=True, user_pin=PIN) as session:
        for signer, key in KEYS.items():
            _store(session, signer, authority / "keys" / f"{key}.pem")
            _store_certificate(session, signer, authority / "certs" / "congvu" / signer)
        _store_certificate(session, "issuing", authority / "certs" / "congvu" / "issuing")
    # Everything else happens in processes of their own; this one lets go.
    pkcs11.unload(str(MODULE))
    locks = folder / "locks"
    locks.mkdir(exist_ok=True)
    return SoftToken(folder=tokens, label=label, locks=locks)


def _store(session: pkcs11.Session, signer: str, path: Path) -> None:
    private = load_pem_private_key(path.read_bytes(), None)
    if isinstance(private, rsa.RSAPrivateKey):
        der = private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        attributes = rsa_util.decode_rsa_private_key(der)
    else:
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        der = private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        attributes = ec_util.decode_ec_private_key(der)
    session.create_object(
        {
            **attributes,
            Attribute.TOKEN: True,
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.SIGN: True,
            Attribute.ID: signer.encode(),
            Attribute.LABEL: signer,
        }
    )


def _store_certificate(session: pkcs11.Session, signer: str, path: Path) -> None:
    _, _, der = pem.unarmor(path.with_name(f"{path.name}.cert.pem").read_bytes())
    session.create_object(
        {
            **x509_util.decode_x509_certificate(der),
            Attribute.TOKEN: True,
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.ID: signer.encode(),
            Attribute.LABEL: signer,
        }
    )


def copy_of(token: SoftToken, folder: Path) -> SoftToken:
    """Copy a token, so that a test may spoil its PIN or pull it out."""
    tokens = folder / "tokens"
    shutil.copytree(token.folder, tokens)
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
        "slots.removable = true\n",
        encoding="utf-8",
    )
    locks = folder / "locks"
    locks.mkdir()
    return SoftToken(folder=tokens, label=token.label, locks=locks)
