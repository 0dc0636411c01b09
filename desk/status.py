"""How the station stands: numbers for programs, a page for the clerk."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

from desk import legibility, trays
from desk.damage import damage_alarm
from desk.ending_proofs import ending
from desk.handover import count_deadlines
from desk.health import Health, cause, read_health, unlisted, unreachable
from desk.index_alarm import lagging
from desk.moments import now, show
from desk.personal import STAGES
from desk.room import shortage
from desk.services import Services
from desk.sign_sessions import waiting_for
from desk.station import SETTINGS_FILE, Station
from desk.station_lock import is_engine_running
from desk.unknown_signatures import count_on_records, unknown_signatures
from desk.virus import unchecked
from storage.archive import Archive
from storage.submissions import Counts, Reason, SubmissionState

log = logging.getLogger("hoso.status")

_STANDING = (
    SubmissionState.IN_WORK,
    SubmissionState.AWAITING_PERSONAL_SIGNATURE,
    SubmissionState.AWAITING_RELEASE,
    SubmissionState.AWAITING_TIMESTAMP,
    SubmissionState.TO_CONFIRM,
    SubmissionState.IN_ERROR,
)
# What must be readable of a paper that waits for a person: else no list has it.
_WAITED_FOR = {
    SubmissionState.AWAITING_PERSONAL_SIGNATURE: STAGES,
    SubmissionState.AWAITING_RELEASE: ("release_asked", "release", "sign", "describe"),
}
# So many take some milliseconds of the first page.
_MOST_READ = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A person whose signature papers wait for."""

    person: str
    """Account."""
    papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What `hoso status` tells."""

    alive: bool
    """An engine works on this station now, and said so in the last three minutes."""
    hears: bool
    """All that lies in the inbox is seen and can be taken, as far as is known."""
    waiting: int
    in_work: int
    awaiting_personal_signature: int
    signers: tuple[Awaited, ...]
    """Whose signatures are waited for."""
    broken_signatures: int
    """Papers on which a key may have been used without a result; a person must look."""
    awaiting_release: int
    awaiting_timestamp: int
    to_confirm: int
    unreadable: int
    """Of those to confirm: scans with a page that could not be read."""
    in_error: int
    secret: int
    """Stopped for a mark of secrecy; a person must take them away."""
    filed: int
    results_awaiting_register: int
    """Filed results of which the register has no entry yet."""
    incomplete_dossiers: int
    """Dossiers that have papers here, but not all that their procedure always asks for."""
    handover_due: int
    """Dossiers that are due to the archive of the agency within 60 days."""
    handover_overdue: int
    """Dossiers that should be there already."""
    oldest_error: dt.datetime | None
    alarms: tuple[Reason, ...]
    """What is wrong with the station itself, and what to do."""


def measure_status(station: Station, archive: Archive) -> Status:
    """Count what stands where."""
    counts = archive.ledger.counts()
    health = _health(station)
    waiting, unseen = _look_into_inbox(station)
    deadlines = count_deadlines(archive)
    damaged = damage_alarm((*_damaged_scans(archive, counts), *deadlines.damaged))
    looked = (shortage(station), unchecked(archive), ending(station, archive), lagging(archive))
    wants = [alarm for alarm in (*looked, damaged) if alarm]
    told = (*unseen, *wants, *(health.alarms if health else ()))
    alarms = tuple({alarm.code: alarm for alarm in told}.values())
    unsigned = waiting_for(archive) if counts.awaiting_personal_signature else []
    return Status(
        alive=is_engine_running(station) and health is not None,
        hears=not unseen and (health is None or health.hears),
        waiting=waiting,
        in_work=counts.in_work,
        awaiting_personal_signature=counts.awaiting_personal_signature,
        signers=tuple(
            Awaited(person=person, papers=papers)
            for person, papers in sorted(Counter(paper.signer for paper in unsigned).items())
        ),
        broken_signatures=sum(paper.used_by is not None for paper in unsigned)
        + len(unknown_signatures(archive))
        + count_on_records(archive),
        awaiting_release=counts.awaiting_release,
        awaiting_timestamp=counts.awaiting_timestamp,
        to_confirm=counts.to_confirm,
        unreadable=legibility.count_held(archive),
        in_error=counts.in_error,
        secret=counts.secret,
        filed=archive.remembered.of("filed", archive.records.count),
        results_awaiting_register=archive.results.count_waiting(),
        incomplete_dossiers=archive.results.count_incomplete(),
        handover_due=deadlines.due,
        handover_overdue=deadlines.overdue,
        oldest_error=archive.ledger.oldest_error(),
        alarms=alarms,
    )


def _damaged_scans(archive: Archive, counts: Counts) -> list[str]:
    """Return the scans and requests whose rows are damaged: scans where they are not thousands."""
    standing = {state: getattr(counts, state.value) for state in _STANDING}
    found = archive.ledger.in_no_state()
    if sum(standing.values()) <= _MOST_READ:
        found += archive.ledger.damaged_in(*_STANDING)
        for state, stages in _WAITED_FOR.items():
            found += sorted(archive.ledger.damaged_outcomes(state, *stages))
    found += [f"request {number}" for number in archive.requests.damaged()]
    return list(dict.fromkeys(found))


def _health(station: Station) -> Health | None:
    """Return what the engine says of itself, unless that is too old to count."""
    health = read_health(station.health)
    return health if health is not None and health.is_fresh(now()) else None


def _look_into_inbox(station: Station) -> tuple[int, list[Reason]]:
    """Count the scans of the inbox; return why some cannot be seen, too."""
    unseen: list[Reason] = []
    try:
        found = trays.look_into(station.inbox, lambda error: unseen.append(unlisted(error)))
        return sum(1 for _ in found), unseen
    except OSError as error:
        return 0, [unreachable(*cause(error))]


def write_status_page(services: Services) -> None:
    """Write `TRANG-THAI.html` for the clerk; not where the station's disk was taken away."""
    if not (services.station.root / SETTINGS_FILE).exists():
        return
    status = measure_status(services.station, services.archive)
    template = Template(files("desk").joinpath("pages/TRANG-THAI.html").read_text(encoding="utf-8"))
    at = now()
    page = template.substitute(
        alarms="".join(
            f'<p class="alarm" role="alert">{escape(a.vi)}</p>\n' for a in status.alarms
        ),
        agency=escape(services.station.settings.agency.name),
        at=show(at),
        waiting=status.waiting,
        in_work=status.in_work,
        signers="".join(_signer_row(awaited) for awaited in status.signers),
        broken=status.broken_signatures,
        broken_look=_look(status.broken_signatures),
        held=status.awaiting_personal_signature
        + status.awaiting_release
        + status.awaiting_timestamp,
        to_confirm=status.to_confirm,
        confirm_look=_look(status.to_confirm),
        unreadable=status.unreadable,
        unreadable_look=_look(status.unreadable),
        in_error=status.in_error,
        error_look=_look(status.in_error),
        secret=status.secret,
        secret_look=_look(status.secret),
        oldest=show(status.oldest_error) if status.oldest_error else "không có",
        filed=status.filed,
    )
    try:
        trays.write_whole(services.station.status_page, page.encode("utf-8"))
    except OSError as error:
        # Its age tells the clerk that something is wrong; the scans go on.
        log.warning("the status page cannot be written: %s", error)


def _look(count: int) -> str:
    """Return the class of a row: coloured only where somebody must look."""
    return "look" if count else "none"


def _signer_row(awaited: Awaited) -> str:
    person = escape(awaited.person or "chưa rõ là ai")
    return (
        f'<tr class="part"><th scope="row">chờ {person} ký (phiên ký cá nhân)</th>'
        f"<td>{awaited.papers}</td></tr>\n"
    )
