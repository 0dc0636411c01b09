"""The throw-away authority of the demo and the tests: certificates, lists, timestamps.

It answers on this computer's loopback address only, its keys are made new for each station, and
every name it writes says THỬ NGHIỆM, so that nothing signed with it can be taken for real.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import string
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from config.telling import ToldError
from signing.keys import write_ec_key, write_pkcs12, write_private, write_rsa_key
from signing.secrets import Secret

AGENCY = "agency"
OFFICERS = ("officer1", "officer2", "officer3")
BAD_SIGNERS = ("expired", "future", "revoked", "server")
LOOKALIKE = "lookalike"

_TEMPLATE = Path(__file__).parent / "authority" / "pki.yml.template"
_HOST = "127.0.0.1"
_RSA_BITS = {
    **dict.fromkeys(("root", "issuing", "ocsp", "tsa", "tsa2", "agency"), 2048),
    **{"rsa2048": 2048, "rsa3072": 3072, "lookalike": 2048},
}
_KEY_OF = {
    AGENCY: "agency",
    "officer1": "rsa2048",
    "officer2": "rsa3072",
    "officer3": "p256",
    **dict.fromkeys(BAD_SIGNERS, "rsa2048"),
}
# A list lives 30 days and begins an hour before the demo is made: a file signed today is still
# judged without a network next week.
_LIST_DAYS = 30
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_NOTE = (
    "Gốc tin cậy THỬ NGHIỆM, tạo ngày {day} cho trạm dùng thử này.\r\n"
    "Chỉ dùng để {purpose} trong bản dùng thử; không có giá trị pháp lý.\r\n"
    "Trạm chính thức: bỏ tệp này, thay bằng chứng thư gốc của cơ quan có thẩm quyền.\r\n"
)


class AuthorityError(ToldError):
    """The throw-away authority cannot be made or started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFiles:
    """Where a test signer's key lies.

    Attributes:
        pkcs12: The PKCS#12 file.
        passphrase: The file that holds its passphrase.
    """

    pkcs12: Path
    passphrase: Path


def key_files(folder: Path, name: str = AGENCY) -> KeyFiles:
    """Name the key files of a signer: agency, officer1…3, a bad one, or lookalike."""
    keys = folder / "signers"
    return KeyFiles(pkcs12=keys / f"{name}.p12", passphrase=keys / f"{name}.pass")


def create(folder: Path, *, port: int, at: datetime) -> None:
    """Make keys, certificates, signers' files and trust folders.

    Afterwards ``folder`` holds ``pki.yml``, ``keys/``, ``signers/`` (PKCS#12 with passphrase
    files), ``trust/signers/`` and ``trust/timestamping/``.

    Args:
        folder: Where to make it; it must not hold an authority yet.
        port: Port of the services, written into every certificate.
        at: Now, aware; validity periods are set around it.

    Raises:
        AuthorityError: certomancer is not installed, or it refuses the configuration.
        KeyMaterialError: A file exists already or cannot be written.
    """
    if find_spec("certomancer") is None:
        raise AuthorityError(
            "Thiếu phần mềm cho bản dùng thử. Hãy cài: pip install 'hoso[demo]'.",
            "the demo needs certomancer; install hoso[demo]",
        )
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _write_keys(folder / "keys")
    template = string.Template(_TEMPLATE.read_text(encoding="utf-8"))
    (folder / "pki.yml").write_text(
        template.substitute(_years_around(at), port=port), encoding="utf-8"
    )
    _issue_certificates(folder)
    _write_signers(folder)
    _write_trust(folder, at)


def _write_keys(keys: Path) -> None:
    keys.mkdir(mode=0o700, exist_ok=True)
    for name, bits in _RSA_BITS.items():
        write_rsa_key(keys / f"{name}.pem", bits)
    write_ec_key(keys / "p256.pem")


def _years_around(at: datetime) -> dict[str, str]:
    start = at.astimezone(UTC).replace(microsecond=0) - timedelta(hours=1)
    moments = {
        "ca_from": start - timedelta(days=_LIST_DAYS * 36),
        "ca_to": start + timedelta(days=365 * 18),
        "from": start - timedelta(days=90),
        "to": start + timedelta(days=365 * 3),
        "past_from": start - timedelta(days=800),
        "past_to": start - timedelta(days=70),
        "future_from": start + timedelta(days=365),
        "revoked_since": start - timedelta(days=10),
    }
    return {name: f"{moment:%Y-%m-%dT%H:%M:%S+0000}" for name, moment in moments.items()}


def _issue_certificates(folder: Path) -> None:
    for architecture in ("congvu", "lookalike"):
        command = [sys.executable, "-m", "certomancer", "--config", "pki.yml"]
        command += ["mass-summon", "--no-pfx", "--flat", architecture, f"certs/{architecture}"]
        (folder / "certs").mkdir(exist_ok=True)
        # Our own interpreter, our own arguments, no shell.
        run = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=120
        )
        if run.returncode != 0:
            raise AuthorityError(
                f"Không tạo được chứng thư thử nghiệm trong {folder}. Hãy xóa thư mục và làm lại.",
                f"cannot issue test certificates in {folder}: {run.stderr[-500:]}",
            )


def _write_signers(folder: Path) -> None:
    (folder / "signers").mkdir(mode=0o700)
    for name, key in _KEY_OF.items():
        _write_signer(folder, name, key, folder / "certs" / "congvu")
    _write_signer(folder, LOOKALIKE, "agency", folder / "certs" / "lookalike")


def _write_signer(folder: Path, name: str, key: str, certificates: Path) -> None:
    subject = AGENCY if name == LOOKALIKE else name
    passphrase = secrets.token_urlsafe(24)
    files = key_files(folder, name)
    chain = [certificates / f"{label}.cert.pem" for label in (subject, "issuing", "root")]
    write_pkcs12(files.pkcs12, folder / "keys" / f"{key}.pem", chain, Secret(passphrase))
    write_private(files.passphrase, passphrase.encode())


def _write_trust(folder: Path, at: datetime) -> None:
    purposes = {
        "signers": ("kiểm tra chữ ký", ("root",)),
        "timestamping": ("kiểm tra dấu thời gian", ("root",)),
        # A browser shows its own certificate alone: what lies between must be here.
        "login": ("đăng nhập trang web", ("root", "issuing")),
    }
    names = {"root": "goc-thu-nghiem", "issuing": "trung-gian-thu-nghiem"}
    for subfolder, (purpose, certificates) in purposes.items():
        trust = folder / "trust" / subfolder
        trust.mkdir(parents=True)
        note = _NOTE.format(day=f"{at:%d/%m/%Y}", purpose=purpose)
        for certificate in certificates:
            made = folder / "certs" / "congvu" / f"{certificate}.cert.pem"
            shutil.copyfile(made, trust / f"{names[certificate]}.pem")
            (trust / f"{names[certificate]}.txt").write_bytes(b"\xef\xbb\xbf" + note.encode())


class Services:
    """The running authority: revocation lists, OCSP and timestamps; a context manager.

    Args:
        folder: A folder made by ``create``.

    Raises:
        AuthorityError: On entering: no authority there, its port is taken, or it does not answer.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._server: subprocess.Popen[bytes] | None = None
        self.port = _port_of(folder)

    @property
    def timestamp_url(self) -> str:
        """Address of the first timestamp authority."""
        return f"http://{_HOST}:{self.port}/congvu/tsa/tsa"

    @property
    def timestamp_url_2(self) -> str:
        """Address of the second timestamp authority, whose certificate lives longer."""
        return f"http://{_HOST}:{self.port}/congvu/tsa/tsa2"

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts that must be allowed for revocation data."""
        return frozenset({f"{_HOST}:{self.port}"})

    def __enter__(self) -> Self:
        if not _becomes_free(self.port):
            raise AuthorityError(
                f"Cổng {self.port} đang bận. Hãy dừng chương trình đang dùng cổng này.",
                f"port {self.port} is taken; stop the program that uses it",
            )
        with (self._folder / "services.log").open("wb") as log:
            # Our own interpreter and module, no shell; its own group, so that Ctrl-C reaches us.
            self._server = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "desk.demo.pki", str(self._folder), str(self.port)],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the services; a second call changes nothing."""
        server, self._server = self._server, None
        if server is None:
            return
        if server.stdin is not None:
            server.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._server is None or self._server.poll() is not None:
                break
            # Asking for the lists also has them made before somebody waits for them.
            if all(_answers(self.port, f"/congvu/crls/{name}/latest.crl") for name in _LISTS):
                return
            time.sleep(0.1)
        raise AuthorityError(
            f"Dịch vụ chứng thực thử nghiệm không khởi động được. Xem {self._folder}/services.log.",
            f"the test authority does not answer; see {self._folder}/services.log",
        )


_LISTS = ("root", "issuing")


def _port_of(folder: Path) -> int:
    try:
        text = (folder / "pki.yml").read_text(encoding="utf-8")
    except OSError as error:
        raise AuthorityError(
            f"Không có cơ quan chứng thực thử nghiệm trong {folder}. Hãy tạo lại bản dùng thử.",
            f"no test authority in {folder}; make the demo again",
        ) from error
    return int(text.partition(f"http://{_HOST}:")[2].partition('"')[0])


def _becomes_free(port: int) -> bool:
    """Tell whether a port is free, or is given up within seconds by services just told to end."""
    until = time.monotonic() + _STOP_SECONDS
    while not _is_free(port):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(_HOST, port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _serve(folder: Path, port: int) -> None:
    # Here, not at the top: a station without the demo extra may import this module.
    from certomancer.integrations.aiohttp_animator import build_animator_app, run_animator_app
    from certomancer.registry import CertomancerConfig

    threading.Thread(target=_end_with_parent, daemon=True).start()
    configuration = CertomancerConfig.from_file(
        str(folder / "pki.yml"), key_search_dir=str(folder), config_search_dir=str(folder)
    )
    application = build_animator_app(configuration.pki_archs, with_web_ui=False)
    run_animator_app(application, host=_HOST, port=port)


def _end_with_parent() -> None:
    """A parent that dies without a word closes the pipe: end too, and free the port."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
