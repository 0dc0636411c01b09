"""Whose scans are whose: by folder, by account, for the rest, or by who owned the file."""

from __future__ import annotations

import datetime as dt

import pytest

from config.tables import SettingsError
from desk.clerks import signer_of
from storage.submissions import Submission, SubmissionState

AT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
RULES = ("an = scanner1", "binh = quay-2/", "chi = quay-2/phu/", "dung = *")


def scan(folder: str = "", owner: str = "scanner1") -> Submission:
    return Submission(
        id="x",
        name="a.jpg",
        folder=folder,
        tray_path="2/a.jpg",
        size_bytes=1,
        received_at=AT,
        owner=owner,
        state=SubmissionState.IN_WORK,
        sha256=None,
        sha512=None,
        media_type=None,
        updated_at=AT,
        attempts=0,
        stage=None,
        reason=None,
        confirmed_dossier=None,
        confirmed_class=None,
    )


@pytest.mark.parametrize(
    ("folder", "owner", "signer"),
    [
        ("", "scanner1", "an"),
        ("quay-2", "scanner1", "binh"),
        ("quay-2/H26.99-261105-0001", "scanner1", "binh"),
        ("quay-2/phu", "scanner1", "chi"),
        ("quay-20", "scanner1", "an"),
        ("", "lan", "dung"),
        ("", "", "dung"),
    ],
)
def test_folders_say_most_then_accounts_then_the_rest(folder: str, owner: str, signer: str) -> None:
    assert signer_of(scan(folder, owner), RULES) == signer


def test_without_a_word_it_is_who_owned_the_file() -> None:
    assert signer_of(scan(owner="lan"), ()) == "lan"
    assert signer_of(scan(owner=""), ()) == ""


@pytest.mark.parametrize("line", ["an", "= scanner1", "an =", ""])
def test_a_line_that_says_nothing_is_refused(line: str) -> None:
    with pytest.raises(SettingsError, match="scans_of"):
        signer_of(scan(), (line,))
