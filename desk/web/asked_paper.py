"""Which paper, which page, which place of it an address names; only of what is in the scope."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desk.errors import UnknownCode
from desk.line_places import line_place
from desk.web.house import Asked, whole_number
from desk.web.scope import require_record
from storage.errors import ObjectDamaged
from storage.model import Box, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place of a page: a field, or a line of its text."""

    query: str
    """By which an address names it; empty for none."""
    box: Box | None = None
    """In points; None where it is not known."""
    line: int = 0
    """The line of the page's text, from 1; 0 for none."""
    is_overlay: bool = False
    """Whether the line was read in seals and pen strokes."""


def asked_record(asked: Asked) -> Record:
    """Return the paper that an address names.

    Raises:
        UnknownCode: there is none, as far as who asks is told.
    """
    identifier = str(asked.request.path_params["record"])
    return require_record(asked.person, identifier, asked.house.archive)


def asked_page(asked: Asked, record: Record) -> int:
    """Return the page that is asked for, from 1; the first where none is."""
    text = str(asked.request.path_params.get("page", "") or asked.asked_for("trang") or "1")
    number = whole_number(text)
    if not 1 <= number <= record.page_count:
        raise nothing_there()
    return number


def asked_spot(asked: Asked, record: Record, page: int) -> Spot:
    """Return the place of a page that an address names: `truong` or `dong`; `dau=1` of seals."""
    field, line = whole_number(asked.asked_for("truong")), whole_number(asked.asked_for("dong"))
    if field and field <= len(record.fields):
        found = record.fields[field - 1]
        return Spot(query=f"truong={field}", box=found.box if found.page == page else None)
    if not line:
        return Spot(query="")
    is_overlay = asked.asked_for("dau") == "1"
    box = line_place(record, page, line, asked.house.archive, overlay=is_overlay)
    query = f"dong={line}{'&dau=1' if is_overlay else ''}"
    return Spot(query=query, box=box, line=line, is_overlay=is_overlay)


def line_parts(text: str, spot: Spot, *, is_overlay: bool) -> tuple[str, str, str]:
    """Cut a page's text into what stands before a line, the line, and what comes after it."""
    lines = text.split("\n")
    if spot.is_overlay is not is_overlay or not 1 <= spot.line <= len(lines):
        return text, "", ""
    before, after = lines[: spot.line - 1], lines[spot.line :]
    start = "".join(f"{line}\n" for line in before)
    return start, lines[spot.line - 1], "".join(f"\n{line}" for line in after)


def whole_object(asked: Asked, sha256: str) -> Path:
    """Return where an object lies, after it was found unchanged.

    Raises:
        ObjectDamaged: it was changed.
    """
    objects = asked.house.archive.objects
    if not objects.verify(sha256):
        raise ObjectDamaged(
            "Tệp trong kho đã bị thay đổi nên không được đưa ra. Hãy báo người quản trị ngay.",
            "the file in the store has changed, and is not given out; tell the administrator",
        )
    return objects.path(sha256)


def nothing_there() -> UnknownCode:
    """Return the refusal of a page or a field that there is not."""
    return UnknownCode("Không có trang hay trường này.", "there is no such page or field")
