"""What the State's offices are called, besides the name of their place, as headings print it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAMES = (
    "ủy ban nhân dân|ubnd|hội đồng nhân dân|hđnd|bhxh|bộ tư pháp|bộ công an|bộ y tế|bộ tài chính|"
    "bộ xây dựng|bộ nội vụ|bộ công thương|sở nội vụ|sở y tế|sở tư pháp|sở tài chính|sở xây dựng|"
    "sở công thương|sở giáo dục và đào tạo|sở khoa học và công nghệ|sở nông nghiệp và môi trường|"
    "sở văn hóa, thể thao và du lịch|sở văn hóa|sở lao động - thương binh và xã hội|sở dân tộc|"
    "sở tài nguyên và môi trường|sở ngoại vụ|sở kế hoạch và đầu tư|sở giao thông vận tải|"
    "thanh tra tỉnh|văn phòng|phòng kinh tế|phòng văn hóa - xã hội|phòng văn hóa|phòng tư pháp|"
    "phòng tài chính - kế hoạch|phòng đăng ký kinh doanh|phòng nội vụ|phòng y tế|"
    "phòng quản lý đô thị|phòng giáo dục và đào tạo|"
    "phòng kinh tế, hạ tầng và đô thị|phòng công chứng|"
    "văn phòng công chứng|văn phòng đăng ký đất đai|chi nhánh văn phòng đăng ký đất đai|chi nhánh|"
    "khu vực|trung tâm phục vụ hành chính công|trung tâm y tế|trung tâm|"
    "bệnh viện đa khoa|bệnh viện|trạm y tế|công an tỉnh|công an thành phố|"
    "công an huyện|công an xã|công an phường|"
    "công an thị trấn|công an|cục thuế|chi cục thuế|thuế cơ sở|thuế tỉnh|chi cục|cục|"
    "bảo hiểm xã hội|kho bạc nhà nước|ngân hàng nhà nước|tòa án nhân dân|viện kiểm sát nhân dân|"
    "trường thpt|trường thcs|trường tiểu học|trường mầm non|trường trung học phổ thông|"
    "trường trung học cơ sở|trường đại học|trường cao đẳng|trường|công ty tnhh|công ty cổ phần|"
    "công ty|tổng công ty|doanh nghiệp tư nhân|một thành viên|ban quản lý|ban chỉ huy quân sự|"
    "tổng cục|bộ|sở|phòng|ủy ban|thanh tra|tỉnh|thành phố|quận|huyện|xã|phường|thị xã|thị trấn|"
    "đặc khu|việt nam"
)
# Of each level there is one: behind these the level's word is told by its letters alone.
_OF_LEVELS = ("ủy ban nhân dân", "ubnd", "hội đồng nhân dân", "hđnd", "bhxh", "thuế", "công an")
LEVELS = ("tỉnh", "thành phố", "quận", "huyện", "xã", "phường", "thị xã", "thị trấn", "đặc khu")
"""What a place may be, of today and before."""


_ALL = (*_NAMES.split("|"), *(f"{body} {level}" for body in _OF_LEVELS for level in LEVELS))


def with_own(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the State's offices and those of an agency, each by its words, the longest first."""
    parted = {tuple(re.split(r" (?![-–])", name.lower())) for name in (*_ALL, *names)}
    return tuple(sorted(parted, key=lambda parts: (-len(parts), parts)))


OFFICES = with_own(())
"""Each as its words with what is set between them, small letters, the longest first."""
