from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from config.signature_policy import Profile, house_rules, known_authorities
from signing.errors import TrustFolderError
from signing.policy import policy_identity
from signing.trust import load_trust, profile_folder
from tests.signing.workbench import Workbench


def _certificate(bench: Workbench, name: str) -> bytes:
    return (bench.folder / "certs" / "congvu" / f"{name}.cert.pem").read_bytes()


def test_subfolders_keep_purposes_apart(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "signers").mkdir()
    (tmp_path / "signers" / "a.pem").write_bytes(_certificate(bench, "root"))
    (tmp_path / "signers" / "a.txt").write_text("ghi chú", encoding="utf-8")
    trust = load_trust(tmp_path)
    assert len(trust.signers) == 1
    assert trust.timestamping == ()


def test_one_folder_serves_both_and_der_is_read(bench: Workbench, tmp_path: Path) -> None:
    _, _, der = pem.unarmor(_certificate(bench, "root"))
    (tmp_path / "a.der").write_bytes(der)
    trust = load_trust(tmp_path)
    assert trust.signers == trust.timestamping
    assert len(trust.signers) == 1


def test_only_self_signed_certificates_are_anchors(bench: Workbench, tmp_path: Path) -> None:
    both = _certificate(bench, "root") + _certificate(bench, "issuing")
    (tmp_path / "a.pem").write_bytes(both)
    trust = load_trust(tmp_path)
    assert (len(trust.signers), len(trust.intermediates)) == (1, 1)


def test_the_digest_is_stable_and_tells_stores_apart(bench: Workbench, tmp_path: Path) -> None:
    shutil.copytree(bench.folder / "trust", tmp_path / "copy")
    assert load_trust(tmp_path / "copy").anchors_sha256 == bench.trust.anchors_sha256
    shutil.rmtree(tmp_path / "copy" / "timestamping")
    digests = {
        bench.trust.anchors_sha256,
        load_trust(tmp_path / "copy").anchors_sha256,
        load_trust(None).anchors_sha256,
    }
    assert len(digests) == 3


@pytest.mark.parametrize("content", [b"", b"not a certificate", b"\x30\x03\x02\x01\x01"])
def test_a_broken_anchor_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "goc.pem").write_bytes(content)
    with pytest.raises(TrustFolderError, match=r"goc\.pem"):
        load_trust(tmp_path)


def test_a_missing_folder_is_told_and_none_is_empty(tmp_path: Path) -> None:
    with pytest.raises(TrustFolderError):
        load_trust(tmp_path / "missing")
    assert load_trust(None).signers == ()


KNOWN = next(iter(known_authorities().values()))


def _self_signed(folder: Path, name: str, common_name: str = "THỬ NGHIỆM") -> str:
    """Write a certificate; give its fingerprint."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    begins = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=begins,
        not_valid_after=begins + timedelta(days=1),
    )
    made = builder.sign(key, hashes.SHA256())
    (folder / name).write_bytes(made.public_bytes(Encoding.PEM))
    return made.fingerprint(hashes.SHA256()).hex()


@pytest.mark.parametrize("style", ["{}", "{:upper}", "spaced"])
def test_the_fingerprint_in_a_note_pins_its_certificate(style: str, tmp_path: Path) -> None:
    pin = _self_signed(tmp_path, "goc.crt")
    if style == "spaced":
        pin = " ".join(pin[at : at + 2] for at in range(0, len(pin), 2))
    pin = pin.upper() if "upper" in style else pin
    note = tmp_path / "goc.txt"
    note.write_text(f"Lấy ngày 20/11/2026, đã so.\nSHA-256: {pin}\n", encoding="utf-8-sig")
    assert load_trust(tmp_path).unpinned == ()
    _self_signed(tmp_path, "goc.crt")
    with pytest.raises(TrustFolderError, match=r"goc\.crt"):
        load_trust(tmp_path)


def test_an_anchor_without_a_pin_is_believed_and_counted(tmp_path: Path) -> None:
    _self_signed(tmp_path, "goc.crt")
    (tmp_path / "goc.txt").write_text("chưa so với ai", encoding="utf-8")
    assert load_trust(tmp_path).unpinned == (tmp_path / "goc.crt",)


def test_a_lookalike_of_a_known_authority_is_refused_unless_pinned(tmp_path: Path) -> None:
    pin = _self_signed(tmp_path, "goc.crt", KNOWN.name)
    with pytest.raises(TrustFolderError, match=KNOWN.sha256):
        load_trust(tmp_path)
    (tmp_path / "goc.txt").write_text(f"Chứng thư mới. SHA-256 {pin}", encoding="utf-8")
    assert len(load_trust(tmp_path).signers) == 1


def test_hierarchies_are_kept_apart_and_told_apart(tmp_path: Path) -> None:
    for profile in Profile:
        for purpose in ("signers", "timestamping"):
            _self_signed(tmp_path / profile / purpose, "goc.crt", f"{profile} {purpose} THỬ NGHIỆM")
    both = load_trust(tmp_path)
    assert (len(both.signers), len(both.timestamping)) == (2, 2)
    assert set(both.profiles.values()) == set(Profile)
    for profile in Profile:
        alone = load_trust(profile_folder(tmp_path, profile))
        assert len(alone.signers) == len(alone.timestamping) == 1
        assert set(alone.profiles.values()) == {profile}
        assert alone.anchors_sha256 != both.anchors_sha256


def test_a_hierarchy_that_is_not_kept_apart_cannot_be_asked_for(tmp_path: Path) -> None:
    _self_signed(tmp_path / "signers", "goc.crt")
    with pytest.raises(TrustFolderError, match="cong-vu"):
        profile_folder(tmp_path, Profile.OFFICIAL)
    assert load_trust(tmp_path).profiles == {}


OWN_RULES = """
id = "quy-tac-cua-tinh"
version = "3"
digests = ["sha256"]
min_rsa_bits = 3072
min_elliptic_bits = 256
"""


def test_a_stations_own_rules_are_named_with_their_digest(tmp_path: Path) -> None:
    _self_signed(tmp_path / "cong-vu" / "signers", "goc.crt")
    house = policy_identity(load_trust(tmp_path))
    assert house.sha256 == house_rules().sha256
    (tmp_path / "policy.toml").write_text(f"# của tỉnh{OWN_RULES}", encoding="utf-8")
    own = policy_identity(load_trust(tmp_path))
    assert (own.id, own.version) == ("quy-tac-cua-tinh", "3")
    assert own.sha256 != house.sha256
    assert own.anchors_sha256 == house.anchors_sha256
    # Of one hierarchy too; and a comment is no rule.
    assert policy_identity(load_trust(tmp_path / "cong-vu")) == own
    (tmp_path / "policy.toml").write_text(OWN_RULES, encoding="utf-8")
    assert policy_identity(load_trust(tmp_path)) == own
    (tmp_path / "policy.toml").write_text(OWN_RULES.replace("3072", "4096"), encoding="utf-8")
    assert policy_identity(load_trust(tmp_path)).sha256 != own.sha256


@pytest.mark.parametrize(
    ("rule", "instead"),
    [
        ("digests", 'digest = ["sha256"]'),
        ("digests", 'digests = ["sha255"]'),
        ("min_rsa_bits", 'min_rsa_bits = "3072"'),
        ("version", ""),
    ],
)
def test_rules_that_cannot_be_used_are_refused_by_name(
    rule: str, instead: str, tmp_path: Path
) -> None:
    lines = [instead if line.startswith(rule) else line for line in OWN_RULES.splitlines()]
    (tmp_path / "policy.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(TrustFolderError, match=r"policy\.toml"):
        load_trust(tmp_path)
