"""Receive one file: type by content, limits, digests, and a full look inside before it is ours."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from digitize import frames
from digitize.errors import TooLarge
from digitize.filetypes import check_end, extension_warning, sniff
from digitize.model import MediaType, Submission
from digitize.pdf_files import inspect_pdf

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a submission may be."""

    max_bytes: int
    max_pages: int


def receive(path: Path, name: str, limits: Limits) -> Submission:
    """Look at a claimed file and tell what it is.

    Args:
        path: where it lies now.
        name: its original name.
        limits: how large it may be.

    Raises:
        EmptyFile, UnsupportedType, IncompleteFile, DamagedFile, EncryptedFile, TooLarge: it cannot
            be taken; the message tells the clerk what to do.
        OSError: it cannot be read at all.
    """
    name = unicodedata.normalize("NFC", name)
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise TooLarge(
            f"Tệp «{name}» lớn hơn {limits.max_bytes // 1_000_000} MB. Hãy chia nhỏ rồi thả lại.",
            "the file is over the size limit; split it",
        )
    media_type = sniff(path)
    check_end(path, media_type)
    warnings = [extension_warning(name, media_type)]
    signed = False
    if media_type is MediaType.PDF:
        facts = inspect_pdf(path)
        page_count, signed = facts.page_count, facts.signed
        if facts.restricted:
            warnings.append("Tệp PDF bị người lập hạn chế quyền; bản lưu PDF/A không mang hạn chế.")
        if facts.repaired:
            warnings.append("Tệp PDF có lỗi cấu trúc nhỏ, vẫn đọc được.")
    else:
        page_count = frames.count_frames(path)
        frames.check_decodes(path)
    if page_count > limits.max_pages:
        raise TooLarge(
            f"Tệp «{name}» có {page_count} trang, quá {limits.max_pages}. Hãy chia nhỏ tệp.",
            "too many pages; split the file",
        )
    sha256, sha512 = digests(path)
    return Submission(
        path=path,
        name=name,
        media_type=media_type,
        size_bytes=size,
        sha256=sha256,
        sha512=sha512,
        page_count=page_count,
        signed=signed,
        warnings=tuple(text for text in warnings if text),
    )


def digests(path: Path) -> tuple[str, str]:
    """Return SHA-256 and SHA-512 of a file, hex, in one reading."""
    first, second = hashlib.sha256(), hashlib.sha512()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            first.update(chunk)
            second.update(chunk)
    return first.hexdigest(), second.hexdigest()
