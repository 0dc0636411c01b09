"""An evidence export as a folder: which files it holds, and are they those that were packed?"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.canonical import canonical_json
from storage.outsider import ed25519
from storage.outsider.faults import Fault

MANIFEST, EVENTS, LEAVES, PROOF = "GOI.json", "events.jsonl", "leaves.bin", "proof.json"
HEADS, ANCHORS, TRUST = "heads", "anchors", "trust"
ALL_TRUST = "tin-cay"
"""All that the station trusts, as a bundle holds it: its folders, notes and rules."""
LOG, RECORD, BUNDLE = "log", "record", "bundle"
"""Kinds of export."""
PUBLIC_KEY = "station.pub"
PROGRAM = "kiem-tra.pyz"
FORMAT = "hoso evidence 1"
_PURPOSE = "hoso evidence export v1"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the station says of an export."""

    kind: str
    """`log`: all events; `record`: those of one record, with proofs; `bundle`: files too."""
    made_at: str
    """When, UTC."""
    size: int
    """Events in the log then."""
    root: str
    """Root of the tree over them, hex."""
    files: Mapping[str, str]
    """SHA-256 of every other file, by its path."""


def manifest_statement(manifest: Manifest) -> bytes:
    """Return the bytes that the station signs of a manifest."""
    return canonical_json({**_plain(manifest), "purpose": _PURPOSE})


def manifest_bytes(manifest: Manifest, signature: bytes) -> bytes:
    """Write a manifest."""
    return canonical_json({**_plain(manifest), "signature": base64.b64encode(signature).decode()})


def read_manifest(data: bytes, key: bytes) -> tuple[Manifest, bool]:
    """Read a manifest, and tell whether the station signed just this.

    Args:
        data: The file.
        key: The station's key, 32 bytes.

    Raises:
        ValueError, KeyError, TypeError: It is none.
    """
    body: dict[str, Any] = json.loads(data)
    stated = {name: body[name] for name in ("kind", "made_at", "size", "root", "files")}
    manifest = Manifest(**stated)
    signature = base64.b64decode(body["signature"], validate=True)
    is_whole = manifest_bytes(manifest, signature) == data
    statement = manifest_statement(manifest)
    return manifest, is_whole and ed25519.is_signed(key, statement, signature)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def hash_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of an export but its manifest, by its path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: hash_file(path) for name, path in names.items() if name != MANIFEST}


def compare_files(folder: Path, manifest: Manifest) -> Iterator[Fault]:
    """Yield each file that is not as it was packed."""
    found = hash_files(folder)
    for name in sorted(found.keys() | manifest.files.keys()):
        if name not in found:
            yield _fault(name, "Tệp này thiếu.", "This file is missing.")
        elif name not in manifest.files:
            yield _fault(name, "Tệp này không thuộc gói.", "This file was not packed.")
        elif found[name] != manifest.files[name]:
            yield _fault(name, "Tệp này đã thay đổi.", "This file has changed.")


def _fault(name: str, vi: str, en: str) -> Fault:
    return Fault(kind="export", identifier=name, vi=vi, en=en)


def _plain(manifest: Manifest) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": manifest.kind,
        "made_at": manifest.made_at,
        "size": manifest.size,
        "root": manifest.root,
        "files": dict(manifest.files),
    }
