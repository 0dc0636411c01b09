"""Which services outside this machine may be asked: what the settings allow, and nothing else."""

from __future__ import annotations

from pathlib import Path

from config.settings import SigningSettings
from desk.station import Station
from signing.network import Network


def open_network(settings: SigningSettings, cache: Path | None = None) -> Network:
    """Return which services may be asked.

    Args:
        settings: the [signing] section.
        cache: folder of revocation data kept for next time; None keeps nothing.
    """
    return Network(
        timestamp_url=settings.timestamp_url or None,
        allowed_hosts=frozenset(settings.hosts),
        timeout_seconds=settings.network_seconds,
        second_timestamp_url=settings.timestamp_url_2 or None,
        clock_seconds=settings.clock_seconds,
        cache=cache,
    )


def station_network(station: Station) -> Network:
    """Return which services a station may ask; it keeps revocation data in its archive."""
    return open_network(station.settings.signing, station.archive / "revocation")
