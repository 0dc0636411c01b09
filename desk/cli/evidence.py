"""`hoso verify`, `fixity`, `audit verify`: prove signatures, files and log."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, tell
from desk.errors import StationNotFound
from desk.exit_codes import DONE, LOOK
from desk.moments import now, parse_moment
from signing.judges import Ground, judge_many
from signing.model import FileVerdict
from signing.report import is_passed, verdict_json
from signing.statement import conclude, describe, state
from storage.archive import open_archive
from storage.events import EventLog
from storage.fixity import check_archive, check_log
from storage.heads import PUBLIC_KEY_NAME, load_public_key
from storage.model import Finding


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the files, the anchors and the moment."""
    parser.add_argument("files", nargs="+", metavar="TỆP", help="tệp PDF hoặc thư mục")
    parser.add_argument("--trust", type=Path, metavar="THƯ-MỤC", help="chứng thư gốc tin cậy")
    parser.add_argument("--at", type=parse_moment, metavar="LÚC", help="thời điểm kiểm tra, ISO")


def verify(arguments: argparse.Namespace) -> int:
    """Judge the signatures of PDFs side by side; works without a station."""
    names = list(_expand(arguments.files))
    ground = Ground(trust=_trust(arguments))
    at = arguments.at or now()
    paths = [Path(name) for name in names]
    judged = zip(names, judge_many(paths, ground, at, os.cpu_count() or 1), strict=True)
    if wants_json(arguments):
        verdicts = list(judged)
        print_json([verdict_json(verdict, name) for name, verdict in verdicts])
    else:
        verdicts = list(_printed(judged, briefly=any(Path(n).is_dir() for n in arguments.files)))
    if not verdicts:
        tell("Không có tệp PDF nào trong thư mục này. (there is no PDF in this folder)")
    passed = bool(verdicts) and all(is_passed(verdict) for _, verdict in verdicts)
    return DONE if passed else LOOK


def _trust(arguments: argparse.Namespace) -> Path | None:
    if arguments.trust is not None:
        return Path(arguments.trust)
    try:
        return station_of(arguments).trust
    except StationNotFound:
        if arguments.station:
            raise
        return None


def _expand(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if Path(name).is_dir():
            found = (path for path in Path(name).rglob("*") if path.suffix.lower() == ".pdf")
            yield from sorted(str(path) for path in found)
        else:
            yield name


def _printed(
    judged: Iterable[tuple[str, FileVerdict]], *, briefly: bool
) -> Iterator[tuple[str, FileVerdict]]:
    """Print each verdict as soon as it is there; of a folder one line a file, and a summary."""
    count: Counter[str] = Counter()
    for name, verdict in judged:
        count[conclude(verdict)] += 1
        if briefly:
            print_lines([f"{name}: {conclude(verdict)}"])
        else:
            print_lines([name, *(f"  {line}" for line in describe(state(verdict, name))), ""])
        yield name, verdict
    if briefly:
        print_lines(["", *(f"{number} tệp: {word}" for word, number in count.most_common())])


VERIFY = Command(
    name="verify", help="kiểm tra chữ ký số", add_arguments=add_verify_arguments, run=verify
)


def fixity(arguments: argparse.Namespace) -> int:
    """Re-read every object, row, index entry and event, and compare them with one another."""
    station = station_of(arguments)
    public_key = load_public_key(station.key.with_name(PUBLIC_KEY_NAME))
    with open_archive(station.archive) as archive:
        report = check_archive(archive, public_key)
    checked = (
        f"Đã kiểm tra {report.objects} tệp, {report.records} bản ghi, "
        f"{report.index} mục tìm kiếm, {report.events} sự kiện, {report.heads} gốc cây đã ký."
    )
    counts = {name: getattr(report, name) for name in _COUNTED}
    return _print_findings(report.findings, (checked, counts), arguments)


_COUNTED = ("objects", "records", "index", "events", "heads")


def _print_findings(
    findings: Sequence[Finding],
    checked: tuple[str, dict[str, object]],
    arguments: argparse.Namespace,
) -> int:
    sentence, counts = checked
    if wants_json(arguments):
        print_json({"ok": not findings, "checked": counts, "findings": list(findings)})
    else:
        verdict = "Không thấy sai lệch." if not findings else f"{len(findings)} SAI LỆCH:"
        listed = (f"  {item.kind} {item.identifier}: {item.vi}" for item in findings)
        print_lines([sentence, verdict, *listed])
    return LOOK if findings else DONE


FIXITY = Command(name="fixity", help="kiểm tra tính toàn vẹn của kho", run=fixity)


def audit_verify(arguments: argparse.Namespace) -> int:
    """Recompute the event log's tree and compare it with the newest signed head."""
    station = station_of(arguments)
    public_key = load_public_key(station.key.with_name(PUBLIC_KEY_NAME))
    with open_archive(station.archive) as archive:
        findings = check_log(archive, public_key)
        log: EventLog = archive.events
        counts = {"events": log.size(), "root": log.root()}
    checked = f"Nhật ký có {counts['events']} sự kiện, gốc cây {counts['root']}."
    return _print_findings(findings, (checked, counts), arguments)


AUDIT_VERIFY = Command(name="audit verify", help="kiểm tra nhật ký sự kiện", run=audit_verify)
