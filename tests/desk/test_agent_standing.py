"""What is told of the computer at which the agency's key lies, and what the engine hears of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from config.codec import to_plain
from config.settings import AgentSettings, Settings, SigningSettings
from desk.moments import now
from desk.remote.holder import describe_holder
from desk.remote.paired import PairedAgent
from desk.remote.standing import Standings, Step, read_standing, standings_at
from desk.station import Station
from desk.station_lock import hold_lock

NAME, PERSON = "van-thu", "Chị Lan THỬ NGHIỆM"


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A station whose agency key lies at a paired computer."""
    settings = Settings(
        signing=SigningSettings(key=f"agent:{NAME}"), agents=AgentSettings(port=8443)
    )
    station = Station(root=tmp_path, settings=settings)
    station.archive.mkdir()
    agents = station.key.with_name("agents")
    agents.mkdir(parents=True)
    paired = PairedAgent(
        name=NAME, person=PERSON, host="PC", certificate="", paired_at=now(), paired_by="admin"
    )
    (agents / f"{NAME}.agent.json").write_text(json.dumps(to_plain(paired)), encoding="utf-8")
    return station


def told(station: Station, later: float = 0.0) -> tuple[str, str, str]:
    """Return the tone and the words while an engine runs, some seconds later."""
    with hold_lock(station):
        found = describe_holder(station, now() + dt.timedelta(seconds=later))
    assert found is not None
    return found.tone, found.vi, found.en


Act = Callable[[Standings], None]


def looked(heard: Standings) -> None:
    heard.note(NAME, Step.LOOKING)


def shown(heard: Standings) -> None:
    heard.note(NAME, Step.SHOWN, 3)


def signs(heard: Standings) -> None:
    shown(heard)
    heard.note(NAME, Step.SIGNING, 3, signed=2)


def ended(why: str) -> Act:
    def end(heard: Standings) -> None:
        signs(heard)
        heard.note_end(NAME, why, 3, signed=2)

    return end


@pytest.mark.parametrize(
    ("act", "later", "tone", "words"),
    [
        (looked, 1.0, "good", "đang mở, sẵn sàng"),
        (looked, 60.0, "doubt", "không liên lạc từ"),
        (shown, 1.0, "doubt", "đã nhận danh sách 3 giấy"),
        # Who reads a list and looks for a PIN is not gone.
        (shown, 600.0, "doubt", "đã nhận danh sách 3 giấy"),
        (signs, 1.0, "good", "đã ký 2/3 giấy"),
        (signs, 60.0, "doubt", "không liên lạc từ"),
        (ended("done"), 1.0, "good", "sẵn sàng"),
        (ended("PinRefused"), 1.0, "bad", "mã PIN gõ sai"),
        (ended("PinRefused"), 9_000.0, "bad", "mã PIN gõ sai"),
        (ended("TokenLost"), 1.0, "bad", "rút ra"),
        (ended("TokenAbsent"), 1.0, "bad", "không thấy token"),
        (ended("lost"), 1.0, "bad", "mất liên lạc"),
        (ended("interrupted"), 1.0, "bad", "đã dừng đợt ký"),
        (ended("Unheard"), 1.0, "bad", "đợt ký dừng (Unheard)"),
    ],
)
def test_a_computer_is_described_by_what_was_heard_last(
    station: Station, act: Act, later: float, tone: str, words: str
) -> None:
    act(Standings(standings_at(station)))
    found = told(station, later)
    assert found[0] == tone
    assert words in found[1]
    assert PERSON in found[1]
    assert PERSON in found[2]


def test_what_was_never_heard_or_paired_is_said_with_what_to_do(station: Station) -> None:
    assert "hoso agent" in told(station)[1]
    (station.key.with_name("agents") / f"{NAME}.agent.json").unlink()
    assert told(station)[0] == "bad"
    assert f"hoso agents pair {NAME}" in told(station)[1]


def test_where_no_engine_runs_nothing_that_it_heard_counts(station: Station) -> None:
    looked(Standings(standings_at(station)))
    found = describe_holder(station, now())
    assert found is not None
    assert (found.tone, "hoso run" in found.vi) == ("bad", True)


def test_a_key_that_lies_elsewhere_has_no_computer(station: Station) -> None:
    here = replace(station.settings, signing=SigningSettings(key="keys/agency.p12"))
    assert describe_holder(replace(station, settings=here), now()) is None


def test_how_a_batch_ended_is_told_until_another_is_shown(station: Station) -> None:
    heard = Standings(standings_at(station))
    ended("PinRefused")(heard)
    looked(heard)
    known = read_standing(station, NAME)
    assert known is not None
    assert (known.step, known.why, known.count) == (Step.ENDED, "PinRefused", 3)
    shown(heard)
    known = read_standing(station, NAME)
    assert known is not None
    assert (known.step, known.why) == (Step.SHOWN, "")
    # Another engine has heard nothing yet.
    Standings(standings_at(station))
    assert read_standing(station, NAME) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"van-thu": 1}', '{"van-thu": {"step": "x"}}'])
def test_a_damaged_note_says_nothing(station: Station, text: str) -> None:
    standings_at(station).write_text(text, encoding="utf-8")
    assert read_standing(station, NAME) is None
    assert "chưa liên lạc" in told(station)[1]
