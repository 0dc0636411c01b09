"""Saving what a command tells; apart from `desk.cli.output`, which officers' computers load too."""

from __future__ import annotations

import sys
from pathlib import Path

from desk.errors import PathUnusable
from storage.safe_files import write_whole


def print_or_write(text: str, path: Path | None) -> None:
    """Print a text as it is, or write it into a file, whole or not at all.

    Raises:
        PathUnusable: the file cannot be written.
    """
    if path is None:
        sys.stdout.write(text)
        return
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise PathUnusable(
            f"Không ghi được «{path}»: {error.strerror}. Hãy kiểm tra đường dẫn, quyền và chỗ "
            "trống.",
            f"cannot write {path}: {error.strerror}; check path, permissions and room",
        ) from error


def refuse_file(path: Path | None) -> None:
    """Refuse to write into a file what is only printed.

    Raises:
        PathUnusable: a file was named.
    """
    if path is not None:
        raise PathUnusable(
            "Bảng chỉ in ra màn hình. Hãy chọn dạng khác bằng --format để ghi vào tệp.",
            "a table is only printed; choose another --format to write a file",
        )
