"""Which passwords are taken, and how cookies are named where TLS is in front."""

from __future__ import annotations

import time

import pytest

from config import vietnamese
from desk.errors import AnswerRefused
from desk.web.guessing import is_easily_guessed
from desk.web.house import cookie_named
from desk.web.people import require_password
from desk.web.secrets import hash_password, is_password


@pytest.mark.parametrize(
    "password",
    [
        "ngắn quá",
        "aaaaaaaaaaaaaaaa",
        "Mật Khẩu của tôi ở đây",
        "hoso-2026-phuong-minh-khai",
        "MỘT CỬA phường Minh Khai",
        "x9!123456!x9!zz",
        "tôi là Nguyen.Lan đây nhé",
    ],
)
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    with pytest.raises(AnswerRefused):
        require_password(password, "nguyen.lan")


@pytest.mark.parametrize(
    "password",
    [
        # Of lists of leaked passwords, where few have twelve letters.
        "1234567890qwe",
        "q1w2e3r4t5y6u7i8",
        "lost4815162342",
        "andrewjackie",
        "ghjcnjrdfibyj",
        # Made of what such lists hold.
        "iloveyou1234",
        "ILoveY0u!2024",
        "qazwsxedcrfv",
        "aB3$.aB3$.aB3$.",
        "12/03/1990 x",
        "Anh yêu em 1234",
        "Vietnam@2024",
        # What everybody knows of whose it is.
        "Lan@12031990",
        "Phường Đông Xuyên 1",
        "Lan Thử Nghiệm 1",
    ],
)
def test_what_is_made_of_common_pieces_is_no_password(password: str) -> None:
    with pytest.raises(AnswerRefused) as caught:
        require_password(password, "nlan", ("LAN THỬ NGHIỆM", "UBND phường Đông Xuyên"))
    assert "dễ đoán" in caught.value.vi


@pytest.mark.parametrize(
    "password",
    [
        "a" * 256,
        "1l|!" * 64,
        "4@8({[<3" * 32,
        "12/03/1990" * 25,
        "p@55w0rd" * 32,
        # Every sign that may stand for a letter.
        "4@8({[<369!1|0$5+7%2" * 12,
    ],
)
def test_no_password_takes_long_to_be_taken_apart(password: str) -> None:
    began = time.thread_time()
    is_easily_guessed(password, ("nguyen.lan", "LAN THỬ NGHIỆM " * 50))
    assert time.thread_time() - began < 2.0


@pytest.mark.parametrize(
    "password",
    ["mưa rơi trên mái tôn", "bốn con trâu ra đồng", "x" * 60 + "đủ nămchữ", "t7#Kq!vW2z^Lm"],
)
def test_any_composition_is_taken_and_kept_as_it_was_typed(password: str) -> None:
    require_password(password, "an")
    hashed = hash_password(password)
    assert is_password(hashed, password)
    for other in (password.upper() + "x", password[:-1], f"{password} ", password.strip("x")):
        assert not is_password(hashed, other) or other == password


def test_nothing_of_a_password_stays_in_memory() -> None:
    password = "Mưa rơi trên mái tôn cũ"
    require_password(password, "an")
    before = vietnamese._folded.cache_info().hits
    assert vietnamese.fold(password) == "mua roi tren mai ton cu"
    assert vietnamese._folded.cache_info().hits == before


def test_a_cookie_is_bound_to_host_and_tls_where_there_is_tls() -> None:
    assert cookie_named("hoso", is_public=True) == "__Host-hoso"
    assert cookie_named("hoso", is_public=False) == "hoso"
