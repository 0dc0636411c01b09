"""Which authorities are believed, and under which rules: a folder, read by us alone.

Nothing from the operating system's store is ever used. Signing and timestamping anchors are kept
apart, and the two hierarchies of Vietnam may be: `cong-vu/` (state bodies) and `cong-cong/`
(licensed authorities), each a folder of the same form. Self-signed certificates are anchors, others
only help to build chains (signatures from tokens often embed the leaf alone).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from asn1crypto import x509
from pyhanko_certvalidator.registry import SimpleTrustManager

from config.signature_policy import Profile, SignatureRules, house_rules, parse_rules
from config.tables import SettingsError, read_own
from signing.anchor_files import Anchor, read_folder
from signing.certificates import is_self_signed
from signing.errors import TrustFolderError

POLICY_NAME = "policy.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """Anchors by purpose, certificates that help to build chains, and the rules.

    Attributes:
        signers: Anchors for signatures.
        timestamping: Anchors for timestamps.
        intermediates: Certificates that anchor nothing.
        anchors_sha256: Stable digest of all of them, lower-case hexadecimal.
        rules: What a signature must be to be believed.
        profiles: The hierarchy of a signing anchor by its SHA-256; those of none are left out.
        unpinned: Files whose fingerprints no note states.
    """

    signers: tuple[x509.Certificate, ...]
    timestamping: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...]
    anchors_sha256: str
    rules: SignatureRules
    profiles: Mapping[bytes, Profile] = field(default_factory=dict)
    unpinned: tuple[Path, ...] = ()

    def signer_manager(self) -> SimpleTrustManager:
        """Give the anchors for signatures in pyHanko's form."""
        return SimpleTrustManager.build(trust_roots=list(self.signers))

    def timestamp_manager(self) -> SimpleTrustManager:
        """Give the anchors for timestamps in pyHanko's form."""
        return SimpleTrustManager.build(trust_roots=list(self.timestamping))

    def any_manager(self) -> SimpleTrustManager:
        """Give all anchors in pyHanko's form: while signing, both chains are collected at once."""
        return SimpleTrustManager.build(trust_roots=[*self.signers, *self.timestamping])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """The certificates of one folder, by purpose."""

    signers: tuple[Anchor, ...]
    timestamping: tuple[Anchor, ...]
    profile: Profile | None


def load_trust(folder: Path | None) -> TrustStore:
    """Read trust anchors and rules.

    With subfolders ``signers/`` and ``timestamping/``, each serves its purpose; else every
    certificate of the folder serves both. The folders of the two hierarchies are read beside them.

    Args:
        folder: Folder of PEM or DER certificates; None gives an empty store and the house's rules.

    Raises:
        TrustFolderError: The folder is missing, a file in it is no certificate or not the one that
            its note pins, or its rules cannot be used.
    """
    if folder is None:
        return _store((), house_rules())
    if not folder.is_dir():
        raise TrustFolderError(
            f"Không có thư mục tin cậy {folder}. Hãy kiểm tra đường dẫn.",
            f"trust folder {folder} does not exist; check the path",
        )
    own = [_read_shelf(folder, _profile_of(folder))]
    shelves = own + [
        _read_shelf(folder / profile, profile) for profile in Profile if (folder / profile).is_dir()
    ]
    return _store(shelves, _read_rules(folder))


def profile_folder(folder: Path, profile: Profile) -> Path:
    """Return the folder of one hierarchy alone.

    Raises:
        TrustFolderError: The trust folder does not keep the hierarchies apart.
    """
    inner = folder / profile
    if not inner.is_dir():
        raise TrustFolderError(
            f"Thư mục tin cậy {folder} không có {profile}/. Hãy đặt chứng thư gốc của hệ thống đó "
            f"vào {inner}.",
            f"{folder} has no {profile}/; put the anchors of that hierarchy there",
        )
    return inner


def _profile_of(folder: Path) -> Profile | None:
    return next((profile for profile in Profile if folder.name == profile), None)


def _read_shelf(folder: Path, profile: Profile | None) -> _Shelf:
    signers, timestamping = folder / "signers", folder / "timestamping"
    if signers.is_dir() or timestamping.is_dir():
        return _Shelf(
            signers=read_folder(signers), timestamping=read_folder(timestamping), profile=profile
        )
    both = read_folder(folder)
    return _Shelf(signers=both, timestamping=both, profile=profile)


def _read_rules(folder: Path) -> SignatureRules:
    """A station's own rules; those of a hierarchy's folder stand beside it."""
    for place in (folder, folder.parent) if _profile_of(folder) else (folder,):
        path = place / POLICY_NAME
        try:
            text = read_own(path)
            if text is not None:
                return parse_rules(text, str(path))
        except SettingsError as error:
            raise TrustFolderError(error.vi, error.en) from error
    return house_rules()


def _store(shelves: Iterable[_Shelf], rules: SignatureRules) -> TrustStore:
    shelves = tuple(shelves)
    signers = tuple(_once(one for shelf in shelves for one in shelf.signers))
    timestamping = tuple(_once(one for shelf in shelves for one in shelf.timestamping))
    everything = tuple(_once([*signers, *timestamping]))
    return TrustStore(
        signers=_certificates(signers, anchoring=True),
        timestamping=_certificates(timestamping, anchoring=True),
        intermediates=_certificates(everything, anchoring=False),
        anchors_sha256=_digest(signers, timestamping),
        rules=rules,
        profiles={
            one.certificate.sha256: shelf.profile
            for shelf in shelves
            if shelf.profile is not None
            for one in shelf.signers
        },
        unpinned=tuple(dict.fromkeys(one.path for one in everything if not one.is_pinned)),
    )


def _once(anchors: Iterable[Anchor]) -> Iterator[Anchor]:
    seen = set()
    for anchor in anchors:
        if anchor.certificate.sha256 not in seen:
            seen.add(anchor.certificate.sha256)
            yield anchor


def _certificates(anchors: tuple[Anchor, ...], *, anchoring: bool) -> tuple[x509.Certificate, ...]:
    return tuple(one.certificate for one in anchors if is_self_signed(one.certificate) is anchoring)


def _digest(signers: tuple[Anchor, ...], timestamping: tuple[Anchor, ...]) -> str:
    lines = {f"signers:{one.certificate.sha256.hex()}" for one in signers}
    lines |= {f"timestamping:{one.certificate.sha256.hex()}" for one in timestamping}
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
