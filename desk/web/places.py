"""Where a request comes from, in words by which people know their own browsers again.

What a browser says of itself is believed for that alone; nothing of it but words of ours is kept.
"""

from __future__ import annotations

from starlette.requests import Request

# The first that is named counts: browsers name those that they resemble, too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def place_of(request: Request) -> str:
    """Return address, browser and system, as far as they are known."""
    return " · ".join(filter(None, (address_of(request), browser_of(request))))


def address_of(request: Request) -> str:
    """Return the address from which somebody asks; empty where there is none."""
    return request.client.host if request.client else ""


def browser_of(request: Request) -> str:
    """Return browser and system, as far as they are known."""
    said = request.headers.get("user-agent", "")
    return " · ".join(filter(None, (_named(_BROWSERS, said), _named(_SYSTEMS, said))))


def _named(known: tuple[tuple[str, str], ...], said: str) -> str:
    return next((name for sign, name in known if sign in said), "")
