"""Is it a mark of state secrecy? What stamps say, and print in their place, held against the marks.

«MẬT» without its own marks is the word of lost things and of faces, and stands in other words. So a
mark counts where it is alone: in a stamp, or in capitals set apart from what follows.
"""

from __future__ import annotations

import re
from enum import IntEnum

from config.vietnamese import fold
from digitize.layout import height_of
from digitize.model import Line
from digitize.syllables import is_legal
from digitize.titles import count_misread

# A mark of so many letters is known though one in four is misread; a person looks at one in three.
_LONG, _LETTERS_PER_ERROR, _LETTERS_PER_DOUBT = 6, 4, 2.6
# Words of a title are nearer to each other than this, heights.
_APART = 0.7
# Grown together, so much of the title is in capitals, and of the mark all but these.
_TITLE_SHARE, _SMALL_LETTERS = 0.8, 2
_LETTERS_AS_READ = str.maketrans("01586", "oisbg")
_DOUBLED = re.compile(r"([aeiouy])\1+")
_OF_NAMES = "THỊ"
# Marks of secrecy that are long have so many words.
_WORDS = 2
_LONG_WORD = 5
_ENDS = ("ẬT", "ÂT")
_BARE = "MAT"
_HATTED = ("MẬT", "MÂT", "MẠT")


# «Độ mật: Tối mật» in a head, a register or a cover sheet, however it is set; folded.
_LABELLED = re.compile(r"^\W*(?:muc )?do (?:bao )?mat\s*[:;]\s*(.+?)\W*$")


class Likeness(IntEnum):
    """How like a mark of secrecy something is."""

    NONE = 0
    NEAR = 1
    """A person must look."""
    SAME = 2


def stamp_likeness(text: str, mark: str) -> Likeness:
    """Tell how like a mark the text of one stamp is; other words beside it tell against it.

    Args:
        text: as read.
        mark: as the law prints it.
    """
    letters, wanted = _letters(text), _letters(mark)
    if len(wanted) >= _LONG:
        if _is_name(text):
            return Likeness.NONE
        if text.isupper() and letters == _letters(mark.split()[0]) and len(mark.split()) == _WORDS:
            # The other word lies on something; TUYẾT is a name, TUYỆT stands on no other stamp.
            return Likeness.SAME if _is_long_word(mark.split()[0], text) else Likeness.NEAR
        errors = _errors_within(letters, wanted)
        if errors <= len(wanted) // _LETTERS_PER_ERROR and (not errors or _has_capital(text)):
            return Likeness.SAME
        return Likeness(errors <= len(wanted) / _LETTERS_PER_DOUBT)
    beside = len(letters) - len(wanted)
    if letters == wanted or _stands_among_rubbish(text, wanted):
        return Likeness.SAME
    if abs(beside) <= 1 and (wanted in letters or letters[:-1] == wanted[:-1]):
        return Likeness.SAME if wanted in letters else Likeness.NEAR
    is_near = abs(beside) <= 1 and count_misread(letters, wanted) <= 1
    return Likeness(is_near or _nearly_stands_among_rubbish(text, wanted))


def _has_capital(text: str) -> bool:
    """Tell whether some letter is a capital, as all of a mark are: «tuyết =#9t,» is a place."""
    return any(map(str.isupper, text))


def _is_long_word(word: str, text: str) -> bool:
    """Tell whether a long word stands in a text with all of its marks."""
    return len(word) >= _LONG_WORD and word in text


def _is_name(text: str) -> bool:
    """Tell whether a text is a woman's name: «THỊ MẬT» is one letter from «TỐI MẬT»."""
    return _OF_NAMES in text.upper().split()


def _stands_among_rubbish(text: str, wanted: str) -> bool:
    """Tell whether a short mark is a word of a text, and the others in capitals are none."""
    words = text.split()
    others = [word for word in words if _letters(word) != wanted]
    is_there = any(_letters(word) == wanted and word.isupper() for word in words)
    return is_there and not any(
        len(word) > 1 and word.isupper() and (word.isalpha() and is_legal(word)) for word in others
    )


def _nearly_stands_among_rubbish(text: str, wanted: str) -> bool:
    """Tell whether a text ends nearly as a mark does, hat and all, behind what is no word."""
    *before, last = text.upper().split() or [""]
    is_nearly = last.endswith(_ENDS) and count_misread(_letters(last), wanted) <= 1
    return is_nearly and not any(word.isalpha() and is_legal(word) for word in before)


def begins_with_mark(line: Line, mark: str) -> bool:
    """Tell whether a printed row in capitals begins or ends with a mark that is set apart.

    A mark may stand in one row with the title, and be read together with it.
    """
    text, wanted = line.text, _letters(mark)
    if len(wanted) >= _LONG and (_is_run_into(text, wanted) or _is_half_read(line, mark)):
        return True
    if not text.isupper():
        return False
    if len(wanted) >= _LONG:
        letters = _letters(text)
        is_nearly = count_misread(letters[: len(wanted)], wanted) <= 1 and not _is_name(text)
        return is_nearly or letters.endswith(wanted)
    return _is_set_apart(line, wanted) or _is_run_together(line)


def is_labelled(text: str, mark: str) -> bool:
    """Tell whether a row says that the degree of secrecy is a mark, in capitals or not."""
    found = _LABELLED.match(fold(text))
    return found is not None and found[1] == fold(mark)


def is_whole(text: str) -> bool:
    """Tell whether a text is «MẬT» in capitals, hat and all, and nothing else."""
    return re.sub(r"\W+", "", text) in _HATTED[:2]


def _is_half_read(line: Line, mark: str) -> bool:
    """Tell whether the long word of a mark begins a row, and what follows it is no word.

    Something lies on the other word: TUYỆT NẬïẤY CHỨNG NHẬN.
    """
    first, *others = (word.text for word in line.words)
    is_long = first == mark.split()[0] and _is_long_word(first, first)
    return is_long and not (others and is_legal(re.sub(r"\W+$", "", others[0])))


def _is_run_into(text: str, wanted: str) -> bool:
    """Tell whether a row is a long mark grown together with a title: TÕI MẤhiếU TỪ CHỐI."""
    letters = [sign for sign in text if sign.isalpha()]
    head, rest = letters[: len(wanted)], letters[len(wanted) :]
    small = len(head) - sum(map(str.isupper, head))
    is_title = sum(map(str.isupper, rest)) >= _TITLE_SHARE * len(rest) > 0
    is_mark = count_misread(_letters("".join(head)), wanted) <= 1 and not _is_name(text)
    return is_mark and (small == 0 or (is_title and small <= _SMALL_LETTERS))


def _is_set_apart(line: Line, wanted: str) -> bool:
    """Tell whether the first words are a short mark, and the next one stands off."""
    for count in range(1, min(len(line.words), len(wanted) + 2)):
        head, following = line.words[:count], line.words[count]
        if _letters("".join(word.text for word in head)) != wanted:
            continue
        is_spelt = count >= len(wanted) or any(has_hat(word.text) for word in head)
        # Without any mark it is no word; MẶT and MẤT are.
        is_spelt |= head[0].text == _BARE and wanted == _letters(_BARE)
        gap = following.box[0] - head[-1].box[2]
        return is_spelt and gap >= _APART * height_of(line)
    return False


def has_hat(text: str) -> bool:
    """Tell whether «MẬT» stands in a word with most of its marks."""
    return any(part in text for part in _HATTED)


def _is_run_together(line: Line) -> bool:
    """Tell whether the first word is «MẬT» grown together with a title's first word."""
    first = re.sub(r"^\W+", "", line.words[0].text)
    if _is_mark_and_word(first, _HATTED[:2]):
        return True
    # Parted one letter too soon: MẠ TTHÔNG BÁO.
    second = line.words[1].text if len(line.words) > 1 else ""
    return not is_legal(second) and _is_mark_and_word(first + second, _HATTED)


def _is_mark_and_word(text: str, marks: tuple[str, ...]) -> bool:
    rest = text[len(_HATTED[0]) :]
    return text.startswith(marks) and len(rest) > 1 and is_legal(rest)


def _letters(text: str) -> str:
    """Return the letters of a text; a vowel is read twice where its marks melt: TUYẾỆT."""
    letters = re.sub(r"[^a-z]+", "", fold(text).translate(_LETTERS_AS_READ))
    return _DOUBLED.sub(r"\1", letters)


def _errors_within(letters: str, wanted: str) -> int:
    """Return the least number of misread letters with which a mark stands within a text."""
    if len(letters) > 2 * len(wanted):
        return 0 if wanted in letters else len(wanted)
    size = len(wanted)
    starts = range(max(len(letters) - size, 0) + 1)
    pieces = (letters[start : start + more] for start in starts for more in (size, size + 1))
    return min(count_misread(piece, wanted) for piece in pieces)
