"""How a paper spells its own names: a name is read again and again, and marks are what differs.

Any syllable may be a name, so no dictionary tells KIỂM from KIỀM in one. But the heading, the line
of place and date, the form and the signature name the same people and places; what most of them
say is what was printed, and where they are divided nobody knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from config.vietnamese import fold
from digitize.model import Paper, Word
from digitize.syllables import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One reading of a word, with its neighbours without marks."""

    spelled: str
    """Small letters, tone marks where the older school puts them."""
    confidence: float
    left: str
    """Empty at the start of a line."""
    right: str


Spellings = Mapping[str, Sequence[Seen]]
"""By a word without marks: how it was read."""
_EDGES = ".,;:…_|()[]\"'«»“”-–"
# A spelling that nothing else on the paper speaks for must have been read so surely.
_SURE_ALONE = 0.88
# So many times as often as any other.
_CLEARLY = 2


def spellings_of(paper: Paper) -> Spellings:
    """Return how each word that begins with a capital is spelled on a paper."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for line in (line for page in paper.pages for line in page.lines):
        for at, word in enumerate(line.words):
            core = word.text.strip(_EDGES)
            if core[:1].isupper() and core.isalpha() and len(core) > 1:
                left, right = _neighbours(line.words, at)
                seen = Seen(
                    spelled=canonical(core), confidence=word.confidence, left=left, right=right
                )
                found[fold(core)].append(seen)
    return found


def _neighbours(words: Sequence[Word], at: int) -> tuple[str, str]:
    left = fold(words[at - 1].text.strip(_EDGES)) if at else ""
    right = fold(words[at + 1].text.strip(_EDGES)) if at + 1 < len(words) else ""
    return left, right


def settle(
    words: Sequence[Word], spellings: Spellings, known: Iterable[str] = ()
) -> tuple[Word, ...]:
    """Return words as the paper spells them; none where it does not settle one.

    Args:
        words: of a name.
        spellings: of the paper that it stands on.
        known: words that need nobody to speak for them, small letters.
    """
    settled: list[Word] = []
    for at, word in enumerate(words):
        beside = _neighbours(words, at)
        as_spelled = word if _key(word) in known else _settle(word, beside, spellings)
        if as_spelled is None:
            return ()
        settled.append(as_spelled)
    return tuple(settled)


def _key(word: Word) -> str:
    return canonical(word.text.strip(_EDGES))


def _settle(word: Word, beside: tuple[str, str], spellings: Spellings) -> Word | None:
    core, own = word.text.strip(_EDGES), _key(word)
    if len(core) < 2 or not core.isalpha():
        return word
    group = _same(spellings.get(fold(core), ()), beside)
    if own not in group:
        # It was put right already, by what its place demands.
        return word
    if len(group) == 1:
        is_alone = len(group[own]) < 2
        return None if is_alone and word.confidence < _SURE_ALONE else word
    best, second, *_ = sorted(group, key=lambda spelling: -len(group[spelling]))
    if len(group[best]) < _CLEARLY * len(group[second]):
        return None
    if best == own:
        return word
    spelled = best.upper() if core.isupper() else best.title()
    return replace(
        word,
        text=word.text.replace(core, spelled),
        read=word.read or word.text,
        confidence=max(word.confidence, *group[best]),
    )


def _same(seen: Iterable[Seen], beside: tuple[str, str]) -> dict[str, list[float]]:
    """Return the confidences by spelling of what stands beside the same word, on either side."""
    found: dict[str, list[float]] = {}
    for item in seen:
        is_beside = item.left == beside[0] != "" or item.right == beside[1] != ""
        if is_beside or not any(beside):
            found.setdefault(item.spelled, []).append(item.confidence)
    return found
