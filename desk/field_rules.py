"""The fields of each kind of paper, with the places and officials that a station knows."""

from __future__ import annotations

from dataclasses import replace

from config.fields import FieldRules, load_field_rules
from config.signatories import signatories_of
from desk.opinions import NEWEST_RECORDS
from desk.station import Station
from storage.archive import Archive
from storage.confirmed_fields import confirmed_beside


def field_rules_of(station: Station, archive: Archive) -> FieldRules:
    """Return the rules, with the places that the agency lists and who its people say signed.

    Raises:
        SettingsError: the agency's list of places cannot be used.
    """
    # Read from fields of many papers, for each page on which one is corrected.
    said = archive.remembered.of(
        "signatories",
        lambda: confirmed_beside(archive.db, "signatory", "issuing_body", NEWEST_RECORDS),
    )
    return replace(load_field_rules(station.own_places), signatories=signatories_of(said))
