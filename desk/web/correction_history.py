"""Who corrected a paper, when and why, as far as a person's scope shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.corrections_seen import Change, changes_of, undoable, version_of, waiting_of
from desk.said_fields import write_value
from desk.web import labels
from desk.web.house import Asked
from desk.web.scope import sees_all_of, sees_dossier
from storage.accounts import WebRole
from storage.corrections import Act, Correction
from storage.model import Record

_FIELD, _PLACE = "field:", "link:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that was corrected, in words."""

    what: str
    """Its name, in the language of who asks."""
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One correction, as it is shown."""

    act: str
    actor: str
    at: datetime
    reason: str
    changes: tuple[Shown, ...]
    is_undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was corrected of a paper, and what may be done about it."""

    told: tuple[Told, ...]
    """The newest first."""
    waiting: tuple[tuple[str, datetime], ...]
    """Who asked for what the engine has not written yet, and when."""
    may_correct: bool
    may_undo: bool
    version: str
    """What the form of this page carries."""


def history(asked: Asked, record: Record) -> History:
    """Return what was corrected of a paper."""
    archive = asked.house.archive
    said = archive.corrections.of_record(record.id)
    undone = {item.undoes for item in said}
    waiting = waiting_of(record, archive)
    may_correct = asked.person.role is WebRole.OFFICER and is_seen_whole(asked, record)
    last = undoable(record, archive) if may_correct and not waiting else None
    may_undo = last is not None and all(
        sees_dossier(asked.person, code, archive) for code in places_in(last.before)
    )
    return History(
        told=tuple(_told(asked, item, item.id in undone) for item in reversed(said)),
        waiting=tuple((item.actor, item.at) for item in waiting),
        may_correct=may_correct,
        may_undo=may_undo,
        version=version_of(record, archive),
    )


def is_seen_whole(asked: Asked, record: Record) -> bool:
    """Tell whether all places of a record are in the scope; only then may it be corrected."""
    return sees_all_of(asked.person, [record], asked.house.archive)


def places_in(state: Mapping[str, Any]) -> list[str]:
    """Return the dossiers that a state of a correction names."""
    return [value[0] for key, value in state.items() if key.startswith(_PLACE) and value]


def _told(asked: Asked, item: Correction, is_undone: bool) -> Told:
    shown = (_shown(asked, change) for change in changes_of(item))
    return Told(
        act=item.act.value,
        actor=item.actor,
        at=item.at,
        reason=item.reason if item.act is not Act.UNDO else "",
        changes=tuple(change for change in shown if change.before != change.after),
        is_undone=is_undone,
    )


def _shown(asked: Asked, change: Change) -> Shown:
    name = change.key.removeprefix(_FIELD)
    if change.key.startswith(_FIELD):
        what = labels.FIELDS.get(name, name)
        before, after = write_value(name, change.before), write_value(name, change.after)
    elif change.key.startswith(_PLACE):
        what = labels.FACETS["dossier"]
        before, after = (_seen(asked, code) for code in (change.before, change.after))
    else:
        what, before, after = labels.FACETS["class_code"], change.before, change.after
    return Shown(what=asked.translate(what), before=before, after=after)


def _seen(asked: Asked, code: str) -> str:
    """Return a dossier's code; of one outside the scope only that there is another."""
    is_shown = not code or sees_dossier(asked.person, code, asked.house.archive)
    return code if is_shown else asked.translate(_ELSEWHERE)


_ELSEWHERE = labels.worded("hồ sơ ngoài phạm vi")
