from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.legacy_text import repaired

TCVN3 = (
    "céng hßa x· héi chñ nghÜa viÖt nam\n§éc lËp - Tù do - H¹nh phóc\n"
    "ñy ban nh©n d©n ph\u00ad\u00eang Hµ Néi, ngµy 12 th¸ng 5 n¨m 2003\n"
    "V/v cÊp giÊy chøng nhËn quyÒn sö dông ®Êt cho hé gia ®×nh"
)
VNI = (
    "COÄNG HOØA XAÕ HOÄI CHUÛ NGHÓA VIEÄT NAM\nÑoäc laäp - Töï do - Haïnh phuùc\n"
    "UÛy ban nhaân daân phöôøng Haø Noäi, ngaøy 12 thaùng 5 naêm 2003\n"
    "V/v caáp giaáy chöùng nhaän quyeàn söû duïng ñaát cho hoä gia ñình"
)
WANTED = (
    "cộng hòa xã hội chủ nghĩa việt nam\nđộc lập - tự do - hạnh phúc\n"
    "ủy ban nhân dân phường hà nội, ngày 12 tháng 5 năm 2003\n"
    "v/v cấp giấy chứng nhận quyền sử dụng đất cho hộ gia đình"
)


def test_text_of_tcvn3_fonts_comes_back_in_unicode() -> None:
    assert repaired(TCVN3).lower() == WANTED


def test_text_of_vni_fonts_comes_back_in_unicode_in_either_case() -> None:
    assert repaired(VNI).lower() == WANTED
    assert repaired(VNI).startswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Toà án hoá giá, thuỷ lợi, khoẻ, Hoà Bình: quý khách, oái oăm, uống\nhòa giải",
        "Điều § 5: «hồ sơ» · mục ½ × 3 m² ® © giá 5¥, 1µm",
        unicodedata.normalize("NFD", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        "Señor Muñoz à Noël, François Håkan: Übergröße æther, naïve",
        "plain English text without any marks",
    ],
)
def test_unicode_stays_as_it_is(text: str) -> None:
    assert repaired(text) == text


def test_a_line_in_unicode_among_old_ones_stays() -> None:
    line = "Bản dịch: giấy chứng nhận quyền sử dụng đất"
    assert repaired(f"{TCVN3}\n{line}").endswith(line)


@given(st.text(alphabet=TCVN3 + VNI + WANTED + "\n", max_size=200))
def test_lines_keep_their_numbers(text: str) -> None:
    assert repaired(text).count("\n") == text.count("\n")
