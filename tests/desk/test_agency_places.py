"""An agency's own places: taken by `hoso run` and `hoso read`, refused where they are broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.fields import load_field_rules
from config.tables import SettingsError
from config.vocabulary import EventType
from desk.exit_codes import USAGE
from desk.previews import Understanding, understand, understanding_of
from desk.station import Station
from digitize.model import Line, Paper
from digitize.ocr import make_line
from tests.desk.conftest import SmallStation, hoso
from tests.digitize.workbench import centred, line, page_of

LIST = """version = "7"

[[places]]
level = "xã"
names = ["Suối Giấy"]
"""
BROKEN = LIST.replace('level = "xã"', 'level = "xa"')


def _put(station: Station, text: str) -> Path:
    station.own_places.parent.mkdir(parents=True, exist_ok=True)
    station.own_places.write_text(text, encoding="utf-8")
    return station.own_places


def _unsure(item: Line, confidence: float) -> Line:
    return make_line([replace(word, confidence=confidence) for word in item.words])


def _notice() -> Paper:
    lines = [
        line("ỦY BAN NHÂN DÂN", 70, 60, 10),
        line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 290, 60, 10),
        # Marks over capitals melt: nobody knows this commune but who lists it.
        _unsure(line("XÃ SUỒI GIẦY", 80, 73, 10), 0.7),
        line("Số: 12/TB-UBND", 70, 100, 10),
        centred("THÔNG BÁO", 150, 14),
    ]
    return Paper(number=1, pages=(page_of(lines),), reason="Mỗi tệp là một giấy tờ")


def _body(known: Understanding) -> str | None:
    found = understand(Path("thong-bao.jpg"), _notice(), (0.1,), known)
    assert found.classification.sure
    return found.description.value("issuing_body")


def test_read_goes_by_the_stations_list_and_by_none_elsewhere(small: SmallStation) -> None:
    _put(small.station, LIST)
    assert _body(understanding_of(small.station)) == "ỦY BAN NHÂN DÂN XÃ SUỐI GIẤY"
    assert _body(understanding_of(None)) is None


def test_run_goes_by_the_list_and_notes_its_version(small: SmallStation) -> None:
    _put(small.station, LIST)
    small.drop("H26.99-261105-0001/SCAN_0001.jpg")
    small.run()
    with small.archive() as archive:
        versions = {
            event.detail["fields_version"]
            for event in archive.events.events()
            if event.type == EventType.METADATA_EXTRACTION
        }
    assert versions == {f"{load_field_rules().version}+7"}


@pytest.mark.parametrize("command", [("read", "thong-bao.jpg"), ("run", "--once")])
def test_a_broken_list_is_refused_with_line_and_nearest_key(
    small: SmallStation, command: tuple[str, ...]
) -> None:
    _put(small.station, BROKEN)
    with pytest.raises(SettingsError):
        understanding_of(small.station)
    refused = hoso(*command, "--station", small.station.root)
    assert refused.returncode == USAGE
    assert "places.toml, dòng 4:" in refused.stderr
    assert "«xã»" in refused.stderr
