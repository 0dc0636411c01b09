"""The templates of the pages: how they say our texts, and show what others wrote."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import cache
from gettext import NullTranslations
from html import escape
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from desk.moments import show, show_text
from desk.web import labels
from desk.web.reason_labels import outcome_words
from desk.web.words import DEFAULT, load_words


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


def templates(language: str) -> Environment:
    """Return the templates of the pages, in a language."""
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
        # Texts stand in templates and tables of ours alone, and none of them holds a part of a
        # page; a word of a damaged row that no table knows may.
        return Markup(escape(words.gettext(text), quote=False))  # noqa: S704  # just escaped

    def translate(text: str, **values: object) -> Markup:
        found = find(text)
        if not values:
            return found
        if all(type(value) is int for value in values.values()):
            # Nothing in numbers is to be escaped, which takes longer than all else here.
            return Markup(str.__mod__(found, values))  # noqa: S704  # as above
        return found % values

    return translate


def _as_vietnamese(text: object) -> Markup:
    """Say that something inside our words of another language is Vietnamese."""
    return Markup('<span lang="vi">{}</span>').format(text)


def _day_text(written: str | None) -> str:
    """Write a day that JSON holds as people read it; nothing for none."""
    return f"{dt.date.fromisoformat(written):%d/%m/%Y}" if written else ""
