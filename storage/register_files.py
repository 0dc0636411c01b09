"""Register files from the one-stop system: JSON or CSV, described in docs/register.md."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rapidfuzz import process

from storage.errors import RegisterFileError
from storage.register import (
    Dossier,
    ExpectedComponent,
    Procedure,
    ProcedureResult,
    RegisterBatch,
    ResultStatus,
)

_VIETNAMESE_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
# What a one-stop system can say of a component's case; the others show on the paper.
COMPONENT_CASES = ("earlier_result", "sector_law", "listed", "opinion", "shown", "shared")
_STATUSES: dict[str, ResultStatus] = {"": "", "valid": "", "revoked": "revoked"}
_DIGITS = 7
_TRUE = {"1", "true", "yes", "x", "có", "bắt buộc"}
_FALSE = {"0", "false", "no", "", "không"}

# Key -> is it required, for each kind of entry.
_PROCEDURE = {"code": True, "title": True, "sector": False, "result_classes": False}
_COMPONENT = {
    "class_code": True,
    "name": True,
    "required": False,
    "case": False,
    "type_code": False,
}
_DOSSIER = {
    "code": True,
    "title": True,
    "procedure_code": True,
    "agency_code": True,
    "agency_name": False,
    "applicant": False,
    "received_at": False,
    "due_at": False,
    "settled_at": False,
    "status": False,
    "reused_components": False,
    "portal_components": False,
    "synced_at": False,
    "citizen_data": False,
    "electronic_result": False,
}
_RESULT = {
    "dossier_code": True,
    "ordinal": True,
    "class_code": True,
    "title": False,
    "number": False,
    "issue_date": False,
    "issuing_body": False,
    "holder": False,
    "status": False,
    "replaces": False,
    "type_code": False,
}
_KINDS: dict[str, dict[str, bool]] = {
    "procedure": _PROCEDURE,
    "component": {"procedure_code": True, **_COMPONENT},
    "dossier": _DOSSIER,
    "result": _RESULT,
}
COLUMNS = tuple(dict.fromkeys(("kind", *(column for keys in _KINDS.values() for column in keys))))


def read_register(path: Path) -> RegisterBatch:
    """Read a register file; the ending `.json` or `.csv` names the format.

    Raises:
        RegisterFileError: The file is missing or wrong; the message names the place.
    """
    readers: dict[str, Callable[[Path, str], RegisterBatch]] = {
        ".json": _read_json,
        ".csv": _read_csv,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise _wrong(
            f"{path}", "đuôi tệp phải là .json hoặc .csv", "the name must end in .json or .csv"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _wrong(f"{path}", "không mở được tệp", "the file cannot be opened") from error
    except UnicodeDecodeError as error:
        raise _wrong(
            f"{path}, byte {error.start}",
            "không phải UTF-8; hãy lưu lại bằng mã UTF-8",
            "not UTF-8; save the file as UTF-8",
        ) from error
    return reader(path, unicodedata.normalize("NFC", text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One object of a JSON file or one line of a CSV file."""

    place: str
    """File with line or path, for messages."""
    values: Mapping[str, Any]
    """Values by key."""

    def check(self, keys: Mapping[str, bool], extra: Iterable[str] = ()) -> None:
        known = [*keys, *extra]
        for key in self.values:
            if key not in known:
                raise _unknown(self.place, key, known)
        for key, is_required in keys.items():
            if is_required and not self.text(key):
                raise _wrong(self.place, f"thiếu «{key}»", f"`{key}` is missing")

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str | int):
            raise _wrong(self.place, f"«{key}» phải là chữ", f"`{key}` must be text")
        # Again, though the file was normalised: JSON escapes can hide decomposed text.
        return unicodedata.normalize("NFC", str(value)).strip()

    def day(self, key: str) -> date | None:
        text = self.text(key)
        if not text:
            return None
        match = _VIETNAMESE_DAY.fullmatch(text)
        try:
            if match:
                day, month, year = map(int, match.groups())
                return date(year, month, day)
            return date.fromisoformat(text)
        except ValueError as error:
            raise _wrong(
                self.place,
                f"«{key}» = {text!r} không phải ngày; viết 2026-11-21 hoặc 21/11/2026",
                f"`{key}` = {text!r} is no date; write 2026-11-21 or 21/11/2026",
            ) from error

    def number(self, key: str) -> int:
        text = self.text(key)
        if not (text.isascii() and text.isdecimal() and int(text) > 0):
            raise _wrong(
                self.place,
                f"«{key}» = {text!r} phải là số nguyên từ 1",
                f"`{key}` = {text!r} must be a whole number from 1",
            )
        return int(text)

    def count(self, key: str) -> int | None:
        text = self.text(key)
        if text and not (text.isascii() and text.isdecimal() and len(text) < _DIGITS):
            raise _wrong(
                self.place,
                f"«{key}» = {text!r} phải là số nguyên từ 0, hoặc để trống",
                f"`{key}` = {text!r} must be a whole number from 0, or empty",
            )
        return int(text) if text else None

    def said(self, key: str) -> bool | None:
        value = self.values.get(key)
        return None if value is None or value == "" else self.flag(key, default=False)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key)
        if value is None or value == "":
            return default
        text = str(value).strip().lower()
        if text not in _TRUE | _FALSE:
            raise _wrong(
                self.place,
                f"«{key}» = {text!r} phải là true hoặc false",
                f"`{key}` = {text!r} must be true or false",
            )
        return text in _TRUE

    def choice(self, key: str, known: Iterable[str]) -> str:
        text = self.text(key).lower()
        if text and text not in known:
            raise _unknown(self.place, text, known)
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(unicodedata.normalize("NFC", item).strip() for item in value)
        return tuple(self.text(key).replace("|", " ").split())


def _read_json(path: Path, text: str) -> RegisterBatch:
    try:
        table = json.loads(text)
    except json.JSONDecodeError as error:
        raise _wrong(
            f"{path}, dòng/line {error.lineno}",
            f"không phải JSON: {error.msg}",
            f"not JSON: {error.msg}",
        ) from error
    groups = ("procedures", "dossiers", "results")
    top = _json_entry(path, "$", table)
    for key in top.values:
        if key not in groups:
            raise _unknown(f"{path}, {top.place}", key, groups)
    procedures, dossiers, results = (
        list(_json_list(path, f"$.{group}", top.values.get(group, []))) for group in groups
    )
    return RegisterBatch(
        procedures=tuple(_json_procedure(path, entry) for entry in procedures),
        dossiers=tuple(_dossier(entry) for entry in dossiers),
        results=tuple(_result(entry) for entry in results),
    )


def _json_entry(path: Path, where: str, value: object) -> _Entry:
    place = f"{path}, {where}"
    if not isinstance(value, dict):
        raise _wrong(place, "phải là một đối tượng {…}", "must be an object {…}")
    return _Entry(place=place, values=value)


def _json_list(path: Path, where: str, value: object) -> Iterable[_Entry]:
    if not isinstance(value, list):
        raise _wrong(f"{path}, {where}", "phải là một danh sách […]", "must be a list […]")
    return (_json_entry(path, f"{where}[{index}]", item) for index, item in enumerate(value))


def _json_procedure(path: Path, entry: _Entry) -> Procedure:
    where = entry.place.removeprefix(f"{path}, ")
    listed = entry.values.get("components", [])
    components = list(_json_list(path, f"{where}.components", listed))
    for component in components:
        component.check(_COMPONENT)
    return _procedure(entry, components, extra=("components",))


def _read_csv(path: Path, text: str) -> RegisterBatch:
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [column.strip() for column in reader.fieldnames or ()]
    reader.fieldnames = columns
    for column in columns:
        if column not in COLUMNS:
            raise _unknown(f"{path}, dòng/line 1", column, COLUMNS)
    if not columns or columns[0] != "kind":
        raise _wrong(
            f"{path}, dòng/line 1", "cột đầu phải là «kind»", "the first column must be `kind`"
        )
    groups: dict[str, list[_Entry]] = {kind: [] for kind in _KINDS}
    for row in reader:
        place = f"{path}, dòng/line {reader.line_num}"
        if any(value for value in row.values()):
            groups[_kind(place, row)].append(_csv_entry(place, row))
    return _csv_batch(groups)


def _kind(place: str, row: Mapping[str | None, Any]) -> str:
    kind = str(row["kind"] or "").strip()
    if kind not in _KINDS:
        raise _unknown(place, kind, _KINDS)
    return kind


def _csv_entry(place: str, row: Mapping[str | None, Any]) -> _Entry:
    if None in row:
        raise _wrong(place, "có nhiều ô hơn số cột", "there are more cells than columns")
    kind = _kind(place, row)
    # A cell of a column that this kind does not have is empty; a filled one is a mistake.
    values = {key: value for key, value in row.items() if key and key != "kind" and value}
    entry = _Entry(place=place, values=values)
    entry.check(_KINDS[kind])
    return entry


def _csv_batch(groups: Mapping[str, list[_Entry]]) -> RegisterBatch:
    codes = {entry.text("code") for entry in groups["procedure"]}
    for component in groups["component"]:
        if component.text("procedure_code") not in codes:
            raise _wrong(
                component.place,
                f"không có dòng procedure với mã {component.text('procedure_code')}",
                f"no procedure line has the code {component.text('procedure_code')}",
            )
    return RegisterBatch(
        procedures=tuple(
            _procedure(
                entry,
                [
                    component
                    for component in groups["component"]
                    if component.text("procedure_code") == entry.text("code")
                ],
            )
            for entry in groups["procedure"]
        ),
        dossiers=tuple(_dossier(entry) for entry in groups["dossier"]),
        results=tuple(_result(entry) for entry in groups["result"]),
    )


def _procedure(entry: _Entry, components: Iterable[_Entry], extra: Iterable[str] = ()) -> Procedure:
    entry.check(_PROCEDURE, extra)
    return Procedure(
        code=entry.text("code"),
        title=entry.text("title"),
        sector=entry.text("sector"),
        components=tuple(
            ExpectedComponent(
                class_code=component.text("class_code"),
                name=component.text("name"),
                required=component.flag("required", default=True),
                case=component.choice("case", COMPONENT_CASES),
                type_code=component.text("type_code"),
            )
            for component in components
        ),
        result_classes=entry.texts("result_classes"),
    )


def _dossier(entry: _Entry) -> Dossier:
    entry.check(_DOSSIER)
    return Dossier(
        code=entry.text("code"),
        title=entry.text("title"),
        procedure_code=entry.text("procedure_code"),
        agency_code=entry.text("agency_code"),
        agency_name=entry.text("agency_name"),
        applicant=entry.text("applicant"),
        received_at=entry.day("received_at"),
        due_at=entry.day("due_at"),
        settled_at=entry.day("settled_at"),
        status=entry.text("status"),
        reused_components=entry.count("reused_components"),
        portal_components=entry.count("portal_components"),
        synced_at=entry.day("synced_at"),
        citizen_data=entry.said("citizen_data"),
        electronic_result=entry.said("electronic_result"),
    )


def _result(entry: _Entry) -> ProcedureResult:
    entry.check(_RESULT)
    ordinal = entry.number("ordinal")
    replaces = entry.number("replaces") if entry.text("replaces") else None
    if replaces == ordinal:
        raise _wrong(
            entry.place,
            f"kết quả {ordinal} không thể thay thế chính nó (`replaces`)",
            f"result {ordinal} cannot replace itself",
        )
    return ProcedureResult(
        dossier_code=entry.text("dossier_code"),
        ordinal=ordinal,
        class_code=entry.text("class_code"),
        title=entry.text("title"),
        number=entry.text("number"),
        issue_date=entry.day("issue_date"),
        issuing_body=entry.text("issuing_body"),
        holder=entry.text("holder"),
        status=_STATUSES[entry.choice("status", _STATUSES)],
        replaces=replaces,
        type_code=entry.text("type_code"),
    )


def _unknown(place: str, key: str, known: Iterable[str]) -> RegisterFileError:
    names = list(known)
    nearest = process.extractOne(key, names)
    hint = nearest[0] if nearest else names[0]
    return _wrong(
        place,
        f"không hiểu «{key}»; có phải «{hint}»?",
        f"`{key}` is unknown; did you mean `{hint}`?",
    )


def _wrong(place: str, vi: str, en: str) -> RegisterFileError:
    return RegisterFileError(
        f"{place}: {vi}. Hãy sửa tệp rồi nạp lại; chưa có gì được nạp.",
        f"{place}: {en}. Correct the file and import it again; nothing was imported.",
    )
