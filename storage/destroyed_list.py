"""The list of destroyed papers that lies beside a backup set, so that no restore brings them back.

A set may be older than a destruction, or not at hand when it happens. The list holds record ids,
batches and decisions, nothing of a paper; the station's key signs it, so that nobody can have
papers destroyed by writing into a set.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.archive import Archive
from storage.canonical import canonical_json
from storage.destroyed import Destroyed
from storage.destruction import NO_COPIES, Order, clear, destroy, press_out
from storage.errors import BackupUnusable, RecordNotFound
from storage.heads import PrivateKey, PublicKey, is_signed
from storage.safe_files import write_whole
from storage.times import time_text

NAME = "DA-HUY.json"
_FORMAT = "hoso destroyed 1"
_WHY = ("batch", "ground", "term", "years", "decision")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPaper:
    """A destroyed paper of the list."""

    record_id: str
    """The record."""
    why: Mapping[str, Any]
    """Batch, ground, term and decision, as its event told them."""


def write_list(gone: Collection[Destroyed], folder: Path, key: PrivateKey, at: datetime) -> None:
    """Write the list into the folder of a set, over an earlier one.

    Raises:
        OSError: It cannot be written.
    """
    plain = {
        "format": _FORMAT,
        "made_at": time_text(at),
        "papers": [_paper(one) for one in sorted(gone, key=lambda one: one.record_id)],
    }
    signature = base64.b64encode(key.sign(canonical_json(plain))).decode()
    write_whole(folder / NAME, canonical_json({**plain, "signature": signature}))


def read_list(path: Path, public_key: PublicKey) -> list[ListedPaper]:
    """Read a list.

    Raises:
        BackupUnusable: It cannot be read, or the station's key did not sign it.
    """
    try:
        plain = json.loads(path.read_bytes())
        signature = base64.b64decode(plain.pop("signature"), validate=True)
        if plain["format"] != _FORMAT or not is_signed(
            canonical_json(plain), signature, public_key
        ):
            raise ValueError(path.name)
        return [
            ListedPaper(record_id=paper["record_id"], why={name: paper[name] for name in _WHY})
            for paper in plain["papers"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupUnusable(
            f"Danh sách giấy tờ đã hủy «{path}» không đọc được hoặc không do khóa của trạm ký. Hãy "
            "lấy danh sách ở bộ sao lưu kia.",
            f"the list of destroyed papers {path} cannot be read, or is not signed by the "
            "station's key; take that of the other set",
        ) from error


def destroy_again(
    archive: Archive, papers: Sequence[ListedPaper], *, actor: str, at: datetime
) -> int:
    """Destroy what a restore brought back; return how many papers that were.

    Args:
        archive: The restored archive.
        papers: The list.
        actor: Who restores.
        at: Now; after the last file was written.
    """
    count = 0
    for paper in papers:
        order = Order(batch=str(paper.why["batch"]), actor=actor, at=at)
        try:
            archive.records.get(paper.record_id)
        except RecordNotFound:
            continue
        destroy(archive, paper.record_id, {**paper.why, "again": True}, NO_COPIES, order)
        count += 1
    clear(archive, NO_COPIES, at)
    press_out(archive)
    return count


def _paper(gone: Destroyed) -> dict[str, Any]:
    return {"record_id": gone.record_id, **{name: gone.body.get(name) for name in _WHY}}
