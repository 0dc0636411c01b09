"""The fields that a kind of paper has, read from its form, checked against each other.

What is said of a person counts only below that person's name and above the next one's. Of two
values that cannot both be right neither is kept: the date of birth that the personal number does
not say, digits that the words beside them do not say, a day after the scan or before the birth.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from config.fields import FieldKind, FieldRule, FieldRules
from digitize.field_checks import drop_impossible
from digitize.field_values import Value, read_day, read_value
from digitize.identity import read_identity, take_over
from digitize.labels import Entry, Form, fold_label
from digitize.model import Box, Description, Evidence, Paper, RecognizedPage
from digitize.number_words import read_quantity
from digitize.ocr import make_line
from digitize.signatory import read_signatory

_IN_WORDS = frozenset({"bang chu", "ghi bang chu", "viet bang chu"})
# A label this far left of another's begins no column of its own; points.
_SAME_COLUMN = 40.0
_SAME_ROW = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A value, and the entry and page it is from."""

    rule: FieldRule
    rank: int
    """Of its label among the rule's."""
    entry: Entry
    page: RecognizedPage
    value: Value


def complete(
    description: Description,
    paper: Paper,
    class_code: str,
    rules: FieldRules,
    seen_on: dt.date,
) -> Description:
    """Add to a description the fields that this kind of paper has.

    Args:
        description: what was read of the paper without knowing its kind. Fields that the kind has
            rules for are read anew, and are missing where the form does not give them.
        paper: its pages.
        class_code: what kind it is.
        rules: the fields of all kinds.
        seen_on: the day of the scan: nothing but an expiry lies after it.
    """
    own = rules.of_class(class_code)
    labels = _labels(own, rules)
    found = [item for page in paper.pages for item in _of_page(page, own, labels, (rules, seen_on))]
    fresh = [_evidence(item) for item in _chosen(found, own)]
    signed = read_signatory(paper)
    known = {evidence.name for evidence in (*fresh, *signed)}
    replaced = {rule.name for rule in own if rule.name in ("holder", "personal_number")}
    kept = [item for item in description.fields if item.name not in known | replaced]
    fields, doubts = take_over((*kept, *fresh, *signed), read_identity(paper, seen_on), class_code)
    sound, more = drop_impossible(fields, seen_on)
    return replace(description, fields=sound, doubts=(*description.doubts, *doubts, *more))


def _labels(own: Sequence[FieldRule], rules: FieldRules) -> frozenset[str]:
    named = (label for rule in own for label in rule.labels)
    return frozenset(map(fold_label, (*named, *rules.persons, *rules.others))) | _IN_WORDS


def _of_page(
    page: RecognizedPage,
    own: Sequence[FieldRule],
    labels: frozenset[str],
    told: tuple[FieldRules, dt.date],
) -> Iterator[_Found]:
    rules, seen_on = told
    entries = Form(page=page, labels=labels).entries
    persons = _persons(own, rules)
    for index, entry in enumerate(entries):
        for rule in own:
            ranks = [
                rank for rank, text in enumerate(rule.labels) if fold_label(text) == entry.label
            ]
            if not ranks or (rule.of and _owner(entries, index, persons) != rule.of):
                continue
            value = read_value(rule, entry, seen_on)
            if value is not None and _agrees_with_words(value, entries, index):
                yield _Found(rule=rule, rank=ranks[0], entry=entry, page=page, value=value)


def _persons(own: Iterable[FieldRule], rules: FieldRules) -> dict[str, str]:
    """Return whom each label of a person begins: the field, or nothing for a stranger."""
    begun = {fold_label(label): "" for label in rules.persons}
    for rule in own:
        if rule.kind is FieldKind.NAME:
            begun |= {fold_label(label): rule.name for label in rule.labels}
    return begun


def _owner(entries: Sequence[Entry], index: int, persons: dict[str, str]) -> str:
    """Return the field of the person that an entry is said of: the nearest above, in its column."""
    box = entries[index].box
    above = [
        entry
        for entry in entries[:index]
        if entry.label in persons
        and entry.has_colon
        and (entry.box[1] < box[1] or entry.box[0] < box[0])
        and (entry.box[0] <= box[0] + _SAME_COLUMN or _overlap(entry.box, box))
    ]
    if not above:
        return ""
    lowest = max(entry.box[1] for entry in above)
    height = box[3] - box[1]
    nearest = [entry for entry in above if lowest - entry.box[1] <= _SAME_ROW * height]
    return persons[
        max(nearest, key=lambda entry: (entry.box[0] // _SAME_COLUMN, entry.box[1])).label
    ]


def _overlap(one: Box, other: Box) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0])


def _agrees_with_words(value: Value, entries: Sequence[Entry], index: int) -> bool:
    """Tell whether what stands right behind in words, where anything does, says the same."""
    follower = entries[index + 1] if index + 1 < len(entries) else None
    if follower is None or follower.label not in _IN_WORDS or not follower.words:
        return True
    text = " ".join(word.text for word in (*follower.words, *follower.more))
    day = read_day(text)
    if day is not None:
        return value.text == day[0].isoformat()
    quantity = read_quantity(text)
    return quantity is not None and quantity == _quantity(value.text)


def _quantity(text: str) -> str:
    """Return the digits of a value as `read_quantity` gives them: `152,4`."""
    number = text.split()[0].removesuffix("m2").replace(".", "")
    return number.rstrip("0").rstrip(",") if "," in number else number


def _chosen(found: Sequence[_Found], own: Sequence[FieldRule]) -> Iterator[_Found]:
    """Yield one value a field: of its surest label; none where that says two things."""
    for name in dict.fromkeys(rule.name for rule in own):
        of_field = [item for item in found if item.rule.name == name]
        if not of_field:
            continue
        surest = min(item.rank for item in of_field)
        best = [item for item in of_field if item.rank == surest]
        values = {item.value.text for item in best}
        if len(values) == 1 or best[0].rule.kind in (FieldKind.NAME, FieldKind.TEXT):
            yield best[0]


def _evidence(item: _Found) -> Evidence:
    line = make_line(list(item.value.words))
    as_read = " ".join(word.read or word.text for word in line.words)
    repaired = as_read if as_read != line.text else ""
    return Evidence(
        name=item.rule.name,
        value=item.value.text,
        confidence=min(word.confidence for word in line.words),
        page=item.page.number,
        box=line.box,
        read=item.value.read or repaired,
    )
