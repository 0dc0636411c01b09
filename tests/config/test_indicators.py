"""Points of QĐ 766/QĐ-TTg: the formula, the group's sum, and what an agency states otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.indicators import load_indicators
from config.tables import SettingsError

OWN = """
version = "so-tt"
[[indicator]]
code = "SO_HOA_GIAY_TO_GIAI_QUYET"
max_score = 4
threshold = {threshold}
source = "Hướng dẫn thử nghiệm"
"""


def test_the_group_has_22_points_and_says_what_was_not_seen() -> None:
    items = load_indicators().items
    assert sum(item.max_score for item in items) == 22
    assert all(item.unverified and item.source for item in items)


@pytest.mark.parametrize(
    ("ratio", "score"), [(0.0, 0.0), (0.4, 1.0), (0.8, 2.0), (0.81, 2.0), (1.0, 2.0)]
)
def test_points_grow_with_the_ratio_up_to_the_threshold(ratio: float, score: float) -> None:
    items = {item.code: item for item in load_indicators().items}
    assert items["REUSED_DIGITIZED_DATA"].score(ratio) == pytest.approx(score)


def test_an_agency_states_its_own_threshold(tmp_path: Path) -> None:
    own = tmp_path / "indicators.toml"
    own.write_text(OWN.format(threshold=80), encoding="utf-8")
    found = load_indicators(own)
    changed = {item.code: item for item in found.items}["SO_HOA_GIAY_TO_GIAI_QUYET"]
    assert (changed.threshold, changed.unverified, changed.score(0.8)) == (80, False, 4)
    assert found.version.endswith("+so-tt")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (OWN.format(threshold=0), "threshold"),
        (OWN.format(threshold=80).replace("SO_HOA", "SOHOA"), "SO_HOA_GIAY_TO_GIAI_QUYET"),
        (OWN.format(threshold=80).replace("max_score", "max_scores"), "max_score"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused_with_its_place(
    tmp_path: Path, text: str, named: str
) -> None:
    own = tmp_path / "indicators.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=named):
        load_indicators(own)
