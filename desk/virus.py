"""Ask clamd whether a claimed scan is clean, before anything else opens it.

The protocol is clamd's INSTREAM: the file goes over the socket, so the scanner needs no right to
read the trays, and may run on another machine. Where no scanner is named the record says so; where
one is named nothing goes on without its answer.
"""

from __future__ import annotations

import hashlib
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.vocabulary import EventType
from desk.endings import Held
from desk.errors import InfectedFile, ScannerUnavailable, VirusCheckRefused
from desk.moments import now
from desk.services import Services
from desk.stages import event
from storage.archive import Archive
from storage.submissions import Outcome, Reason, Submission, SubmissionState

WAITS = "virus_scanner"
NOT_CHECKED = "not_checked"
_STAGE = "virus"
# A scan of 500 MB takes clamd some tens of seconds.
_SECONDS = 120.0
_CHUNK_BYTES = 1 << 18
_MAX_ANSWER_BYTES = 1 << 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the scanner said of a file."""

    found: str | None
    """Name of what was found; None for a clean file."""
    engine: str
    """Program, and version and day of its definitions, as it names itself."""
    sha256: str
    """Of the bytes that it was given, hex."""


def require_clean(item: Submission, services: Services) -> None:
    """Have a claimed file checked, once, where the station has a scanner.

    Raises:
        InfectedFile: something was found.
        VirusCheckRefused: the scanner will not check this file.
        Held: the scanner cannot be asked; the file waits in work.
    """
    address = services.station.settings.intake.virus_scanner
    ledger = services.archive.ledger
    if not address or ledger.outcome(item.id, 0, _STAGE) is not None:
        return
    ledger.begin_attempt(item.id, _STAGE, now())
    try:
        verdict = check(services.station.root / item.tray_path, address)
    except ScannerUnavailable as error:
        reason = Reason(code="virus_scanner", vi=error.vi, en=error.en)
        raise Held(SubmissionState.IN_WORK, reason) from error
    detail = {"engine": verdict.engine, "sha256": verdict.sha256}
    if verdict.found is not None:
        told = {**detail, "found": verdict.found}
        services.archive.events.append(
            event(EventType.VIRUS_CHECK, item, outcome="failure", detail=told)
        )
        raise InfectedFile(
            f"Tệp «{item.name}» có mã độc ({verdict.found}). Đừng mở tệp này; hãy báo người quản "
            "trị. Tệp được giữ nguyên, không gì của nó vào kho.",
            f"malware in the file: {verdict.found}. Do not open it, tell the administrator; "
            "nothing of it is in the archive",
        )
    ledger.record_outcome(
        Outcome(submission_id=item.id, paper=0, stage="virus", body=detail),
        event(EventType.VIRUS_CHECK, item, detail=detail),
    )


def note(submission_id: str, sha256: str, services: Services) -> str:
    """Return what a record says: `clean <engine>` for these very bytes, or `not_checked`."""
    checked = services.archive.ledger.outcome(submission_id, 0, _STAGE)
    if checked is None or checked["sha256"] != sha256:
        return NOT_CHECKED
    return f"clean {checked['engine']}"


def unchecked(archive: Archive) -> Reason | None:
    """Return why scans wait for the scanner; None where none does."""
    return archive.ledger.reason_in(SubmissionState.IN_WORK, WAITS)


def check(path: Path, address: str, seconds: float = _SECONDS) -> Verdict:
    """Send a file to clamd and return its verdict.

    Args:
        path: the file.
        address: path of a unix socket, or `host:port`.
        seconds: longest wait for one answer.

    Raises:
        ScannerUnavailable: it is down, slow, or does not speak the protocol.
        VirusCheckRefused: it will not check this file.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as stream:
        try:
            engine = _ask(address, seconds)
            with _connect(address, seconds) as line:
                sha256 = _send(stream, line)
                answer = _answer(line)
        except (OSError, ValueError) as error:
            raise _unavailable(address, str(error)) from error
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return Verdict(found=None, engine=engine, sha256=sha256)
    if said.endswith(" FOUND"):
        return Verdict(found=said.removesuffix(" FOUND"), engine=engine, sha256=sha256)
    if "ERROR" in said:
        raise VirusCheckRefused(
            f"Trình quét mã độc không kiểm tra được «{path.name}»: {said}. Hãy báo người quản trị "
            "(StreamMaxLength trong clamd.conf), rồi thả lại.",
            f"the virus scanner refuses the file: {said}; see StreamMaxLength in clamd.conf",
        )
    raise _unavailable(address, f"unknown answer {said[:80]!r}")


def _connect(address: str, seconds: float) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(seconds)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)


def _ask(address: str, seconds: float) -> str:
    with _connect(address, seconds) as line:
        line.sendall(b"zVERSION\0")
        version = _answer(line)
    if not version:
        raise ValueError("no version")
    return version


def _send(stream: IO[bytes], line: socket.socket) -> str:
    digest = hashlib.sha256()
    try:
        line.sendall(b"zINSTREAM\0")
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            line.sendall(struct.pack("!I", len(chunk)) + chunk)
        line.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # It answers before the end where the file is too long for it; the answer says so.
        return ""
    return digest.hexdigest()


def _answer(line: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0"):
        more = line.recv(_MAX_ANSWER_BYTES)
        if not more or len(answer) > _MAX_ANSWER_BYTES:
            raise ValueError("the answer was cut off")
        answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _unavailable(address: str, why: str) -> ScannerUnavailable:
    return ScannerUnavailable(
        f"Chưa kiểm tra mã độc được: trình quét ở {address} không trả lời ({why}). Tệp chờ và được "
        "thử lại; hãy báo người quản trị nếu vẫn vậy.",
        f"the virus scanner at {address} does not answer ({why}); it waits and is tried again",
    )
