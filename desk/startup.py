"""Open a station for work: archive, engine, trust, key, and the demo's own services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.procedures import load_procedures
from config.rules import load_rule_set
from config.settings import SigningSettings
from config.vocabulary import EventType, load_classes
from desk.agency_seal import AgencySeal
from desk.clerks import check_rules
from desk.engine.readers import Seats
from desk.field_rules import field_rules_of
from desk.moments import VIETNAM, now
from desk.networks import station_network
from desk.opinions import open_opinion
from desk.own_procedures import take_own_procedures
from desk.reading_jobs import open_readers, open_recognizer
from desk.remote.agency_work import AgencyWork, agent_of
from desk.remote.answers import Desk
from desk.remote.board import Board
from desk.remote.listener import open_agents
from desk.remote.personal_work import PersonalWork
from desk.services import Services
from desk.stages import ACTOR
from desk.station import Station
from signing.judges import Ground, KeptJudge
from signing.key_names import KeySecrets, SignerKey, name_key
from signing.network import Network
from signing.providers import Padding
from signing.secrets import (
    SecretFile,
    SecretPrompt,
    SecretSource,
    find_credential,
    require_private,
)
from signing.trust import TrustStore, load_trust
from storage.archive import Archive, open_archive
from storage.heads import load_key
from storage.model import NewEvent

PIN_QUESTION = "Nhập mật khẩu hoặc mã PIN của khóa ký"


def agency_key(station: Station) -> SignerKey | None:
    """Return the name of the agency's key and where its secrets are; None where there is none.

    Raises:
        KeyMaterialError: a secret cannot be read, or others can read it too.
    """
    signing = station.settings.signing
    is_here = signing.key and agent_of(signing.key) is None
    return named_key(signing, station.root) if is_here else None


def named_key(settings: SigningSettings, folder: Path) -> SignerKey:
    """Return the name of a key and where its secrets are.

    Args:
        settings: the [signing] section, or what a command line says instead.
        folder: what its relative paths are relative to.

    Raises:
        KeyMaterialError: a secret cannot be read, or others can read it too; or the name of the
            key cannot be understood.
    """
    secrets = KeySecrets(
        pin=_secret(folder, settings.passphrase),
        access=_secret(folder, settings.access) if settings.access else None,
        padding=Padding(settings.padding),
    )
    return name_key(settings.key, folder, secrets)


def _secret(folder: Path, named: str) -> SecretSource:
    """Say where a secret is; it is read by the short-lived process that holds the key."""
    if not named:
        return SecretPrompt(question=PIN_QUESTION)
    path = find_credential(named, folder)
    require_private(path)
    return SecretFile(path=path)


def _open_seal(station: Station, trust: TrustStore, network: Network, board: Board) -> AgencySeal:
    """Open what signs with the agency's key, wherever that key is."""
    agent = agent_of(station.settings.signing.key)
    if agent is None:
        return AgencySeal(agency_key(station), trust, network)
    return AgencySeal(None, trust, network, far=board.far_seal(agent))


@contextmanager
def open_services(station: Station) -> Iterator[Services]:
    """Open everything that the engine needs; the caller holds the station's lock.

    Raises:
        SettingsError, StorageError, SigningError, DeskError: something is missing; the message says
            what and what to do.
    """
    check_rules(station.settings.signing.scans_of)
    with ExitStack() as stack:
        archive = stack.enter_context(open_archive(station.archive))
        classes = load_classes(station.own_classes)
        field_rules = field_rules_of(station, archive)
        own = load_procedures(station.own_procedures, classes)
        take_own_procedures(own, classes, archive)
        trust, network = load_trust(station.trust), station_network(station)
        judge = stack.enter_context(KeptJudge(Ground(trust=station.trust, network=network)))
        board = Board()
        seal = stack.enter_context(_open_seal(station, trust, network, board))
        rules = load_rule_set(now().astimezone(VIETNAM).date())
        personal = PersonalWork(station, archive, trust, network, rules)
        agents = Desk(
            station=station,
            archive=archive,
            board=board,
            agency=AgencyWork(station, archive, classes, seal),
            personal=personal,
        )
        stack.callback(personal.close)
        stack.enter_context(open_agents(agents))
        readers = stack.enter_context(open_readers(station.settings.reading))
        yield Services(
            station=station,
            archive=archive,
            recognizer=open_recognizer(station.settings.reading),
            readers=readers,
            # Half of the scans in work (`desk.engine.local`) may be large.
            seats=Seats(2 * readers.count),
            rules=rules,
            classes=classes,
            field_rules=field_rules,
            trust=trust,
            network=network,
            judge=judge,
            seal=seal,
            agents=board,
            opinion=open_opinion(archive, station.opinion, now()),
        )


def note_settings(station: Station, archive: Archive) -> None:
    """Log the settings that evidence depends on, where they differ from what was logged last."""
    signing, reading = station.settings.signing, station.settings.reading
    stated = {
        "personal": signing.personal,
        "release": signing.release,
        "timestamp": signing.timestamp,
        "level": signing.level,
        "unreadable": reading.unreadable,
        "repair": reading.repair,
        "demo": station.is_demo,
    }
    logged = archive.events.newest_of(EventType.SETTING, "archive")
    if logged and dict(logged.detail) == stated:
        return
    archive.events.append(
        NewEvent(type=EventType.SETTING, object="archive", actor=ACTOR, at=now(), detail=stated)
    )


def sign_log(station: Station, archive: Archive) -> None:
    """Sign the head of the event log with the station's key, where it grew since the last time."""
    archive.sign_head(load_key(station.key), now())
