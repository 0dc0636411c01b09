"""What can go wrong at the desk, beside the errors of the packages it calls.

    DeskError
    ├── StationNotFound    no hoso.toml here or above
    ├── StationExists      `init` was pointed at a folder that is a station, or not empty
    ├── StationBusy        another engine runs on this station
    ├── PathUnusable       a path of the command line cannot be read or written
    ├── UnknownCode        neither a dossier nor a record nor a submission
    ├── AnswerRefused      what a person says of a paper cannot be taken so
    ├── PeriodRefused      a report's period ends before it begins
    ├── InfectedFile       the virus scanner found something in a scan
    ├── VirusCheckRefused  the virus scanner will not check a scan
    ├── ScannerUnavailable the virus scanner cannot be asked
    ├── StationUnreachable an agent cannot reach its station
    ├── StationDistrusted  what answers an agent is another station, or asks for what cannot be
    ├── AgentNotPaired     station and agent are not paired, or the code of a pairing is wrong
    ├── JournalUnusable    an agent's journal of signatures cannot be read or written
    └── DemoUnavailable    the extra `hoso[demo]` is not installed, or its services do not start

Settings errors are `config.tables.SettingsError`.
"""

from __future__ import annotations

from config.telling import ToldError


class DeskError(ToldError):
    """Base of the desk's own errors; Vietnamese and English text."""


class StationNotFound(DeskError):
    """There is no station here."""


class StationExists(DeskError):
    """The folder is taken."""


class StationBusy(DeskError):
    """Another engine holds the station's lock."""


class PathUnusable(DeskError):
    """A path that was named on the command line cannot be read or written."""


class UnknownCode(DeskError):
    """Nothing is known under this code or id."""


class AnswerRefused(DeskError):
    """What a person says of a paper cannot be taken so; the message says what could be."""


class PeriodRefused(DeskError):
    """The period of a report ends before it begins."""


class InfectedFile(DeskError):
    """The virus scanner found something in a scan."""


class VirusCheckRefused(DeskError):
    """The virus scanner will not check a scan, for its length or its own limits."""


class ScannerUnavailable(DeskError):
    """The virus scanner is down, slow, or something else."""


class DemoUnavailable(DeskError):
    """The demo's throw-away services cannot be used."""


class StationUnreachable(DeskError):
    """An agent's station does not answer; it may be tried again."""


class StationDistrusted(DeskError):
    """What answers an agent is not its station, or asks for what its officer did not see."""


class AgentNotPaired(DeskError):
    """Station and agent do not know each other."""


class JournalUnusable(DeskError):
    """An agent's journal cannot be read or written: without it no key is used."""
