"""Which passwords are taken, and how cookies are named where TLS is in front."""

from __future__ import annotations

import pytest

from desk.errors import AnswerRefused
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
    ["mưa rơi trên mái tôn", "bốn con trâu ra đồng", "x" * 60 + "đủ nămchữ", "t7#Kq!vW2z^Lm"],
)
def test_any_composition_is_taken_and_kept_as_it_was_typed(password: str) -> None:
    require_password(password, "an")
    hashed = hash_password(password)
    assert is_password(hashed, password)
    for other in (password.upper() + "x", password[:-1], f"{password} ", password.strip("x")):
        assert not is_password(hashed, other) or other == password


def test_a_cookie_is_bound_to_host_and_tls_where_there_is_tls() -> None:
    assert cookie_named("hoso", is_public=True) == "__Host-hoso"
    assert cookie_named("hoso", is_public=False) == "hoso"
