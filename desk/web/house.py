"""What every page is given: the station, its archive, its people, the log, the words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request

from config.telling import one_line
from config.vocabulary import EventType
from desk.station import Station
from desk.web.access_log import AccessLog
from desk.web.page_pictures import PagePictures
from desk.web.secrets import WebKey
from desk.web.templating import templates
from desk.web.turns import Turns
from desk.web.words import DEFAULT, LANGUAGES, load_words
from storage.accounts import Accounts, Person, Session
from storage.archive import Archive
from storage.model import NewEvent

Clock = Callable[[], dt.datetime]
LANGUAGE_COOKIE = "ngon-ngu"
MOST_DIGITS = 12
"""Of a number in an address or a form: more than any log has events."""


@dataclass(frozen=True, kw_only=True)
class House:
    """What all requests of one server share."""

    station: Station
    archive: Archive
    accounts: Accounts
    key: WebKey
    log: AccessLog
    pictures: PagePictures
    turns: Turns
    """At what costs much, shared with other workers."""
    clock: Clock
    is_public: bool
    """Whether it is reached by https, through a server in front."""
    may_open: Callable[[Asked, str], bool]
    """Tells whether a page is open to who asks."""

    @cached_property
    def pages(self) -> Mapping[str, Environment]:
        """The templates, by language."""
        return {language: templates(language) for language in LANGUAGES}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, by somebody who may make it."""

    house: House
    request: Request
    session: Session | None
    form: FormData
    """What was sent; empty where nothing was."""
    language: str
    at: dt.datetime

    @property
    def person(self) -> Person:
        """Who asks; only where somebody is logged in."""
        assert self.session is not None, "the table of pages lets nobody else come here"
        return self.session.person

    @property
    def actor(self) -> str:
        """How the log names who asks."""
        return actor_of(self.person)

    @property
    def here(self) -> str:
        """The address of this page, to come back to; what a form answered cannot be asked again."""
        url = self.request.url
        if self.request.method != "GET":
            return "/"
        return f"{url.path}?{url.query}" if url.query else url.path

    def said(self, name: str) -> str:
        """Return a value of the form, one line; empty where there is none."""
        return one_line(self.typed(name))

    def typed(self, name: str) -> str:
        """Return a value of the form just as it was typed; empty where there is none."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    def asked_for(self, name: str) -> str:
        """Return a value of the address' query; empty where there is none."""
        return self.request.query_params.get(name, "")

    def translate(self, text: str) -> str:
        """Return a text in the language of who asks."""
        return load_words(self.language).gettext(text)

    def tell(
        self, kind: EventType, subject: str, *, outcome: str = "", **detail: str | int | bool
    ) -> None:
        """Write an event in the name of who asks; no personal data belongs in it."""
        event = NewEvent(
            type=kind,
            object=subject,
            actor=self.actor,
            at=self.at,
            outcome=outcome,
            detail={**detail, "by": "web"},
        )
        self.house.log.tell(event)

    def _proof(self) -> Markup:
        """Return what each form of a session carries."""
        if self.session is None:
            return Markup("")
        return Markup('<input type="hidden" name="proof" value="{}">').format(self.session.proof)

    def draw(self, template: str, **values: Any) -> str:
        """Return a page's HTML."""
        page = self.house.pages[self.language].get_template(template)
        return page.render(
            asked=self,
            may_open=self.house.may_open,
            proof=self._proof,
            agency=self.house.station.settings.agency.name,
            is_demo=self.house.station.is_demo,
            **values,
        )


def whole_number(text: str) -> int:
    """Return a number as it stands in addresses and forms; 0 for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_number else 0


def actor_of(person: Person) -> str:
    """Return how the log names somebody."""
    return f"{person.login} (web)"


def cookie_named(name: str, *, is_public: bool) -> str:
    """Return the name of a cookie; `__Host-` binds it to this host and to TLS (RFC 6265bis)."""
    return f"__Host-{name}" if is_public else name


def language_of(request: Request, session: Session | None, *, is_public: bool) -> str:
    """Return the language that a person chose, or the browser's owner, or ours."""
    name = cookie_named(LANGUAGE_COOKIE, is_public=is_public)
    chosen = session.person.language if session else request.cookies.get(name, DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT
