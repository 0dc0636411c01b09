"""Who signed for an office: the name below title and signature (NĐ 30/2020/NĐ-CP Phụ lục I)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from statistics import median

from config.surnames import SURNAMES
from config.vietnamese import fold
from digitize.field_values import read_name
from digitize.known_names import settle_signatory
from digitize.layout import (
    height_of,
    in_one_row,
    is_capitals,
    join,
    middle_of,
    segments,
    stands_below,
)
from digitize.model import Box, Evidence, Line, MarkKind, Paper, RecognizedPage, Word
from digitize.ocr import make_line
from digitize.positions import POSITION
from digitize.spellings import Spellings
from digitize.syllables import canonical

# For the authority in whose name, and the office that is held; folded.
_AUTHORITY = re.compile(r"^(?:tm|kt|tl|tuq|q)\s?[.,]")
_ENDS_TITLE = re.compile(
    r"\b(?:ho tich|chu tich|giam doc|cong an|tu phap|van phong|bo phan|don vi|chi nhanh)$"
)
_OF_CITIZENS = re.compile(
    r"\bghi ro\b|\bho\b.{1,6}\bten\b|\bdem\b.{1,4}\bten\b|^\W*\((?:chu )?k[yu]\b"
)
_HINT = re.compile(r"^\W*(?:\(|ky |da ky|ky boi|chu ky|dong dau)")
# Room for seal and signature between title and name, points; and how far their middles may differ.
_ROOM, _OFF_MIDDLE = 190.0, 70.0
_BELOW_SEAL = 30.0
# A hint how to sign has the middle of the name below it, points.
_OFF_HINT = 30.0
# A name is centred below its title to so much; were its first word covered, it would be off.
_CENTRED = 6.0
# Points: a piece of a seal; heights: between the words of a title.
_PIECE, _BESIDE = 25.0, 1.5
# Heights: names of two who signed side by side stand no nearer; words of one name do.
_APART = 0.7
_RUN_SIZES = range(3, 6)
# Of a name of fewer words beside a seal the first ones may have been covered without a trace.
_LONG_NAME = 3
_SURE_OF_WORD = 0.8
# Under a mark a whole name stands for itself where every word of it is so sure.
_SURE_UNDER_MARK = 0.9
_EDGES, _STROKES = " .,:;'|_-–", "'|_-–“”"


def read_signatory(
    paper: Paper, spellings: Spellings, known: Set[str] = frozenset()
) -> tuple[Evidence, ...]:
    """Return name and title of who signed for an office: of the last signature on the paper.

    A seal covers the title more often than not; then the name beside it is that person's.

    Args:
        paper: its pages.
        spellings: of the names on it.
        known: who signed for the same office before, as a person wrote it.
    """
    for page in reversed(paper.pages):
        lines = [
            part
            for line in _with_covered(segments(page), page.overlay)
            for part in _names_apart(line)
        ]
        lines += [line for line in page.overlay if _is_sure_name(line, lines)]
        for title in reversed(list(_titles(lines))):
            name = _name_below(title, page, lines)
            words = settle_signatory(name, spellings, known)
            if words:
                return (_as(page, "signatory", words), _as(page, "signatory_title", title.words))
            if name:  # whoever else is named beside a seal did not sign for the office
                return ()
        for words in _beside_seals(page, lines):
            if _is_told_elsewhere(words, paper):
                continue
            settled = settle_signatory(words, spellings, known)
            return (_as(page, "signatory", settled),) if settled else ()
    return ()


def _names_apart(line: Line) -> Iterator[Line]:
    """Yield the names of a row of signatures, whose columns stand close to each other."""
    part: list[Word] = []
    height = median(word.box[3] - word.box[1] for word in line.words)
    for word in line.words:
        room = word.box[0] - part[-1].box[2] if part else 0.0
        if part and _begins_name(word) and room > _APART * height:
            yield make_line(part)
            part = []
        part.append(word)
    yield make_line(part)


def _begins_name(word: Word) -> bool:
    return canonical(word.text.strip(_EDGES)) in SURNAMES and word.text[:1].isupper()


def _is_sure_name(line: Line, lines: Sequence[Line]) -> bool:
    """Tell whether a line under a mark is a whole name, of which nothing stands beside the mark."""
    is_sure_of = min(word.confidence for word in line.words) >= _SURE_UNDER_MARK
    room = _BESIDE * height_of(line)
    goes_on = any(
        in_one_row(line, other)
        and max(other.box[0] - line.box[2], line.box[0] - other.box[2]) <= room
        for other in lines
    )
    return is_sure_of and not goes_on and len(read_name(line.words)) == len(line.words)


def _is_told_elsewhere(name: Sequence[Word], paper: Paper) -> bool:
    """Tell whether a paper names a person in its text too: then it is one whom it is about."""
    wanted = " ".join(fold(word.text.strip(_EDGES)) for word in name)
    own = {id(word) for word in name}
    texts = (
        " ".join(fold(word.text.strip(_EDGES)) for word in line.words if id(word) not in own)
        for page in paper.pages
        for line in page.lines
    )
    return any(wanted in text for text in texts)


def _is_of_title(line: Line) -> bool:
    """Tell whether a line is a title that reads like a name: TRƯƠNG CÔNG AN, HỒ TỊCH."""
    folded = fold(line.text).strip(_EDGES + '“”"')
    return bool(POSITION.match(folded) or _ENDS_TITLE.search(folded))


def _with_covered(lines: Sequence[Line], overlay: Sequence[Line]) -> Sequence[Line]:
    """Return the lines, each with the words of its row in capitals that lie under a mark."""
    words = [word for line in overlay for word in line.words if _is_whole_word(word)]
    found = []
    for line in lines:
        room = _BESIDE * height_of(line)
        beside = [
            word
            for word in words
            if in_one_row(line, make_line([word]))
            and (abs(line.box[0] - word.box[2]) <= room or abs(word.box[0] - line.box[2]) <= room)
        ]
        whole = make_line(sorted([*line.words, *beside], key=lambda word: word.box[0]))
        # Letters of the seal itself were read as words, too: they make no title of another.
        is_more = line.text.isupper() and (_begins_title(whole) or not _begins_title(line))
        found.append(whole if beside and is_more else line)
    return found


def _is_whole_word(word: Word) -> bool:
    return word.text.isalpha() and word.text.isupper() and len(word.text) > 1


def _titles(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield titles, each with the lines of its authority above it."""
    for index, line in enumerate(lines):
        if not _is_title(line) or not _begins_title(line):
            continue
        block = [line]
        for above in reversed(lines[:index]):
            if stands_below(above, block[0]) and _is_title(above):
                block.insert(0, above)
        is_last = not any(
            stands_below(line, other) and _is_title(other) and _begins_title(other)
            for other in lines[index + 1 :]
        )
        if is_last:
            yield join(block)


def _begins_title(line: Line) -> bool:
    return bool(POSITION.match(_as_title(line)))


def _is_title(line: Line) -> bool:
    folded = _as_title(line)
    is_known = bool(_AUTHORITY.match(folded)) or _begins_title(line)
    return is_known and line.text.isupper()


def _as_title(line: Line) -> str:
    """Return a line folded, without what strokes and dirt beside its words were read as."""
    return re.sub(r"^[\W\d_]+|(?<=\w{3})[.,;:](?=\w)", " ", fold(line.text)).strip()


def _name_below(title: Line, page: RecognizedPage, lines: Sequence[Line]) -> tuple[Word, ...]:
    for line in lines:
        room = line.box[1] - title.box[3]
        if not height_of(line) <= room <= _ROOM or _HINT.match(fold(line.text)):
            continue
        run = _run_below(title, line)
        if run:
            return run
        off = abs(middle_of(line) - middle_of(title))
        if off <= _OFF_MIDDLE and not _is_rubbish(line):
            name = _whole_name(line, page, is_centred=off <= _CENTRED)
            is_cut = len(name) < _LONG_NAME and _begins_under(line, _seals(page))
            return () if is_cut else name
    return ()


def _run_below(title: Line, line: Line) -> tuple[Word, ...]:
    """Return the name in a row of several that has its middle below a title; none for none.

    Were a word of it missing, its middle would be off.
    """
    words = line.words
    if any(word.text[:1].islower() and word.confidence >= _SURE_OF_WORD for word in words):
        return ()  # the text of a paper that names its officer above it
    if line.box[0] <= title.box[0] - _OFF_MIDDLE or len(words) > max(_RUN_SIZES):
        runs = [
            words[start : start + size]
            for start, word in enumerate(words)
            if _begins_name(word)
            for size in _RUN_SIZES
            if start + size <= len(words)
        ]
        for run in runs:
            off = abs(middle_of(make_line(list(run))) - middle_of(title))
            if off <= _CENTRED and read_name(run) == run:
                return run
    return ()


def _is_rubbish(line: Line) -> bool:
    """Tell whether a line is what strokes and seals are read as: no word of it was read surely."""
    return not any(
        word.confidence >= _SURE_OF_WORD and sum(map(str.isalpha, word.text)) > 1
        for word in line.words
    )


def _beside_seals(page: RecognizedPage, lines: Sequence[Line]) -> Iterator[tuple[Word, ...]]:
    """Yield names below or right of a seal, the lowest first."""
    seals = _seals(page)
    for line in reversed(lines):
        is_beside = any(
            box[0] - _OFF_MIDDLE <= middle_of(line) <= box[2] + _ROOM / 2
            and box[1] <= line.box[1] <= box[3] + _BELOW_SEAL
            for box in seals
        )
        if any(_is_hint_above(other, line) for other in lines):
            continue
        is_centred = any(_stands_over(other, line) for other in lines)
        name = _whole_name(line, page, is_centred=is_centred) if is_beside else ()
        if name and not (len(name) < _LONG_NAME and _begins_under(line, seals)):
            yield name


def _seals(page: RecognizedPage) -> list[Box]:
    # A faded seal comes in pieces, which are taken for those of a stamp.
    return [
        mark.box
        for mark in page.marks
        if mark.kind is MarkKind.SEAL
        or (mark.kind is MarkKind.STAMP and mark.box[3] - mark.box[1] >= _PIECE)
    ]


def _begins_under(line: Line, seals: Sequence[Box]) -> bool:
    """Tell whether a seal lies where words before a line would stand."""
    reach = line.box[0] - 2 * height_of(line)
    middle = (line.box[1] + line.box[3]) / 2
    return any(
        box[0] < line.box[0] and box[2] > reach and box[1] < middle < box[3] for box in seals
    )


def _is_hint_above(hint: Line, name: Line) -> bool:
    """Tell whether a form says above a name how citizens sign; who seals is told nothing."""
    folded = fold(hint.text)
    is_hint = bool(_OF_CITIZENS.search(folded)) and "dau" not in folded
    is_near = 0 < name.box[1] - hint.box[3] <= _ROOM
    return is_hint and is_near and abs(middle_of(hint) - middle_of(name)) <= _OFF_HINT


def _stands_over(title: Line, name: Line) -> bool:
    """Tell whether a line in capitals, whatever it says, has the middle of a name below it."""
    is_near = 0 < name.box[1] - title.box[3] <= _ROOM
    off = abs(middle_of(title) - middle_of(name))
    return is_near and off <= _CENTRED and is_capitals(title.text)


def _whole_name(line: Line, page: RecognizedPage, *, is_centred: bool = False) -> tuple[Word, ...]:
    """Return the name that a line is; none where a seal may cover its beginning."""
    name = read_name(line.words)
    reach = line.box[0] - 2 * height_of(line)
    is_eaten = any(
        other.box[2] > reach
        and other.box[0] < line.box[0]
        and other.box[1] < (line.box[1] + line.box[3]) / 2 < other.box[3]
        for other in page.overlay
    )
    written = [word for word in line.words if any(map(str.isalnum, word.text))]
    is_whole = (is_centred or not is_eaten) and not _is_of_title(line)
    return name if len(name) == len(written) and is_whole else ()


def _as(page: RecognizedPage, name: str, words: Sequence[Word]) -> Evidence:
    line = make_line(list(words))
    as_read = " ".join(word.read or word.text for word in words)
    return Evidence(
        name=name,
        value=" ".join(word.text.strip(_STROKES) for word in line.words).strip(_EDGES),
        confidence=min(word.confidence for word in words),
        page=page.number,
        box=line.box,
        read=as_read if as_read != line.text else "",
    )
