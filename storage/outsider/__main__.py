"""`python kiem-tra.pyz GÓI`: check an evidence export without anything but Python."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from storage.outsider.export_checks import Own, check_path
from storage.outsider.plain_text import plain_text
from storage.outsider.telling import describe_report, report_json

_DONE, _LOOK, _USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Check an export; return 0 where nothing is wrong, 1 where something is, 2 for misuse."""
    arguments = _parser().parse_args(argv)
    path: Path = arguments.folder
    if not path.exists():
        sys.stderr.write(f"{path}: không có (not there)\n")
        return _USAGE
    try:
        own = Own(
            key=arguments.key.read_bytes() if arguments.key else None,
            trust=arguments.trust,
            witnesses=arguments.witness,
            files=arguments.file,
        )
        report = check_path(path, own)
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return _USAGE
    if arguments.json:
        # Escaped: names of files need not be text.
        json.dump(report_json(report), sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        lines = describe_report(report, own)
        sys.stdout.writelines(f"{plain_text(line)}\n" for line in lines)
    return _LOOK if report.faults else _DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiem-tra",
        description="Kiểm tra gói bằng chứng, thư mục hoặc ZIP (check an evidence export).",
    )
    parser.add_argument(
        "folder", type=Path, nargs="?", default=Path(sys.argv[0]).parent, metavar="GÓI"
    )
    parser.add_argument("--key", type=Path, metavar="TỆP", help="station.pub nhận từ trước")
    parser.add_argument("--trust", type=Path, metavar="THƯ-MỤC", help="chứng thư dấu thời gian")
    parser.add_argument("--witness", type=Path, action="append", default=[], metavar="TỆP")
    parser.add_argument("--file", type=Path, action="append", default=[], metavar="TỆP")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
