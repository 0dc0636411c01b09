"""Forms of the backup log: ours are whole, an agency's are refused where they cannot be filled."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from config.backup_forms import ACTS, KEYS, load_backup_forms
from config.tables import SettingsError

OURS = files("config").joinpath("backup_forms.toml").read_text(encoding="utf-8")


def test_ours_tell_everything_and_that_the_gazetted_ones_were_not_seen() -> None:
    forms = load_backup_forms()
    assert [column.key for column in forms.columns] == list(KEYS)
    assert tuple(forms.minutes) == ACTS
    assert forms.unverified


def test_an_agency_words_its_own(tmp_path: Path) -> None:
    own = tmp_path / "backup_forms.toml"
    own.write_text(OURS.replace("Số sự kiện", "STT").replace("unverified = true", ""), "utf-8")
    forms = load_backup_forms(own)
    assert (forms.columns[0].heading, forms.unverified) == ("STT", False)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("{medium}", "{media}", "medium"),
        ("{medium}", "{medium.__class__}", "medium"),
        ("{medium}", "{medium", "ngoặc"),
        ("{medium}", "{}", "không có"),
        ('act = "mend"', 'act = "mends"', "mend"),
        ('key = "run"', 'key = "runs"', "run"),
        ("[[column]]", "[[columns]]", "column"),
    ],
)
def test_a_form_that_cannot_be_filled_is_refused(
    tmp_path: Path, before: str, after: str, named: str
) -> None:
    own = tmp_path / "backup_forms.toml"
    own.write_text(OURS.replace(before, after), encoding="utf-8")
    with pytest.raises(SettingsError, match=named):
        load_backup_forms(own)


def test_a_form_that_is_missing_is_named(tmp_path: Path) -> None:
    own = tmp_path / "backup_forms.toml"
    own.write_text(OURS[: OURS.index('[[minutes]]\nact = "mend"')], encoding="utf-8")
    with pytest.raises(SettingsError, match="mend"):
        load_backup_forms(own)
