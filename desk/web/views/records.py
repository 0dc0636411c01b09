"""A dossier from its receipt to its results; a paper with picture, text, fields and events."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from starlette.responses import Response

from config.vocabulary import EventType
from desk.bundling import export_bundle
from desk.errors import UnknownCode
from desk.exporting import ExportOrder, note_export
from desk.views import view_dossier, view_record
from desk.web.answers import page
from desk.web.house import Asked
from desk.web.masking import mask
from desk.web.routing import READERS, Page
from desk.web.scope import require_dossier, require_record, sees_dossier
from storage.model import Link, Record


def show_dossier(asked: Asked) -> Response:
    """Show a dossier."""
    archive = asked.house.archive
    code = require_dossier(asked.person, str(asked.request.path_params["code"]), archive)
    told = view_dossier(code, archive)
    asked.tell(EventType.VIEW, code, outcome="dossier")
    return page(asked, "dossier.html", told=told, mask=mask)


def show_record(asked: Asked) -> Response:
    """Show a paper; this is the page on which numbers of persons stand whole."""
    record = _record(asked)
    archive = asked.house.archive
    told = view_record(record, archive)
    seen = {link.dossier_code for link in _links(asked, record)}
    told["links"] = [link for link in told["links"] if link["dossier_code"] in seen]
    asked.tell(EventType.VIEW, record.id, outcome="record")
    return page(asked, "record.html", told=told, number=_number(asked, record))


def show_page(asked: Asked) -> Response:
    """Show a page as a picture."""
    record = _record(asked)
    pdf = _whole(asked, record.pdf.sha256)
    picture = asked.house.pictures.draw(pdf, _number(asked, record))
    return Response(picture, media_type="image/png")


def show_field(asked: Asked) -> Response:
    """Show the piece of a page that a field was read from."""
    record = _record(asked)
    place = int(asked.request.path_params["number"])
    found = record.fields[place : place + 1]
    if not found or found[0].box is None or found[0].page is None:
        raise _nothing()
    pdf = _whole(asked, record.pdf.sha256)
    picture = asked.house.pictures.draw(pdf, found[0].page, found[0].box)
    return Response(picture, media_type="image/png")


def give_pdf(asked: Asked) -> Response:
    """Give the signed PDF; on a path of its own, where the browser's viewer may show it."""
    record = _record(asked)
    link = _links(asked, record)[0]
    name = f"{link.dossier_code}.{link.ordinal:03}.pdf"
    return _give(asked, record, record.pdf.sha256, "application/pdf", name)


def give_original(asked: Asked) -> Response:
    """Give the scan as it came in; never shown in the browser."""
    record = _record(asked)
    kind = "application/octet-stream"
    return _give(asked, record, record.original.sha256, kind, record.original_name)


def give_bundle(asked: Asked) -> Response:
    """Give a paper with its proofs and a verifier, as `hoso export --format bundle` does."""
    record = _record(asked)
    return _bundle(asked, record.id)


def give_dossier_bundle(asked: Asked) -> Response:
    """Give a dossier likewise."""
    code = str(asked.request.path_params["code"])
    return _bundle(asked, require_dossier(asked.person, code, asked.house.archive))


def _bundle(asked: Asked, code: str) -> Response:
    archive, station = asked.house.archive, asked.house.station
    with TemporaryDirectory(dir=archive.staging) as work:
        order = ExportOrder(
            code=code,
            format="bundle",
            package="",
            target=Path(work) / "goi.zip",
            actor=asked.actor,
            at=asked.at,
        )
        exported = export_bundle(order, station, archive)
        note_export(exported, order, archive)
        body = exported.path.read_bytes()
    headers = {"content-disposition": f'attachment; filename="{code}.zip"'}
    return Response(body, media_type="application/zip", headers=headers)


def _give(asked: Asked, record: Record, sha256: str, kind: str, name: str) -> Response:
    body = asked.house.archive.objects.read(sha256)
    asked.tell(EventType.DISSEMINATION, record.id, outcome="download", sha256=sha256)
    shown = "inline" if kind == "application/pdf" else "attachment"
    headers = {"content-disposition": f"{shown}; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(body, media_type=kind, headers=headers)


def _record(asked: Asked) -> Record:
    identifier = str(asked.request.path_params["record"])
    return require_record(asked.person, identifier, asked.house.archive)


def _links(asked: Asked, record: Record) -> list[Link]:
    """Return the places of a record that are in the scope; of others nothing is told."""
    archive = asked.house.archive
    return [link for link in record.links if sees_dossier(asked.person, link.dossier_code, archive)]


def _number(asked: Asked, record: Record) -> int:
    """Return the page that is asked for, from 1; the first where none is."""
    text = str(asked.request.path_params.get("page", "") or asked.asked_for("trang") or "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= record.page_count:
        raise _nothing()
    return number


def _whole(asked: Asked, sha256: str) -> Path:
    """Return where an object lies, after it was found unchanged."""
    objects = asked.house.archive.objects
    objects.read(sha256)
    return objects.path(sha256)


def _nothing() -> UnknownCode:
    return UnknownCode("Không có trang hay trường này.", "there is no such page or field")


PAGES = (
    Page(path="/ho-so/{code}", view=show_dossier, roles=READERS),
    Page(path="/giay/{record}", view=show_record, roles=READERS),
    Page(path="/giay/{record}/trang/{page}.png", view=show_page, roles=READERS),
    Page(path="/giay/{record}/truong/{number:int}.png", view=show_field, roles=READERS),
    Page(path="/tep/{record}.pdf", view=give_pdf, roles=READERS),
    Page(path="/tep/{record}/goi.zip", view=give_bundle, roles=READERS),
    Page(path="/ho-so/{code}/goi.zip", view=give_dossier_bundle, roles=READERS),
    Page(path="/tep/{record}/ban-goc", view=give_original, roles=READERS),
)
