"""A station: one folder with trays, archive, trust anchors and settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings, load_settings
from desk.errors import StationNotFound

SETTINGS_FILE = "hoso.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A station's folders and settings."""

    root: Path
    settings: Settings

    @property
    def inbox(self) -> Path:
        """Where scans are dropped."""
        return self.root / self.settings.folders.inbox

    @property
    def work(self) -> Path:
        """Claimed scans."""
        return self.root / self.settings.folders.work

    @property
    def done(self) -> Path:
        """Signed copies and result slips."""
        return self.root / self.settings.folders.done

    @property
    def error(self) -> Path:
        """Scans that failed, with their reasons."""
        return self.root / self.settings.folders.error

    @property
    def confirm(self) -> Path:
        """Scans that wait for a person's answer."""
        return self.root / self.settings.folders.confirm

    @property
    def secret(self) -> Path:
        """Scans with a mark of secrecy; mode 0700."""
        return self.root / self.settings.folders.secret

    @property
    def archive(self) -> Path:
        """Objects, databases, tree heads."""
        return self.root / "archive"

    @property
    def people(self) -> Path:
        """Who may use the pages, and who is logged in."""
        return self.archive / "people.db"

    @property
    def trust(self) -> Path:
        """Trust anchors: `signers/` and `timestamping/`."""
        return self.root / "trust"

    @property
    def own_backup_forms(self) -> Path:
        """Forms of the backup log that the agency states itself; need not be there."""
        return self.root / self.settings.agency.tables / "backup_forms.toml"

    @property
    def own_indicators(self) -> Path:
        """Points and thresholds that the agency states itself; need not be there."""
        return self.root / self.settings.agency.tables / "indicators.toml"

    @property
    def own_classes(self) -> Path:
        """The agency's own kinds of paper; need not be there."""
        return self.root / self.settings.agency.tables / "classes.toml"

    @property
    def own_procedures(self) -> Path:
        """The agency's own procedures; need not be there."""
        return self.root / self.settings.agency.tables / "procedures.toml"

    @property
    def own_places(self) -> Path:
        """The agency's own places and offices; need not be there."""
        return self.root / self.settings.agency.tables / "places.toml"

    @property
    def own_retention(self) -> Path:
        """The agency's own terms of keeping; need not be there."""
        return self.root / self.settings.agency.tables / "retention.toml"

    @property
    def opinion(self) -> Path:
        """What was learned from papers that people named; learned anew where it is missing."""
        return self.archive / "opinion.bin"

    @property
    def key(self) -> Path:
        """The station's key for signed tree heads."""
        return self.root / "keys" / "station.pem"

    @property
    def status_page(self) -> Path:
        """The page that says the station is alive."""
        return self.root / "TRANG-THAI.html"

    @property
    def health(self) -> Path:
        """What the running engine said of itself last."""
        return self.archive / "health.json"

    @property
    def is_demo(self) -> bool:
        """Made by `hoso init --demo`."""
        return bool(self.settings.demo.authority)

    def relative(self, path: Path) -> str:
        """Write a path inside the station relative to it."""
        return path.relative_to(self.root).as_posix()


def find_station(start: Path) -> Path:
    """Return the nearest folder upwards that holds `hoso.toml`.

    Raises:
        StationNotFound: there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise StationNotFound(
        f"Không thấy {SETTINGS_FILE} ở «{start}» hay thư mục cha. "
        "Hãy chạy `hoso init THƯ-MỤC`, hoặc chỉ trạm bằng --station.",
        f"no {SETTINGS_FILE} here or above; run `hoso init DIR` or pass --station",
    )


def open_station(root: Path) -> Station:
    """Read a station's settings.

    Raises:
        SettingsError: they cannot be used.
    """
    return Station(root=root.resolve(), settings=load_settings(root / SETTINGS_FILE))
