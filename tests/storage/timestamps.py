"""A timestamp authority without a network: RFC 3161 tokens, made with OpenSSL's own words."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/root.pem
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[req]
distinguished_name = nobody
[nobody]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamper:
    """An authority whose root is `root.pem` in its folder."""

    folder: Path

    def __call__(self, sha256: bytes) -> bytes:
        query, answer = self.folder / "query", self.folder / "token"
        config = str(self.folder / "tsa.cnf")
        _openssl("ts", "-query", "-digest", sha256.hex(), "-sha256", "-cert", "-out", str(query))
        asked = ("-queryfile", str(query), "-out", str(answer), "-token_out")
        _openssl("ts", "-reply", "-config", config, "-section", "one", *asked)
        return answer.read_bytes()


def make_stamper(folder: Path, kind: tuple[str, ...] = ("rsa:2048",)) -> Stamper:
    """Make an authority with keys of a kind, as `openssl req -newkey` names it."""
    folder.mkdir()
    config = folder / "tsa.cnf"
    config.write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    common = ("-config", str(config), "-nodes", "-sha256", "-newkey", *kind)
    root = (str(folder / "root.pem"), str(folder / "root.key"))
    _openssl(
        "req", "-x509", *common, "-subj", "/CN=Goc THU NGHIEM", "-extensions", "authority",
        "-days", "30", "-out", root[0], "-keyout", root[1],
    )  # fmt: skip
    _openssl(
        "req", "-x509", *common, "-subj", "/CN=Dau thoi gian THU NGHIEM", "-extensions", "stamping",
        "-days", "30", "-CA", root[0], "-CAkey", root[1],
        "-out", str(folder / "tsa.pem"), "-keyout", str(folder / "tsa.key"),
    )  # fmt: skip
    return Stamper(folder=folder)


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)
