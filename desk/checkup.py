"""Probe what a station stands on: programs, libraries, engine, folders, key, anchors."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from config.settings import ReadingSettings
from config.telling import ToldError
from desk import reading_checks, startup
from desk.moments import now, show
from desk.station import Station
from digitize import ocr
from digitize.ocr import Engine, EngineProbe
from signing.key_names import Pkcs11Key, RemoteKey, needs_person, shown_name
from signing.signer import open_signer
from signing.tokens import list_tokens
from signing.trust import load_trust

_LIBRARIES = ("pikepdf", "pyhanko", "pdfplumber", "pytesseract", "sqlite-utils", "watchdog")
_MIN_FREE_BYTES = 2_000_000_000
# The 65,536 folders of the store, and the files of some 40,000 papers.
_MIN_FREE_FILES = 200_000


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
            found=reading_checks.describe_tesseract(probed),
            advice="" if has_vietnamese else "cài gói tesseract-ocr và tesseract-ocr-vie",
        )
    )
    checks.append(_guarded("tesserocr", lambda: _fast_engine(probed)))
    return checks + [_library(name) for name in _LIBRARIES]


def _fast_engine(probed: EngineProbe) -> Check:
    advice = "" if probed.fast_version else "muốn đọc nhanh hơn thì cài thêm hoso[fast]"
    found = reading_checks.describe_fast_engine(probed)
    return Check(name="tesserocr", ok=True, found=found, advice=advice)


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
        check_files(station.archive if station.archive.is_dir() else station.root),
        check_reading(station.settings.reading),
        _guarded("Chứng thư gốc", lambda: _anchors(station)),
        _guarded("Khóa cơ quan", lambda: _key(station)),
    ]


def check_files(folder: Path) -> Check:
    """Look how many files a disk still takes: one may be full of files, not of bytes.

    ext4 fixes that number when it is made; file systems that know none say 0 of 0.

    Args:
        folder: On the disk in question.
    """
    disk = os.statvfs(folder)
    ok = disk.f_files == 0 or disk.f_favail >= _MIN_FREE_FILES
    return Check(
        name="Số tệp còn tạo được",
        ok=ok,
        found=f"{disk.f_favail:,}".replace(",", ".") if disk.f_files else "không giới hạn",
        advice="" if ok else "dời kho sang ổ đĩa được định dạng cho nhiều tệp hơn (mkfs.ext4 -N)",
    )


def check_reading(settings: ReadingSettings) -> Check:
    """Look at what reads this station's pages: its engine, and the trained data it is given."""
    probed = ocr.probe(settings.tessdata)
    missing = reading_checks.missing_languages(probed, settings)
    has_engine = settings.engine != Engine.TESSEROCR or probed.fast_version is not None
    advice = [] if has_engine else ['cài hoso[fast], hoặc ghi [reading] engine = "pytesseract"']
    if missing:
        folder = settings.tessdata or probed.tessdata or "máy này"
        advice.append(f"thiếu dữ liệu {', '.join(missing)} trong {folder}")
    return Check(
        name="Đọc chữ",
        ok=not advice,
        found=f"{settings.engine}, {settings.languages}, dữ liệu {probed.tessdata or 'không thấy'}",
        advice="; ".join(advice),
    )


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
    if ok and store.unpinned and not station.is_demo:
        names = ", ".join(path.name for path in store.unpinned)
        advice = f"so mã SHA-256 rồi ghi vào tệp ghi chú .txt bên cạnh: {names}"
    return Check(name="Chứng thư gốc", ok=ok, found=counted, advice=advice)


def _key(station: Station) -> Check:
    key = startup.agency_key(station)
    if key is None:
        advice = "ghi [signing] key và passphrase trong hoso.toml"
        return Check(name="Khóa cơ quan", ok=False, found="chưa có", advice=advice)
    if isinstance(key, Pkcs11Key):
        return _token(key)
    if needs_person(key) or isinstance(key, RemoteKey):
        # Nobody is asked, and no try of a token's PIN is spent, to look around.
        found = f"{shown_name(key)}; chưa mở: cần người nhập PIN"
        return Check(name="Khóa cơ quan", ok=True, found=found, advice="")
    with open_signer(key) as signer:
        until = signer.certificate.not_valid_after
        ok = until > now()
        return Check(
            name="Khóa cơ quan",
            ok=ok,
            found=f"{signer.identity.cn}, hạn đến {show(until)}",
            advice="" if ok else "chứng thư đã hết hạn: xin cấp lại",
        )


def _token(key: Pkcs11Key) -> Check:
    """Look at a token as it shows itself without a PIN."""
    present = list_tokens(key.module)
    state = next((item for item in present if item.is_meant(key.token, key.serial)), None)
    if state is None:
        seen = ", ".join(f"«{item.label}»" for item in present) or "không có token nào"
        return Check(
            name="Khóa cơ quan",
            ok=False,
            found=f"đang cắm: {seen}",
            advice=f"cắm {shown_name(key)} vào máy này",
        )
    advice = ""
    if state.is_locked:
        advice = "token đã bị khóa: liên hệ đơn vị quản lý chứng thư"
    elif state.is_last_try or state.is_low:
        advice = "PIN đã bị nhập sai: người giữ token nhập đúng một lần bằng hoso sign"
    return Check(
        name="Khóa cơ quan",
        ok=not advice,
        found=f"token «{state.label}» của {state.maker}, số {state.serial}",
        advice=advice,
    )
