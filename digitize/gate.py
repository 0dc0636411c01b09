"""The gate before anything is kept: marks of secrecy and of copies, image quality, legibility.

TT 01/2023/TT-VPCP Art. 4: secret papers, photocopies and certified copies are not digitised as
originals. NĐ 30/2020/NĐ-CP Art. 8: the mark stands at the upper left.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from config.rules import RuleSet
from config.vietnamese import fold
from digitize.layout import height_of, in_one_row, is_capitals, segments, stands_below
from digitize.model import (
    GateResult,
    Line,
    MarkKind,
    Paper,
    ReadingTrouble,
    RecognizedPage,
    StampReading,
    UnreadablePage,
)
from digitize.secret_words import (
    Likeness,
    begins_with_mark,
    has_hat,
    is_labelled,
    is_whole,
    stamp_likeness,
)
from digitize.titles import normalise_title, title_likeness
from digitize.unread_heads import has_unread_head

_MARK_ZONE = 0.5
# Stamps read badly; what is stamped in red and nearly says "MẬT" stops too. A piece of two letters
# of some other stamp is as like it.
_STAMP_LIKENESS, _LEAST_LETTERS = 0.75, 3
# So much must a stamp look like «MẬT» to be one: in a frame, without, and where it nearly reads so;
# where it looks so much like it, a person is asked.
_SHAPED, _SHAPED_ALONE, _SHAPED_AND_NEAR, _ALMOST_SHAPED = 0.48, 0.6, 0.42, 0.47
# Letters with marks of TUYỆT, TỐI and MẬT, and what they are where a mark was lost.
_OF_MARKS = "ỆÊẸỐÔÓẬÂẠ"
# Pieces of a stamped row: how far apart, heights, and how many.
_PIECES_APART, _MOST_PIECES = 1.6, 7
# Where a stamp holds a paper that nobody could read: the upper left, shares of the page.
_HELD_ACROSS, _HELD_DOWN = 0.62, 0.4
# Where papers are signed and sealed, shares of the page: from, to, and below the head.
_SEALED_ACROSS, _SEALED_TO, _SEALED_DOWN = 0.55, 0.92, 0.25
# The least of such stamps is 20 mm wide; points, for a frame's inside, and where a code cuts one.
_LEAST_WIDE, _LEAST_CUT = 42.0, 30.0
# So near a code, points, a stamp may be what the code left of a wider one.
_BESIDE_CODE = 12.0
# Ink spreads; a piece of a code may reach so far beyond its corners, points.
_CODE_RIM = 3.0
# A scan of 200 dpi measures 199.9 on some devices.
_DPI_TOLERANCE = 0.97
# Words so sure, of which so many are Vietnamese, are sound: then it is the others that are missing.
_SURE, _VIETNAMESE = 0.6, 0.7
# Blurred print still gives syllables, three in four of them legal; another script and mirrored
# print one in five at most.
_NO_VIETNAMESE = 0.4


def check(paper: Paper, rules: RuleSet, covers: Container[int] = ()) -> GateResult:
    """Look for what must stop a paper or be told of it.

    Args:
        paper: the paper.
        rules: in force.
        covers: numbers of cover sheets and their blank backs: of what stands in black on a sheet
            that the station printed nobody has to be asked.
    """
    return GateResult(
        secret_mark=_find_mark(paper, rules.secret_marks, whole_line=True)
        or _find_note(paper, rules.secret_notes)
        or _find_shape(paper, rules),
        doubtful_stamps=tuple(
            page.number
            for page in paper.pages
            if _is_doubted(page, rules, is_cover=page.number in covers and not page.blank)
        ),
        copy_mark=_find_mark(paper, rules.copy_marks, whole_line=False),
        warnings=tuple(_quality(paper, rules)),
        unreadable=tuple(
            _unreadable(page, rules) for page in paper.pages if not page.readable and not page.blank
        ),
    )


def _is_doubted(page: RecognizedPage, rules: RuleSet, *, is_cover: bool) -> bool:
    """Tell whether a person must look: on a cover at what is coloured, as its print is black."""
    stamps = [stamp for stamp in page.stamps if stamp.coloured or not is_cover]
    return (
        any(_is_doubtful(stamp, page, rules) for stamp in stamps)
        or (not is_cover and has_unread_head(page))
        or _has_mark_among_words(page, rules)
    )


def _find_mark(paper: Paper, marks: tuple[str, ...], *, whole_line: bool) -> str | None:
    upper = [text for page in paper.pages for text in _marked_lines(page, upper=whole_line)]
    # Two words alone in a row are a mark wherever they stand; one may be a cell of a table.
    whole = [text for page in paper.pages for text in _marked_lines(page, upper=False)]
    upper += [text for page in paper.pages for text in _lonely_marks(page)]
    overlay = [line.text for page in paper.pages for line in page.overlay]
    off_seals = [line.text for page in paper.pages for line in _off_seals(page)]
    alone = [text for page in paper.pages for stamp in page.stamps for text in stamp.texts]
    stamped = [normalise_title(text) for text in (*overlay, *alone)]
    capitals = [normalise_title(text) for text in (*off_seals, *alone) if _is_set(text)]
    for mark in marks:
        wanted = normalise_title(mark)
        for text in (whole if len(mark.split()) > 1 else upper) + stamped:
            # Stamped letters stand apart: "M Ậ T" is read as three words.
            same = text.replace(" ", "") == wanted.replace(" ", "")
            if same or (not whole_line and wanted in text and len(wanted) > 12):
                return mark
        if whole_line and (_is_labelled(paper, mark) or _is_marked(paper, capitals, mark)):
            return mark
    return None


def _is_labelled(paper: Paper, mark: str) -> bool:
    return any(is_labelled(line.text, mark) for page in paper.pages for line in page.lines)


def _off_seals(page: RecognizedPage) -> Iterator[Line]:
    """Yield what was read in marks, but on round seals: pieces of their rings are like anything."""
    seals = [mark.box for mark in page.marks if mark.kind is MarkKind.SEAL]
    for line in page.overlay:
        across, down = _middle(line)
        if not any(
            left <= across <= right and top <= down <= foot for left, top, right, foot in seals
        ):
            yield line


def _find_shape(paper: Paper, rules: RuleSet) -> str | None:
    """Return the word that ends every mark, where a stamp that no engine could read looks so."""
    is_shaped = any(_is_shaped(each, page, rules) for page in paper.pages for each in page.stamps)
    return min(rules.secret_marks, key=len) if is_shaped else None


def _is_shaped(stamp: StampReading, page: RecognizedPage, rules: RuleSet) -> bool:
    if _says_other(stamp, rules) or _is_of_code(stamp, page):
        return False
    is_trusted = stamp.framed and not _is_among_seals(stamp, page)
    if stamp.shape >= (_SHAPED if is_trusted else _SHAPED_ALONE):
        return True
    is_near = any(_stamp_likeness(stamp, mark) for mark in rules.secret_marks)
    return is_near and stamp.shape >= _SHAPED_AND_NEAR


def _is_of_code(stamp: StampReading, page: RecognizedPage) -> bool:
    """Tell whether a stamp is a piece of a code that was read: modules look like letters.

    They are black: what is coloured was stamped on the code.
    """
    if stamp.coloured:
        return False
    across, down = _middle(stamp)
    return any(
        code.box[0] <= across <= code.box[2] and code.box[1] <= down <= code.box[3]
        for code in page.barcodes
    )


def _is_within_code(stamp: StampReading, page: RecognizedPage) -> bool:
    """Tell whether a black frame lies on a code with all of it: modules enclose paper."""
    left, top, right, foot = stamp.box
    return not stamp.coloured and any(
        code.box[0] - _CODE_RIM <= left
        and right <= code.box[2] + _CODE_RIM
        and code.box[1] - _CODE_RIM <= top
        and foot <= code.box[3] + _CODE_RIM
        for code in page.barcodes
    )


def _is_beside_code(stamp: StampReading, page: RecognizedPage) -> bool:
    left, top, right, foot = stamp.box
    return any(
        left < code.box[2] + _BESIDE_CODE
        and right > code.box[0] - _BESIDE_CODE
        and top < code.box[3] + _BESIDE_CODE
        and foot > code.box[1] - _BESIDE_CODE
        for code in page.barcodes
    )


def _is_among_seals(stamp: StampReading, page: RecognizedPage) -> bool:
    """Tell whether a stamp stands where people sign and seal: strokes enclose paper there."""
    across, down = _middle(stamp)
    return _SEALED_ACROSS <= across / page.width <= _SEALED_TO and down > _SEALED_DOWN * page.height


def _middle(place: StampReading | Line) -> tuple[float, float]:
    return (place.box[0] + place.box[2]) / 2, (place.box[1] + place.box[3]) / 2


def _says_other(stamp: StampReading, rules: RuleSet) -> bool:
    """Tell whether a stamp nearly says what else is stamped there, where letters may look alike."""
    return any(
        _nearly_says(normalise_title(text), other)
        for text in stamp.texts
        for other in rules.other_stamps
    )


def _is_other(stamp: StampReading, rules: RuleSet) -> bool:
    """Tell whether what else is stamped there was read letter by letter, marks and all."""
    return any(" ".join(re.findall(r"\w+", text)) in rules.other_stamps for text in stamp.texts)


def _find_note(paper: Paper, notes: tuple[str, ...]) -> str | None:
    """Return the stamp of a secret paper that stands alone: in its row, or in a stamp.

    Its words may stand in a title, as papers on land that is taken back have them.
    """
    rows = [text for page in paper.pages for text in _marked_lines(page, upper=True)]
    overlay = [normalise_title(line.text) for page in paper.pages for line in page.overlay]
    stamps = [stamp for page in paper.pages for stamp in page.stamps]
    for note in notes:
        if normalise_title(note) in (*rows, *overlay):
            return note
        if any(_stamp_likeness(stamp, note) is Likeness.SAME for stamp in stamps):
            return note
    return None


def _is_set(text: str) -> bool:
    """Tell whether most of a text is in capitals, as marks are, and not the «Ma ti» of a pen."""
    return 2 * sum(map(str.isupper, text)) > sum(map(str.isalpha, text))


def _is_marked(paper: Paper, stamped: list[str], mark: str) -> bool:
    """Tell whether a mark of secrecy is stamped, or stands in one row with a title.

    Args:
        paper: the paper.
        stamped: what is stamped on it in capitals; as titles are compared.
        mark: as the law prints it.
    """
    if any(_nearly_says(text, mark) for text in stamped):
        return True
    texts = [text for page in paper.pages for stamp in page.stamps for text in stamp.texts]
    if len(mark.split()) > 1:  # one word needs no piecing together
        texts += [text for page in paper.pages for text in _pieced_together(page)]
        texts += [text for page in paper.pages for text in _hatted_overlay(page)]
    return any(stamp_likeness(text, mark) is Likeness.SAME for text in texts) or any(
        begins_with_mark(line, mark)
        for page in paper.pages
        for line in segments(page)
        if line.box[1] < _MARK_ZONE * page.height
    )


def _has_other_marks(text: str) -> bool:
    """Tell whether a text bears marks that no mark of secrecy has: MẪU is one letter from «MẬT»."""
    return any(fold(sign) != sign.lower() for sign in text.upper() if sign not in _OF_MARKS)


def _pieced_together(page: RecognizedPage) -> Iterator[str]:
    """Yield rows of stamped words that were found one by one, as letters that stand apart are."""
    upper = [
        line
        for line in page.overlay
        if line.box[3] < _MARK_ZONE * page.height and line.text.isupper()
    ]
    for first in upper:
        last, words = first, [first.text]
        for piece in sorted(upper, key=lambda line: line.box[0]):
            gap = piece.box[0] - last.box[2]
            if in_one_row(last, piece) and 0 <= gap <= _PIECES_APART * height_of(last):
                last, words = piece, [*words, piece.text]
        if 1 < len(words) <= _MOST_PIECES:
            yield " ".join(words)


def _hatted_overlay(page: RecognizedPage) -> Iterator[str]:
    """Yield what was read in marks of the upper half, where the hat of «MẬT» was read too."""
    for line in page.overlay:
        is_upper = line.box[3] < _MARK_ZONE * page.height
        if is_upper and any(has_hat(word.text) for word in line.words):
            yield line.text


def _stamp_likeness(stamp: StampReading, mark: str) -> Likeness:
    return max((stamp_likeness(text, mark) for text in stamp.texts), default=Likeness.NONE)


def _has_mark_among_words(page: RecognizedPage, rules: RuleSet) -> bool:
    """Tell whether a mark in capitals stands among words that are in none, as names would be."""
    mark = min(rules.secret_marks, key=len)
    for line in page.lines:
        words = [re.sub(r"^\W+|\W+$", "", word.text) for word in line.words]
        if mark in words and line.box[1] < _MARK_ZONE * page.height:
            others = [word for word in words if word != mark and len(word) > 1]
            return len(others) > 1 and not any(map(str.isupper, others))
    return False


def _is_doubtful(stamp: StampReading, page: RecognizedPage, rules: RuleSet) -> bool:
    """Tell whether a stamp in a mark's place nearly says one, or has a frame and says nothing."""
    across, down = _middle(stamp)
    if across > _HELD_ACROSS * page.width or down > _HELD_DOWN * page.height:
        return False
    is_print = stamp.sound and not stamp.framed and any(map(_has_other_marks, stamp.texts))
    is_near = not is_print and any(_stamp_likeness(stamp, mark) for mark in rules.secret_marks)
    is_near |= stamp.shape >= _ALMOST_SHAPED and not _says_other(stamp, rules)
    is_near &= not _is_of_code(stamp, page)
    is_cut = stamp.coloured and _is_beside_code(stamp, page)
    least = _LEAST_CUT if is_cut else _LEAST_WIDE
    is_as_wide = stamp.box[2] - stamp.box[0] >= least
    is_unread = stamp.framed and not stamp.sound and not _is_other(stamp, rules)
    is_unread &= not _is_within_code(stamp, page)
    return is_near or (is_unread and is_as_wide)


def _nearly_says(stamped: str, mark: str) -> bool:
    letters = len(stamped.replace(" ", ""))
    return letters >= _LEAST_LETTERS and title_likeness(stamped, mark) >= _STAMP_LIKENESS


def _marked_lines(page: RecognizedPage, *, upper: bool) -> list[str]:
    return [
        normalise_title(line.text)
        for line in segments(page)
        if not upper or line.box[1] < _MARK_ZONE * page.height
        # "MẬT" has three letters, too few for a share of capitals to mean anything.
        if line.text.isupper() or is_capitals(line.text)
    ]


def _lonely_marks(page: RecognizedPage) -> list[str]:
    """Return the rows of the lower half that are nothing but «MẬT», and stand apart.

    Cells of tables have others beside them, and the last word of a title its first ones above.
    """
    return [
        normalise_title(line.text)
        for line in page.lines
        if is_whole(line.text)
        and not any(
            other is not line and (in_one_row(line, other) or stands_below(other, line))
            for other in page.lines
        )
    ]


def _quality(paper: Paper, rules: RuleSet) -> list[str]:
    coarse = [
        str(page.number)
        for page in paper.pages
        if _is_coarse(page, rules) and page.recipe != "text layer"
    ]
    if not coarse:
        return []
    return [
        f"Trang {', '.join(coarse)} dưới {rules.minimum_dpi} dpi (TT 05/2025/TT-BNV Điều 8). "
        "Nếu còn giấy, hãy quét lại ở 200 dpi trở lên."
    ]


def _is_coarse(page: RecognizedPage, rules: RuleSet) -> bool:
    return page.dpi < _DPI_TOLERANCE * rules.minimum_dpi


def _unreadable(page: RecognizedPage, rules: RuleSet) -> UnreadablePage:
    return UnreadablePage(
        number=page.number,
        words=sum(len(line.words) for line in page.lines),
        legal_share=round(page.legal_share, 4),
        confidence=round(page.confidence, 4),
        trouble=_trouble(page, rules),
    )


def _trouble(page: RecognizedPage, rules: RuleSet) -> ReadingTrouble:
    if not page.lines:
        return ReadingTrouble.NO_WORDS
    if _is_coarse(page, rules):
        return ReadingTrouble.COARSE
    if page.legal_share < _NO_VIETNAMESE:
        return ReadingTrouble.OTHER_LANGUAGE
    if page.confidence < _SURE:
        return ReadingTrouble.UNCLEAR
    is_vietnamese = page.legal_share >= _VIETNAMESE
    return ReadingTrouble.ROWS_UNREAD if is_vietnamese else ReadingTrouble.OTHER_LANGUAGE
