"""Scans are checked for malware before anything else opens them; never silently unchecked."""

from __future__ import annotations

import hashlib
import shutil
import socket
import socketserver
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.vocabulary import EventType
from desk import virus
from desk.errors import ScannerUnavailable, VirusCheckRefused
from desk.status import measure_status
from storage.submissions import SubmissionState
from tests.desk.conftest import SmallStation

# What the scanners of this test are told to find; no real malware, not even its test file.
MARK = b"HOSO-THU-NGHIEM-MA-DOC"
MAX_BYTES = 1 << 20


class SpeakingScanner(socketserver.ThreadingTCPServer):
    """Speaks clamd's protocol on the loopback address, for machines without clamd."""

    allow_reuse_address = True
    daemon_threads = True

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Speaking(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zVERSION\0":
            self.wfile.write(b"ClamAV 0.0 THU NGHIEM\0")
            return
        data = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
            if len(data) > MAX_BYTES:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        found = MARK in data
        self.wfile.write(b"stream: Thu-Nghiem.UNOFFICIAL FOUND\0" if found else b"stream: OK\0")


@contextmanager
def speaking(port: int = 0) -> Iterator[str]:
    with SpeakingScanner(("127.0.0.1", port), _Speaking) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.address
        server.shutdown()
        thread.join()


@contextmanager
def clamd(folder: Path) -> Iterator[str]:
    """Run a real clamd with one signature of our own, on a unix socket."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if program is None:
        pytest.skip("clamd is not installed")
    database, line = folder / "db", folder / "clamd.sock"
    database.mkdir()
    (database / "thu-nghiem.ndb").write_text(f"Thu-Nghiem:0:*:{MARK.hex()}\n", encoding="ascii")
    settings = folder / "clamd.conf"
    settings.write_text(
        f"Foreground yes\nLocalSocket {line}\nDatabaseDirectory {database}\nStreamMaxLength 1M\n"
        f"TemporaryDirectory {folder}\n",
        encoding="utf-8",
    )
    command = [program, "--config-file", str(settings)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 20
        while not line.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        try:
            yield str(line)
        finally:
            running.terminate()


@pytest.fixture(params=["clamd", "speaking"])
def scanner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "s"
    folder.mkdir()
    with clamd(folder) if request.param == "clamd" else speaking() as address:
        yield address


def test_a_file_is_clean_or_named(scanner: str, tmp_path: Path) -> None:
    clean, bad = tmp_path / "a.pdf", tmp_path / "b.pdf"
    clean.write_bytes(b"%PDF-1.7 " * 50_000)
    bad.write_bytes(b"%PDF-1.7 " + MARK)
    verdict = virus.check(clean, scanner)
    assert verdict.found is None
    assert verdict.engine.startswith("ClamAV ")
    assert verdict.sha256 == hashlib.sha256(clean.read_bytes()).hexdigest()
    assert virus.check(bad, scanner).found == "Thu-Nghiem.UNOFFICIAL"


def test_a_file_that_is_too_long_for_the_scanner_is_not_called_clean(
    scanner: str, tmp_path: Path
) -> None:
    long = tmp_path / "dài.pdf"
    long.write_bytes(b"x" * (4 * MAX_BYTES))
    with pytest.raises((VirusCheckRefused, ScannerUnavailable)):
        virus.check(long, scanner)


@pytest.mark.parametrize("address", ["127.0.0.1:9", "/nonexistent/clamd.sock", "no-port", "a:b"])
def test_a_scanner_that_is_down_is_named(address: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x")
    with pytest.raises(ScannerUnavailable) as caught:
        virus.check(path, address)
    assert address in caught.value.vi


def test_a_slow_scanner_is_not_waited_for_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ScannerUnavailable):
            virus.check(path, address, seconds=0.2)


def test_scans_wait_for_a_scanner_that_is_down_and_go_on_when_it_is_back(
    small: SmallStation,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    small.set(intake={"virus_scanner": f"127.0.0.1:{port}"})
    (small.station.inbox / "bang-tinh.xlsx").write_bytes(b"PK\x03\x04 not a scan")
    (small.station.inbox / "ma-doc.xlsx").write_bytes(b"PK\x03\x04" + MARK)
    endings = small.run()
    assert {ending.state for ending in endings} == {SubmissionState.IN_WORK}
    assert all(ending.needs_person for ending in endings)
    assert "ma-doc.xlsx.DANG-CHO.txt" in small.files(small.station.work)
    with small.archive() as archive:
        alarms = measure_status(small.station, archive).alarms
        assert [alarm.code for alarm in alarms] == [virus.WAITS]
    with speaking(port):
        endings = small.run()
    reasons = {ending.name: ending.reason and ending.reason.code for ending in endings}
    assert reasons == {"bang-tinh.xlsx": "UnsupportedType", "ma-doc.xlsx": "InfectedFile"}
    assert "ma-doc.xlsx" in small.files(small.station.error)
    with small.archive() as archive:
        checks = [e for e in archive.events.events() if e.type is EventType.VIRUS_CHECK]
        assert sorted(event.outcome for event in checks) == ["failure", "success"]
        (clean,) = [event for event in checks if event.outcome == "success"]
        assert measure_status(small.station, archive).alarms == ()
        sha256 = hashlib.sha256(b"PK\x03\x04 not a scan").hexdigest()
        outcome = archive.ledger.outcome(clean.object, 0, "virus")
    assert outcome == {"engine": "ClamAV 0.0 THU NGHIEM", "sha256": sha256}
