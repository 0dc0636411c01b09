"""What on a person's own papers, and in register entries about them, tells of somebody else.

Fields say whom they speak of. Titles, names of files and entries of the register do not: they are
held against the names and numbers of the others on the person's papers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from config.vietnamese import fold
from storage.model import FieldValue, Record
from storage.register import Dossier, ProcedureResult

# What stands between words, in names of files too.
_BETWEEN = re.compile(r"[\W_]+")


def names_any(text: str, folded: Collection[str]) -> bool:
    """Tell whether a text holds one of some folded names or numbers, as whole words."""
    told = _words(fold(text))
    return any(_words(name) in told for name in folded)


def _words(folded: str) -> str:
    return f" {_BETWEEN.sub(' ', folded).strip()} "


def words_of(values: Iterable[FieldValue]) -> frozenset[str]:
    """Return the names and numbers among fields, folded: what others are known by in a text."""
    told = (fold(value.value or "").strip() for value in values)
    # A single word of letters is a place or a thing as often as a name.
    return frozenset(text for text in told if " " in text or text.isdecimal())


def title_without(record: Record, others: Collection[str]) -> str:
    """Return the title of a paper, or its kind where the title names others."""
    return record.class_name if names_any(record.title, others) else record.title


def entry_without(entry: Dossier, names: Sequence[str], others: Collection[str]) -> Dossier:
    """Return an entry of the register without another person who applied, or who is named.

    Args:
        entry: It names the person in its title or as who applied.
        names: The person's, folded.
        others: Names and numbers of others, folded.
    """
    is_theirs = names_any(entry.applicant, names)
    more = {fold(entry.applicant)} if entry.applicant and not is_theirs else set[str]()
    strange = {*others, *more}
    return replace(
        entry,
        applicant=entry.applicant if is_theirs and not names_any(entry.applicant, others) else "",
        title=entry.code if names_any(entry.title, strange) else entry.title,
    )


def result_without(
    result: ProcedureResult, names: Sequence[str], others: Collection[str]
) -> ProcedureResult:
    """Return a result without another person who holds it, or who is named."""
    is_theirs = names_any(result.holder, names)
    more = {fold(result.holder)} if result.holder and not is_theirs else set[str]()
    strange = {*others, *more}
    return replace(
        result,
        holder=result.holder if is_theirs and not names_any(result.holder, others) else "",
        title="" if names_any(result.title, strange) else result.title,
    )
