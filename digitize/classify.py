"""Say what paper this is: title line first, then the number's symbol, then words of the body.

Every answer is a ranking with reasons; the first is taken without a person only when it is sure:
when the second opinion agrees, or where there is none, when the rules are surer by themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from config.vocabulary import Classes, DocumentClass
from digitize.headings import Heading, find_headings
from digitize.layout import segments
from digitize.model import Box, Candidate, Classification, Description, Paper, RecognizedPage
from digitize.opinion import Opinion, Said
from digitize.symbols import named_by, type_symbol
from digitize.titles import (
    begins_with_words,
    has_same_words,
    holds_phrase,
    normalise_title,
    phrase_likeness,
    title_likeness,
)

_MIN_LIKENESS = 0.7
_SURE_MARGIN = 0.06
_SYMBOL_BONUS = 0.04
_WORDS_BONUS = 0.02
# Without a title: the symbol with half of the words is as good; with fewer, or alone, it is not.
_SYMBOL_AND_WORDS, _SYMBOL_ONLY, _WORDS_ONLY = 0.9, 0.7, 0.55
_LEAST_WORDS = 2
_LETTER_CODE = "CV"
_LETTER_SCORE = 0.92
_SUBJECT_LINE = re.compile(r"^v\s*/?\s*v\b")
# A title that is another in a word, or that stands below another title, waits for a person.
_DOUBTFUL_SCORE = 0.85
# A long title that goes on ("... VÀ TÀI SẢN GẮN LIỀN VỚI ĐẤT") is still that title.
_GOES_ON = 0.9
# A wider kind, where a narrower one is named too.
_WIDER_SCORE = 0.8
_RIVAL_LIKENESS = 0.7
# How like a kind's subject what stands under a title must be, to name it, or to leave it open.
_SPOKEN, _NEARLY_SPOKEN = 0.9, 0.84


class View(Enum):
    """What the second opinion thinks of the first candidate."""

    AGREES = "agrees"
    SILENT = "silent"
    """There is none, it does not know the kind, or is undecided itself."""
    CONTRADICTS = "contradicts"


# From which score on the first candidate is taken alone: set by the allowed error (docs/rules.md).
SURE_SCORES = {View.AGREES: 0.86, View.SILENT: 0.88, View.CONTRADICTS: 0.97}
# A second opinion that lies between two kinds is none.
_DECIDED = 0.03
_OPINION_ONLY = 0.65


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sight:
    """What a paper shows of its kind."""

    headings: tuple[Heading, ...]
    symbol: DocumentClass | None
    """The kind that the symbol of its number names."""
    text: str
    """All pages, folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Titled:
    """A kind whose title was read."""

    item: DocumentClass
    title: str
    """As printed."""
    heading: Heading
    same: bool
    """The words are those of the title, but for misread letters."""
    score: float
    reasons: tuple[str, ...]


def classify(
    paper: Paper, description: Description, classes: Classes, opinion: Opinion | None = None
) -> Classification:
    """Rank the classes that a paper may be.

    Args:
        paper: its pages; the title is looked for on the first.
        description: its notation, where one was read, supports or contradicts a title.
        classes: the vocabulary.
        opinion: what was learned from confirmed papers; None where there is nothing yet.
    """
    page = paper.pages[0]
    symbol = type_symbol(description.value("notation"))
    sight = _Sight(
        headings=tuple(find_headings(page)),
        symbol=named_by(symbol, classes),
        text=normalise_title(" ".join(page.text for page in paper.pages)),
    )
    titled = _settle([one for item in classes.items if (one := _titled(item, sight))], classes)
    found = [_weigh(item, sight) for item in titled]
    found += _untitled(classes, sight, {item.item.code for item in titled})
    letter = _as_letter(page, description, sight, classes)
    if letter is not None:
        found.append(letter)
    said = opinion.say(sight.text) if opinion and sight.text else None
    found = _with_opinion(found, said, classes)
    ranked = tuple(sorted(found, key=lambda item: (-item.score, item.code)))
    return Classification(candidates=ranked[:5], sure=is_sure(ranked, view(ranked, said, opinion)))


def is_sure(ranked: tuple[Candidate, ...], view: View = View.SILENT) -> bool:
    """Tell whether the first candidate may be taken without a person."""
    if not ranked or ranked[0].score < SURE_SCORES[view]:
        return False
    return len(ranked) == 1 or ranked[0].score - ranked[1].score >= _SURE_MARGIN


def view(ranked: tuple[Candidate, ...], said: Said | None, opinion: Opinion | None) -> View:
    """Say what the second opinion thinks of the first candidate."""
    if said is None or opinion is None or not ranked or said.lead < _DECIDED:
        return View.SILENT
    if said.code == ranked[0].code:
        return View.AGREES
    return View.CONTRADICTS if opinion.knows(ranked[0].code) else View.SILENT


def _with_opinion(found: list[Candidate], said: Said | None, classes: Classes) -> list[Candidate]:
    """Add the second opinion's reason to its candidate; one that nothing else speaks for is new."""
    if said is None or said.lead < _DECIDED or classes.find(said.code) is None:
        return found
    reason = f"Giống các giấy đã xác nhận là loại này {said.likeness:.0%}"
    if all(item.code != said.code for item in found):
        return [*found, Candidate(code=said.code, score=_OPINION_ONLY, reasons=(reason,), box=None)]
    return [
        replace(item, reasons=(*item.reasons, reason)) if item.code == said.code else item
        for item in found
    ]


def _titled(item: DocumentClass, sight: _Sight) -> _Titled | None:
    """Return the best place of a kind's titles; None where none is alike."""
    tries = (_try(item, title, heading) for title in item.titles for heading in sight.headings)
    return max(
        (found for found in tries if found is not None), key=lambda found: found.score, default=None
    )


def _try(item: DocumentClass, title: str, heading: Heading) -> _Titled | None:
    read = heading.line.text
    likeness = title_likeness(read, title)
    goes_on = begins_with_words(read, title)
    if likeness < _MIN_LIKENESS and not goes_on:
        return None
    spoken, nearly = _spoken(item, heading)
    if item.subjects and spoken is None:
        return None
    same = has_same_words(read, title)
    score = max(likeness, _GOES_ON) if goes_on and not same else likeness
    reasons = [f"Dòng tên giấy tờ «{read}» giống «{title}» {likeness:.0%}"]
    reasons += [f"Trích yếu nói về «{spoken}»"] if spoken else []
    reasons += [heading.doubt] if heading.doubt else []
    if heading.doubt or nearly or not (same or goes_on):
        score = min(score, _DOUBTFUL_SCORE)
    return _Titled(
        item=item,
        title=title,
        heading=heading,
        same=same or goes_on,
        score=score,
        reasons=tuple(reasons),
    )


def _spoken(item: DocumentClass, heading: Heading) -> tuple[str | None, bool]:
    """Return what the lines under a title speak of, and whether it was read with errors only."""
    lines = f"{normalise_title(heading.line.text)} {heading.subject}"
    found = [(phrase_likeness(lines, text), text) for text in item.subjects]
    likeness, spoken = max(found, default=(0.0, None))
    if likeness < _NEARLY_SPOKEN:
        return None, False
    return spoken, likeness < _SPOKEN


def _settle(found: list[_Titled], classes: Classes) -> list[_Titled]:
    """Let a narrower kind stand before the wider one whose title it bears or goes on."""
    spoken = [
        _without_subject(item) if _needs_subject(item.item, classes) else item for item in found
    ]
    return [_below_narrower(item, spoken) for item in spoken]


def _without_subject(found: _Titled) -> _Titled:
    if found.heading.subject:
        return found
    reason = "Nhưng không đọc được trích yếu dưới tên loại"
    score = min(found.score, _DOUBTFUL_SCORE)
    return replace(found, score=score, reasons=(*found.reasons, reason))


def _needs_subject(item: DocumentClass, classes: Classes) -> bool:
    """Tell whether narrower kinds bear the same title, and only the subject tells them apart."""
    titles = set(item.titles)
    return not item.subjects and any(
        other.subjects and titles & set(other.titles) for other in classes.items
    )


def _below_narrower(wide: _Titled, found: list[_Titled]) -> _Titled:
    narrower = [item for item in found if _is_narrower(item, wide)]
    if not narrower:
        return wide
    best = max(narrower, key=lambda item: item.score)
    bound = _WIDER_SCORE if best.same else _DOUBTFUL_SCORE
    reason = f"Nhưng có thể là «{best.item.name}»"
    return replace(wide, score=min(wide.score, bound), reasons=(*wide.reasons, reason))


def _is_narrower(item: _Titled, wide: _Titled) -> bool:
    if item.item.code == wide.item.code or item.score < _RIVAL_LIKENESS:
        return False
    if item.item.subjects and not wide.item.subjects:
        return item.title == wide.title
    # Where the same lines are meant, they do not go on, and the nearer title is the nearer.
    goes_on = len(item.heading.line.words) > len(wide.heading.line.words)
    return goes_on and _goes_on_from(item.title, wide.title)


def _goes_on_from(longer: str, shorter: str) -> bool:
    return normalise_title(longer).startswith(f"{normalise_title(shorter)} ")


def _weigh(found: _Titled, sight: _Sight) -> Candidate:
    """Add what the symbol of the number and the words of the body say."""
    item, reasons = found.item, list(found.reasons)
    # What is doubtful stays so, whatever else speaks for it.
    bound = 1.0 if found.score > _DOUBTFUL_SCORE else found.score
    score = found.score
    words = [phrase for phrase in item.words if holds_phrase(sight.text, phrase)]
    reasons += [f"Có cụm từ «{phrase}»" for phrase in words]
    score += _WORDS_BONUS * len(words) / max(len(item.words), 1)
    if sight.symbol is not None:
        if _agrees(sight.symbol, found):
            score += _SYMBOL_BONUS
            reasons.append(f"Ký hiệu của số văn bản là «{sight.symbol.symbols[0]}»")
        else:
            bound = min(bound, _DOUBTFUL_SCORE)
            reasons.append(f"Nhưng ký hiệu của số văn bản là «{sight.symbol.symbols[0]}»")
    box = found.heading.line.box
    return _candidate(item, min(score, bound), reasons, box)


def _agrees(symbol: DocumentClass, found: _Titled) -> bool:
    """Tell whether a symbol is the kind's own, or that of the type its title begins with."""
    if symbol.code == found.item.code:
        return True
    return any(found.title == title or _goes_on_from(found.title, title) for title in symbol.titles)


def _candidate(item: DocumentClass, score: float, reasons: list[str], box: Box | None) -> Candidate:
    return Candidate(code=item.code, score=score, reasons=tuple(reasons), box=box)


def _untitled(classes: Classes, sight: _Sight, titled: set[str]) -> list[Candidate]:
    """Return the kinds that only the symbol or the words of the body speak for."""
    found = []
    for item in classes.items:
        words = [phrase for phrase in item.words if holds_phrase(sight.text, phrase)]
        share = len(words) / len(item.words) if item.words else 0.0
        reasons = [f"Có cụm từ «{phrase}»" for phrase in words]
        if item.code in titled:
            continue
        if sight.symbol is item:
            enough = share >= 0.5 and len(words) >= _LEAST_WORDS
            reasons.insert(0, f"Ký hiệu của số văn bản là «{item.symbols[0]}»")
            score = _SYMBOL_AND_WORDS if enough else _SYMBOL_ONLY
            found.append(_candidate(item, score, reasons, None))
        elif share >= 0.5:
            found.append(_candidate(item, _WORDS_ONLY * share, reasons, None))
    return found


def _as_letter(
    page: RecognizedPage, description: Description, sight: _Sight, classes: Classes
) -> Candidate | None:
    """Recognise a letter (công văn, NĐ 30/2020 Art. 7): it has a number without a type."""
    untyped = sight.symbol is None and description.value("notation") is not None
    if not untyped or classes.find(_LETTER_CODE) is None:
        return None
    subject = next(
        (line for line in segments(page) if _SUBJECT_LINE.match(normalise_title(line.text))), None
    )
    if subject is None or "kinh gui" not in normalise_title(page.text):
        return None
    reasons = ("Số, ký hiệu không có tên loại", "Có «V/v» dưới số", "Có «Kính gửi»")
    return Candidate(code=_LETTER_CODE, score=_LETTER_SCORE, reasons=reasons, box=subject.box)
