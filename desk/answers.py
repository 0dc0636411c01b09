"""What a person says of a paper that is not filed: its dossier, its class, its fields, its fate.

Given by moving the scan or with `hoso review`; either way it is kept with who and when, counts from
the next run on, and can be taken back until the paper is signed. No answer releases a signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from config.vocabulary import Classes, EventType
from desk import (
    dossier_folders,
    doubtful_marks,
    legibility,
    objections,
    personal,
    rejections,
    rescans,
)
from desk.moments import now
from desk.services import Services
from desk.slips import AS_IT_IS, DOUBTFUL_MARK, UNREADABLE
from desk.stages import KeptScan, event
from digitize.model import Box, Description, Evidence, Paper
from storage.archive import Archive
from storage.corrections import WHOLE_SCAN, Act, Correction, NewCorrection
from storage.submissions import Submission, SubmissionState

WORD_GROUPS: tuple[Mapping[str, str], ...] = (
    {AS_IT_IS: "giấy vốn như vậy: lưu nguyên trạng"},
    rescans.ANSWERS,
    objections.COPY_ANSWERS,
    objections.ROLE_ANSWERS,
    doubtful_marks.ANSWERS,
)
"""What else a person can say: names of tray folders and what they mean; of a group the last counts.
"""
QUESTIONS: Mapping[str, Mapping[str, str]] = {
    UNREADABLE: WORD_GROUPS[0],
    "rescan": WORD_GROUPS[1],
    "result_has_record": WORD_GROUPS[1],
    "role_unclear": WORD_GROUPS[3],
    DOUBTFUL_MARK: WORD_GROUPS[4],
}
"""Questions that only a word answers, by the code of their reason."""
WORDS = {word: meaning for group in WORD_GROUPS for word, meaning in group.items()}
NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)
"""Box of a value that a person gave, and nobody has seen on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person says of one paper; what is None is not said."""

    dossier_code: str | None = None
    class_code: str | None = None
    words: tuple[str, ...] = ()
    """Of `WORDS`."""
    fields: Mapping[str, str | None] = field(default_factory=dict)
    """Values by field name; None: the paper has none."""

    def joined(self, later: Answer) -> Answer:
        """Return this answer with what a later one says in its place."""
        taken = {word for group in WORD_GROUPS if set(group) & set(later.words) for word in group}
        return Answer(
            dossier_code=later.dossier_code or self.dossier_code,
            class_code=later.class_code or self.class_code,
            words=(*(word for word in self.words if word not in taken), *later.words),
            fields={**self.fields, **later.fields},
        )

    def to_plain(self) -> dict[str, Any]:
        """Write it as JSON."""
        return {
            "dossier": self.dossier_code,
            "class": self.class_code,
            "words": list(self.words),
            "fields": dict(self.fields),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer, and who gave it."""

    answer: Answer
    paper: int
    """Which paper of the scan, from 1; `WHOLE_SCAN` for all that are asked about."""
    act: Act | None
    """None: nobody was asked, and the scan is only tried again."""
    outcome: str
    """Word of the event."""
    actor: str
    reason: str = ""
    """Why, where the person says so; of a rejection it is part of the answer."""


def from_plain(plain: Mapping[str, Any]) -> Answer:
    """Read what `Answer.to_plain` wrote; an empty object says nothing."""
    return Answer(
        dossier_code=plain.get("dossier"),
        class_code=plain.get("class"),
        words=tuple(plain.get("words", ())),
        fields=plain.get("fields", {}),
    )


def from_folder(folder: str, classes: Classes) -> Answer:
    """Read the answer that the inbox's subfolder `…/<mã hồ sơ>/<mã loại>/<từ>` gives."""
    kind = dossier_folders.folder_class(folder)
    return Answer(
        dossier_code=dossier_folders.folder_code(folder),
        class_code=kind if kind and classes.find(kind) else None,
        words=tuple(part for part in dossier_folders.below_dossier(folder) if part in WORDS),
    )


def standing(submission_id: str, paper: int, archive: Archive) -> Answer:
    """Return what was said of a paper, as it stands."""
    return from_plain(archive.corrections.standing(submission_id, paper))


def is_one_paper(submission_id: str, archive: Archive) -> bool:
    """Tell whether a scan was cut and found to be one paper."""
    plan = archive.ledger.outcome(submission_id, 0, "cut")
    return plan is not None and len(plan["papers"]) == 1


def paper_meant(submission_id: str, asked: tuple[int, ...], archive: Archive) -> int:
    """Return the paper that an answer counts for which names none; `WHOLE_SCAN` for several.

    Args:
        submission_id: the scan.
        asked: its papers that were asked about last; empty where it is one paper, or uncut.
        archive: whose ledger.
    """
    if len(asked) == 1:
        return asked[0]
    return 1 if is_one_paper(submission_id, archive) else WHOLE_SCAN


def for_paper(kept: KeptScan, paper: Paper, archive: Archive) -> KeptScan:
    """Let what was said of a paper itself count for it, unless its scan was answered since."""
    item = kept.scan.item
    said = standing(item.id, paper.number, archive)
    is_newest = _meant_last(item.id, paper.number, archive) == paper.number
    answered = replace(
        item,
        confirmed_dossier=(is_newest and said.dossier_code) or item.confirmed_dossier,
        confirmed_class=said.class_code or item.confirmed_class,
    )
    return replace(kept, scan=replace(kept.scan, item=answered))


def _meant_last(submission_id: str, paper: int, archive: Archive) -> int | None:
    """Return which paper the last answer meant that counts for this one: it alone, or the scan."""
    said = archive.corrections.of_submission(submission_id)
    rejected = {told.id for told in said if told.act is Act.REJECT}
    meant = [
        told.paper
        for told in said
        if told.paper in (paper, WHOLE_SCAN) and not {told.id, told.undoes} & rejected
    ]
    return meant[-1] if meant else None


def with_fields(description: Description, paper: Paper, said: Answer) -> Description:
    """Put a person's values in the place of what was read; what they contradicted is settled."""
    read = {item.name: item for item in reversed(description.fields)}
    own = (
        _evidence(name, value, read.get(name), paper)
        for name, value in said.fields.items()
        if value is not None
    )
    return Description(
        fields=(*(item for item in description.fields if item.name not in said.fields), *own),
        doubts=tuple(
            doubt for doubt in description.doubts if not set(doubt.fields) & set(said.fields)
        ),
    )


def _evidence(name: str, value: str, read: Evidence | None, paper: Paper) -> Evidence:
    return Evidence(
        name=name,
        value=value,
        confidence=1.0,
        page=read.page if read else paper.pages[0].number,
        box=read.box if read else NOWHERE,
        read=(read.read or read.value) if read and read.value != value else "",
        source="person",
    )


def take_up(item: Submission, given: Given, tray_path: str, services: Services) -> Submission:
    """Keep an answer, and let the scan go on from where it was asked about, in one transaction.

    Args:
        item: the submission; its file lies at `tray_path` already.
        given: what was said, and by whom.
        tray_path: where the file lies, relative to the station.
        services: whose ledger.
    """
    archive, answer = services.archive, given.answer
    with archive.db.transaction():
        if given.paper == WHOLE_SCAN or is_one_paper(item.id, archive):
            archive.ledger.confirm(
                item.id,
                dossier_code=answer.dossier_code,
                class_code=answer.class_code,
                at=now(),
            )
        folder = "/".join((answer.dossier_code or "-", *answer.words))
        detail: dict[str, object] = {
            "dossier_code": answer.dossier_code,
            "class": answer.class_code,
            "rescan": rescans.note_answer(item, folder, services),
            "unreadable": legibility.note_answer(item, folder, services),
            "mark": doubtful_marks.note_answer(item, folder, services),
            "objection": objections.note_answer(item, folder, services),
        }
        if given.act is not None:
            before = standing(item.id, given.paper, archive)
            stands = before.joined(answer).to_plain()
            kept = _keep(item, given, (before.to_plain(), stands), archive)
            detail |= {"paper": given.paper, "fields": sorted(answer.fields), **told_of(kept)}
        return _go_on(item, given, (tray_path, detail), services)


def keep_rejection(item: Submission, given: Given, reason: str, archive: Archive) -> Correction:
    """Keep that a person rejected a paper, or the whole scan; the caller's transaction holds it."""
    before = standing(item.id, given.paper, archive).to_plain()
    return _keep(item, given, (before, {**before, "rejected": reason}), archive)


def leave_out(
    item: Submission, given: Given, reason: str, tray_path: str, services: Services
) -> Submission:
    """Reject one paper of a scan, and let the others go on, in one transaction.

    Args:
        item: the submission; its file lies at `tray_path` already.
        given: which paper, and who rejects it.
        reason: why, in that person's words.
        tray_path: where the file lies, relative to the station.
        services: whose ledger.
    """
    archive = services.archive
    with archive.db.transaction():
        kept = keep_rejection(item, given, reason, archive)
        left = rejections.leave_out(item.id, given.paper, reason, archive)
        detail = {"paper": left.paper, "pages": list(left.pages), **told_of(kept)}
        return _go_on(item, given, (tray_path, detail), services)


def take_back(
    item: Submission, undone: Correction, by: tuple[str, str], services: Services
) -> Submission:
    """Take an answer back, and let the scan be asked about anew, in one transaction.

    Args:
        item: the submission.
        undone: the answer.
        by: where its file lies now, relative to the station, and who takes the answer back.
        services: whose ledger.
    """
    tray_path, actor = by
    archive = services.archive
    before, after = from_plain(undone.before), from_plain(undone.after)
    given = Given(answer=before, paper=undone.paper, act=Act.UNDO, outcome="undo", actor=actor)
    with archive.db.transaction():
        if undone.act is Act.REJECT:
            rejections.take_in_again(item.id, undone.paper, archive)
        else:
            _forget_answer(item, undone, archive)
        kept = _keep(item, given, (after.to_plain(), before.to_plain()), archive, undone.id)
        detail = {"paper": undone.paper, "undoes": undone.id, **told_of(kept)}
        return _go_on(item, given, (tray_path, detail), services)


def _forget_answer(item: Submission, undone: Correction, archive: Archive) -> None:
    before, after = from_plain(undone.before), from_plain(undone.after)
    if undone.paper == WHOLE_SCAN or is_one_paper(item.id, archive):
        archive.ledger.confirm(
            item.id,
            dossier_code=before.dossier_code or "",
            class_code=before.class_code or "",
            at=now(),
        )
    said = (rescans.ANSWERED, legibility.ANSWERED, *objections.ANSWERED)
    archive.ledger.forget_outcomes(item.id, said, paper=undone.paper or None)
    if doubtful_marks.ANSWERS.keys() & set(after.words):
        archive.ledger.forget_outcomes(item.id, (doubtful_marks.ANSWERED,))


def _keep(
    item: Submission,
    given: Given,
    states: tuple[Mapping[str, Any], Mapping[str, Any]],
    archive: Archive,
    undoes: int | None = None,
) -> Correction:
    before, after = states
    return archive.corrections.add(
        NewCorrection(
            submission_id=item.id,
            paper=given.paper,
            act=given.act or Act.CONFIRM,
            before=before,
            after=after,
            actor=given.actor,
            at=now(),
            undoes=undoes,
            reason=given.reason,
        )
    )


def told_of(kept: Correction) -> dict[str, object]:
    """Return what the event of an act says of it: personal data stays in its row."""
    return {"correction": kept.id, "correction_sha256": kept.digest}


def _go_on(
    item: Submission, given: Given, done: tuple[str, Mapping[str, object]], services: Services
) -> Submission:
    tray_path, detail = done
    ledger = services.archive.ledger
    personal.forget_remade(item.id, given.paper or None, services.archive)
    taken = event(
        EventType.UNQUARANTINE, item, outcome=given.outcome, actor=given.actor, detail=detail
    )
    return ledger.move(
        item.id, SubmissionState.IN_WORK, tray_path=tray_path, at=now(), events=(taken,)
    )
