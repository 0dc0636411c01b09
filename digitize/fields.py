"""The fields that a kind of paper has, read from its form, checked against each other.

What is said of a person counts only below that person's name and above the next one's. Of two
values that cannot both be right neither is kept: the date of birth that the personal number does
not say, digits that the words beside them do not say, a day after the scan or before the birth.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from config.fields import FieldKind, FieldRule, FieldRules
from digitize.field_checks import drop_handwritten, drop_impossible
from digitize.field_values import Context, Value, read_day, read_value
from digitize.heading import settle_heading
from digitize.identity import read_identity, take_over
from digitize.label_words import ADDRESSES, fold_label
from digitize.labels import Entry, Form
from digitize.model import Box, Description, Evidence, Paper, RecognizedPage
from digitize.number_words import read_quantity
from digitize.ocr import make_line
from digitize.open_labels import OpenLabels, find_open_labels
from digitize.place_date import has_printed_date, has_unread_date
from digitize.salutation import Salutation
from digitize.signatory import read_signatory
from digitize.spellings import spellings_of

# Of these the first on a paper is meant; other kinds say the same wherever they stand.
_FIRST_COUNTS = (FieldKind.NAME, FieldKind.TEXT)
# Too short, or the beginning of others, to be labels without a colon.
_WITH_COLON = frozenset({"so", "no", "cho", "ten", "ngay thang nam", "cha", "me", "vo", "chong"})
# Labels of whoever a part of a form is about.
_NAMES = frozenset(
    {
        *("ho va ten", "ho ten", "ho chu dem ten", "ho chu dem va ten", "ten", "ten ca nhan"),
        *("ho va ten khai sinh", "ho chu dem ten khai sinh", "ho chu dem va ten khai sinh"),
    }
)
_IN_WORDS = frozenset({"bang chu", "ghi bang chu", "viet bang chu"})
# A label this far left of another's begins no column of its own; points.
_SAME_COLUMN = 40.0
_SAME_ROW, _SAME_LEVEL = 1.5, 0.5
# Heights: between words of a name there is no more room.
_NEXT_WORD = 1.0
_SENT_TO = "kinh gui"
# Labels that no list has count after all that are listed.
_OPEN = 1000
# Values of a form that were not read, and how many of them a pen leaves.
_UNREAD, _FEWEST_UNREAD, _UNREAD_SHARE = 0.5, 2, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A value, and the entry and page it is from."""

    rule: FieldRule
    rank: int
    """Of its label among the rule's."""
    entry: Entry
    page: RecognizedPage
    value: Value | None
    """None where its place is blank, or was not read surely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A rule, and the labels that mean it on one paper."""

    rule: FieldRule
    ranks: Mapping[str, int]
    """The surest first, by the folded label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Of whom a page speaks."""

    persons: Mapping[str, str]
    """Whom each label of a person begins: the field, or nothing for a stranger."""
    before: str
    """Of whom the page before spoke last."""


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
    opened, forms = _forms(paper, own, rules)
    by_hand = _is_filled_by_hand([entry for form in forms for entry in form.entries])
    context = Context(seen_on=seen_on, spellings=spellings_of(paper), by_hand=by_hand)
    asked = _asked(own, opened)
    persons = _persons(asked, rules, opened)
    found: list[_Found] = []
    last = ""
    for form in forms:
        said = _Said(persons=persons, before=last)
        found += _of_page(form, asked, said, replace(context, dpi=form.page.dpi))
        last = _last_person(form.entries, persons) or last
    fresh = [_evidence(*chosen) for chosen in _chosen(found, own)]
    general = tuple(settle_heading(description.fields, paper, context.spellings, rules.places))
    body = next((item.value for item in general if item.name == "issuing_body"), "")
    signed = read_signatory(paper, context.spellings, rules.signatories.of(body))
    known = {evidence.name for evidence in (*fresh, *signed)}
    replaced = {rule.name for rule in own if rule.name in ("holder", "personal_number")}
    kept = [item for item in general if item.name not in known | replaced]
    printed = drop_handwritten((*kept, *fresh), paper)
    fields, doubts = take_over((*printed, *signed), read_identity(paper, seen_on), class_code)
    is_numbered_by_hand = by_hand or has_unread_date(paper)
    sound, more = drop_impossible(
        fields, seen_on, by_hand=is_numbered_by_hand, has_printed_day=has_printed_date(paper)
    )
    return replace(description, fields=sound, doubts=(*description.doubts, *doubts, *more))


def _forms(
    paper: Paper, own: Sequence[FieldRule], rules: FieldRules
) -> tuple[OpenLabels, list[Form]]:
    """Return the pages as forms, and the labels that they have besides those that are listed."""
    labels = _labels(own, rules)
    inline = frozenset(fold_label(text) for rule in own if rule.inline for text in rule.labels)
    listed = [Form(page=page, labels=labels, inline=inline) for page in paper.pages]
    opened = find_open_labels(listed, own)
    if not opened.texts:
        return opened, listed
    return opened, [replace(form, labels=labels | opened.texts) for form in listed]


def _asked(own: Sequence[FieldRule], opened: OpenLabels) -> tuple[_Asked, ...]:
    found = []
    for place, rule in enumerate(own):
        listed = dict.fromkeys(map(fold_label, rule.labels))
        ranks = {label: rank for rank, label in enumerate(listed)}
        more = dict.fromkeys(opened.meant.get(place, ()), _OPEN)
        found.append(_Asked(rule=rule, ranks=more | ranks))
    return tuple(found)


def _is_filled_by_hand(entries: Sequence[Entry]) -> bool:
    """Tell whether a form was filled in by pen: much of what stands behind its labels is unread.

    A pen that reads like print in one place writes like a pen in others.
    """
    filled = [entry for entry in entries if entry.has_colon and entry.words]
    unread = [entry for entry in filled if min(word.confidence for word in entry.words) < _UNREAD]
    return len(unread) >= max(_FEWEST_UNREAD, _UNREAD_SHARE * len(filled))


def _labels(own: Sequence[FieldRule], rules: FieldRules) -> frozenset[str]:
    named = (label for rule in own for label in rule.labels)
    return frozenset(map(fold_label, (*named, *rules.persons, *rules.others))) | (
        _IN_WORDS | ADDRESSES | _NAMES
    )


def _of_page(
    form: Form, asked: Sequence[_Asked], said: _Said, context: Context
) -> Iterator[_Found]:
    entries = [entry for entry in form.entries if not _is_signed(entry)]
    sent_to = Salutation(form.page)
    of_letters = any(one.rule.is_alone for one in asked)
    for index, entry in enumerate(entries):
        if sent_to.holds(entry.box) and not _is_told_to(entry, sent_to, of_letters=of_letters):
            continue
        for one in asked:
            rule, rank = one.rule, one.ranks.get(entry.label)
            if rank is None or (rule.of and _owner(entries, index, said) != rule.of):
                continue
            is_name = rule.kind is FieldKind.NAME
            is_parted = entry.has_colon or entry.label not in _WITH_COLON
            value = read_value(rule, entry, context) if is_parted else None
            if value is None and is_name and entry.is_alone:
                value = _named_below(entries[index + 1 :], rule, said, context)
            if value is not None and (
                not _agrees_with_words(value, entries, index)
                or (is_name and _goes_on(value, entry, form.page))
            ):
                value = None
            yield _Found(rule=rule, rank=rank, entry=entry, page=form.page, value=value)


def _is_told_to(entry: Entry, sent_to: Salutation, *, of_letters: bool) -> bool:
    """Tell whether whom a paper is sent to may be whom it is about: letters of the desk are so."""
    return not sent_to.is_official and (of_letters or entry.label.startswith(_SENT_TO))


def _goes_on(name: Value, label: Entry, page: RecognizedPage) -> bool:
    """Tell whether what lies under a mark may be more of a name.

    It goes on right behind its last word; in a narrow cell, below the label in capitals.
    """
    last, first = name.words[-1].box, label.box
    height = last[3] - last[1]
    for line in page.overlay:
        left, top, _, bottom = line.box
        is_behind = 0 <= left - last[2] <= _NEXT_WORD * height
        in_row = min(bottom, last[3]) - max(top, last[1]) > _SAME_LEVEL * min(height, bottom - top)
        is_below = 0 <= top - last[3] <= _NEXT_WORD * height
        is_under_label = is_below and abs(left - first[0]) <= height
        if (is_behind and in_row and any(map(str.isalpha, line.text))) or (
            is_under_label and line.text.isalpha() and line.text.isupper()
        ):
            return True
    return False


def _persons(asked: Iterable[_Asked], rules: FieldRules, opened: OpenLabels) -> dict[str, str]:
    """Return whom each label of a person begins: the field, or nothing for a stranger."""
    begun = {fold_label(label): "" for label in rules.persons}
    begun |= dict.fromkeys(opened.strangers, "")
    for one in asked:
        if one.rule.kind is FieldKind.NAME:
            begun |= dict.fromkeys(one.ranks, one.rule.name)
    return begun


def _named_below(
    entries: Sequence[Entry], rule: FieldRule, said: _Said, context: Context
) -> Value | None:
    """Return the name in the part that a label heads: up to the next person's."""
    for entry in entries:
        if entry.label in _NAMES or entry.label in ADDRESSES:
            return read_value(rule, entry, context)
        if entry.label in said.persons:
            return None
    return None


def _is_signed(entry: Entry) -> bool:
    """Tell whether a label stands above a signature: what follows is a hint, not a value."""
    return bool(entry.words) and entry.words[0].text.startswith("(")


def _last_person(entries: Sequence[Entry], persons: Mapping[str, str]) -> str:
    return next((persons[entry.label] for entry in reversed(entries) if entry.label in persons), "")


def _owner(entries: Sequence[Entry], index: int, said: _Said) -> str:
    """Return the field of the person that an entry is said of: the nearest above, in its column."""
    persons = said.persons
    own = entries[index]
    box = own.box
    # One cell behind a label, below two persons side by side, is of one of them only.
    # Heads of a table that stand in one row come in any order where the row leans.
    level = _SAME_LEVEL * (box[3] - box[1])
    heads = [
        entry
        for entry in entries
        if entry.label in persons
        and entry.has_colon
        and entry.box[1] < box[1] + level
        and (entry.box[1] < box[1] - level or entry.box[0] < box[0])
    ]
    in_columns = own.is_column or (not own.is_near and _are_side_by_side(heads))
    above = [entry for entry in heads if _heads(entry, own, is_column=in_columns)]
    if not above:
        return "" if in_columns else said.before
    lowest = max(entry.box[1] for entry in above)
    height = box[3] - box[1]
    nearest = [entry for entry in above if lowest - entry.box[1] <= _SAME_ROW * height]
    return persons[
        max(nearest, key=lambda entry: (_left(entry) // _SAME_COLUMN, entry.box[1])).label
    ]


def _are_side_by_side(heads: Sequence[Entry]) -> bool:
    return any(
        one.label != other.label and abs(one.box[1] - other.box[1]) < other.box[3] - other.box[1]
        for one, other in pairwise(heads)
    )


def _heads(person: Entry, own: Entry, *, is_column: bool) -> bool:
    """Tell whether an entry stands in a person's column; in a table it is in no other."""
    place = make_line(list(own.words)).box if is_column and own.words else own.box
    away = _left(person) - place[0]
    return (abs(away) if is_column else away) <= _SAME_COLUMN or _overlap(person.box, place)


def _left(entry: Entry) -> float:
    """Return where the column of an entry begins: its head stands over the middle of the names."""
    return min(entry.box[0], *(word.box[0] for word in entry.words), entry.box[2])


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


def _chosen(found: Sequence[_Found], own: Sequence[FieldRule]) -> Iterator[tuple[_Found, Value]]:
    """Yield one value a field: of its surest label on the paper; none where that says two things.

    What a less sure label says is no substitute for a blank: it names somebody else.
    """
    for name in dict.fromkeys(rule.name for rule in own):
        of_field = [item for item in found if item.rule.name == name and _may_hold(item)]
        surest = min((item.rank for item in of_field), default=0)
        labelled = [item for item in of_field if item.rank == surest]
        if labelled and labelled[0].rule.kind is FieldKind.NAME and not labelled[0].value:
            # The person was not read; whoever is named behind the same label later is another.
            continue
        best = [(item, item.value) for item in labelled if item.value]
        values = {value.text for _, value in best}
        if len(values) == 1 or (best and best[0][0].rule.kind in _FIRST_COUNTS):
            item, value = best[0]
            if value is not None:
                yield item, value


def _may_hold(item: _Found) -> bool:
    """Tell whether a label is one: not a word of the text, nor the title over a signature."""
    if item.value is not None:
        return True
    printed = item.entry.printed
    is_title = all(word.text.isupper() for word in printed) and not printed[-1].text.endswith(":")
    return item.entry.has_colon and item.rule.kind is FieldKind.NAME and not is_title


def _evidence(item: _Found, value: Value) -> Evidence:
    line = make_line(list(value.words))
    as_read = " ".join(word.read or word.text for word in line.words)
    repaired = as_read if as_read != line.text else ""
    return Evidence(
        name=item.rule.name,
        value=value.text,
        confidence=min(word.confidence for word in line.words),
        page=item.page.number,
        box=line.box,
        read=value.read or repaired,
    )
