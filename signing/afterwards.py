"""What stands in the file after a signature's own revision, and whether it may stand there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pyhanko.sign.fields import MDPPerm

from signing.byte_search import count_end_marks
from signing.integrity import Changes
from signing.model import Kind, Remark
from signing.structure import Structure

# Later changes that are nothing but further signatures.
_SIGNED_FURTHER = {"SIGNATURE_FIELD_ADDED", "SIGNED_LATER"}
_BLANK = b" \t\r\n\f\0"
_PART_BYTES = 1 << 16


def has_foreign_bytes(file: BinaryIO, structure: Structure, end: int, revisions: int) -> bool:
    """Tell whether bytes after a signed part belong to no revision that was reviewed.

    Args:
        file: The open file.
        structure: What the file's bytes say.
        end: Where the signed part ends.
        revisions: How many revisions follow it.
    """
    if structure.trailing_bytes:
        return True
    if revisions:
        return count_end_marks(file, end) > revisions
    file.seek(end)
    return any(part.strip(_BLANK) for part in iter(lambda: file.read(_PART_BYTES), b""))


def has_later_timestamp(structure: Structure, end: int) -> bool:
    """Tell whether a document timestamp covers more than a signed part.

    Args:
        structure: What the file's bytes say.
        end: Where the signed part ends.
    """
    return any(
        other.kind is Kind.DOCUMENT_TIMESTAMP
        and other.byte_range is not None
        and other.byte_range[2] + other.byte_range[3] > end
        for other in structure.signatures
    )


def gone_since(structure: Structure, end: int) -> Iterator[Remark]:
    """Name signatures that were put on the file after a signed part, and taken off again.

    Args:
        structure: What the file's bytes say.
        end: Where the signed part ends.
    """
    gone = sum(stray.place >= end for stray in structure.unreached)
    if gone:
        yield Remark(
            code="LATER_SIGNATURE_REMOVED",
            vi=f"Có {gone} chữ ký thêm sau chữ ký này đã bị gỡ khỏi biểu mẫu.",
            en=f"{gone} signatures added after this one were taken out of the form",
        )


def not_allowed(changes: Changes, permission: MDPPerm | None) -> tuple[Remark, ...]:
    """List the changes that nobody but the signer may have allowed, and did not.

    Args:
        changes: What was changed since.
        permission: What the signer allowed, None where nothing is said.
    """
    may_fill = (permission or MDPPerm.NO_CHANGES) is not MDPPerm.NO_CHANGES
    harmless = _SIGNED_FURTHER | ({"FIELD_FILLED"} if may_fill else set())
    return tuple(change.remark for change in changes.shown if change.remark.code not in harmless)
