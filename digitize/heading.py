"""Who issued a paper, in the spelling that the rest of the paper gives its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import assert_never

from config.own_places import OwnPlaces
from config.vietnamese import fold
from config.vocabulary import load_classes
from digitize.field_values import is_sure
from digitize.headings import title_blocks
from digitize.model import Box, Evidence, Paper, Word
from digitize.place_names import put_right
from digitize.spellings import Spellings, is_contradicted, is_read_twice, settle
from digitize.syllables import canonical
from digitize.twins import has_all_marks
from digitize.usual_words import Usage, may_be_cut, usage_of

# An office's name is one of few: whatever the engine thinks of its marks, it stands.
_SURE_OF_OFFICE, _SURE_OF_PLACE, _SURE_WITHOUT_MARKS = 0.8, 0.94, 0.97
# Every place has one: without its name it was cut off.
_OF_A_PLACE = frozenset({"ủy ban nhân dân", "ubnd", "hội đồng nhân dân", "hđnd", "công an"})
# What stands below another body's name, a department or the place that it is of; and a committee
# of which a word was not read.
_CUT = re.compile(
    r"^(?:phòng|xã|phường|tỉnh|thành phố|đặc khu|huyện|quận|thị xã) |"
    r"\bủy (?!ban\b)|(?<!ủy )\bban nhân dân\b"
)
_EDGES = " -–_.,;:|'\"“”«»"
# A notation of a known type was right in all 26 cases from here to 0.7, however unsure its number.
_SURE_OF_NOTATION, _SURE_OF_UNKNOWN = 0.4, 0.88
# The engine doubts the number that a pen wrote before it, not its letters; where these are the
# first of the words in the heading or the title, nothing else can be meant. Two letters are first
# letters of anything, unless their words follow each other.
_SURE_OF_SHORT, _SHORTEST = 0.1, 3
_YEAR = re.compile(r"^\d{4}/")
# Đ in the coding of fonts that write another letter alike.
_ETH = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ"})
# It is read as both at times; no symbol has it twice.
_TWICE = re.compile("ĐĐ+")


def settle_heading(
    fields: Iterable[Evidence], paper: Paper, spellings: Spellings, own: OwnPlaces
) -> Iterator[Evidence]:
    """Yield the fields, the issuing body as the paper spells it, or without it.

    A notation that was read unsurely still tells the kind of a paper; as its field it is missing.

    Args:
        fields: as read without knowing more.
        paper: its pages.
        spellings: of the names on it.
        own: places and offices that the agency lists.
    """
    for field in fields:
        if field.name == "issuing_body":
            yield from _settled(field, paper, spellings, own)
        elif field.name == "notation":
            # The year between number and notation is said by the date.
            spelled = _YEAR.sub("", _TWICE.sub("Đ", field.value.translate(_ETH)))
            if field.confidence >= _least_of(spelled, paper):
                yield replace(field, value=spelled)
        else:
            yield field


def _least_of(notation: str, paper: Paper) -> float:
    """Return how surely a notation must have been read: one that stands for words, less."""
    parts = notation.split("-")
    initials = _initials(paper)
    if all(part in _symbols() or _is_short_for(part, initials) for part in parts):
        return _SURE_OF_SHORT
    return _SURE_OF_NOTATION if parts[0] in _symbols() else _SURE_OF_UNKNOWN


def _initials(paper: Paper) -> tuple[str, ...]:
    """Return the first letters of each heading and title of a paper, as notations take them."""
    return tuple(
        "".join(unicodedata.normalize("NFD", word.text.strip(_EDGES))[:1] for word in block.words)
        for block in title_blocks(paper.pages[0])
    )


def _is_short_for(part: str, initials: Iterable[str]) -> bool:
    """Tell whether a part of a notation is short for a heading or title, words left out or not."""
    if len(part) < _SHORTEST:
        return any(part in letters for letters in initials)
    return any(_are_in_order(part, letters) for letters in initials)


def _are_in_order(part: str, letters: str) -> bool:
    rest = iter(letters)
    return all(letter in rest for letter in part)


@cache
def _symbols() -> frozenset[str]:
    return frozenset(symbol for item in load_classes().items for symbol in item.symbols)


def _settled(
    field: Evidence, paper: Paper, spellings: Spellings, own: OwnPlaces
) -> Iterator[Evidence]:
    read = [
        replace(word, text=word.text.strip(_EDGES) + _hyphen_behind(line.words[at:]))
        for line in paper.pages[0].lines
        for at, word in enumerate(line.words)
        if _lies_in(word.box, field.box) and any(map(str.isalnum, word.text))
    ]
    known: dict[int, Word] = {}
    for at in range(len(read)):
        if at not in known:
            known |= _office_at(at, read, own.offices)
    runs = groupby(range(len(read)), key=known.__contains__)
    places = [[read[at] for at in run] for is_office, run in runs if not is_office]
    # «XÃ SUỐI» of an agency that lists SUỐI GIẤY was cut off.
    if any(own.is_beginning(_bare(word.text) for word in place) for place in places):
        return
    known |= put_right(read, known, paper, own)
    words = settle([known.get(at, word) for at, word in enumerate(read)], spellings, known)
    value = " ".join(word.text for word in words)
    is_whole = value.casefold() not in _OF_A_PLACE and not _CUT.search(value.casefold())
    if words and is_whole and is_sure(words) and _are_places(words, known, spellings):
        yield replace(
            field,
            value=value,
            confidence=min(word.confidence for word in words),
            read=field.read or (field.value if value != field.value else ""),
        )


def _are_places(words: Sequence[Word], known: Container[int], spellings: Spellings) -> bool:
    """Tell whether what is neither an office's name nor known stands on the paper once more.

    A heading sets the name in capitals; of those that were read once, not very surely and as no
    usual word, one in five had a wrong mark. Where capitals and small letters differ in a mark,
    nobody knows: one lost it, or dirt made the other.
    """
    for is_office, run in groupby(range(len(words)), key=lambda at: at in known):
        if not is_office and not all(_is_of_place(words, at, spellings) for at in run):
            return False
    return True


def _is_of_place(words: Sequence[Word], at: int, spellings: Spellings) -> bool:
    if is_contradicted(words, at, spellings):
        return False
    if may_be_cut(canonical(words[at].text.strip(_EDGES))):
        return False
    return _is_sure_of_place(words[at]) or is_read_twice(words, at, spellings)


def _is_sure_of_place(word: Word) -> bool:
    """Tell whether a word that was read once was read so surely as its usage asks for."""
    if any(map(str.isdigit, word.text)):
        return word.confidence >= _SURE_OF_PLACE
    match usage_of(canonical(word.text.strip(_EDGES))):
        case Usage.LONE:
            return word.confidence >= _SURE_OF_OFFICE
        case Usage.ODD:
            return False
        case Usage.OTHER:
            # What has all marks that a syllable can have lost none.
            is_full = has_all_marks(canonical(word.text.strip(_EDGES)))
            return word.confidence >= (_SURE_OF_PLACE if is_full else _SURE_WITHOUT_MARKS)
        case unknown:
            assert_never(unknown)


def _office_at(at: int, read: Sequence[Word], offices: Iterable[Sequence[str]]) -> dict[int, Word]:
    """Return the words of an office's name that begins at a word, spelled as it is; none of none.

    A single word may be of a place's name too, unless it is spelled so or begins a line.
    """
    for name in offices:
        words = read[at : at + len(name)]
        if [fold(word.text).strip(" -") for word in words] != [
            fold(part.strip(" -,")) for part in name
        ]:
            continue
        if (
            len(name) == 1
            and canonical(words[0].text.strip(" -")) != name[0]
            and not _begins(words[0], read)
        ):
            continue
        return {at + after: _spelled(word, name[after]) for after, word in enumerate(words)}
    return {}


def _hyphen_behind(words: Sequence[Word]) -> str:
    """Return the hyphen that joins a word to the next: Bà Rịa - Vũng Tàu; empty for none."""
    if len(words) < 3 or words[1].text not in ("-", "–"):
        return ""
    word, stroke, following = words[:3]
    room = word.box[3] - word.box[1]
    is_near = stroke.box[0] - word.box[2] <= room and following.box[0] - stroke.box[2] <= room
    return " -" if is_near else ""


def _bare(text: str) -> str:
    return fold(text).strip(_EDGES)


def _spelled(word: Word, part: str) -> Word:
    text = part.upper()
    return replace(
        word,
        text=text,
        confidence=max(word.confidence, _SURE_OF_OFFICE),
        read=word.read or (word.text if word.text != text else ""),
    )


def _begins(word: Word, read: Sequence[Word]) -> bool:
    height = word.box[3] - word.box[1]
    return not any(
        other.box[2] <= word.box[0] and abs(other.box[1] - word.box[1]) < height for other in read
    )


def _lies_in(box: Box, place: Box) -> bool:
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return place[0] <= across <= place[2] and place[1] <= down <= place[3]
