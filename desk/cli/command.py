"""What a command of `hoso` is: a name, a sentence, arguments, and a handler."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from os import environ
from pathlib import Path

from desk.station import Station, find_station, open_station


def _no_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the command takes no arguments of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of the table in `desk.cli.main`."""

    name: str
    """One word, or two (`register import`)."""
    help: str
    """One Vietnamese sentence."""
    run: Callable[[argparse.Namespace], int]
    """Parses nothing: takes the arguments, calls, prints, returns the exit code."""
    add_arguments: Callable[[argparse.ArgumentParser], None] = _no_arguments


def station_of(arguments: argparse.Namespace) -> Station:
    """Open the station that the command line, HOSO_STATION or the current folder names.

    Raises:
        StationNotFound, SettingsError: there is none, or its settings cannot be used.
    """
    named = arguments.station or environ.get("HOSO_STATION")
    return open_station(find_station(Path(named)) if named else find_station(Path.cwd()))


def wants_json(arguments: argparse.Namespace) -> bool:
    """Tell whether stdout shall be one JSON value and nothing else."""
    return bool(arguments.json)
