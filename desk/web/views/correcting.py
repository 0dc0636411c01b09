"""Corrections of a filed paper by an officer: what `hoso review correct` and `undo` ask, by a form.

The form carries the version of the paper that its reader saw; where somebody was faster it comes
back with what stands there now, and what was typed beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.responses import Response

from config.codes import is_dossier_code
from config.telling import one_line
from config.vocabulary import EventType
from desk import review
from desk.accession import AS_COMPONENT, AS_LATER_RESULT
from desk.answers import Answer
from desk.corrections_seen import ask_as_seen, undoable, version_of, waiting_of
from desk.errors import AnswerRefused, DeskError, UnknownCode
from desk.review import Order
from desk.revising import books_of
from desk.said_fields import field_kinds, read_value, write_value
from desk.web import labels
from desk.web.answers import go_to, page
from desk.web.correction_history import is_seen_whole, places_in
from desk.web.house import Asked
from desk.web.routing import OFFICERS, Page
from desk.web.scope import require_record, sees_dossier
from storage.corrections import Act
from storage.model import FieldValue, Record

_PAPER = "/giay/{record}"
_LONGEST_REASON = 500
ROLE_WORDS = {
    AS_COMPONENT: labels.worded("giấy nộp vào hồ sơ, không phải kết quả"),
    AS_LATER_RESULT: labels.worded("kết quả của hồ sơ, sổ sẽ có sau"),
}
"""What may be said of a paper's role, where its register does not settle it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A field as the form shows it."""

    name: str
    field: FieldValue
    place: int
    """Of the field in the record, from 0: its picture's address."""
    shown: str
    """Its value as it is typed."""
    others: tuple[str, ...]
    """Other values of the same name; a correction puts one in the place of all."""


def show_form(asked: Asked) -> Response:
    """Show what may be corrected of a paper."""
    record = _record(asked)
    asked.tell(EventType.VIEW, record.id, outcome="correction form")
    return _form(asked, record)


def correct(asked: Asked) -> Response:
    """Ask the engine to describe a paper otherwise."""
    record = _record(asked)
    return _asked_for(asked, record, lambda: _order(asked, record))


def undo(asked: Asked) -> Response:
    """Ask the engine to take the last correction of a paper back."""
    record = _record(asked)
    return _asked_for(asked, record, lambda: _undoing(asked, record))


def _asked_for(asked: Asked, record: Record, order: Callable[[], Order]) -> Response:
    books = books_of(asked.house.station, asked.house.archive)
    try:
        ask_as_seen(order(), (record, asked.said("version")), books, asked.actor)
    except (AnswerRefused, UnknownCode) as error:
        return _form(asked, _record(asked), error)
    return go_to(f"/giay/{record.id}#lich-su")


def _record(asked: Asked) -> Record:
    """Return the paper, of which all must be in the scope: a correction counts everywhere."""
    identifier = str(asked.request.path_params["record"])
    record = require_record(asked.person, identifier, asked.house.archive)
    if not is_seen_whole(asked, record):
        raise AnswerRefused(
            "Giấy này nằm cả trong hồ sơ ngoài phạm vi của ông/bà nên không sửa được ở đây. Hãy "
            "nhờ người được xem mọi cơ quan.",
            "this paper also lies in dossiers outside your scope; ask somebody who sees all "
            "agencies to correct it",
        )
    return record


def _undoing(asked: Asked, record: Record) -> Order:
    last = undoable(record, asked.house.archive)
    places = places_in(last.before) if last is not None else []
    if not all(sees_dossier(asked.person, code, asked.house.archive) for code in places):
        raise AnswerRefused(
            "Hoàn tác sẽ đưa giấy về hồ sơ ngoài phạm vi của ông/bà. Hãy nhờ người được xem mọi cơ "
            "quan.",
            "taking it back would move the paper to a dossier outside your scope; ask somebody who "
            "sees all agencies",
        )
    return Order(act=Act.UNDO)


def _order(asked: Asked, record: Record) -> Order:
    kind = asked.said("class")
    answer = Answer(
        class_code=kind if kind and kind != record.class_code else None,
        dossier_code=_dossier(asked, record),
        fields=_fields(asked, record),
    )
    is_moved = bool(answer.class_code or answer.dossier_code)
    reason = asked.said("reason")[:_LONGEST_REASON]
    if not is_moved and not answer.fields:
        raise AnswerRefused("Chưa sửa gì. Hãy sửa rồi gửi lại.", "nothing was changed")
    if is_moved and not reason:
        raise AnswerRefused(
            "Đổi loại giấy tờ hoặc hồ sơ thì phải nêu lý do.",
            "say why the class or the dossier is another one",
        )
    word = asked.said("word")
    words = (word,) if word and is_moved else ()
    return Order(act=Act.CORRECT, answer=replace(answer, words=words), reason=reason)


def _dossier(asked: Asked, record: Record) -> str | None:
    """Return the dossier that the paper shall go to; None where it stays."""
    code = asked.said("dossier")
    if not code or code in {link.dossier_code for link in record.links}:
        return None
    # Answered as one that there is not: who asks learns nothing of other agencies' dossiers.
    if is_dossier_code(code) and not sees_dossier(asked.person, code, asked.house.archive):
        raise review.unregistered(code)
    return code


def _fields(asked: Asked, record: Record) -> dict[str, str | None]:
    """Return what was typed otherwise than it was shown."""
    said = {}
    for line in _lines(record):
        typed = asked.form.get(_key(line.name))
        if typed is not None and asked.said(_key(line.name)) != one_line(line.shown):
            said[line.name] = read_value(line.name, asked.said(_key(line.name)))
    name, value = asked.said("new"), asked.said("new-value")
    if name and value:
        said[name] = read_value(name, value)
    return said


def _key(name: str) -> str:
    return f"field.{name}"


def _lines(record: Record) -> list[Line]:
    """Return the fields that may be corrected, each name once."""
    kinds = field_kinds()
    lines: dict[str, Line] = {}
    for place, field in enumerate(record.fields):
        if field.name not in kinds:
            continue  # a code that a machine read
        known = lines.get(field.name)
        shown = write_value(field.name, field.value)
        lines[field.name] = (
            Line(name=field.name, field=field, place=place, shown=shown, others=())
            if known is None
            else replace(known, others=(*known.others, shown))
        )
    return list(lines.values())


def _form(asked: Asked, record: Record, refused: DeskError | None = None) -> Response:
    archive = asked.house.archive
    lines = _lines(record)
    present = {line.name for line in lines}
    version = version_of(record, archive)
    is_as_seen = refused is None or asked.said("version") == version
    status = HTTPStatus.OK if refused is None else HTTPStatus.CONFLICT
    return page(
        asked,
        "correct.html",
        status,
        record=record,
        version=version,
        lines=lines,
        more=[name for name in field_kinds() if name not in present],
        classes=sorted(
            books_of(asked.house.station, archive).classes.items, key=lambda item: item.name
        ),
        role_words=ROLE_WORDS,
        refused=refused,
        typed=_typed(asked) if refused is not None and is_as_seen else {},
        overtaken={} if is_as_seen else _typed(asked),
        is_waiting=bool(waiting_of(record, archive)),
    )


def _typed(asked: Asked) -> dict[str, str]:
    """Return what was sent, so that nobody types it twice."""
    hidden = ("proof", "version")
    return {name: asked.said(name) for name in asked.form if name not in hidden}


PAGES = (
    Page(path=f"{_PAPER}/sua", view=show_form, roles=OFFICERS),
    Page(path=f"{_PAPER}/sua", view=correct, roles=OFFICERS, method="POST"),
    Page(path=f"{_PAPER}/hoan-tac", view=undo, roles=OFFICERS, method="POST"),
)
