"""The table of all pages."""

from __future__ import annotations

from desk.web.house import Asked
from desk.web.routing import Page
from desk.web.views import (
    administering,
    certificate_login,
    challenge_login,
    correcting,
    ending,
    entrance,
    home,
    own_password,
    own_sessions,
    pictures,
    proving,
    records,
    releasing,
    reporting,
    saved_searching,
    searching,
    verifying,
)

# What is asked for most stands first: addresses are compared in this order.
PAGES: tuple[Page, ...] = (
    *searching.PAGES,
    *records.PAGES,
    *pictures.PAGES,
    *home.PAGES,
    *entrance.PAGES,
    *certificate_login.PAGES,
    *challenge_login.PAGES,
    *own_password.PAGES,
    *own_sessions.PAGES,
    *verifying.PAGES,
    *releasing.PAGES,
    *saved_searching.PAGES,
    *correcting.PAGES,
    *proving.PAGES,
    *ending.PAGES,
    *reporting.PAGES,
    *administering.PAGES,
)

_ROLES = {page.path: page.roles for page in PAGES if page.method == "GET"}


def may_open(asked: Asked, path: str) -> bool:
    """Tell whether a page is there, and open to who asks."""
    roles = _ROLES.get(path, frozenset())
    return roles is None or (asked.session is not None and asked.person.role in roles)
