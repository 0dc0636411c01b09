"""`hoso fixity`, `hoso audit …`: prove to ourselves and to outsiders that all is as it was left."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desk.audits import (
    check_station,
    export_evidence,
    outside_of,
    sign_head_now,
    write_witness_file,
)
from desk.backups import Order, mend, read_passphrase
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, tell
from desk.exit_codes import DONE, LOOK
from desk.moments import now, show_text
from desk.people import current_person
from desk.room import telling_full_disk
from desk.station import Station
from storage.archive import Archive, open_archive
from storage.fixity import check_archive, check_log
from storage.log_fixity import mend_nodes
from storage.model import Finding
from storage.open_captures import find_unended
from storage.request_check import drop_changed_requests

_COUNTED = ("objects", "records", "index", "events", "heads", "anchors")
NO_EVENTS = "Nhật ký chưa có sự kiện nào. (the log is empty)"
"""What is said of an empty log."""


def add_fixity_arguments(parser: argparse.ArgumentParser) -> None:
    """Take `--mend` and `--quota`."""
    parser.add_argument(
        "--quota", type=int, metavar="N", help="chỉ N tệp lâu chưa kiểm tra nhất, và nhật ký"
    )
    parser.add_argument(
        "--mend",
        action="store_true",
        help="lấy lại tệp hỏng hay mất từ các bộ sao lưu, lập lại nút cây băm, bỏ yêu cầu hỏng",
    )


def fixity(arguments: argparse.Namespace) -> int:
    """Re-read every object, row, index entry and event, and compare them with one another."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        report = check_station(station, archive, arguments.quota)
        if arguments.mend and _mended(station, archive, report.findings):
            report = check_archive(archive, outside_of(station))
    checked = (
        f"Đã kiểm tra {report.objects} tệp, {report.records} bản ghi, {report.index} mục tìm "
        f"kiếm, {report.events} sự kiện, {report.heads} gốc cây đã ký, "
        f"{report.anchors} dấu thời gian."
    )
    counts = {name: getattr(report, name) for name in _COUNTED}
    return _print_findings(report.findings, {"checked": counts}, [checked], arguments)


def _mended(station: Station, archive: Archive, findings: Sequence[Finding]) -> bool:
    nodes = mend_nodes(archive, findings, actor=current_person(), at=now())
    if nodes:
        tell(f"nhật ký: đã lập lại {nodes} nút cây băm từ các sự kiện")
    dropped = drop_changed_requests(archive, findings, actor=current_person(), at=now())
    if dropped:
        tell(f"đã bỏ {dropped} yêu cầu hỏng, chưa được thực hiện; hãy yêu cầu lại nếu cần")
    return _has_mended_objects(station, archive, findings) or nodes > 0 or dropped > 0


def _has_mended_objects(station: Station, archive: Archive, findings: Sequence[Finding]) -> bool:
    damaged = [item.identifier for item in findings if item.kind == "object"]
    if not damaged:
        return False
    passphrase = read_passphrase(station.settings.backup.key, station.root)
    order = Order(passphrase=passphrase, actor=current_person())
    mended = mend(station, archive, damaged, order)
    for sha256, is_done in mended.items():
        tell(f"{sha256}: {'đã lấy lại từ bản sao lưu' if is_done else 'KHÔNG bộ nào còn tệp này'}")
    return any(mended.values())


def _print_findings(
    findings: Sequence[Finding],
    facts: dict[str, Any],
    lines: Sequence[str],
    arguments: argparse.Namespace,
) -> int:
    if wants_json(arguments):
        print_json({"ok": not findings, **facts, "findings": list(findings)})
    else:
        verdict = "Không thấy sai lệch." if not findings else f"{len(findings)} SAI LỆCH:"
        listed = (f"  {item.kind} {item.identifier}: {item.vi}" for item in findings)
        print_lines([*lines, verdict, *listed])
    return LOOK if findings else DONE


FIXITY = Command(
    name="fixity",
    help="kiểm tra tính toàn vẹn của kho",
    add_arguments=add_fixity_arguments,
    run=fixity,
)


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Take witness files."""
    parser.add_argument(
        "--witness",
        type=Path,
        action="append",
        default=[],
        metavar="PHIẾU",
        help="phiếu nhân chứng giữ ở nơi khác",
    )


def audit_verify(arguments: argparse.Namespace) -> int:
    """Recompute the log's tree; compare it with signed heads, timestamps and witnesses."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        findings = check_log(archive, outside_of(station, arguments.witness))
        unended = find_unended(archive)
        counts = {"events": archive.events.size(), "root": archive.events.root()}
    lines = [
        f"Nhật ký có {counts['events']} sự kiện, gốc cây {counts['root']}.",
        f"{len(unended)} bản quét đã nhận mà chưa xử lý xong.",
        *(f"  {item.submission_id} từ {show_text(item.at)}: {item.state}" for item in unended),
    ]
    return _print_findings(findings, {"checked": counts, "unended": unended}, lines, arguments)


AUDIT_VERIFY = Command(
    name="audit verify",
    help="kiểm tra nhật ký sự kiện",
    add_arguments=add_verify_arguments,
    run=audit_verify,
)


def add_export_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the folder, and one record."""
    parser.add_argument("folder", type=Path, metavar="THƯ-MỤC", help="thư mục mới cho gói")
    parser.add_argument("--record", metavar="MÃ", help="chỉ các sự kiện của một giấy tờ đã lưu")


def audit_export(arguments: argparse.Namespace) -> int:
    """Write everything that an outsider needs to check the log without us."""
    station = station_of(arguments)
    with telling_full_disk(), open_archive(station.archive) as archive:
        manifest = export_evidence(station, archive, arguments.folder, arguments.record)
    if wants_json(arguments):
        facts = {name: getattr(manifest, name) for name in ("kind", "size", "root")}
        print_json({"folder": arguments.folder, **facts, "files": len(manifest.files) + 1})
    else:
        print_lines(
            [
                f"Đã ghi gói bằng chứng vào {arguments.folder}: {manifest.size} sự kiện, gốc cây "
                f"{manifest.root}.",
                f"Người nhận kiểm tra: python {arguments.folder}/kiem-tra.pyz {arguments.folder}",
            ]
        )
    return DONE


AUDIT_EXPORT = Command(
    name="audit export",
    help="xuất gói bằng chứng cho người ngoài",
    add_arguments=add_export_arguments,
    run=audit_export,
)


def add_witness_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the file."""
    parser.add_argument("file", type=Path, metavar="PHIẾU", help="tệp phiếu sẽ ghi")


def audit_witness(arguments: argparse.Namespace) -> int:
    """Write a witness file of the log as it stands."""
    station = station_of(arguments)
    with open_archive(station.archive) as archive:
        head = sign_head_now(station, archive)
        if head is None:
            print_lines([NO_EVENTS])
            return LOOK
        write_witness_file(station, archive, head, arguments.file)
    if wants_json(arguments):
        print_json({"file": arguments.file, "size": head.size, "root": head.root})
    else:
        print_lines([f"Đã ghi {arguments.file}. Hãy giữ ở nơi trạm không ghi được."])
    return DONE


AUDIT_WITNESS = Command(
    name="audit witness",
    help="ghi phiếu nhân chứng để giữ ở nơi khác",
    add_arguments=add_witness_arguments,
    run=audit_witness,
)
