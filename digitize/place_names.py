"""Names of places in capitals, put right: by the agency's list, the State's, or the paper itself.

Print squeezes the marks over capitals, and an engine takes BIỂU for BIỀU and GIẤY for GIẦY, however
sure it is. In small letters the same name is read right: where the body of a paper, or its line of
place and date, gives it whole, that is how it is spelled. A part of a longer name speaks for
nobody: persons are called like places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby

from config.agencies import load_agencies
from config.offices import LEVELS
from config.own_places import OwnPlaces
from config.vietnamese import fold
from digitize.model import Line, Paper, Word
from digitize.syllables import canonical, is_legal
from digitize.twins import has_fewer_marks, is_mistakable
from digitize.usual_words import Usage, may_be_cut, usage_of

_EDGES = " -–_.,;:|'\"“”«»()"
_STROKES = ("-", "–")
_CITY = ("thanh", "pho")
# Before the name of a province that is a city, shortened.
_SHORT_CITY = "tp"
# Levels below a province: their names are many, and nearly a province's at times.
_LOWER = frozenset({"xa", "phuong", "huyen", "quan", "tran", "khu"})
# The last word of each level: what stands right before a place's name.
_LEVELS = frozenset(fold(level).split()[-1] for level in LEVELS)
# Letters below this may be others; marks are put right. Of a place that the agency lists, whose
# letters are all the same, less will do.
_READ, _READ_OF_LISTED = 0.3, 0.1
# Readings in small letters: which of them count, and how sure the surest must be where capitals or
# another say the same, and where it stands alone against them: of 58 that put capitals right so
# none was wrong, of 10 that were less sure and alone two were.
_COUNTS, _DECIDES, _DECIDES_ALONE = 0.6, 0.8, 0.95
# Capitals that were read so surely are taken for nothing that print does not confuse with them.
_SURE_OF_CAPITALS = 0.9


def put_right(
    read: Sequence[Word], offices: Mapping[int, Word], paper: Paper, own: OwnPlaces
) -> Mapping[int, Word]:
    """Return the words of places in a heading that are known, as they are spelled, by their place.

    Args:
        read: the words of the heading.
        offices: which of them are of an office's name.
        paper: the paper that it heads.
        own: the places that the agency lists.
    """
    found: dict[int, Word] = {}
    for is_office, run in groupby(range(len(read)), key=lambda at: at in offices):
        if is_office:
            continue
        places = list(run)
        if _bare(read[places[0]].text) == _SHORT_CITY:
            places = places[1:]
        words = [read[at] for at in places]
        above = _bare(read[places[0] - 1].text) if places and places[0] else ""
        province = _as_province(words)
        if above in _LOWER and any(word.read for word in province):
            province = ()
        spelled = _as_listed(words, above, own) or province or _as_elsewhere(words, paper)
        found |= zip(places, spelled, strict=False)
    return found


def _as_listed(words: Sequence[Word], above: str, own: OwnPlaces) -> tuple[Word, ...]:
    """Return words as the agency's list spells the one place that they may name; none for none.

    Where two places have the same letters, the words must have been read as one of them.
    """
    level = above if above in _LEVELS else ""
    named = own.named((_bare(word.text) for word in words), level)
    spelled = [
        tuple(canonical(part) for part in name.split() if part not in _STROKES) for name in named
    ]
    read = tuple(canonical(word.text.strip(_EDGES)) for word in words)
    parts = spelled[0] if len(spelled) == 1 else next((one for one in spelled if one == read), ())
    if not parts or min(word.confidence for word in words) < _READ_OF_LISTED:
        return ()
    if not all(map(_may_mean, words, read, parts)):
        return ()
    return tuple(
        _spelled(word, part, max(word.confidence, _DECIDES))
        for word, part in zip(words, parts, strict=True)
    )


def _as_province(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return words as the province is spelled that they name; none for none."""
    parts = _provinces().get(tuple(_bare(word.text) for word in words), ())
    if not parts or min(word.confidence for word in words) < _READ:
        return ()
    return tuple(
        _spelled(word, part, max(word.confidence, _DECIDES))
        for word, part in zip(words, parts, strict=True)
    )


@cache
def _provinces() -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Return the spelling of each province, of today and before, by its name without marks."""
    found = {}
    for province in load_agencies().provinces.values():
        parts = tuple(canonical(part) for part in province.name.split() if part != "-")
        folded = tuple(map(fold, parts))
        is_city = folded[:2] == _CITY
        found[folded[2:] if is_city else folded] = parts[2:] if is_city else parts
    return found


def _as_elsewhere(words: Sequence[Word], paper: Paper) -> tuple[Word, ...]:
    """Return words as the paper spells their name in small letters; none where it does not say."""
    name = [_bare(word.text) for word in words]
    if not name or not all(len(part) > 1 and part.isalpha() for part in name):
        return ()
    told = [
        seen
        for page in paper.pages
        for line in page.lines
        for seen in _whole_names(line, name)
        if min(word.confidence for word in seen) >= _COUNTS
    ]
    settled = [_settle(word, [seen[at] for seen in told]) for at, word in enumerate(words)]
    known = tuple(word for word in settled if word is not None)
    return known if len(known) == len(words) else ()


def _whole_names(line: Line, name: Sequence[str]) -> Iterator[Sequence[Word]]:
    """Yield where a name stands in a line in small letters, and is not part of another."""
    words = line.words
    for at in range(len(words) - len(name) + 1):
        seen = words[at : at + len(name)]
        if [_bare(word.text) for word in seen] != list(name) or not all(map(_is_name, seen)):
            continue
        before = words[at - 1] if at else None
        after = words[at + len(name)] if at + len(name) < len(words) else None
        goes_on = seen[-1].text[-1:].isalpha() and after is not None and _is_name(after)
        is_begun = before is not None and before.text[-1:].isalpha() and _is_name(before)
        if not goes_on and not is_begun:
            yield seen


def _is_name(word: Word) -> bool:
    core = word.text.strip(_EDGES)
    return core.istitle() and core.isalpha()


def _settle(word: Word, told: Sequence[Word]) -> Word | None:
    """Return a word in capitals as small letters spell it; None where these do not agree."""
    own = canonical(word.text.strip(_EDGES))
    sure: dict[str, float] = {}
    said = [canonical(each.text.strip(_EDGES)) for each in told]
    for spelled, each in zip(said, told, strict=True):
        sure[spelled] = max(sure.get(spelled, 0.0), each.confidence)
    meant = {
        spelled: confidence
        for spelled, confidence in sure.items()
        if not any(
            has_fewer_marks(spelled, other) and sure[other] >= _DECIDES and is_legal(other)
            for other in sure
        )
    }
    chosen = next(iter(meant)) if len(meant) == 1 else own
    is_alone = chosen != own and said.count(chosen) < 2 and not _is_usual_for(own, chosen)
    least = _DECIDES_ALONE if is_alone else _DECIDES
    are_divided = sum(confidence >= _DECIDES for confidence in meant.values()) > 1
    is_odd = may_be_cut(chosen) or _is_usual_for(chosen, own)
    if chosen not in meant or are_divided or is_odd or _has_lost_mark(chosen, word, own):
        return None
    surest = max(meant[chosen], word.confidence if own == chosen else 0.0)
    return (
        _spelled(word, chosen, surest) if surest >= least and _may_mean(word, own, chosen) else None
    )


def _is_usual_for(odd: str, usual: str) -> bool:
    """Tell whether a spelling is a usual word, and the other one is none."""
    return usage_of(odd) is Usage.ODD and usage_of(usual) is Usage.LONE


def _has_lost_mark(chosen: str, word: Word, own: str) -> bool:
    """Tell whether small letters lost a mark that was read over the capitals."""
    return word.confidence >= _DECIDES and has_fewer_marks(chosen, own)


def _may_mean(word: Word, own: str, chosen: str) -> bool:
    if own == chosen or word.confidence < _SURE_OF_CAPITALS:
        return True
    return is_mistakable(own, chosen) or has_fewer_marks(own, chosen)


def _spelled(word: Word, part: str, confidence: float) -> Word:
    """Return a word of a heading with other marks, in capitals; what was read stays known."""
    core = word.text.strip(_EDGES)
    if canonical(core) == part:
        return replace(word, confidence=confidence)
    text = word.text.replace(core, part.upper())
    return replace(word, text=text, confidence=confidence, read=word.read or word.text)


def _bare(text: str) -> str:
    return fold(text).strip(_EDGES)
