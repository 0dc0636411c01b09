"""Make a demo station: sample dossiers, their register, a throw-away PKI, rules relaxed openly."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from config.settings import (
    AgencySettings,
    DemoSettings,
    IntakeSettings,
    Settings,
    SigningSettings,
)
from config.vocabulary import load_classes
from desk.agency_seal import AgencySeal
from desk.demo import pki
from desk.errors import DemoUnavailable
from desk.founding import Founded, found_station
from desk.moments import now
from desk.networks import open_network
from desk.registering import import_register
from desk.services import Services
from desk.sign_sessions import Limits, SignSession
from desk.station import Station
from signing.model import Level, SignRequest
from signing.pades import sign_pdf
from signing.pkcs12 import Pkcs12Key
from signing.secrets import SecretFile, read_secret_file
from signing.signer import open_signer
from signing.trust import load_trust
from storage.archive import open_archive

_HERE = Path(__file__).parent
_AUTHORITY = "authority"
_AGENCY = AgencySettings(name="Ủy ban nhân dân xã Thử Nghiệm", code="H26.99")
# A decision that arrives signed by an officer: it is filed byte for byte.
_SIGNED_ARRIVAL = "H26.99-261111-0005/quyet-dinh-da-ky-so.pdf"
_ARRIVAL_SIGNER = "officer1"
# The demo's clerk, in whose name a session of personal signatures opens by itself.
_CLERK = "can-bo-thu-nghiem"
_CLERK_KEY = "officer2"


def found_demo(root: Path, at: dt.datetime) -> Founded:
    """Make a demo station.

    Args:
        root: a new or empty folder.
        at: now, aware; certificates are issued around it.

    Raises:
        StationExists: the folder is taken.
        DemoUnavailable: the extra `hoso[demo]` is missing, or its services do not start.
    """
    port = _free_port()
    founded = found_station(root, _settings(port))
    station = founded.station
    try:
        pki.create(root / _AUTHORITY, port=port, at=at)
    except pki.AuthorityError as error:
        shutil.rmtree(root)  # nothing but what was made a moment ago
        raise DemoUnavailable(error.vi, error.en) from error
    _adopt_trust(station)
    shutil.copytree(_HERE / "samples", root / "samples")
    with open_archive(station.archive) as archive:
        register = _HERE / "register" / "so-ho-so.json"
        import_register(register, archive, load_classes(), actor="hoso init --demo")
    with demo_services(station):
        _sign_arrival(station, root / "samples" / _SIGNED_ARRIVAL, at)
    return founded


def _settings(port: int) -> Settings:
    # The addresses are those of the throw-away services, on this machine only.
    return Settings(
        agency=_AGENCY,
        intake=IntakeSettings(still_seconds=1.0, dossier_seconds=1.0, incomplete_seconds=5.0),
        signing=SigningSettings(
            personal="required",
            scans_of=(f"{_CLERK} = *",),
            # Nobody sits there to open another.
            session_minutes=24.0 * 60.0,
            session_papers=10_000,
            release="automatic",
            key=f"{_AUTHORITY}/signers/{pki.AGENCY}.p12",
            passphrase=f"{_AUTHORITY}/signers/{pki.AGENCY}.pass",
            level="B-LTA",
            timestamp_url=f"http://127.0.0.1:{port}/congvu/tsa/tsa",
            hosts=(f"127.0.0.1:{port}",),
            network_seconds=30.0,
        ),
        demo=DemoSettings(authority=_AUTHORITY),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _adopt_trust(station: Station) -> None:
    made = station.root / _AUTHORITY / "trust"
    for path in made.rglob("*"):
        if path.is_file():
            target = station.trust / path.relative_to(made)
            target.parent.mkdir(exist_ok=True)
            shutil.copy2(path, target)


def _sign_arrival(station: Station, target: Path, at: dt.datetime) -> None:
    files = pki.key_files(station.root / _AUTHORITY, _ARRIVAL_SIGNER)
    key = Pkcs12Key(path=files.pkcs12, passphrase=read_secret_file(files.passphrase))
    request = SignRequest(
        source=_HERE / "register" / "da-ky-so.pdf",
        target=target,
        field_name="NguoiKy_1",
        level=Level.B_LTA,
        block=None,
        reason=None,
        at=at,
    )
    network = open_network(station.settings.signing)
    with open_signer(key) as signer:
        sign_pdf(request, signer, load_trust(station.trust), network)


@contextmanager
def demo_services(station: Station) -> Iterator[None]:
    """Run the throw-away timestamp and revocation services of a demo station; else nothing.

    Raises:
        DemoUnavailable: they do not start.
    """
    if not station.is_demo:
        yield
        return
    try:
        with pki.Services(station.root / station.settings.demo.authority):
            yield
    except pki.AuthorityError as error:
        raise DemoUnavailable(error.vi, error.en) from error


@contextmanager
def demo_session(services: Services) -> Iterator[Services]:
    """Give a demo station a session of its clerk's signatures, recorded as opened by itself.

    A real station never has one in its engine: there a person opens it, with that person's key.

    Raises:
        SigningError: the demo's key cannot be used.
    """
    station, signing = services.station, services.station.settings.signing
    if not station.is_demo or signing.personal == "off":
        yield services
        return
    files = pki.key_files(station.root / station.settings.demo.authority, _CLERK_KEY)
    key = Pkcs12Key(path=files.pkcs12, passphrase=SecretFile(path=files.passphrase))
    limits = Limits(
        person=_CLERK,
        actor="hoso (demo)",
        papers=signing.session_papers,
        until=now() + dt.timedelta(minutes=signing.session_minutes),
    )
    with AgencySeal(key, services.trust, services.network) as seal:
        session = SignSession(station, services.archive, seal, services.rules, limits)
        with session:
            yield replace(services, session=session)
