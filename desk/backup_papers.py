"""The backup log and its minutes, in the forms of `config/backup_forms.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.backup_forms import BackupForms, load_backup_forms
from desk.csv_tables import csv_text
from desk.moments import show
from desk.station import Station
from storage.backup_log import BackupEntry

ACTS: Mapping[str, str] = {
    "backup": "sao lưu",
    "check": "đọc lại bản sao lưu",
    "restore": "khôi phục trạm",
    "mend": "khôi phục một tệp",
}
KINDS: Mapping[str, str] = {"full": "đầy đủ", "daily": "hằng ngày (phần mới)"}
_NOT_TOLD = "không ghi"
_UNVERIFIED = "Mẫu chưa đối chiếu được với {source}."


def forms_of(station: Station) -> BackupForms:
    """Return the forms of a station.

    Raises:
        SettingsError: the agency's own cannot be used.
    """
    return load_backup_forms(station.own_backup_forms)


def log_rows(entries: Sequence[BackupEntry], forms: BackupForms) -> list[list[str]]:
    """Return the lines of the log, in the form's columns."""
    return [[_facts(entry)[column.key] for column in forms.columns] for entry in entries]


def log_headings(forms: BackupForms) -> list[str]:
    """Return the headings of the form's columns."""
    return [column.heading for column in forms.columns]


def log_csv(entries: Sequence[BackupEntry], forms: BackupForms) -> str:
    """Return the log for a spreadsheet."""
    return csv_text(log_headings(forms), log_rows(entries, forms))


def write_minutes(entry: BackupEntry, station: Station) -> str:
    """Write the minutes of one act.

    Raises:
        SettingsError: the agency's own form cannot be used.
    """
    forms = forms_of(station)
    form = forms.minutes[entry.act]
    agency = station.settings.agency
    told = {**_facts(entry), "agency": agency.name, "agency_code": agency.code}
    note = f"\n{_UNVERIFIED.format(source=forms.source)}\n" if forms.unverified else ""
    signed = "\n{:<40}{}\n\n\n\n".format("Người thực hiện", "Người kiểm tra")
    return f"{form.title}\n\n{form.text.strip().format_map(told)}\n{signed}{note}"


def _facts(entry: BackupEntry) -> dict[str, str]:
    """Return what a form can tell, in words."""
    return {
        "number": str(entry.number),
        "at": show(entry.at),
        "act": ACTS[entry.act],
        "kind": KINDS.get(entry.kind or "", entry.kind or "") if entry.act == "backup" else "",
        "set": entry.set or _NOT_TOLD,
        "run": "" if entry.act == "mend" else entry.run or _NOT_TOLD,
        "medium": entry.medium or _NOT_TOLD,
        "records": _number(entry.records),
        "items": _number(entry.items),
        "bytes": _number(entry.bytes),
        "sha256": entry.sha256 or _NOT_TOLD,
        "actor": entry.actor,
        "result": _result(entry),
    }


def _number(told: int | None) -> str:
    return _NOT_TOLD if told is None else str(told)


def _result(entry: BackupEntry) -> str:
    if entry.error:
        return f"KHÔNG XONG ({entry.error})"
    return "tốt" if entry.is_good else f"CÓ {entry.bad} tệp hỏng, thiếu hoặc sai"
