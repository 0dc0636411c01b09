"""Verify: the verdict on any PDF, first in one sentence, then all that it rests on.

The very functions of `hoso verify` judge, in processes with limits; no network is asked on a
file's word. What was sent is gone when the answer stands; the verdicts stay for half an hour.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, Response

from config.codec import to_bytes
from config.signature_policy import Profile
from config.vocabulary import EventType
from desk.changed_pages import draw_changed_pages
from desk.errors import UnknownCode
from desk.verdict_reports import ReportForm, ReportTarget
from desk.web.answers import go_to, page
from desk.web.house import Asked
from desk.web.routing import READERS, Page, Queue
from desk.web.verdict_shelf import Asking, Shelved, ShelvedPages, VerdictShelf, numbered, shelf_of
from digitize.errors import DigitizeError
from signing.judges import Ground, judge_many
from signing.model import FileVerdict
from signing.report import verdict_json
from signing.shown_text import shown
from signing.statement import state
from signing.texts import Language
from signing.trust import profile_folder

_VERIFY = "/kiem-tra"
_MOST_FILES = 50
_JUDGES = os.cpu_count() or 1
_TYPES = {
    ReportForm.PDF: "application/pdf",
    ReportForm.XML: "application/xml; charset=utf-8",
    ReportForm.HTML: "text/html; charset=utf-8",
}


def show_form(asked: Asked) -> Response:
    """Ask for files."""
    return page(
        asked, "verify.html", profiles=list(Profile), empty=False, most=_most_megabytes(asked)
    )


def verify(asked: Asked) -> Response:
    """Judge what was sent, and go to the verdicts."""
    sent = [item for item in asked.form.getlist("files") if isinstance(item, UploadFile)]
    sent = [item for item in sent if item.filename]
    if not sent:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        most = _most_megabytes(asked)
        return page(asked, "verify.html", status, profiles=list(Profile), empty=True, most=most)
    shelf = _shelf(asked)
    folder = shelf.new_folder()
    files = tuple(_judged(asked, sent, folder))
    for file in files:
        asked.tell(
            EventType.SIGNATURE_VALIDATION,
            file.verdict.sha256 or "unreadable",
            outcome=file.verdict.overall.value,
        )
    shelf.put(folder, Asking(person=asked.person.id, at=asked.at, files=files))
    return go_to(f"{_VERIFY}/{folder.name}")


def _judged(asked: Asked, sent: list[UploadFile], folder: Path) -> list[Shelved]:
    with TemporaryDirectory(dir=folder) as work:
        paths = [Path(work) / f"{number}.pdf" for number in range(len(sent))]
        for item, path in zip(sent, paths, strict=True):
            with path.open("wb") as file:
                shutil.copyfileobj(item.file, file)
        verdicts = judge_many(paths, _ground(asked), asked.at, _JUDGES)
        return [
            Shelved(
                name=(name := shown(item.filename or "", 200)),
                verdict=_as_sent(verdict, path, name),
                changed=_changed(verdict, folder),
            )
            for item, path, verdict in zip(sent, paths, verdicts, strict=True)
        ]


def _as_sent(verdict: FileVerdict, path: Path, name: str) -> FileVerdict:
    """Call the file in words as its sender does: where it lay here is nobody's affair."""
    warnings = tuple(
        replace(
            warning,
            vi=warning.vi.replace(str(path), name),
            en=warning.en.replace(str(path), name),
        )
        for warning in verdict.warnings
    )
    return replace(verdict, warnings=warnings)


def _ground(asked: Asked) -> Ground:
    trust = asked.house.station.trust
    chosen = asked.said("profile")
    if chosen in [profile.value for profile in Profile]:
        trust = profile_folder(trust, Profile(chosen))
    return Ground(trust=trust)


def _changed(verdict: FileVerdict, folder: Path) -> tuple[ShelvedPages, ...]:
    """Draw what looks different since each signature; a file that cannot be drawn has none."""
    try:
        drawn = draw_changed_pages(verdict, folder)
    except DigitizeError:
        return ()
    return tuple(
        ShelvedPages(
            field=shown(pages.field),
            pictures=tuple(path.name for path in pages.pictures),
            left_out=pages.left_out,
        )
        for pages in drawn
    )


def show_verdicts(asked: Asked) -> Response:
    """Show the verdicts of an asking."""
    asking = _asking(asked)
    language = Language(asked.language)
    told = [
        (number, file.name, state(file.verdict, file.name, language), pages)
        for number, (file, pages) in enumerate(numbered(asking.files))
    ]
    name = asked.request.path_params["asking"]
    return page(asked, "verified.html", files=told, here=f"{_VERIFY}/{name}")


def give_report(asked: Asked) -> Response:
    """Give the report on one file as PDF/A, XML or JSON."""
    file = _file(asked)
    form = str(asked.request.path_params["form"])
    if form not in ("json", ReportForm.PDF, ReportForm.XML):
        raise UnknownCode("không có dạng báo cáo này", "there is no such form of report")
    subject = file.verdict.sha256 or "unreadable"
    asked.tell(EventType.DISSEMINATION, subject, outcome="verdict", form=form)
    if form == "json":
        told = to_bytes([verdict_json(file.verdict, file.name)])
        return Response(told, media_type="application/json", headers=_as_file(form))
    with TemporaryDirectory(dir=_shelf(asked).root) as work:
        target = ReportTarget(Path(work) / f"bao-cao.{form}", Language(asked.language))
        (path,) = target.write(file.verdict, file.name)
        body = path.read_bytes()
    return Response(body, media_type=_TYPES[ReportForm(form)], headers=_as_file(form))


def show_picture(asked: Asked) -> Response:
    """Show a page as it was signed beside the page as it is now."""
    parameters = asked.request.path_params
    name, number = parameters["asking"], int(parameters["number"])
    picture = _shelf(asked).picture(name, _asking(asked), number)
    if picture is None or not picture.is_file():
        raise _unknown()
    return FileResponse(picture, media_type="image/png")


def _as_file(form: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="bao-cao.{form}"'}


def _asking(asked: Asked) -> Asking:
    name = asked.request.path_params["asking"]
    asking = _shelf(asked).find(name, asked.person.id, asked.at)
    if asking is None:
        raise _unknown()
    return asking


def _file(asked: Asked) -> Shelved:
    files = _asking(asked).files
    number = int(asked.request.path_params["number"])
    if number >= len(files):
        raise _unknown()
    return files[number]


def _shelf(asked: Asked) -> VerdictShelf:
    return shelf_of(asked.house.archive)


def _unknown() -> UnknownCode:
    return UnknownCode(
        "Kết quả kiểm tra này không còn được giữ. Hãy kiểm tra lại tệp.",
        "these verdicts are no longer kept; verify the file again",
    )


def _most_megabytes(asked: Asked) -> int:
    return asked.house.station.settings.web.upload_megabytes


PAGES = (
    Page(path=_VERIFY, view=show_form, roles=READERS),
    Page(
        path=_VERIFY,
        view=verify,
        roles=READERS,
        method="POST",
        most_files=_MOST_FILES,
        queue=Queue.JUDGE,
    ),
    Page(path=f"{_VERIFY}/{{asking}}", view=show_verdicts, roles=READERS),
    Page(
        path=f"{_VERIFY}/{{asking}}/{{number:int}}/bao-cao.{{form}}",
        view=give_report,
        roles=READERS,
    ),
    Page(path=f"{_VERIFY}/{{asking}}/hinh/{{number:int}}", view=show_picture, roles=READERS),
)
