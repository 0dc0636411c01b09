"""`python kiem-tra.pyz GÓI`: check an evidence export without anything but Python."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from storage.outsider.export_checks import Own, Report, check_export

_DONE, _LOOK, _USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Check an export; return 0 where nothing is wrong, 1 where something is, 2 for misuse."""
    arguments = _parser().parse_args(argv)
    folder: Path = arguments.folder
    if not folder.is_dir():
        sys.stderr.write(f"{folder}: không phải thư mục (no folder)\n")
        return _USAGE
    try:
        own = Own(
            key=arguments.key.read_bytes() if arguments.key else None,
            trust=arguments.trust,
            witnesses=arguments.witness,
            files=arguments.file,
        )
        report = check_export(folder, own)
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return _USAGE
    if arguments.json:
        json.dump(_plain(report), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(report, own))
    return _LOOK if report.faults else _DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiem-tra", description="Kiểm tra gói bằng chứng (check an evidence export)."
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


def _plain(report: Report) -> dict[str, Any]:
    return {
        "ok": not report.faults,
        "kind": report.kind,
        "events": report.events,
        "root": report.root,
        "heads": len(report.heads),
        "anchors": [
            {"size": size, "time": _time(stamp.time), "authority": stamp.authority}
            for size, stamp in report.stamps.items()
        ],
        "open_captures": [asdict(item) for item in report.open_captures],
        "files": {name: asdict(found) for name, found in report.files.items()},
        "faults": [asdict(fault) for fault in report.faults],
    }


def _time(at: Any) -> str:
    return str(at.isoformat().replace("+00:00", "Z"))


def _lines(report: Report, own: Own) -> Iterator[str]:
    yield f"{report.events} sự kiện, gốc cây {report.root}"
    yield f"{len(report.heads)} đầu cây do trạm ký, {len(report.stamps)} dấu thời gian đúng."
    for size, stamp in report.stamps.items():
        yield f"  {size} sự kiện đầu có trước {_time(stamp.time)}, theo {stamp.authority}"
    for item in report.open_captures:
        yield f"  chưa có kết thúc: {item.submission_id} (sự kiện {item.seq}, {item.at})"
    for name, found in report.files.items():
        if found.events:
            when = f", có trước {found.before}" if found.before else ""
            yield f"  {name}: đúng tệp của sự kiện {', '.join(map(str, found.events))}{when}"
    if own.key is None:
        yield "Chú ý: dùng station.pub trong gói. Hãy so với bản anh/chị giữ (--key)."
    if own.trust is None:
        yield "Chú ý: dùng chứng thư dấu thời gian trong gói. Hãy so với bản tin cậy (--trust)."
    yield "Không thấy sai lệch." if not report.faults else f"{len(report.faults)} SAI LỆCH:"
    for fault in report.faults:
        yield f"  {fault.kind} {fault.identifier}: {fault.vi} ({fault.en})"


if __name__ == "__main__":
    sys.exit(main())
