"""The rules under which signatures are believed, and the authorities that are known by name.

Both are tables that come with the program; the rules may be a station's own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from config import codec
from config.tables import Place, parse_table, parse_tables, parse_toml


class Profile(StrEnum):
    """Which hierarchy an anchor belongs to (Luật 20/2023/QH15 Art. 22); a folder name each."""

    OFFICIAL = "cong-vu"
    PUBLIC = "cong-cong"


DIGESTS = (
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha512_224",
    "sha512_256",
    "sha3_224",
    "sha3_256",
    "sha3_384",
    "sha3_512",
)
"""Digests that rules may name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRules:
    """What a signature must be to be believed."""

    id: str
    """Name of the rules."""
    version: str
    """Changes with each rule."""
    digests: tuple[str, ...]
    """Digest algorithms that are believed."""
    min_rsa_bits: int
    """Shortest RSA key, bits."""
    min_elliptic_bits: int
    """Shortest key on an elliptic curve, bits."""

    @property
    def sha256(self) -> str:
        """Digest of the rules as they are understood: comments and order of keys do not count."""
        return hashlib.sha256(codec.to_bytes(self)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority of Vietnam, as published."""

    name: str
    """Its common name."""
    profile: str
    """Hierarchy that it belongs to."""
    sha256: str
    """Fingerprint of its certificate, lower-case hexadecimal."""


def parse_rules(text: str, file: str) -> SignatureRules:
    """Make rules of a TOML file.

    Raises:
        SettingsError: it does not fit; the message names the line and the nearest valid key.
    """
    place = Place(file=file, text=text)
    rules = parse_table(SignatureRules, parse_toml(text, file), place)
    place.refuse_values(rules.digests, DIGESTS, "digests")
    return rules


@cache
def house_rules() -> SignatureRules:
    """Return the rules that come with the program."""
    return parse_rules(_packed("signature_policy.toml"), "signature_policy.toml")


@cache
def known_authorities() -> dict[str, Authority]:
    """Return the authorities that are known, by common name."""
    name = "authorities.toml"
    text = _packed(name)
    place = Place(file=name, text=text)
    found = parse_tables(Authority, parse_toml(text, name), "authority", place)
    return {authority.name: authority for authority in found}


def _packed(name: str) -> str:
    return files("config").joinpath(name).read_text(encoding="utf-8")
