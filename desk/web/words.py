"""The languages of the pages: Vietnamese stands in the code, English in a gettext catalogue."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
"""Those that a person may choose, each in its own words; the first is the one that is written."""
DEFAULT = "vi"


@cache
def load_words(language: str) -> NullTranslations:
    """Return the catalogue of a language; of Vietnamese, and of one that is unknown, the text."""
    if language == DEFAULT or language not in LANGUAGES:
        return NullTranslations()
    place = files("desk.web") / "locale" / language / "LC_MESSAGES" / "hoso.mo"
    with place.open("rb") as file:
        return GNUTranslations(file)
