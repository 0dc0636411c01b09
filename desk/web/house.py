"""What every page is given: the station, its archive, its people, the log, the words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from gettext import NullTranslations
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request

from config.telling import one_line
from config.vocabulary import EventType
from desk.moments import show, show_text
from desk.station import Station
from desk.web import labels
from desk.web.access_log import AccessLog
from desk.web.page_pictures import PagePictures
from desk.web.reason_labels import outcome_words
from desk.web.secrets import WebKey
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
        return {language: _environment(language) for language in LANGUAGES}


class _SaidOnce(Extension):
    """Puts our texts into a template when it is loaded: most are the same on every page.

    Those that take values or are looked up become filters: a template asks whatever it calls
    whether that wants more than its arguments, which takes longer than the text itself.
    """

    _TEXT = re.compile(r'\{\{ _\("([^"\\{}]*)"\) \}\}')
    _WITH_VALUES = re.compile(r'\b_\(("[^"\\{}]*"), ')
    _LOOKED_UP = re.compile(r"\b_\(([a-z][\w.]*(?:\[[\w.]+\])*)\)")

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return a template with our texts in its language, or asked for in the cheapest way."""
        translate = cast("Callable[[str], Markup]", self.environment.globals["_"])
        source = self._TEXT.sub(lambda found: translate(found[1]), source)
        source = self._WITH_VALUES.sub(r"\1|_(", source)
        return self._LOOKED_UP.sub(r"\1|_", source)


class _Pages(Environment):
    """Templates that ask what they show first for a key: most of it are plain dictionaries."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a value by its name; to ask a dictionary for an attribute fails, which is dear."""
        if type(obj) is dict and attribute in obj and attribute not in _OF_DICTIONARIES:
            return obj[attribute]
        return super().getattr(obj, attribute)


# Keys may be what somebody sent: none takes the place of a method.
_OF_DICTIONARIES = frozenset(dir(dict))


def _environment(language: str) -> Environment:
    words = load_words(language)
    environment = _Pages(
        loader=PackageLoader("desk.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", _SaidOnce],
        # Templates are part of the program: nobody changes them while it runs.
        auto_reload=False,
    )
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    # What the extension puts there looks for the catalogue anew at each of 150 texts of a page.
    environment.globals["_"] = environment.filters["_"] = _translator(words)
    environment.globals["labels"] = labels
    environment.globals["outcome_words"] = outcome_words
    environment.filters["moment"] = show
    environment.filters["moment_text"] = show_text
    environment.filters["day"] = lambda at: show(at)[:10]
    environment.filters["day_text"] = _day_text
    environment.filters["viet"] = str if language == DEFAULT else _as_vietnamese
    return environment


def _translator(words: NullTranslations) -> Callable[..., Markup]:
    """Return what templates call `_`: a text of ours in their language, values put in as text."""

    @cache
    def find(text: str) -> Markup:
        # Texts stand in templates and tables of ours alone; what comes from others is a value.
        return Markup(words.gettext(text))  # noqa: S704  # our own words

    def translate(text: str, **values: object) -> Markup:
        found = find(text)
        if all(type(value) is int for value in values.values()):
            # Nothing in numbers is to be escaped, which takes longer than all else here.
            return Markup(str.__mod__(found, values)) if values else found  # noqa: S704  # as above
        return found % values

    return translate


def _as_vietnamese(text: object) -> Markup:
    """Say that something inside our words of another language is Vietnamese."""
    return Markup('<span lang="vi">{}</span>').format(text)


def _day_text(written: str | None) -> str:
    """Write a day that JSON holds as people read it; nothing for none."""
    return f"{dt.date.fromisoformat(written):%d/%m/%Y}" if written else ""


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
