"""How far a dossier code that was read in print is believed: as far as the register bears it out.

Codes have no check digit: a digit read for another gives a code of the right shape, often another
dossier's of the same day. So the register's applicant must be named on the paper too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.vietnamese import fold
from storage.register import Register

# So many signs of a code are misread at once, on what can be read at all; for one alone a code is
# taken that was not read.
_MISREAD, _REPAIRED = 3, 1
_LEAST_WORDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDossier:
    """A registered dossier whose code may have been read."""

    code: str
    """Mã hồ sơ."""
    is_close: bool
    """One sign at most is another than was read."""
    is_named: bool | None
    """Its applicant is named on the paper; None where the register states none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCode:
    """What the register makes of a code that was read in print."""

    read: str
    """The code as it was read, in normal form."""
    taken: str | None
    """The dossier that it surely names; None where a person must say."""
    near: tuple[str, ...]
    """Registered codes that it may have been, by code; empty where none is like it."""


def check_printed(codes: Iterable[str], text: str, register: Register) -> Mapping[str, PrintedCode]:
    """Hold codes that were read in print against the register.

    Args:
        codes: as read, in normal form.
        text: all that was read on the paper.
        register: what is registered.
    """
    said = plain_words(text)
    return {code: settle(code, _near(code, said, register)) for code in codes}


def settle(read: str, near: Iterable[NearDossier]) -> PrintedCode:
    """Say which dossier a printed code surely names.

    One that is registered as it was read, where its applicant is named on the paper and no other
    dossier that it may have been has its own named there; or the only registered one in which a
    single sign is another, likewise. Where the register states no applicant, nothing like it may
    be registered.
    """
    known = tuple(near)
    named = [item.code for item in known if item.is_named]
    close = [item for item in known if item.is_close]
    exact = [item for item in known if item.code == read]
    taken = None
    if exact and (named == [read] or (exact[0].is_named is None and len(known) == 1)):
        taken = read
    elif not exact and len(close) == 1 and named == [close[0].code]:
        taken = close[0].code
    return PrintedCode(read=read, taken=taken, near=tuple(item.code for item in known))


def _near(code: str, said: str, register: Register) -> Iterable[NearDossier]:
    for other, differing in register.codes_like(code, _MISREAD).items():
        dossier = register.dossier(other)
        applicant = dossier.applicant if dossier else ""
        yield NearDossier(
            code=other,
            is_close=differing <= _REPAIRED,
            is_named=is_named(applicant, said) if applicant else None,
        )


def is_named(person: str, said: str) -> bool:
    """Tell whether a text in plain form names somebody; a single word names nobody."""
    name = plain_words(person)
    return name.count(" ") + 1 >= _LEAST_WORDS and f" {name} " in f" {said} "


def plain_words(text: str) -> str:
    """Return words without marks and punctuation, one space between, as names are compared."""
    return " ".join(re.findall(r"\w+", fold(text)))
