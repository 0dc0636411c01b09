"""BagIt (RFC 8493): files under two manifests, an envelope that any archivist's program can check.

Own and small: sorted, one moment for all, nothing of this machine in it, so that equal files give
equal bags. What a bag is checked with is in `storage.bag_checks`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from storage.evidence_parts import make_empty

DECLARATION, INFO = "bagit.txt", "bag-info.txt"
PAYLOAD = "data"
ALGORITHMS = ("sha256", "sha512")
"""Every manifest lists every file, so either digest alone is enough to check with."""
DECLARED = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_CHUNK_BYTES = 1 << 20
# What a line of a manifest cannot hold in a name (RFC 8493, 2.1.3).
_ESCAPED = {"%": "%25", "\n": "%0A", "\r": "%0D"}
_MEANT = {written: letter for letter, written in _ESCAPED.items()}
_WRITTEN = re.compile("%(25|0A|0D)", re.IGNORECASE)


def make_payload(target: Path) -> Path:
    """Make a new bag's folder and return that of its payload, to be filled.

    Raises:
        TargetNotEmpty: The folder holds something.
    """
    make_empty(target)
    payload = target / PAYLOAD
    payload.mkdir()
    return payload


def close_bag(target: Path, info: Mapping[str, str]) -> str:
    """Write the manifests and tags of a bag whose payload is there.

    Args:
        target: Folder of the bag.
        info: Tags for `bag-info.txt`; its size and number of files are added.

    Returns:
        The SHA-256 of the manifest of SHA-256: it names the content of the bag.
    """
    files = list(files_of(target / PAYLOAD))
    total = sum(path.stat().st_size for path in files)
    tags = {**info, "Payload-Oxum": f"{total}.{len(files)}"}
    (target / DECLARATION).write_bytes(DECLARED)
    lines = (f"{name}: {_one_line(value)}\n" for name, value in tags.items())
    (target / INFO).write_bytes("".join(lines).encode())
    _write_manifests(target, files, "manifest")
    tag_files = [path for path in files_of(target) if path.parent == target]
    _write_manifests(target, tag_files, "tagmanifest")
    manifest = (target / f"manifest-{ALGORITHMS[0]}.txt").read_bytes()
    return hashlib.sha256(manifest).hexdigest()


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder in the order of their paths."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def digests_of(path: Path) -> dict[str, str]:
    """Return a file's digests, hex, by their names; it is read once."""
    digests = {name: hashlib.new(name) for name in ALGORITHMS}
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            for digest in digests.values():
                digest.update(chunk)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _write_manifests(target: Path, files: list[Path], kind: str) -> None:
    lines: dict[str, list[str]] = {name: [] for name in ALGORITHMS}
    for path in files:
        listed = _escape(path.relative_to(target).as_posix())
        for name, digest in digests_of(path).items():
            lines[name].append(f"{digest}  {listed}\n")
    for name, written in lines.items():
        (target / f"{kind}-{name}.txt").write_bytes("".join(written).encode())


def _escape(name: str) -> str:
    return "".join(_ESCAPED.get(letter, letter) for letter in name)


def unescape(name: str) -> str:
    """Read a name as a manifest holds it."""
    return _WRITTEN.sub(lambda found: _MEANT[found[0].upper()], name)


def _one_line(value: str) -> str:
    return " ".join(value.split())
