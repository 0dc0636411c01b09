"""Names that were read unsurely, spelled as people of the agency confirmed them earlier.

The same few persons sign for an office, and print confuses marks. Letters that are all a known
person's are that person's where they make a syllable that no name has; never where they may be
another's: names differ by a mark alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from config.given_names import USUAL
from config.surnames import SURNAMES
from config.vietnamese import fold
from digitize.field_values import is_sure
from digitize.model import Word
from digitize.spellings import Spellings, settle_person
from digitize.syllables import canonical
from digitize.twins import has_fewer_marks, is_mistakable

_EDGES = " .,;:…_|()[]\"'«»“”-–"
# Letters below this may be others.
_READ = 0.3
# What a word is worth that a confirmed name speaks for.
_CONFIRMED = 0.8


def settle_signatory(
    words: Sequence[Word], spellings: Spellings, known: Iterable[str]
) -> tuple[Word, ...]:
    """Return the name of who signed, as the paper or an earlier one spells it; none where unsure.

    Args:
        words: of the name.
        spellings: of the paper that it stands on.
        known: who signed for the same office before, as a person wrote it.
    """
    alike = [parts for parts in map(_parts, known) if _letters(parts) == _letters_of(words)]
    settled = settle_person(words, spellings)
    is_settled = bool(settled) and is_sure(settled)
    if is_settled and (not alike or tuple(map(_spelled, settled)) in alike):
        return settled
    # Two of the same letters have signed, or one of other marks: the paper alone must tell.
    return _as_known(words, alike[0]) if len(set(alike)) == 1 else ()


def _as_known(words: Sequence[Word], known: Sequence[str]) -> tuple[Word, ...]:
    """Return words as a known name spells them; none where they may be another's."""
    changed = [word for word, part in zip(words, known, strict=True) if _spelled(word) != part]
    if 2 * len(changed) > len(words) or not all(map(_may_mean, words, known)):
        return ()
    return tuple(_as(word, part) for word, part in zip(words, known, strict=True))


def _may_mean(word: Word, known: str) -> bool:
    read = _spelled(word)
    if read == known or word.confidence < _READ:
        return word.confidence >= _READ
    # A syllable that names have may be another's, however unsurely it was read.
    is_name = read in USUAL or read in SURNAMES
    return not is_name and (has_fewer_marks(read, known) or is_mistakable(read, known))


def _as(word: Word, part: str) -> Word:
    core = word.text.strip(_EDGES)
    confidence = max(word.confidence, _CONFIRMED)
    if _spelled(word) == part:
        return replace(word, confidence=confidence)
    spelled = part.upper() if core.isupper() else part.title()
    return replace(
        word,
        text=word.text.replace(core, spelled),
        read=word.read or word.text,
        confidence=confidence,
    )


def _parts(name: str) -> tuple[str, ...]:
    return tuple(map(canonical, name.split()))


def _spelled(word: Word) -> str:
    return canonical(word.text.strip(_EDGES))


def _letters(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(fold, parts))


def _letters_of(words: Iterable[Word]) -> tuple[str, ...]:
    return _letters(map(_spelled, words))
