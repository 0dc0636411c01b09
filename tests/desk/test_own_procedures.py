"""Procedures that an agency states: taken into the register, updated, refused where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.procedures import load_procedures
from config.tables import SettingsError
from config.vocabulary import load_classes
from desk.own_procedures import take_own_procedures
from storage.archive import Archive, open_archive
from storage.register import ExpectedComponent, Procedure, RegisterBatch

CLASSES = load_classes()
FILE = """\
version = "2026-12-01"

[[procedure]]
code = "1.001193"
title = "Đăng ký khai sinh"
sector = "Hộ tịch"
required = ["TKKS", "GCS"]
optional = ["GCNKH"]
results = ["GKS"]
"""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "archive") as opened:
        yield opened


def _take(archive: Archive, tmp_path: Path, text: str) -> None:
    path = tmp_path / "procedures.toml"
    path.write_text(text, encoding="utf-8")
    take_own_procedures(load_procedures(path, CLASSES), CLASSES, archive)


def test_what_the_agency_states_is_in_the_register_and_in_the_log_once(
    archive: Archive, tmp_path: Path
) -> None:
    for _ in range(2):
        _take(archive, tmp_path, FILE)
    assert archive.register.procedure("1.001193") == Procedure(
        code="1.001193",
        title="Đăng ký khai sinh",
        sector="Hộ tịch",
        components=(
            ExpectedComponent(class_code="TKKS", name="Tờ khai đăng ký khai sinh"),
            ExpectedComponent(class_code="GCS", name="Giấy chứng sinh"),
            ExpectedComponent(class_code="GCNKH", name="Giấy chứng nhận kết hôn", required=False),
        ),
        result_classes=("GKS",),
    )
    (event,) = archive.events.events("register")
    assert event.detail["version"] == "2026-12-01"


def test_what_the_agency_changes_in_its_file_is_updated(archive: Archive, tmp_path: Path) -> None:
    _take(archive, tmp_path, FILE)
    _take(archive, tmp_path, FILE.replace("Đăng ký khai sinh", "Đăng ký khai sinh (mới)"))
    procedure = archive.register.procedure("1.001193")
    assert procedure is not None
    assert procedure.title == "Đăng ký khai sinh (mới)"


def test_what_the_one_stop_system_says_otherwise_is_refused(
    archive: Archive, tmp_path: Path
) -> None:
    other = Procedure(code="1.001193", title="Khác")
    archive.register.load(RegisterBatch(procedures=(other,)))
    with pytest.raises(SettingsError, match=r"1\.001193"):
        _take(archive, tmp_path, FILE)
    assert archive.register.procedure("1.001193") == other
    assert archive.events.events("register") == []


def test_without_a_file_nothing_happens(archive: Archive, tmp_path: Path) -> None:
    own = load_procedures(tmp_path / "none.toml", CLASSES)
    take_own_procedures(own, CLASSES, archive)
    assert own.items == ()
    assert archive.events.events("register") == []


@pytest.mark.parametrize(
    ("old", "new", "line", "near"),
    [
        ('"TKKS"', '"TKKX"', 7, "TKK"),
        ('"1.001193"', '"4.001193"', 4, "1.001193"),
        ("required", "requires", 7, "required"),
        ('["GKS"]', '"GKS"', 9, "a list"),
        ("[[procedure]]", "[[procedures]]", 3, "procedure"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_nearest_key(
    tmp_path: Path, old: str, new: str, line: int, near: str
) -> None:
    path = tmp_path / "procedures.toml"
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_procedures(path, CLASSES)
    assert f"procedures.toml, line {line}:" in caught.value.en
    assert near in caught.value.en


def test_a_procedure_stated_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "procedures.toml"
    path.write_text(FILE + FILE.split("\n\n")[1], encoding="utf-8")
    with pytest.raises(SettingsError, match=r"line 11: .*twice"):
        load_procedures(path, CLASSES)


def test_papers_that_are_only_shown_or_shared_say_so(archive: Archive, tmp_path: Path) -> None:
    _take(archive, tmp_path, f'{FILE}shown = ["CCCD"]\nshared = ["SHK"]\n')
    procedure = archive.register.procedure("1.001193")
    assert procedure is not None
    assert [(part.class_code, part.case, part.required) for part in procedure.components[2:]] == [
        ("GCNKH", "", False),
        ("CCCD", "shown", False),
        ("SHK", "shared", False),
    ]
