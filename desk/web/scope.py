"""Whose papers a person sees: enforced in the index by its filters, and again on every row.

What lies outside the scope is answered exactly as what does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable

from config.codes import is_dossier_code
from desk.errors import UnknownCode
from storage.accounts import Person
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.model import Record

NOBODY = "-"
"""An agency that none is: a scope that allows nothing, where an empty list would allow all."""


def allowed_agencies(person: Person, asked: Iterable[str]) -> tuple[str, ...]:
    """Return the agencies to look in: those that are asked for, as far as the scope goes.

    Returns:
        Empty for all, which only a person who sees everything gets.
    """
    wanted = tuple(sorted(set(asked)))
    if person.sees_everything:
        return wanted
    kept = [code for code in wanted if code in person.agencies] if wanted else person.agencies
    return tuple(kept) or (NOBODY,)


def sees_dossier(person: Person, code: str, archive: Archive) -> bool:
    """Tell whether a dossier is in a person's scope, by its register entry or its code."""
    if person.sees_everything:
        return True
    dossier = archive.register.dossier(code)
    agency = dossier.agency_code if dossier else code.partition("-")[0]
    return agency in person.agencies


def require_dossier(person: Person, code: str, archive: Archive) -> str:
    """Return the code of a dossier in a person's scope.

    Raises:
        UnknownCode: there is none, as far as this person is told.
    """
    if not is_dossier_code(code) or not sees_dossier(person, code, archive):
        raise _nothing(code)
    return code


def require_record(person: Person, identifier: str, archive: Archive) -> Record:
    """Return a record of which at least one place is in a person's scope.

    Raises:
        UnknownCode: there is none, as far as this person is told.
    """
    try:
        record = archive.records.get(identifier.lower())
    except RecordNotFound as error:
        raise _nothing(identifier) from error
    if not any(sees_dossier(person, link.dossier_code, archive) for link in record.links):
        raise _nothing(identifier)
    return record


def _nothing(code: str) -> UnknownCode:
    return UnknownCode(f"Không có «{code}».", f"there is no {code!r}")
