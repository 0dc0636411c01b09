"""The digitisation report of a station: counts, indicators and points, times, causes.

What the station cannot know is told as not measured; it is never counted as nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.indicators import Indicator, Indicators, load_indicators
from desk.errors import PeriodRefused
from desk.moments import now
from desk.station import Station
from storage.archive import Archive
from storage.report_times import (
    Cause,
    Papers,
    Times,
    count_causes,
    count_papers,
    count_reuse,
    measure_times,
)
from storage.reports import (
    Group,
    Grouping,
    Period,
    Scope,
    count_dossiers,
    count_undated,
    is_syncing_stated,
)
from storage.reuse import ReuseCount

FORMAT = "hoso digitisation report 1"
_NONE = "không có hồ sơ nào để tính"
_SILENT = "không đo được ở đây: sổ hồ sơ không có cột {}"
_NEVER = "không đo được ở đây: chứng thực bản sao là việc khác, trạm không làm"
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What an indicator is the ratio of."""

    part: int
    """Dossiers, or procedures, that have it."""
    whole: int
    """Of so many."""
    unknown: int = 0
    """Of the whole, those of which nobody said; they count as not having it."""
    silent: str = ""
    """Why it cannot be measured here, Vietnamese; empty where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One indicator of one group."""

    code: str
    """As the National Portal calls it."""
    name: str
    """Vietnamese."""
    max_score: float
    """Points at the threshold and above."""
    threshold: float
    """Per cent."""
    unverified: bool
    """True where only a secondary source of points and threshold was seen."""
    measured: bool
    """False where the station cannot know it, or there is nothing to count."""
    part: int | None
    """Numerator; None where it is not measured."""
    whole: int | None
    """Denominator; None likewise."""
    unknown: int | None
    """Of the whole, those of which nobody said; they count as not having it. None likewise."""
    ratio: float | None
    """0 to 1; None likewise."""
    score: float | None
    """Points; None likewise."""
    why: str
    """Why it is not measured, Vietnamese; empty where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the report."""

    group: Group
    """What was counted."""
    indicators: tuple[Measured, ...]
    """Empty for a single dossier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A digitisation report."""

    made_at: dt.datetime
    """When: it tells of the archive as it stood then."""
    scope: Scope
    """Which dossiers."""
    by: Grouping | None
    """What the lines are; None where there are none."""
    agency_name: str
    """Whose station."""
    agency_code: str
    """Its mã định danh."""
    indicators_version: str
    """Of the table of points and thresholds."""
    total: Line
    """All together."""
    lines: tuple[Line, ...]
    """In the order of their keys."""
    papers: Papers
    """Papers that were filed; of all agencies."""
    times: Times
    """How long they took; of all agencies."""
    causes: tuple[Cause, ...]
    """Why scans were put aside; of all agencies."""
    reuse: ReuseCount
    """Questions whether a paper is held; of all agencies."""
    undated: int
    """Registered dossiers without a day of receipt: they are in no period."""


def make_report(
    station: Station, archive: Archive, scope: Scope, by: Grouping | None = None
) -> Report:
    """Count the dossiers of a period, and score them.

    Raises:
        PeriodRefused: the period ends before it begins.
        SettingsError: the agency's own table of indicators cannot be used.
    """
    _require_order(scope.period)
    indicators = load_indicators(station.own_indicators)
    db, period = archive.db, scope.period
    with db.snapshot():
        knows_syncing = is_syncing_stated(db)
        (whole,) = count_dossiers(db, scope)
        groups = count_dossiers(db, scope, by) if by else ()
        scored = indicators if by != "dossier" else Indicators(version="", items=())
        return Report(
            made_at=now(),
            scope=scope,
            by=by,
            agency_name=station.settings.agency.name,
            agency_code=station.settings.agency.code,
            indicators_version=indicators.version,
            total=_line(whole, indicators, knows_syncing=knows_syncing),
            lines=tuple(_line(group, scored, knows_syncing=knows_syncing) for group in groups),
            papers=count_papers(db, period),
            times=measure_times(db, period),
            causes=count_causes(db, period),
            reuse=count_reuse(db, period),
            undated=count_undated(db, scope.agencies),
        )


def total_score(indicators: tuple[Measured, ...]) -> tuple[float, float, float]:
    """Return the points, those that could be had of what is measured, and all there are."""
    scored = [item for item in indicators if item.score is not None]
    return (
        round(sum(item.score or 0.0 for item in scored), _DIGITS),
        sum(item.max_score for item in scored),
        sum(item.max_score for item in indicators),
    )


def _require_order(period: Period) -> None:
    if period.ends < period.begins:
        raise PeriodRefused(
            f"Kỳ báo cáo kết thúc ({period.ends:%d/%m/%Y}) trước khi bắt đầu "
            f"({period.begins:%d/%m/%Y}). Hãy sửa --from hoặc --to.",
            f"the period ends ({period.ends}) before it begins ({period.begins}); "
            "correct --from or --to",
        )


def _line(group: Group, indicators: Indicators, *, knows_syncing: bool) -> Line:
    shares = {code: share(group) for code, share in _SHARES.items()}
    if not knows_syncing:
        shares[_SYNCED] = Share(part=0, whole=0, silent=_SILENT.format("synced_at"))
    return Line(
        group=group,
        indicators=tuple(_measured(item, shares[item.code]) for item in indicators.items),
    )


def _measured(item: Indicator, share: Share) -> Measured:
    why = share.silent or ("" if share.whole else _NONE)
    ratio = None if why else share.part / share.whole
    return Measured(
        code=item.code,
        name=item.name,
        max_score=item.max_score,
        threshold=item.threshold,
        unverified=item.unverified,
        measured=not why,
        part=None if why else share.part,
        whole=None if why else share.whole,
        unknown=None if why else share.unknown,
        ratio=None if ratio is None else round(ratio, _DIGITS),
        score=None if ratio is None else round(item.score(ratio), _DIGITS),
        why=why,
    )


def _original(group: Group) -> Share:
    counted = group.settled
    is_silent = counted.settled and counted.electronic_unknown == counted.settled
    return Share(
        part=counted.result_electronic,
        whole=counted.settled,
        unknown=counted.electronic_unknown,
        silent=_SILENT.format("electronic_result") if is_silent else "",
    )


def _digitised(group: Group) -> Share:
    return Share(part=group.received.digitised, whole=group.received.judged)


def _synced(group: Group) -> Share:
    return Share(part=group.received.synced, whole=group.received.digitised)


def _reused(group: Group) -> Share:
    return Share(part=group.received.reused, whole=group.received.received)


def _citizen(group: Group) -> Share:
    counted = group.received
    return Share(
        part=counted.citizen_used,
        whole=counted.received,
        unknown=counted.received - counted.citizen_known,
        silent=_silent_of_citizens(group),
    )


def _formality(group: Group) -> Share:
    return Share(
        part=group.received.procedures_connected,
        whole=group.received.procedures,
        silent=_silent_of_citizens(group),
    )


def _silent_of_citizens(group: Group) -> str:
    is_silent = group.received.received and not group.received.citizen_known
    return _SILENT.format("citizen_data") if is_silent else ""


def _certified(_: Group) -> Share:
    return Share(part=0, whole=0, silent=_NEVER)


_SYNCED = "SYNCED_WITH_DVCQG_PERSONAL_STORAGE"
_SHARES: Mapping[str, Callable[[Group], Share]] = {
    "ORIGINAL_RESULT_AVAILABLE": _original,
    "SO_HOA_GIAY_TO_GIAI_QUYET": _digitised,
    _SYNCED: _synced,
    "REUSED_DIGITIZED_DATA": _reused,
    "CITIZEN_DATA_CONNECTED_DOSSIER": _citizen,
    "CITIZEN_DATA_CONNECTED_FORMALITY": _formality,
    "ELECTRONIC_CERTIFIED_COPY": _certified,
}
"""What each indicator of `config/indicators.toml` is the ratio of."""
