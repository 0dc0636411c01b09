"""Searches kept under a name: each person's own, run anew within the scope of that moment."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from desk.errors import AnswerRefused, UnknownCode
from desk.web.answers import go_to
from desk.web.house import Asked, whole_number
from desk.web.routing import READERS, Page
from desk.web.search_address import SEARCH, search_pairs
from storage.saved_searches import MOST

_LONGEST_NAME = 80
# A query of the longest kind, and some filters.
_LONGEST = 4_000


def keep(asked: Asked) -> Response:
    """Keep the search of the address under a name."""
    name, query = asked.said("name")[:_LONGEST_NAME], urlencode(search_pairs(asked))
    if not name:
        raise AnswerRefused("Hãy đặt tên cho lượt tìm rồi lưu.", "give the search a name")
    if len(query) > _LONGEST:
        raise AnswerRefused(
            "Lượt tìm này quá dài nên không lưu được. Hãy bớt từ hoặc bớt lọc.",
            "this search is too long to be kept; take words or filters away",
        )
    if not asked.house.accounts.searches.keep(asked.person.id, name, query, asked.at):
        raise AnswerRefused(
            f"Đã lưu {MOST} lượt tìm. Hãy xóa bớt rồi lưu lại.",
            f"{MOST} searches are kept already; delete some first",
        )
    return go_to(f"{SEARCH}?{query}")


def delete(asked: Asked) -> Response:
    """Delete one of the searches of who asks."""
    number = whole_number(asked.said("number"))
    if not asked.house.accounts.searches.delete(asked.person.id, number):
        raise UnknownCode("Không có lượt tìm này.", "there is no such search")
    return go_to(SEARCH)


PAGES = (
    Page(path=f"{SEARCH}/da-luu", view=keep, roles=READERS, method="POST"),
    Page(path=f"{SEARCH}/da-luu/xoa", view=delete, roles=READERS, method="POST"),
)
