"""Whose papers a person sees: enforced in the index by its filters, and again on every row.

What lies outside the scope is answered exactly as what does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from config.codes import is_dossier_code
from desk.dossier_folders import named_dossiers
from desk.errors import UnknownCode
from desk.views import agency_of, records_of
from storage.accounts import Person
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.model import Link, Record
from storage.scopes import lies_in

NOBODY = "-"
"""An agency that none is: a scope that allows nothing, where an empty list would allow all."""
_OF_STATION = ("archive", "log")


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
    """Tell whether a dossier is in a person's scope."""
    if person.sees_everything:
        return True
    return agency_of(code, archive) in person.agencies


def sees_folder(person: Person, folder: str, archive: Archive) -> bool:
    """Tell whether a tray folder names a dossier in a person's scope."""
    codes = named_dossiers(folder)
    return person.sees_everything or any(sees_dossier(person, code, archive) for code in codes)


def seen_links(person: Person, record: Record, archive: Archive) -> list[Link]:
    """Return the places of a record that are in a person's scope."""
    return [link for link in record.links if sees_dossier(person, link.dossier_code, archive)]


def sees_all_of(person: Person, records: Iterable[Record], archive: Archive) -> bool:
    """Tell whether every place of some records is in a person's scope."""
    places = [link.dossier_code for record in records for link in record.links]
    return all(sees_dossier(person, code, archive) for code in dict.fromkeys(places))


def sees_subject(person: Person, subject: str, archive: Archive) -> bool:
    """Tell whether what an event is about is in a person's scope; of the station itself all is."""
    if person.sees_everything or subject in _OF_STATION:
        return True
    if is_dossier_code(subject):
        return sees_dossier(person, subject, archive)
    with suppress(RecordNotFound):
        return bool(seen_links(person, archive.records.get(subject), archive))
    with suppress(RecordNotFound):
        item = archive.ledger.get(subject)
        records = records_of(item.id, archive)
        if records:
            return any(seen_links(person, record, archive) for record in records)
        return sees_folder(person, item.folder, archive)
    return False


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
    number = identifier.lower()
    # First, so that the answer about a paper of others takes no longer than that about none.
    if not person.sees_everything and not lies_in(archive.db, number, person.agencies):
        raise _nothing(identifier)
    try:
        return archive.records.get(number)
    except RecordNotFound as error:
        raise _nothing(identifier) from error


def _nothing(code: str) -> UnknownCode:
    return UnknownCode(f"Không có «{code}».", f"there is no {code!r}")
