"""Biên bản hủy as PDF/A: the kept text laid out, with its digest on every page.

The text is the record: it is an object of the archive and stands in the log by its digest. Its
pages are made anew whenever they are wanted, and equal texts give equal pages.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from config.statement import Row, Section, Statement, Tone
from desk.errors import PathUnusable
from desk.statement_pdf import write_pdf
from desk.station import Station
from digitize.metadata import DocumentFacts
from signing.shown_text import SENTENCE_LETTERS, shown
from storage.disposal_values import Batch
from storage.safe_files import write_whole

_CHECKED = (
    "Trình bày lại từ biên bản do trạm lập lúc thực hiện hủy, lưu thành một tệp của kho. Mã "
    "SHA-256 của bản lưu ghi ở chân mỗi trang và đứng trong nhật ký của kho."
)


def write_minutes(text: bytes, agency: str, at: dt.datetime, target: Path) -> None:
    """Write the minutes of a destruction as PDF/A.

    Args:
        text: The minutes as they are kept.
        agency: Name of the agency.
        at: When the destruction was carried out, aware.
        target: Written anew.

    Raises:
        NotArchival: It would not be PDF/A; nothing is left at `target`.
        OSError: It cannot be written.
    """
    statement = lay_out(text)
    facts = DocumentFacts(
        title=statement.title,
        agency_name=agency,
        dossier_code=None,
        source_sha256=hashlib.sha256(text).hexdigest(),
        received_at=at,
        note=statement.reference,
        language="vi-VN",
    )
    write_pdf(statement, facts, target)


def save_minutes(text: bytes, batch: Batch, station: Station, target: Path) -> None:
    """Write minutes into a file: PDF/A where its name ends so, the kept text otherwise.

    Raises:
        PathUnusable: it cannot be written there.
        NotArchival: it would not be PDF/A.
    """
    aside = target.with_name(f".{target.name}.tmp")
    try:
        if target.suffix.lower() == ".pdf":
            at = batch.carried_out_at or batch.decided_at or batch.proposed_at
            write_minutes(text, station.settings.agency.name, at, aside)
            aside.replace(target)
        else:
            write_whole(target, text)
    except OSError as error:
        raise PathUnusable(
            f"Không ghi được «{target}»: {error.strerror}. Hãy chọn nơi khác.",
            f"cannot write {target}: {error.strerror}; choose another place",
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink()


def lay_out(text: bytes) -> Statement:
    """Lay minutes out: blocks become sections, a line's words before its colon become a label."""
    lines = text.decode("utf-8-sig").splitlines()
    (title,), *blocks = _blocks(lines)
    *sections, caution = blocks
    return Statement(
        language="vi",
        title=shown(title),
        conclusion=_say(sections[1][0]) if len(sections) > 1 else shown(title),
        tone=Tone.PLAIN,
        reference=f"SHA-256 {hashlib.sha256(text).hexdigest()}",
        checked=_CHECKED,
        sections=tuple(_section(block) for block in sections),
        caution=" ".join(map(_say, caution)),
    )


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Part lines at empty ones."""
    runs = ((is_told, list(run)) for is_told, run in groupby(lines, bool))
    return [run for is_told, run in runs if is_told]


def _section(block: Sequence[str]) -> Section:
    # Of the facts of a batch each line has a label; other blocks begin with what they are of.
    is_facts = ":  " in block[0]
    heading = "Đợt hủy" if is_facts else _say(block[0])
    rows = block if is_facts else block[1:]
    return Section(heading=heading, tone=Tone.PLAIN, rows=tuple(_rows(rows)))


def _rows(lines: Sequence[str]) -> Iterator[Row]:
    for line in lines:
        label, _, value = line.strip().partition(":")
        yield (
            Row(label=_say(label), value=_say(value)) if value else Row(label="", value=_say(line))
        )


def _say(text: str) -> str:
    return shown(text.strip(), SENTENCE_LETTERS)
