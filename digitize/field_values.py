"""Values as they stand behind a label: names, dates, numbers, words; each whole and sure, or none.

What was read unsurely, is no possible value or goes on in what is none gives nothing: a person
types it, which is faster than finding a wrong one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.codes import LIKE_DIGIT, as_number
from config.fields import FieldKind, FieldRule
from config.personal_numbers import is_personal_number
from config.surnames import SURNAMES, UNMISTAKABLE
from config.vietnamese import fold
from digitize.base_lines import are_in_print
from digitize.labels import Entry
from digitize.model import Word
from digitize.number_words import read_date
from digitize.spellings import Spellings, settle_person
from digitize.syllables import canonical, is_legal, legal_share

# Digits written by pen were read at 0.79 and less; printed ones mostly at 0.9.
_SURE, _SURE_OF_CHECKED, _SURE_AMID_PEN = 0.7, 0.4, 0.94
# A number of few digits has nothing that checks it: of «62,0» by pen «62» was read at 0.77.
_SURE_OF_PATTERN = 0.78
# Marks are misread more easily than letters and digits are, and any syllable may be a name.
_SURE_OF_WORDS = 0.75
# A syllable that Vietnamese cannot have is one of a people's or a foreigner's name, or misread.
_SURE_OF_FOREIGN = 0.9
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_ADDRESS = frozenset({"ong", "ba", "ong/ba", "anh", "chi", "chau"})
_EDGES = ".,;:…_()[]\"'«»“”-–"
_NAME_SIZES = range(2, 8)
_SHORTEST_RUN = 3
# Names of peoples begin with them: Y, H', A.
_VOWELS = frozenset("AEIOUYÝ")
_FOLLOWERS = "sinh so cu co la va ngay sn can giay chuc noi dia cung hien thuong quoc dan gioi"
_AFTER_NAME = frozenset(_FOLLOWERS.split())
# Begin like a name, and are none.
_NO_NAMES = frozenset({"ho so", "ly lich", "luu y", "van ban", "van phong", "cao dang", "to khai"})
_LIKE = LIKE_DIGIT.lower()
_DAY = re.compile(
    r"^\W*(?:(?:vao|luc|het|tu|den)\s+)*(?:\S{1,2}\s*gio\s*(?:\S{1,2}\s*phut)?\W*)?"
    r"(?:(?:vao|het)\s+)?(?:ngay)?\s*"
    rf"(?P<day>{_LIKE}{{1,2}})(?:\s*[/.\-]\s*|\s*thang\s*)(?P<month>{_LIKE}{{1,2}})"
    rf"(?:\s*[/.\-]\s*|\s*,?\s*nam\s*)(?P<year>{_LIKE}{{4}})(?![\da-z])"
)
_TWELVE = re.compile(
    rf"(?<!\w){LIKE_DIGIT}{{3}} ?{LIKE_DIGIT}{{3}} ?{LIKE_DIGIT}{{3}} ?{LIKE_DIGIT}{{3}}(?!\w)"
)
_YEAR = re.compile(r"^\W*(?P<year>(?:19|20)\d{2})(?!\d)")
_UNTIL, _SINCE = re.compile(r"\bden\b"), re.compile(r"^\W*(?:ke )?tu\b")
_MOSTLY_DIGITS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What stands in a field."""

    text: str
    words: tuple[Word, ...]
    """Where it stands."""
    read: str = ""
    """As it was read, where signs were put right; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of a paper before its fields are read."""

    seen_on: dt.date
    """The day of the scan; nobody was born later."""
    spellings: Spellings
    """Of the names on it."""
    dpi: float = 0.0
    """Of the page that a field stands on; 0 where it is not known."""
    by_hand: bool = False
    """The form was filled in by pen; what reads like print in it must be very sure."""


def read_value(rule: FieldRule, entry: Entry, context: Context) -> Value | None:
    """Return what an entry gives for a field; None for nothing sure.

    Args:
        rule: what may stand there.
        entry: the label and what is behind it.
        context: what its paper says besides.
    """
    value = _value_of(rule, entry, context) if entry.words else None
    is_number = rule.kind not in (FieldKind.NAME, FieldKind.TEXT)
    if value is None or (is_number and not _is_printed(value, entry, context.dpi)):
        return None
    # Digits that check themselves and stand in print are right however unsure the engine is.
    checks = rule.kind is FieldKind.PERSONAL_NUMBER and not value.read
    least = _SURE_OF_CHECKED if checks else None
    if rule.kind is FieldKind.PATTERN:
        least = _SURE_OF_PATTERN
    if context.by_hand:
        least = _SURE_AMID_PEN
    return value if is_sure(value.words, are_numbers=is_number, least=least) else None


def _value_of(rule: FieldRule, entry: Entry, context: Context) -> Value | None:
    match rule.kind:
        case FieldKind.NAME:
            is_said = entry.has_colon and not (rule.is_alone and _has_more(entry))
            return _name(entry, context.spellings) if is_said else None
        case FieldKind.DATE:
            return _date(entry, is_span=rule.is_span)
        case FieldKind.YEAR:
            return _matched(_YEAR, entry)
        case FieldKind.PERSONAL_NUMBER:
            return _personal_number(entry, context.seen_on)
        case FieldKind.PATTERN:
            return _pattern(rule.pattern, entry)
        case FieldKind.TEXT:
            return _text(entry) if entry.has_colon else None


def _is_printed(value: Value, entry: Entry, dpi: float) -> bool:
    own = {id(word) for word in value.words}
    digits = [word for word in value.words if any(map(str.isdigit, word.text))]
    beside = [
        word
        for word in (*(entry.printed if entry.is_near else ()), *entry.words)
        if id(word) not in own or not any(map(str.isdigit, word.text))
    ]
    row = [word for word in beside if _meet(word, digits)]
    return are_in_print(digits, row, dpi)


def _meet(word: Word, others: Sequence[Word]) -> bool:
    """Tell whether a word stands in a row with any of others."""
    middle = (word.box[1] + word.box[3]) / 2
    return any(other.box[1] < middle < other.box[3] for other in others)


def is_sure(
    words: Sequence[Word], *, are_numbers: bool = False, least: float | None = None
) -> bool:
    """Tell whether every word was read surely enough to stand for itself."""
    if least is None:
        least = _SURE if are_numbers else _SURE_OF_WORDS
    return bool(words) and min(word.confidence for word in words) >= least


def read_name(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return the words of the person's name at the start; empty where there is none, whole."""
    rest = list(_with_surname(words))
    while rest and (_core(rest[0]) == "" or _is_address(rest[0])):
        rest.pop(0)
    found: list[Word] = []
    for word in rest:
        core = _core(word)
        if not _is_name_part(core) or (found and not _is_alike(_core(found[0]), core)):
            ends = _may_follow(word) or (
                _are_capitals(found) > _are_capitals([word]) and not _is_run_together(core)
            )
            return tuple(found) if ends and _is_whole(found) else ()
        found.append(word)
        if word.text[-1] in ".,;)":
            break
    return tuple(found) if _is_whole(found) else ()


def _core(word: Word) -> str:
    """Return a word without punctuation; a stroke inside is a letter that was misread."""
    core = word.text.strip(_EDGES)
    return core if any(map(str.isalnum, core)) else ""


def _is_address(word: Word) -> bool:
    return fold(_core(word)) in _ADDRESS and not (len(_core(word)) > 1 and _core(word).isupper())


def _is_name_part(core: str) -> bool:
    letters = core.replace("'", "").replace("-", "")
    return letters.isalpha() and core[0].isupper()


def _is_alike(first: str, core: str) -> bool:
    """Tell whether two parts of a name are set alike: all in capitals, or not."""
    return len(core) == 1 or len(first) == 1 or first.isupper() == core.isupper()


def _are_capitals(words: Sequence[Word]) -> bool:
    return all(_core(word).isupper() for word in words)


def _may_follow(word: Word) -> bool:
    """Tell whether a word can stand behind a whole name, so that nothing of it was lost."""
    core = _core(word)
    return not core or (core[0].islower() and fold(core) in _AFTER_NAME)


def _is_run_together(core: str) -> bool:
    """Tell whether a word in capitals has grown together with the next label: OANHNăm."""
    return len(core) > _SHORTEST_RUN and core[:2].isupper() and not core.isupper()


def _is_whole(found: Sequence[Word]) -> bool:
    if len(found) not in _NAME_SIZES or not all(_is_readable(word) for word in found):
        return False
    if _is_in_pieces(found):
        return False
    begins = " ".join(fold(_core(word)) for word in found[:2])
    return canonical(_core(found[0])) in SURNAMES and begins not in _NO_NAMES


def _with_surname(words: Sequence[Word]) -> tuple[Word, ...]:
    """Put right the marks of a family name that is no other without them.

    In its place, which the form gives, what was read is no name at all; so it stands as it must
    have been printed, and its confidence is that of the rest.
    """
    first = next(
        (at for at, word in enumerate(words) if _core(word) and not _is_address(word)), None
    )
    if first is None:
        return tuple(words)
    word, rest = words[first], words[first + 1 :]
    read = canonical(_core(word))
    names = [name for name in UNMISTAKABLE if fold(name) == fold(read)]
    has_marks = any(fold(other.text) != other.text.lower() for other in words[first:])
    if read in SURNAMES or not names or not has_marks or not rest:
        return tuple(words)
    name = names[0].upper() if _core(word).isupper() else names[0].title()
    repaired = replace(
        word,
        text=word.text.replace(_core(word), name),
        read=word.read or word.text,
        confidence=max(word.confidence, min(other.confidence for other in rest)),
    )
    return (*words[:first], repaired, *rest)


def _is_in_pieces(found: Sequence[Word]) -> bool:
    """Tell whether a syllable of a name was read as two: N GHIỆM; initials stand at its end."""
    return any(len(_core(word)) == 1 and _core(word) not in _VOWELS for word in found[:-1])


def _is_readable(word: Word) -> bool:
    core = _core(word)
    return len(core) == 1 or is_legal(core) or word.confidence >= _SURE_OF_FOREIGN


def _name(entry: Entry, spellings: Spellings) -> Value | None:
    own = read_name(entry.words)
    words = own
    for behind in (entry.more, entry.tail):
        # What goes on in the next row is of the name only in capitals.
        longer = read_name((*entry.words, *behind)) if _is_of_name(behind) else ()
        if len(longer) <= len(own) or not all(_core(word).isupper() for word in longer):
            continue
        if not all(is_legal(_core(word)) for word in behind):
            return None
        words = longer
    words = settle_person(words, spellings)
    text = " ".join(_core(word) for word in words)
    return Value(text=text, words=words) if words else None


def _has_more(entry: Entry) -> bool:
    """Tell whether more than a name stands behind a label: an office, or another person."""
    name = read_name(entry.words)
    boxes = [word.box for word in entry.words]
    behind = entry.words[boxes.index(name[-1].box) + 1 :] if name else ()
    return any(map(_core, behind)) or (bool(name) and name[-1].text[-1] in ",;")


def _is_of_name(behind: Sequence[Word]) -> bool:
    """Tell whether a row may be more of a name: it can be spoken, as STT over a table cannot."""
    return bool(behind) and all(_VOWELS & set(fold(word.text).upper()) for word in behind)


def read_day(text: str) -> tuple[dt.date, int] | None:
    """Return the date that a text begins with, and where it ends there; None for none."""
    folded = fold(text)
    match = _DAY.match(folded)
    if match is None:
        written = re.split(r"[.;(]", text)[0]
        said = read_date(written)
        return (said, len(written)) if said else None
    # The folded text is as long as the text itself, whose capitals tell S from s.
    parts = [text[slice(*match.span(name))] for name in ("day", "month", "year")]
    try:
        day, month, year = (int(as_number(part)) for part in parts)
        date = dt.date(year, month, day)
    except ValueError:
        return None
    if not all(re.search(r"\d", part) for part in parts):
        return None
    return (date, match.end()) if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _date(entry: Entry, *, is_span: bool) -> Value | None:
    words = (*entry.words, *entry.more)
    whole = " ".join(word.text for word in words)
    start = _second_day(whole) if is_span else 0
    if start is None:
        return None
    text = whole[start:]
    found = read_day(text)
    if found is None:
        return None
    date, end = found
    used = covering(words, start, start + end)
    plain = re.findall(r"\d+", text[:end])
    repaired = len(plain) < 3 or int(plain[-1]) != date.year
    is_written = not plain
    return Value(
        text=date.isoformat(),
        words=used,
        read=text[:end].strip() if repaired and not is_written else "",
    )


def _second_day(text: str) -> int | None:
    """Return where the second day of a span begins; 0 for a single day, None for a first one."""
    folded = fold(text)
    until = [match.end() for match in _UNTIL.finditer(folded)]
    if until:
        return until[-1]
    return None if _SINCE.match(folded) else 0


def _personal_number(entry: Entry, seen_on: dt.date) -> Value | None:
    words = (*entry.words, *entry.more[:6])
    text = " ".join(word.text for word in words)
    match = _TWELVE.search(text)
    if match is None:
        return None
    read = match.group().replace(" ", "")
    number = as_number(read)
    is_read = sum(sign.isdigit() for sign in read) >= 10
    if not is_read or not is_personal_number(number, seen_on):
        return None
    return Value(
        text=number,
        words=covering(words, match.start(), match.end()),
        read=read if read != number else "",
    )


def _matched(pattern: re.Pattern[str], entry: Entry) -> Value | None:
    text = " ".join(word.text for word in entry.words)
    match = pattern.match(text)
    if match is None:
        return None
    return Value(text=match["year"], words=covering(entry.words, 0, match.end()))


def _pattern(pattern: str, entry: Entry) -> Value | None:
    # Other signs may be digits that were not read.
    whole = re.compile(rf"[\s.:…_\"'“(-]*(?P<value>{pattern})(?=$|[\s,.;)(]|$)")
    texts = [word.text for word in entry.words]
    repaired = [_as_digits(text) for text in texts]
    for said in (texts, repaired):
        text = " ".join(said)
        match = whole.match(text)
        if match is None:
            continue
        words = covering(entry.words, match.start("value"), match.end("value"))
        as_read = " ".join(word.text for word in words).strip(_EDGES)
        return Value(text=match["value"], words=words, read=as_read if said is not texts else "")
    return None


def _as_digits(text: str) -> str:
    """Put right the signs of a word that is a number for the most part."""
    digits = sum(sign.isdigit() for sign in text)
    return as_number(text) if digits >= _MOSTLY_DIGITS * len(text) else text


def covering(words: Sequence[Word], start: int, end: int) -> tuple[Word, ...]:
    """Return the words that a stretch of their joined text lies in."""
    found, at = [], 0
    for word in words:
        if at < end and at + len(word.text) > start:
            found.append(word)
        at += len(word.text) + 1
    return tuple(found)


def _text(entry: Entry) -> Value | None:
    words = (*entry.words, *entry.more)
    has_label = any(word.text.endswith(":") for word in words)
    if entry.is_cut or has_label or words[-1].text.endswith(","):
        return None
    is_read = all(
        legal_share((word.text,)) == 1.0 or word.confidence >= _SURE_OF_FOREIGN for word in words
    )
    text = " ".join(word.text for word in words).strip(" .;…_")
    return Value(text=text, words=words) if is_read and len(text) > 1 else None
