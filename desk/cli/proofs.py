"""`hoso evidence`: what the checks before a paper's signatures rested on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines, print_table
from desk.exit_codes import DONE
from desk.moments import show_text
from desk.people import current_person
from desk.proofs import delete_proofs, save_proofs, signed_under, view_uses
from storage.archive import open_archive

_STATES = {
    "intended": "đang ký",
    "unknown": "CHƯA RÕ",
    "signed": "đã ký",
    "failed": "không ký được",
    "discarded": "đã ký, chữ ký bị bỏ",
    "again": "đã cho ký lại",
    "found": "đã ký, tệp do người nộp",
    "given_up": "thôi ký",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take whose signatures, and what shall become of the proofs."""
    parser.add_argument("code", metavar="MÃ", help="mã lưu trữ hoặc mã lượt nộp")
    parser.add_argument("--save", type=Path, metavar="THƯ-MỤC", help="ghi chứng thư, CRL, OCSP ra")
    parser.add_argument("--delete", action="store_true", help="xóa chứng thư, CRL, OCSP đã lưu")


def run(arguments: argparse.Namespace) -> int:
    """Show, save or delete what is kept of the checks before a paper's signatures."""
    with open_archive(station_of(arguments).archive) as archive:
        signed = signed_under(arguments.code, archive)
        shown = view_uses(signed, archive)
        saved = save_proofs(signed, arguments.save, archive) if arguments.save else []
        gone = delete_proofs(signed, archive, current_person()) if arguments.delete else 0
    if wants_json(arguments):
        print_json({"signatures": shown, "saved": saved, "deleted": gone})
        return DONE
    for use in shown:
        _print_use(use)
    print_lines(f"Đã ghi {path}" for path in saved)
    print_lines([f"Đã xóa {gone} bằng chứng; nhật ký giữ mã băm."] if arguments.delete else [])
    return DONE


def _print_use(use: dict[str, Any]) -> None:
    check = use["check"]
    title = f"{use['field']}: {_STATES[use['state']]}, {show_text(use['at'])}, {use['actor']}"
    lines = [title, f"  PDF trước khi ký {use['pdf_sha256']}", f"  khóa đã nhận {use['digest']}"]
    if check is not None:
        signer = check["signer"]
        lines += [
            f"  chứng thư {signer['cn']}, số {signer['serial']}, do {signer['issuer']} cấp",
            f"  hiệu lực {show_text(check['valid_from'])} – {show_text(check['valid_to'])}",
            f"  không bị thu hồi theo {check['revocation_source']} lúc "
            f"{show_text(check['revocation_time'])}; kiểm tra lúc {show_text(check['checked_at'])}",
        ]
    print_lines(lines)
    rows = [(proof["kind"], str(proof["size"]), proof["sha256"]) for proof in use["proofs"]]
    print_table("Bằng chứng đã lưu", ("Loại", "Byte", "SHA-256"), rows)


EVIDENCE = Command(
    name="evidence",
    help="bằng chứng kiểm tra chứng thư của các chữ ký",
    add_arguments=add_arguments,
    run=run,
)
