"""What was understood of a drawn paper, held against what is true."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Literal

from bench.gold.reading import ReadPaper
from config.fields import FieldRules, load_field_rules
from config.rules import RuleSet, load_rule_set
from config.vocabulary import Classes, load_classes
from desk.accession import Sighting, choose_dossier
from digitize import gate, papers
from digitize.classify import classify
from digitize.describe import describe
from digitize.fields import complete
from digitize.model import Candidate, Description
from digitize.opinion import Confirmed, Opinion, learn
from fixtures.understanding.offices import PLACES
from fixtures.understanding.truth import FieldTruth, GoldTruth

SURE_CODES = ("dossier_code_qr", "dossier_code_label")
# Subjects are given with or without the words that open them.
OPENING = re.compile(r"^(?:v\s*/\s*v|về việc)[\s:.]*")
# An area may be given with its unit, and a serial number with or without its space.
# The year of a normative act may be counted to its notation or not.
UNIT = re.compile(r" ?m[2²]$|(?<=^[a-z]{2}) (?=\d+$)|^(?:19|20)\d{2}/(?=[^\W\d])")
Outcome = Literal["right", "wrong", "missing", "pen left out", "pen accepted"]
STANDARD_SCORE = 1.96  # of a 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldVerdict:
    """One field of one paper."""

    name: str
    """Field name."""
    outcome: Outcome
    """What became of it."""
    said: str
    """The value that was read; empty for none."""
    truth: str
    """The value on the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One paper."""

    truth: GoldTruth
    """What is true."""
    candidate: Candidate | None
    """The class ranked first."""
    is_accepted: bool
    """It would go on without a person."""
    codes: tuple[str, ...]
    """Dossier codes read in places that count as sure."""
    fields: tuple[FieldVerdict, ...]
    """Of the fields on the paper."""
    links: tuple[str | None, ...]
    """The dossier it would be linked to, dropped into its folder and dropped into none."""
    stopped_by: str | None
    """The mark of secrecy that the gate saw."""
    is_held: bool
    """The gate saw a stamp that may be one: a person is asked before anything is kept."""

    @property
    def said(self) -> str:
        """The class ranked first; empty for none."""
        return self.candidate.code if self.candidate else ""

    @property
    def is_right(self) -> bool:
        """The first class is the paper's."""
        return self.said == self.truth.class_code

    @property
    def is_wrong(self) -> bool:
        """Accepted, and another class than the paper's."""
        return self.is_accepted and not self.is_right

    @property
    def strays(self) -> bool:
        """In its folder it would go to another dossier, though nothing or its own code says so.

        Whoever put it into the folder is believed unless the paper's own code was read.
        """
        said, own = self.links[0], self.truth.dossier_code
        is_own_code_read = own in self.codes
        return said not in {None, own} and (said != self.truth.folder_code or is_own_code_read)

    @property
    def strays_alone(self) -> bool:
        """In no folder it would go to another dossier."""
        return self.links[1] not in {None, self.truth.dossier_code}


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What the program goes by."""

    classes: Classes
    """The kinds of paper."""
    fields: FieldRules
    """The fields of each."""
    rules: RuleSet
    """The law's constants."""
    on: dt.date
    """The day of the scans."""
    opinion: Opinion | None = None
    """What was learned from confirmed papers."""


def know(
    on: dt.date, confirmed: Iterable[ReadPaper] = (), places: Path | None = PLACES
) -> Knowledge:
    """Return what a station of a day knows.

    Args:
        on: the day.
        confirmed: papers that it learned from.
        places: the file in which its agency lists places; None for none.
    """
    shown = (
        Confirmed(
            class_code=paper.truth.class_code, text="\n".join(page.text for page in paper.pages)
        )
        for paper in confirmed
        if paper.truth.class_code
    )
    return Knowledge(
        classes=load_classes(),
        fields=load_field_rules(places),
        rules=load_rule_set(on),
        on=on,
        opinion=learn(shown),
    )


def judge(paper: ReadPaper, known: Knowledge) -> Verdict:
    """Understand a paper as the program does, and compare."""
    whole = papers.cut(paper.pages)[0]
    description = describe(whole)
    classification = classify(whole, description, known.classes, known.opinion)
    if classification.best is not None and classification.sure:
        code = classification.best.code
        description = complete(description, whole, code, known.fields, known.on)
    seen = gate.check(whole, known.rules)
    codes = (field.value for field in description.fields if field.name in SURE_CODES)
    return Verdict(
        truth=paper.truth,
        candidate=classification.best,
        is_accepted=classification.sure,
        codes=tuple(dict.fromkeys(codes)),
        fields=tuple(_judge_fields(paper.truth, description)),
        links=tuple(
            choose_dossier(Sighting(folder=folder, confirmed=None, description=description)).code
            for folder in (paper.truth.folder_code, "")
        ),
        stopped_by=seen.secret_mark,
        is_held=seen.secret_mark is None and bool(seen.doubtful_stamps),
    )


def _judge_fields(truth: GoldTruth, description: Description) -> Iterator[FieldVerdict]:
    for name in dict.fromkeys(field.name for field in truth.fields):
        # A paper may give a value twice; the first is the one that counts.
        field = next(item for item in truth.fields if item.name == name)
        said = description.value(name)
        yield FieldVerdict(
            name=name, outcome=_outcome(field, said), said=said or "", truth=field.value
        )


def _outcome(field: FieldTruth, said: str | None) -> Outcome:
    if field.handwritten:
        return "pen left out" if said is None else "pen accepted"
    if said is None:
        return "missing"
    return "right" if _alike(said) == _alike(field.value) else "wrong"


def _alike(value: str) -> str:
    plain = " ".join(unicodedata.normalize("NFC", value).casefold().split()).strip(" .,;")
    return UNIT.sub("", OPENING.sub("", plain))


def wilson(right: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (E. B. Wilson, 1927); 0 to 1 for nothing."""
    if not count:
        return 0.0, 1.0
    share, z = right / count, STANDARD_SCORE
    middle = share + z * z / (2 * count)
    reach = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)
