"""How a paper spells its own names: a name is read again and again, and marks are what differs.

Any syllable may be a name, so no dictionary tells KIỂM from KIỀM in one. But the heading, the line
of place and date, the form and the signature name the same people and places; what most of them
say is what was printed, and where they are divided nobody knows. But an engine loses marks and
hardly ever adds one: of a name in capitals and in small letters the fuller reading is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from config.given_names import USUAL
from config.surnames import SURNAMES
from config.vietnamese import fold
from digitize.model import Paper, Word
from digitize.syllables import canonical, is_legal
from digitize.twins import has_all_marks, has_fewer_marks, is_mistakable, legal_twins


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One reading of a word, with its neighbours without marks."""

    spelled: str
    """Small letters, tone marks where the older school puts them."""
    confidence: float
    left: str
    """Empty at the start of a line."""
    right: str
    capitals: bool = False


_Group = Mapping[str, Sequence[Seen]]
"""Readings of one word by how they spell it."""
Spellings = Mapping[str, Sequence[Seen]]
"""By a word without marks: how it was read."""
_EDGES = " .,;:…_|()[]\"'«»“”-–"
# A spelling that nothing else on the paper speaks for must have been read so surely; a family name,
# of which there are few, so much less.
_SURE_ALONE, _SURE_OF_SURNAME = 0.88, 0.5
# Capitals with marks of shape and of tone were right from here on, in 1700 of 1706 cases; the same
# in small letters were wrong in three of ten up to there.
_SURE_OF_CAPITALS, _SURE_OF_SMALL = 0.78, 0.93
# A syllable that names have, and no other that print confuses with it, is right however unsure the
# engine is (27 of 27); a given name that is none, and one mark away from one, was never right (0 of
# 7), though there are such names.
_LEAST_USUAL, _SURE_OF_USUAL, _SURE_OF_ODD = 0.5, 0.8, 0.98
# Capitals that no name has, and that may have lost a mark: THỦ for THỬ, at 0.93.
_SURE_OF_ODD_CAPITALS = 0.95
# A usual given name in capitals was right whatever the engine thought of it in 36 of 37 cases: it
# doubts the stroke or the label that it stands close to. The other had lost a tone.
_LEAST_BARE = 0.3
# Of 215 pairs of readings of which one has more marks, that one was right in 211, read so surely.
_SURE_OF_MARKS = 0.85
# So many times as much as for any other must speak for it.
_CLEARLY = 2
# In capitals with all marks it is worth more: small letters that differ are wrong far oftener.
_IN_FULL, _SURE_IN_FULL = 3.0, 0.85
# What a reading is worth, by its confidence: from so much on.
_WORTH = ((0.9, 1.0), (0.8, 0.7), (0.6, 0.4), (0.0, 0.15))


def spellings_of(paper: Paper) -> Spellings:
    """Return how each word that begins with a capital is spelled on a paper."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for line in (line for page in paper.pages for line in page.lines):
        foreign = _without_marks(line.words)
        for at, word in enumerate(line.words):
            core = word.text.strip(_EDGES)
            if at not in foreign and _is_spelled(core):
                left, right = _neighbours(line.words, at)
                seen = Seen(
                    spelled=canonical(core),
                    confidence=word.confidence,
                    left=left,
                    right=right,
                    capitals=core.isupper(),
                )
                found[fold(core)].append(seen)
    return found


def _is_spelled(core: str) -> bool:
    return core[:1].isupper() and core.isalpha() and len(core) > 1


def _without_marks(words: Sequence[Word]) -> frozenset[int]:
    """Return which words are of names without any marks, as foreigners' are: MARIA THU NGHIEM.

    They say nothing of the marks that the same letters have in another's name.
    """
    cores = [word.text.strip(_EDGES) for word in words]
    found: set[int] = set()
    styles = [(_is_spelled(core), core.isupper()) for core in cores]
    for (is_name, _), places in groupby(range(len(cores)), key=styles.__getitem__):
        run = list(places)
        is_plain = all(fold(cores[at]) == cores[at].lower() for at in run)
        if is_name and is_plain and not all(is_legal(cores[at]) for at in run):
            found.update(run)
    return frozenset(found)


def _neighbours(words: Sequence[Word], at: int) -> tuple[str, str]:
    left = fold(words[at - 1].text.strip(_EDGES)) if at else ""
    right = fold(words[at + 1].text.strip(_EDGES)) if at + 1 < len(words) else ""
    return left, right


def settle(
    words: Sequence[Word],
    spellings: Spellings,
    known: Container[int] = (),
    sure_alone: Sequence[float] = (),
) -> tuple[Word, ...]:
    """Return words as the paper spells them; none where it does not settle one.

    Args:
        words: of a name.
        spellings: of the paper that it stands on.
        known: at which places words stand that need nobody to speak for them.
        sure_alone: how surely each part of a person's name must have been read that nothing else
            speaks for; the usual where none is given, and words are no person's.
    """
    settled: list[Word] = []
    for at, word in enumerate(words):
        seen = _same(spellings.get(fold(word.text.strip(_EDGES)), ()), _neighbours(words, at))
        group = _without_odd(seen) if sure_alone and at == len(words) - 1 else seen
        least = sure_alone[at] if sure_alone else _SURE_ALONE
        if least == _SURE_ALONE and word.text.isupper() and has_all_marks(_key(word)):
            least = _SURE_OF_CAPITALS
        as_spelled = word if at in known else _settle(word, group, least)
        if as_spelled is None:
            return ()
        settled.append(as_spelled)
    return tuple(settled)


def settle_person(words: Sequence[Word], spellings: Spellings) -> tuple[Word, ...]:
    """Return a person's name as the paper spells it; none where it does not settle a word of it.

    What stands first is a family name: readings that are none count for nothing there, and one
    that is may have been read less surely than a word that could be any.

    Args:
        words: of the name.
        spellings: of the paper that it stands on.
    """
    if not words:
        return ()
    first = words[0]
    group = _same(spellings.get(fold(first.text.strip(_EDGES)), ()), _neighbours(words, 0))
    names = {spelling: seen for spelling, seen in group.items() if spelling in SURNAMES}
    surname = _settle(first, names, _SURE_OF_SURNAME)
    needed = [_needed(word, is_given=word is words[-1]) for word in words]
    usual = [_as_usual(word, is_given=word is words[-1]) for word in words]
    rest = settle(usual, spellings, known=(0,), sure_alone=needed)[1:]
    if surname is None or len(rest) != len(words) - 1:
        return ()
    if any(map(_is_doubtful, words[1:], rest)):
        return ()
    least = min((word.confidence for word in rest), default=0.0)
    is_name = _key(surname) in SURNAMES and surname.confidence >= _SURE_OF_SURNAME
    sure = max(surname.confidence, least) if is_name else surname.confidence
    return (replace(surname, confidence=sure), *rest)


def _needed(word: Word, *, is_given: bool) -> float:
    """Return how surely a part of a person's name must have been read that stands alone."""
    spelled = _key(word)
    if spelled not in USUAL and is_given and _has_usual_twin(spelled):
        return _SURE_OF_ODD
    if spelled not in USUAL and not word.text.isupper():
        return _SURE_OF_SMALL if has_all_marks(spelled) else _SURE_OF_ODD
    if is_given and _is_plain_given(word):
        return _LEAST_USUAL
    if _may_have_lost_marks(spelled):
        return _SURE_OF_ODD_CAPITALS
    return _SURE_ALONE if _has_usual_twin(spelled) or spelled not in USUAL else _LEAST_USUAL


def _may_have_lost_marks(spelled: str) -> bool:
    """Tell whether no name has a syllable, and another one has its marks and one more."""
    return spelled not in USUAL and any(
        has_fewer_marks(spelled, twin) for twin in legal_twins(spelled)
    )


def _is_doubtful(read: Word, settled: Word) -> bool:
    """Tell whether a word was put right to what no name has, and what may be misread itself."""
    is_other = _key(read) != _key(settled)
    return is_other and _may_have_lost_marks(_key(settled)) and settled.confidence < _SURE_OF_ODD


def _is_plain_given(word: Word) -> bool:
    """Tell whether a word is a usual given name in capitals that lost no mark.

    Capitals lose a tone above a hat, YẾN read as YÊN, and no mark that stands alone.
    """
    spelled = _key(word)
    if spelled not in USUAL or not word.text.isupper():
        return False
    fuller = any(has_fewer_marks(spelled, other) for other in USUAL)
    is_bare = fold(spelled) == spelled and word.confidence >= _LEAST_BARE
    return not fuller or is_bare


def _as_usual(word: Word, *, is_given: bool) -> Word:
    """Return a word of a name; as sure as a syllable of names is that cannot be another."""
    if is_given and _is_plain_given(word):
        return replace(word, confidence=max(word.confidence, _SURE_OF_USUAL))
    is_lone = _key(word) in USUAL and not _has_usual_twin(_key(word))
    if not is_lone or word.confidence < _LEAST_USUAL:
        return word
    return replace(word, confidence=max(word.confidence, _SURE_OF_USUAL))


@cache
def _has_usual_twin(spelled: str) -> bool:
    return any(other != spelled and is_mistakable(spelled, other) for other in USUAL)


def is_read_twice(words: Sequence[Word], at: int, spellings: Spellings) -> bool:
    """Tell whether a word of a name stands a second time on the paper, beside the same word."""
    seen = spellings.get(fold(words[at].text.strip(_EDGES)), ())
    return len([one for each in _same(seen, _neighbours(words, at)).values() for one in each]) > 1


def is_contradicted(words: Sequence[Word], at: int, spellings: Spellings) -> bool:
    """Tell whether the paper spells a word otherwise somewhere, beside the same word and surely."""
    own, beside = _key(words[at]), _neighbours(words, at)
    return any(
        seen.spelled != own and seen.confidence >= _SURE_OF_MARKS
        for seen in spellings.get(fold(words[at].text.strip(_EDGES)), ())
        if _stands_beside(seen, beside)
    )


def _without_odd(group: _Group) -> _Group:
    """Return the readings of a given name without those that are none beside a usual one."""
    usual = {spelling: seen for spelling, seen in group.items() if spelling in USUAL}
    odd = set(group) - set(usual)
    is_near = all(any(is_mistakable(one, other) for other in usual) for one in odd)
    return usual if usual and is_near else group


def _key(word: Word) -> str:
    return canonical(word.text.strip(_EDGES))


def _settle(word: Word, group: _Group, sure_alone: float) -> Word | None:
    core, own = word.text.strip(_EDGES), _key(word)
    if len(core) < 2 or not core.isalpha():
        return word
    if not group and not word.read:
        return word if word.confidence >= sure_alone else None
    if own not in group and not any(_may_mean(own, other) for other in group):
        # It was put right already, by what its place demands.
        return word
    if len(group) == 1 and own in group:
        # Who reads the same twice is surer than of either.
        surest = replace(word, confidence=max(word.confidence, _surest(group[own])))
        is_alone = len(group[own]) < 2
        return None if is_alone and word.confidence < sure_alone else surest
    worth = _worths(group)
    best, *others = sorted(group, key=lambda spelling: -worth[spelling])
    is_clear = all(worth[best] >= _CLEARLY * worth[other] for other in others)
    # Readings of others that differ are no witnesses for it.
    least = sure_alone if len(group[best]) < 2 else min(sure_alone, _SURE_ALONE)
    if not is_clear or _surest(group[best]) < least:
        return None
    if best == own:
        return replace(word, confidence=max(word.confidence, _surest(group[own])))
    spelled = best.upper() if core.isupper() else best.title()
    return replace(
        word,
        text=word.text.replace(core, spelled),
        read=word.read or word.text,
        confidence=max(word.confidence, _surest(group[best])),
    )


def _may_mean(own: str, other: str) -> bool:
    return has_fewer_marks(own, other) or (own not in USUAL and other in USUAL)


def _surest(readings: Iterable[Seen]) -> float:
    return max(item.confidence for item in readings)


def _worths(group: _Group) -> Mapping[str, float]:
    """Return what speaks for each spelling; capitals in full count for more than small letters."""
    in_full = {spelling for spelling, seen in group.items() if any(map(_is_in_full, seen))}
    return {
        spelling: sum(
            next(worth for least, worth in _WORTH if item.confidence >= least)
            * (_IN_FULL if in_full == {spelling} and _is_in_full(item) else 1.0)
            for item in seen
        )
        for spelling, seen in group.items()
    }


def _is_in_full(seen: Seen) -> bool:
    is_sure = seen.capitals and seen.confidence >= _SURE_IN_FULL
    return is_sure and has_all_marks(seen.spelled)


def _same(seen: Iterable[Seen], beside: tuple[str, str]) -> dict[str, list[Seen]]:
    """Return by spelling the readings of what stands beside the same word, on either side."""
    beside_it = [item for item in seen if _stands_beside(item, beside)]
    found: dict[str, list[Seen]] = {}
    for item in beside_it:
        fuller = [other for other in beside_it if _lost_marks(item, other)]
        # What lost a mark speaks for the letters, no more surely than who read the mark.
        for meant in fuller or (item,):
            sure = min(item.confidence, meant.confidence)
            found.setdefault(meant.spelled, []).append(replace(meant, confidence=sure))
    return found


def _stands_beside(seen: Seen, beside: tuple[str, str]) -> bool:
    return seen.left == beside[0] != "" or seen.right == beside[1] != "" or not any(beside)


def _lost_marks(seen: Seen, other: Seen) -> bool:
    """Tell whether a reading is another one without some of its marks.

    Two that are set alike may be of two persons, whose names differ in that mark. Of a name that is
    usual without it the mark is dirt.
    """
    return (
        seen.capitals != other.capitals
        and other.confidence >= _SURE_OF_MARKS
        and has_fewer_marks(seen.spelled, other.spelled)
        and is_legal(other.spelled)
        and not (seen.spelled in USUAL and other.spelled not in USUAL)
    )
