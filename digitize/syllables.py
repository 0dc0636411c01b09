"""The syllables that Vietnamese can have: a closed set, built from its spelling rules.

A syllable is onset, perhaps a glide, nucleus, perhaps a coda, and a tone. The rules below are those
of the school book: k, gh and ngh before e, ê and i; q with its u; gi that swallows an i; y for i
where no consonant follows; the stops c, ch, p and t with two tones only; no glide after lips. Tone
marks stand on either letter of oa, oe and uy (hòa, hoà), as both are printed.

The rules allow more syllables than speakers use (about 7,000 are attested): what they forbid is no
Vietnamese; what they allow may still be a misreading.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product

_LEVEL = ""
_MARKS = "\u0300\u0301\u0309\u0303\u0323"
"""Combining marks of huyền, sắc, hỏi, ngã and nặng."""
_TONES = (_LEVEL, *_MARKS)
_STOP_TONES = ("\u0301", "\u0323")
_STOPS = ("c", "ch", "p", "t")

# Rhymes without glide, by the letters that begin them.
_BACK_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay "
    "ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "o oc oi om on ong op ot ooc oong ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt "
    "u uc ui um un ung up ut ua uôc uôi uôm uôn uông uôt "
    "ư ưc ưi ưm ưn ưng ưt ưu ưa ươc ươi ươm ươn ương ươp ươt ươu"
)
_E_RHYMES = "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu"
_I_RHYMES = "i ich im in inh ip it iu ia iêc iêm iên iêng iêp iêt iêu"
_GLIDE_RHYMES = (
    "oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oem oen oeo oet "
    "uân uâng uât uây uê uêch uênh uêu uơ uy uya uych uyn uynh uyp uyt uyu uyên uyêt"
)
_Q_RHYMES = (
    "a ac ach ai an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc ân âng ât ây e en eo et "
    "ê ên êch ênh êt êu i it ơ ơi ơn ơt y ych yn ynh yt yên yêt ôc"
)
# Without a consonant before them.
_BARE_RHYMES = "i im in inh ich ip it iu ia y yêm yên yêng yêt yêu"
# gi swallows the i of a rhyme that begins with it: gi + iêng is giêng.
_GI_RHYMES = "gi gin gip gich giêc giên giêng giêt giêu"

_ANY_ONSETS = "b ch d đ h kh l m n nh p ph r s t th tr v x"
_GLIDE_ONSETS = "ch d đ g h kh l n ng nh r s t th tr x"
# An open i is spelled y here too: lý, lí; and in names: Thy, Vy.
_Y_ONSETS = "h k l m s t th v"

# What administrative papers write though no rule gives it: names of places and peoples as the
# State spells them, and borrowed words in common use.
_ADMITTED = (
    "kạn ka kon đắk đăk lắk lăk ắk ăk búk buk păk pắk đrắk drắk krông rlấp m'gar mgar h'leo hleo "
    "pleiku plông prông grai chprông mnông m'nông hrê xtiêng brâu bru raglai khmer k'bang kbang "
    "buýt phuy voan gioăng gen gram palăng quoắt ôtô kitô"
)

_WORD_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_JOINTS = re.compile(r"[-–/.]")
_FOREIGN = re.compile(r"[A-Z][a-z]{4,}")
_MAX_ABBREVIATION = 8


# Print is told from rubbish word by word, and each word is asked about many times a page.
@lru_cache(maxsize=1 << 14)
def is_legal(word: str) -> bool:
    """Tell whether a word is a syllable, or several joined by hyphen, slash or dot.

    Case does not count, nor does punctuation at the ends. A word without letters is none.
    """
    parts = [part for part in _parts(word) if part]
    return bool(parts) and all(is_syllable(part) for part in parts)


def is_syllable(part: str) -> bool:
    """Tell whether letters alone are one legal syllable, or an admitted word, in any case."""
    return part.lower() in syllables()


def legal_share(words: Iterable[str]) -> float:
    """Return the share of legal syllables among words that should be syllables; 1 for none.

    Not counted is what says nothing of how well a page was read: what has no letters or has
    digits, single letters, abbreviations (at least two capitals and no marks: UBND, QĐ,
    TTg), and what looks like a foreign name (a capital and at least four plain small letters that
    are no syllable: Microsoft).
    """
    judged = [is_good for word in words for is_good in _judged_parts(word)]
    return sum(judged) / len(judged) if judged else 1.0


@lru_cache(maxsize=1 << 14)
def _judged_parts(word: str) -> tuple[bool, ...]:
    """Tell of each part of a word that counts whether it is a syllable."""
    return tuple(is_syllable(part) for part in _parts(word) if _is_counted(part))


def _parts(word: str) -> list[str]:
    """Split a word at its joints, each part without punctuation at its ends."""
    composed = unicodedata.normalize("NFC", word)
    return [_WORD_EDGES.sub("", part) for part in _JOINTS.split(composed)]


def _is_counted(part: str) -> bool:
    if len(part) < 2 or any(map(str.isdigit, part)):
        return False
    return is_syllable(part) or not (is_abbreviation(part) or _FOREIGN.fullmatch(part))


def is_abbreviation(part: str) -> bool:
    """Tell whether a word looks like an abbreviation: two capitals or more, no mark but Đ's."""
    is_short = part.isalpha() and len(part) <= _MAX_ABBREVIATION
    return is_short and sum(map(str.isupper, part)) >= 2 and not _is_marked(part)


def _is_marked(part: str) -> bool:
    return any(map(unicodedata.combining, unicodedata.normalize("NFD", part)))


def canonical(word: str) -> str:
    """Return a word in small letters, the tone mark where the older school puts it: hòa, ủy."""
    lowered = word.lower()
    return syllables().get(lowered, lowered)


def newer(word: str) -> str:
    """Return a canonical syllable with its tone mark where the newer school puts it: hoà, uỷ."""
    return _newer_spellings().get(word, word)


@lru_cache(maxsize=1)
def _newer_spellings() -> Mapping[str, str]:
    return {older: spelled for spelled, older in syllables().items() if spelled != older}


@lru_cache(maxsize=1)
def syllables() -> Mapping[str, str]:
    """Return all legal syllables and admitted words, NFC, in small letters, as `canonical` does."""
    built = {word: word for word in _ADMITTED.split()}
    for onset, rhyme in _frames():
        for tone in _tones_of(rhyme):
            older, *newer = _spellings(onset, rhyme, tone)
            built |= dict.fromkeys((older, *newer), older)
    return built


def _frames() -> Iterator[tuple[str, str]]:
    """Yield onset and rhyme of each syllable, as spelled, without tone."""
    back, front, i_rhymes = _BACK_RHYMES.split(), _E_RHYMES.split(), _I_RHYMES.split()
    yield from product(_ANY_ONSETS.split(), back + front + i_rhymes)
    yield from product(("", "gi"), back + front)
    yield from product(("c", "g", "ng"), back)
    yield from product(("k", "gh", "ngh"), front + i_rhymes)
    yield from product(("", *_GLIDE_ONSETS.split()), _GLIDE_RHYMES.split())
    yield from product(("qu",), _Q_RHYMES.split())
    yield from product(_Y_ONSETS.split(), ("y",))
    yield from product(("",), _BARE_RHYMES.split())
    yield from product(("g",), (rhyme.removeprefix("g") for rhyme in _GI_RHYMES.split()))


def _tones_of(rhyme: str) -> tuple[str, ...]:
    return _STOP_TONES if rhyme.endswith(_STOPS) else _TONES


def _spellings(onset: str, rhyme: str, tone: str) -> Iterator[str]:
    for marked in _marked(rhyme, tone):
        yield onset + marked
    if (onset, rhyme) == ("qu", "y"):  # typed so by many: qúy, qũy
        yield unicodedata.normalize("NFC", onset + tone + rhyme)


@lru_cache(maxsize=1 << 12)
def _marked(rhyme: str, tone: str) -> tuple[str, ...]:
    """Return how a rhyme is spelled with a tone: the same after every onset."""
    places = _tone_places(rhyme)
    spelled = (rhyme[: place + 1] + tone + rhyme[place + 1 :] for place in places)
    return tuple(unicodedata.normalize("NFC", marked) for marked in spelled)


def _tone_places(rhyme: str) -> tuple[int, ...]:
    """Return which letters of a rhyme may bear its tone."""
    vowels = len(rhyme) - len(rhyme.lstrip("aăâeêioôơuưy"))
    hatted = [place for place in range(vowels) if rhyme[place] in "ăâêôơư"]
    if hatted:
        return (hatted[-1],)
    if vowels == 1:
        return (0,)
    if len(rhyme) > vowels:
        return (vowels - 1,)
    if rhyme in ("oa", "oe", "uy"):
        return (0, 1)
    return (1,) if vowels > 2 else (0,)
