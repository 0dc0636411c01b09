"""Cover sheets from the register: what stands on them, and the check code that makes them ours.

The only door to segno.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import segno

from config.vocabulary import Classes, load_classes
from desk.class_codes import require_class
from desk.cover_keys import ensure_cover_key
from desk.errors import UnknownCode
from desk.station import Station
from digitize import cover_pages
from digitize.covers import write_payload
from digitize.model import Cover
from storage.archive import Archive
from storage.register import Dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCover:
    """One cover sheet that was printed."""

    dossier_code: str
    class_code: str | None
    pages: int | None
    """Pages of the paper behind it, where it states them."""
    payload: str
    """What its QR code holds."""


def print_covers(
    covers: tuple[Cover, ...], station: Station, archive: Archive, target: Path, actor: str
) -> tuple[PrintedCover, ...]:
    """Write a PDF of cover sheets for dossiers of the register.

    Args:
        covers: what each sheet shall say.
        station: its key makes the check codes; the key is made where there is none yet.
        archive: its register names the dossiers.
        target: the PDF, written anew.
        actor: who prints; stands in the event of a new key.

    Raises:
        UnknownCode: a dossier is not in the register, or a class not in the vocabulary.
        StationKeyUnusable: the key cannot be read.
        OSError: the PDF cannot be written.
    """
    classes = load_classes(station.own_classes)
    dossiers = [_require(cover, archive, classes) for cover in covers]
    key = ensure_cover_key(station, archive, actor=actor)
    payloads = [write_payload(cover, key) for cover in covers]
    sheets = tuple(
        cover_pages.Sheet(
            code=_code(payload),
            heading=cover.dossier_code,
            lines=tuple(_lines(cover, dossier, archive, classes)),
            payload=payload,
        )
        for cover, dossier, payload in zip(covers, dossiers, payloads, strict=True)
    )
    with as_file(files("signing") / "fonts" / "Tinos-Regular.ttf") as font:
        cover_pages.write_sheets(sheets, font, target)
    return tuple(
        PrintedCover(
            dossier_code=cover.dossier_code,
            class_code=cover.class_code,
            pages=cover.pages,
            payload=payload,
        )
        for cover, payload in zip(covers, payloads, strict=True)
    )


def _require(cover: Cover, archive: Archive, classes: Classes) -> Dossier:
    dossier = archive.register.dossier(cover.dossier_code)
    if dossier is None:
        raise UnknownCode(
            f"Mã hồ sơ {cover.dossier_code} chưa có trong sổ. Hãy nhập sổ (hoso register import).",
            f"dossier {cover.dossier_code} is not in the register; import it first",
        )
    if cover.class_code is not None:
        require_class(cover.class_code, classes)
    return dossier


def _lines(cover: Cover, dossier: Dossier, archive: Archive, classes: Classes) -> list[str]:
    procedure = archive.register.procedure(dossier.procedure_code)
    kind = classes.find(cover.class_code) if cover.class_code else None
    lines = [f"Thủ tục: {procedure.title if procedure else dossier.procedure_code}"]
    lines += [f"Loại giấy tờ: {kind.name} ({kind.code})"] if kind else []
    lines += [f"Số trang của giấy sau tờ này: {cover.pages}"] if cover.pages else []
    return [
        *lines,
        "Đặt tờ này ngay trước giấy tờ rồi quét chung một lượt. "
        "Tờ này không thành trang của giấy tờ nào.",
    ]


def _code(payload: str) -> cover_pages.Matrix:
    # A quarter of the code may be lost (level Q of ISO/IEC 18004).
    code = segno.make_qr(payload, error="q", boost_error=False)
    return tuple(tuple(module == 1 for module in row) for row in code.matrix)
