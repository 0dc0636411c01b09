"""Fields that a person types: which there are, and what may stand in each."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Iterable

from config.fields import FieldKind, load_field_rules
from desk.errors import AnswerRefused

# Fields of every kind of paper (`digitize.describe`); the others stand in config/fields.toml.
_GENERAL = {
    "number": FieldKind.TEXT,
    "notation": FieldKind.TEXT,
    "issue_date": FieldKind.DATE,
    "issuing_body": FieldKind.TEXT,
    "subject": FieldKind.TEXT,
    "holder": FieldKind.NAME,
    "personal_number": FieldKind.PERSONAL_NUMBER,
    "signatory": FieldKind.NAME,
    "signatory_title": FieldKind.TEXT,
    "passport_number": FieldKind.TEXT,
}
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_TWELVE = re.compile(r"\d{12}", re.ASCII)
# Longer than any subject; what is longer was pasted by mistake.
_MOST_LETTERS = 1000


def field_kinds() -> dict[str, FieldKind]:
    """Return the fields that a person can say, and what stands in each."""
    ruled = {rule.name: rule.kind for rule in load_field_rules().rules}
    return {**ruled, **_GENERAL}


def read_assignments(words: Iterable[str]) -> dict[str, str | None]:
    """Read `FIELD=VALUE` as typed; nothing behind the sign means that the paper has none.

    Raises:
        AnswerRefused: a word is no assignment, its field is unknown, or its value cannot be.
    """
    said = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise AnswerRefused(
                f"«{word}» thiếu dấu «=». Hãy viết TRƯỜNG=GIÁ-TRỊ, ví dụ issue_date=2026-11-05.",
                f"{word!r} lacks '='; write FIELD=VALUE",
            )
        said[name.strip()] = read_value(name.strip(), value)
    return said


def read_value(name: str, text: str) -> str | None:
    """Return the value of a field as it is kept; None where the paper has none.

    Raises:
        AnswerRefused: there is no such field, or it cannot hold this.
    """
    kinds = field_kinds()
    if name not in kinds:
        near = difflib.get_close_matches(name, kinds, n=1, cutoff=0.0)[0]
        raise AnswerRefused(
            f"Không có trường «{name}». Có phải «{near}»?",
            f"unknown field {name!r}; the nearest valid one is {near!r}",
        )
    value = " ".join(unicodedata.normalize("NFC", text).split())
    if not value:
        return None
    if len(value) > _MOST_LETTERS or not value.isprintable():
        raise _unfit(name, "quá dài hoặc có ký tự lạ", "too long, or of signs that cannot be shown")
    match kinds[name]:
        case FieldKind.DATE:
            return _day(name, value)
        case FieldKind.PERSONAL_NUMBER:
            return _personal_number(name, value)
        case FieldKind.YEAR if not re.fullmatch(r"(?:19|20)\d{2}", value, re.ASCII):
            raise _unfit(name, "phải là năm, ví dụ 1990", "must be a year")
        case _:
            return value


def write_value(name: str, value: str | None) -> str:
    """Write the value of a field as people read it and may type it again; days as 05/11/2026."""
    if value is None or field_kinds().get(name) is not FieldKind.DATE:
        return value or ""
    try:
        return f"{dt.date.fromisoformat(value):%d/%m/%Y}"
    except ValueError:
        return value  # a day that was read in part


def _day(name: str, value: str) -> str:
    written = _DATE.fullmatch(value)
    iso = f"{written[3]}-{written[2]:0>2}-{written[1]:0>2}" if written else value
    try:
        return dt.date.fromisoformat(iso).isoformat()
    except ValueError as error:
        raise _unfit(
            name, "phải là ngày có thật, ví dụ 05/11/2026 hoặc 2026-11-05", "must be a date"
        ) from error


def _personal_number(name: str, value: str) -> str:
    digits = value.replace(" ", "")
    # Not its structure: what is printed is printed, and the person has looked.
    if not _TWELVE.fullmatch(digits):
        raise _unfit(name, "phải có đúng 12 chữ số", "must have twelve digits")
    return digits


def _unfit(name: str, vi: str, en: str) -> AnswerRefused:
    # The value is not repeated: it may be a person's number, and messages go to journals.
    return AnswerRefused(
        f"Giá trị của trường «{name}» {vi}. Hãy sửa lại.", f"the value of {name} {en}"
    )
