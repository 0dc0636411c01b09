"""Make a station: folders, settings, keys; nothing that exists is ever overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings, render_settings
from desk import startup, trays
from desk.cover_keys import ensure_cover_key
from desk.errors import StationExists
from desk.stages import ACTOR
from desk.station import SETTINGS_FILE, Station, open_station
from storage.archive import open_archive
from storage.heads import create_key

_ANCHOR_NOTE = """Đặt chứng thư gốc tin cậy (PEM hoặc DER) vào thư mục này, mỗi chứng thư kèm
một tệp ghi chú cùng tên (.txt): lấy ở đâu, ai kiểm tra, vân tay SHA-256 đối chiếu với nguồn nào.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """What `hoso init` made."""

    station: Station
    public_key: Path
    """Public key of the signed tree heads; hand a copy to whoever shall audit the station."""


def found_station(root: Path, settings: Settings) -> Founded:
    """Make a station in a new or empty folder.

    Raises:
        StationExists: the folder is a station, or holds other files.
    """
    if root.exists() and any(root.iterdir()):
        raise StationExists(
            f"Thư mục «{root}» không trống. Hãy chọn một thư mục mới cho trạm.",
            f"{root} is not empty; choose a new folder",
        )
    root.mkdir(parents=True, exist_ok=True)
    (root / SETTINGS_FILE).write_text(render_settings(settings), encoding="utf-8")
    station = open_station(root)
    for tray in (station.inbox, station.work, station.done, station.error, station.confirm):
        tray.mkdir()
    station.secret.mkdir(mode=0o700)
    for purpose in ("signers", "timestamping"):
        folder = station.trust / purpose
        folder.mkdir(parents=True)
        trays.write_slip(folder / "DOC-TOI.txt", _ANCHOR_NOTE)
    station.key.parent.mkdir(mode=0o700)
    create_key(station.key)
    with open_archive(station.archive) as archive:
        ensure_cover_key(station, archive, actor=ACTOR)
        startup.note_settings(station, archive)
        startup.sign_log(station, archive)
    return Founded(station=station, public_key=station.key.with_name("station.pub"))
