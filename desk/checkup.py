"""Probe what a station stands on: programs, libraries, folders, key, anchors."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from config.telling import ToldError
from desk import startup
from desk.moments import now, show
from desk.station import Station
from digitize import ocr
from signing.signer import open_signer
from signing.trust import load_trust

_LIBRARIES = ("pikepdf", "pyhanko", "pdfplumber", "pytesseract", "sqlite-utils", "watchdog")
_MIN_FREE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    found: str
    """What was found, for people."""
    advice: str
    """What to do; empty where all is well."""


def check_machine() -> list[Check]:
    """Look at Python, Tesseract and the libraries."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    checks = [Check(name="Python", ok=sys.version_info >= (3, 11), found=python, advice="")]
    probed = ocr.probe()
    has_vietnamese = "vie" in probed.languages
    checks.append(
        Check(
            name="Tesseract",
            ok=has_vietnamese,
            found=f"{probed.version or 'chưa cài'} ({', '.join(probed.languages)})",
            advice="" if has_vietnamese else "cài gói tesseract-ocr và tesseract-ocr-vie",
        )
    )
    return checks + [_library(name) for name in _LIBRARIES]


def _library(name: str) -> Check:
    try:
        return Check(name=name, ok=True, found=version(name), advice="")
    except PackageNotFoundError:
        return Check(name=name, ok=False, found="chưa cài", advice=f"pip install {name}")


def check_station(station: Station) -> list[Check]:
    """Look at a station's folders, key and anchors; nothing is signed and nobody is asked."""
    free = shutil.disk_usage(station.root).free
    trays = (station.inbox, station.work, station.done, station.error, station.confirm)
    missing = [tray.name for tray in trays if not tray.is_dir()]
    return [
        Check(
            name="Thư mục",
            ok=not missing,
            found=str(station.root),
            advice=f"tạo lại: {', '.join(missing)}" if missing else "",
        ),
        Check(
            name="Chỗ trống",
            ok=free > _MIN_FREE_BYTES,
            found=f"{free / 1e9:.1f} GB",
            advice="" if free > _MIN_FREE_BYTES else "dọn ổ đĩa, hoặc dời kho sang ổ lớn hơn",
        ),
        _guarded("Chứng thư gốc", lambda: _anchors(station)),
        _guarded("Khóa cơ quan", lambda: _key(station)),
    ]


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except ToldError as error:
        return Check(name=name, ok=False, found="không dùng được", advice=error.vi)


def _anchors(station: Station) -> Check:
    store = load_trust(station.trust)
    counted = f"{len(store.signers)} cho chữ ký, {len(store.timestamping)} cho dấu thời gian"
    ok = bool(store.signers and store.timestamping)
    advice = "" if ok else f"đặt chứng thư gốc vào {station.trust}/signers và …/timestamping"
    return Check(name="Chứng thư gốc", ok=ok, found=counted, advice=advice)


def _key(station: Station) -> Check:
    key = startup.agency_key(station)
    if key is None:
        advice = "ghi [signing] key và passphrase trong hoso.toml"
        return Check(name="Khóa cơ quan", ok=False, found="chưa có", advice=advice)
    with open_signer(key) as signer:
        until = signer.certificate.not_valid_after
        ok = until > now()
        return Check(
            name="Khóa cơ quan",
            ok=ok,
            found=f"{signer.identity.cn}, hạn đến {show(until)}",
            advice="" if ok else "chứng thư đã hết hạn: xin cấp lại",
        )
