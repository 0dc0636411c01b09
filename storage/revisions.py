"""A filed paper described otherwise: what changed, and how to change it back.

Class, title, codes, fields and places in dossiers may change; files, texts and signatures never do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from config.vocabulary import Role
from storage.canonical import canonical_text
from storage.database import Database
from storage.model import FieldValue, Link, Record
from storage.records import NEXT_ORDINAL, RecordStore

State = dict[str, Any]

_PLAIN = ("class_code", "class_name", "title", "digitisation_code", "duty")
_FIELD, _NOTE, _LINK = "field:", "note:", "link:"


def changes(record: Record, revised: Record) -> tuple[State, State]:
    """Return what a record says otherwise than before: the old values, and the new ones.

    Args:
        record: as it stands.
        revised: as it shall stand.

    Returns:
        Two JSON objects of the same keys: `class_code` and its like, `note:NAME`, `field:NAME`
        (all values of that name), `link:N` (the n-th place of the record, without its ordinal).
    """
    old, new = _state(record), _state(revised)
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return {key: old.get(key) for key in keys}, {key: new.get(key) for key in keys}


def holds(record: Record, state: Mapping[str, Any]) -> bool:
    """Tell whether a record says what `changes` gave as new: nothing has changed it since."""
    now = _state(record)
    return all(now.get(key) == value for key, value in state.items())


def restored(record: Record, state: Mapping[str, Any]) -> Record:
    """Return a record as it was before, by what `changes` gave as old."""
    names = {key.removeprefix(_FIELD): value for key, value in state.items() if key[:6] == _FIELD}
    notes = {key.removeprefix(_NOTE): value for key, value in state.items() if key[:5] == _NOTE}
    links = {key.removeprefix(_LINK): value for key, value in state.items() if key[:5] == _LINK}
    kept = {**record.notes, **notes}
    return replace(
        record,
        **{key: state[key] for key in _PLAIN if key in state},
        fields=_with_fields(record.fields, names),
        notes={name: value for name, value in kept.items() if value is not None},
        links=tuple(
            _link(link, links.get(str(number))) for number, link in enumerate(record.links, start=1)
        ),
    )


def write(db: Database, records: RecordStore, revised: Record) -> Record:
    """Write the rows of a revised record; the archive calls this inside its transaction.

    A place in another dossier gets that dossier's next ordinal.
    """
    number = revised.number
    row = {name: getattr(revised, name) for name in _PLAIN}
    row |= {"notes": canonical_text(dict(revised.notes)), "number": number}
    columns = ", ".join(f"{name} = :{name}" for name in row if name != "number")
    with db.transaction():
        db.execute(f"UPDATE record SET {columns} WHERE number = :number", row)  # noqa: S608  # our own names
        db.execute("DELETE FROM field WHERE record = ?", (number,))
        records.insert_fields(number, revised.fields)
        _write_links(db, number, revised.links)
        db.execute("INSERT INTO change (record) VALUES (?)", (number,))
        return records.get(revised.id)


def _write_links(db: Database, number: int, links: Sequence[Link]) -> None:
    rows = db.rows("SELECT seq, dossier_code FROM link WHERE record = ? ORDER BY seq", (number,))
    for row, link in zip(rows, links, strict=True):
        db.execute(
            "UPDATE link SET role = ?, procedure_result_code = ? WHERE seq = ?",
            (link.role.value, link.procedure_result_code, row["seq"]),
        )
        if row["dossier_code"] != link.dossier_code:
            db.execute(
                f"UPDATE link SET dossier_code = :code, ordinal = {NEXT_ORDINAL} WHERE seq = :seq",  # noqa: S608  # our own words
                {"code": link.dossier_code, "seq": row["seq"]},
            )


def _state(record: Record) -> State:
    fields: State = {}
    for value in record.fields:
        fields.setdefault(_FIELD + value.name, []).append(_field_state(value))
    return {
        **{name: getattr(record, name) for name in _PLAIN},
        **{_NOTE + name: value for name, value in record.notes.items()},
        **fields,
        **{
            f"{_LINK}{number}": [link.dossier_code, link.role.value, link.procedure_result_code]
            for number, link in enumerate(record.links, start=1)
        },
    }


def _field_state(value: FieldValue) -> list[Any]:
    box = None if value.box is None else [float(side) for side in value.box]
    return [value.value, value.confidence, value.page, box, value.source, value.read]


def _with_fields(
    fields: tuple[FieldValue, ...], states: Mapping[str, list[list[Any]] | None]
) -> tuple[FieldValue, ...]:
    """Put what a state says of some names in the place of what stands there."""
    told = {name: [_field(name, state) for state in found or []] for name, found in states.items()}
    kept = [value for value in fields if value.name not in told]
    return (*kept, *chain.from_iterable(told.values()))


def _field(name: str, state: list[Any]) -> FieldValue:
    value, confidence, page, box, source, read = state
    return FieldValue(
        name=name,
        value=value,
        confidence=confidence,
        page=page,
        box=None if box is None else tuple(box),
        source=source,
        read=read,
    )


def _link(link: Link, state: list[Any] | None) -> Link:
    if state is None:
        return link
    code, role, result = state
    return replace(link, dossier_code=code, role=Role(role), procedure_result_code=result)
