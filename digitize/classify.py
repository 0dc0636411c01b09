"""Say what paper this is: title line first, then the number's symbol, then words of the body.

Every answer is a ranking with reasons; the first is taken without a person only when it is sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from config.vocabulary import Classes, DocumentClass
from digitize.layout import is_capitals, join, middle_of, segments, stands_below
from digitize.model import Candidate, Classification, Description, Line, Paper, RecognizedPage
from digitize.titles import (
    has_same_words,
    holds_phrase,
    normalise_title,
    title_likeness,
)

_HEADER_SHARE = 0.6
_MAX_TITLE_LINES = 4
_MIN_LIKENESS = 0.6
_SURE_SCORE = 0.88
_SURE_MARGIN = 0.06
_SYMBOL_BONUS = 0.04
_WORDS_ONLY = 0.55
_LETTER_CODE = "CV"
_LETTER_SCORE = 0.92
_SUBJECT_LINE = re.compile(r"^v\s*/?\s*v\b")
# A title that is another in a word, or that stands below another title, waits for a person.
_DOUBTFUL_SCORE = 0.85
_CENTRAL_SHARE = 0.12
_SALUTATION = re.compile(r"^kinh gui\b")
# Who issued a paper may stand above its title, and is no title.
_AGENCY = re.compile(
    r"^(?:uy ban|ubnd|hoi dong|bo|so|cuc|chi cuc|tong cuc|phong|van phong|chi nhanh|trung tam|"
    r"cong an|benh vien|truong|toa an|vien|doi|tinh|thanh pho|quan|huyen|thi xa|xa|phuong|"
    r"thi tran|cong ty|doanh nghiep)\b"
)
_MOTTO = ("cong hoa xa hoi chu nghia viet nam", "doc lap tu do hanh phuc")


def classify(paper: Paper, description: Description, classes: Classes) -> Classification:
    """Rank the classes that a paper may be.

    Args:
        paper: its pages; the title is looked for on the first.
        description: its notation, where one was read, supports or contradicts a title.
        classes: the vocabulary.
    """
    page = paper.pages[0]
    symbols = _symbols(description.value("notation"))
    titles = list(title_blocks(page))
    text = normalise_title(" ".join(page.text for page in paper.pages))
    judged = (_judge(item, titles, symbols, text) for item in classes.items)
    found = [_doubt(candidate, page) for candidate in judged if candidate is not None]
    letter = _as_letter(page, description, symbols, classes)
    if letter is not None:
        found.append(letter)
    ranked = tuple(sorted(found, key=lambda item: (-item.score, item.code)))
    return Classification(candidates=ranked[:5], sure=is_sure(ranked))


def is_sure(ranked: tuple[Candidate, ...]) -> bool:
    """Tell whether the first candidate may be taken without a person."""
    if not ranked or ranked[0].score < _SURE_SCORE:
        return False
    return len(ranked) == 1 or ranked[0].score - ranked[1].score >= _SURE_MARGIN


def title_blocks(page: RecognizedPage) -> Iterator[Line]:
    """Yield what may be the title: runs of up to four lines in capitals, in the header zone.

    A title stands above the salutation; what is set in capitals below it is cited.
    """
    lines = _capital_lines(page)
    for index, line in enumerate(lines):
        if not is_capitals(line.text):
            continue
        block = [line]
        yield line
        for follower in lines[index + 1 :]:
            if len(block) == _MAX_TITLE_LINES or not stands_below(block[-1], follower):
                continue
            block.append(follower)
            yield join(block)


def _capital_lines(page: RecognizedPage) -> list[Line]:
    # Certificates print their title in red, which the copy that was read has lost.
    found = sorted([*segments(page), *page.overlay], key=lambda line: (line.box[1], line.box[0]))
    salutations = (line for line in found if _SALUTATION.match(normalise_title(line.text)))
    salutation = next(salutations, None)
    bottom = min(
        _HEADER_SHARE * page.height, salutation.box[1] if salutation is not None else page.height
    )
    return [
        line
        for line in found
        # The last line of a title may be one short word.
        if line.box[1] < bottom and (is_capitals(line.text) or line.text.isupper())
        if not _is_motto(line)
    ]


def _is_motto(line: Line) -> bool:
    return any(title_likeness(line.text, motto) > 0.8 for motto in _MOTTO)


def _symbols(notation: str | None) -> frozenset[str]:
    """Split `QĐ-UBND` or `2026/QĐ-UBND` into the pieces that may name a type."""
    if notation is None:
        return frozenset()
    return frozenset(normalise_title(piece) for piece in re.split(r"[-/]", notation))


def _judge(
    item: DocumentClass, titles: list[Line], symbols: frozenset[str], text: str
) -> Candidate | None:
    best = _best_title(item, titles)
    words = [phrase for phrase in item.words if holds_phrase(text, phrase)]
    share = len(words) / len(item.words) if item.words else 0.0
    found = tuple(f"Có cụm từ «{phrase}»" for phrase in words)
    if best is None:
        if share < 0.5:
            return None
        return Candidate(code=item.code, score=_WORDS_ONLY * share, reasons=found, box=None)
    return _weigh(item, replace(best, reasons=best.reasons + found), symbols)


def _best_title(item: DocumentClass, titles: list[Line]) -> Candidate | None:
    pairs = [(title_likeness(line.text, title), line) for title in item.titles for line in titles]
    likeness, line = max(pairs, key=lambda pair: pair[0], default=(0.0, None))
    if line is None or likeness < _MIN_LIKENESS:
        return None
    reason = f"Dòng tên giấy tờ «{line.text}» giống «{item.name}» {likeness:.0%}"
    if not any(has_same_words(line.text, title) for title in item.titles):
        likeness = min(likeness, _DOUBTFUL_SCORE)
    return Candidate(code=item.code, score=likeness, reasons=(reason,), box=line.box)


def _doubt(candidate: Candidate, page: RecognizedPage) -> Candidate:
    """Doubt a title that stands below another: the upper one names the paper."""
    if candidate.box is None:
        return candidate
    top = candidate.box[1]
    upper = next((line for line in _capital_lines(page) if _names_above(line, top, page)), None)
    if upper is None:
        return candidate
    reason = f"Nhưng đứng dưới dòng «{upper.text}»"
    score = min(candidate.score, _DOUBTFUL_SCORE)
    return replace(candidate, score=score, reasons=(*candidate.reasons, reason))


def _names_above(line: Line, top: float, page: RecognizedPage) -> bool:
    is_central = abs(middle_of(line) - page.width / 2) < _CENTRAL_SHARE * page.width
    is_agency = _AGENCY.match(normalise_title(line.text)) is not None
    return is_central and not is_agency and is_capitals(line.text) and line.box[3] <= top


def _weigh(item: DocumentClass, candidate: Candidate, symbols: frozenset[str]) -> Candidate:
    own = {normalise_title(symbol) for symbol in item.symbols}
    if own & symbols:
        reason = f"Ký hiệu của số văn bản là «{next(iter(own & symbols)).upper()}»"
        score = min(1.0, candidate.score + _SYMBOL_BONUS)
        return replace(candidate, score=score, reasons=(*candidate.reasons, reason))
    return candidate


def _as_letter(
    page: RecognizedPage, description: Description, symbols: frozenset[str], classes: Classes
) -> Candidate | None:
    """Recognise a letter (công văn, NĐ 30/2020 Art. 7): it has a number without a type."""
    known = {normalise_title(symbol) for item in classes.items for symbol in item.symbols}
    if not symbols or known & symbols or classes.find(_LETTER_CODE) is None:
        return None
    subject = next(
        (line for line in segments(page) if _SUBJECT_LINE.match(normalise_title(line.text))), None
    )
    if subject is None or "kinh gui" not in normalise_title(page.text):
        return None
    reasons = ("Số, ký hiệu không có tên loại", "Có «V/v» dưới số", "Có «Kính gửi»")
    return Candidate(code=_LETTER_CODE, score=_LETTER_SCORE, reasons=reasons, box=subject.box)
