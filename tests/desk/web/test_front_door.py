"""Settings under which somebody else than nginx could name a certificate are refused."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import WebSettings
from desk.errors import PathUnusable
from desk.web.front_door import require_sound_front

SOUND = WebSettings(
    address="https://hoso.example.gov.vn", certificate_address="https://hoso.example.gov.vn:8444"
)


def asked(folder: Path, mode: int) -> WebSettings:
    folder.chmod(mode)
    return replace(SOUND, socket=str(folder / "hoso.sock"))


@pytest.mark.parametrize("mode", [0o700, 0o740])
def test_a_folder_of_ones_own_is_closed(tmp_path: Path, mode: int) -> None:
    require_sound_front(asked(tmp_path, mode))


@pytest.mark.parametrize("mode", [0o755, 0o701, 0o750, 0o2750])
def test_a_folder_that_others_or_ones_own_group_may_enter_is_not(tmp_path: Path, mode: int) -> None:
    with pytest.raises(PathUnusable, match="2750"):
        require_sound_front(asked(tmp_path, mode))


def test_the_group_of_nginx_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = asked(tmp_path, 0o2750)
    monkeypatch.setattr(os, "getegid", lambda: tmp_path.stat().st_gid + 1)
    require_sound_front(settings)


@pytest.mark.parametrize(
    "change",
    [
        {"socket": ""},
        {"certificate_address": "https://other.example.gov.vn:8444"},
        {"certificate_address": "http://hoso.example.gov.vn:8444"},
        {"address": "http://hoso.example.gov.vn"},
        {"socket": "/nowhere/at/all/hoso.sock"},
    ],
)
def test_other_unsound_settings_are_refused(tmp_path: Path, change: dict[str, str]) -> None:
    with pytest.raises(PathUnusable):
        require_sound_front(replace(asked(tmp_path, 0o700), **change))  # type: ignore[arg-type]  # names of fields


def test_without_certificates_any_socket_will_do(tmp_path: Path) -> None:
    require_sound_front(replace(asked(tmp_path, 0o777), certificate_address=""))
