"""A second scan of a filed paper: a person says what it is to the first, before it is signed.

Answers are folders below `<mã hồ sơ>/<mã loại>/`. The earlier record is never deleted or changed; a
replacement marks it superseded by an event of its own and a row beside it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from config.vocabulary import DocumentClass
from desk import results
from desk.accession import DossierChoice, PlacedPaper
from desk.endings import Held
from desk.moments import now, show
from desk.services import Services
from desk.stages import ACTOR, KeptScan
from digitize import fingerprints
from digitize.fingerprints import PaperLooks
from digitize.model import Paper
from storage.fingerprints import Fingerprint, Version, VersionKind
from storage.model import Record
from storage.submissions import Outcome, Reason, Submission, SubmissionState

KEEP_BOTH, NEW_VERSION, REPLACE = "giu-ca-hai", "ban-moi", "thay-the"
ANSWERS = {
    KEEP_BOTH: "giữ cả hai: đây là hai giấy khác nhau",
    NEW_VERSION: "bản mới của giấy đó: giữ cả hai, ghi nối với nhau",
    REPLACE: "thay thế: bản trước vẫn còn nguyên, ghi là đã được thay",
}
_KINDS: dict[str, VersionKind] = {NEW_VERSION: "version", REPLACE: "replacement"}
_ASKED, ANSWERED = "resemblance", "rescan"
_CANDIDATES = 20


def answer_in(folder: str) -> str | None:
    """Return the answer that a tray subfolder names; None where it names none."""
    return next((part for part in folder.split("/")[1:] if part in ANSWERS), None)


def note_answer(item: Submission, folder: str, services: Services) -> str | None:
    """Keep the answer that a person gave by moving the scan into a folder; return it."""
    answer = answer_in(folder)
    if answer is None:
        return None
    ledger = services.archive.ledger
    for paper in ledger.papers_with(item.id, _ASKED):
        # A paper that was answered before keeps its own answer.
        _keep_answer(item, paper, answer, services)
    return answer


def one_at_a_time(
    choice: DossierChoice, kind: DocumentClass, services: Services
) -> AbstractContextManager[object]:
    """Keep papers of a class and dossier one after the other: the second must see the first."""
    return services.same_paper.of(f"{choice.code}/{kind.code}")


def require_answer(
    kept: KeptScan, paper: Paper, place: tuple[DossierChoice, PlacedPaper], services: Services
) -> None:
    """Stop a probable second scan of a filed paper until a person has said what to make of it.

    A second paper for one result is asked about however little it resembles the first: it may be
    its correction. A PDF that arrives signed is no scan, and is not asked about.

    Raises:
        Held: it resembles a record, and nobody has said.
    """
    item, archive = kept.scan.item, services.archive
    choice, placed = place
    is_filed = archive.records.by_submission(item.id, paper.number) is not None
    if kept.scan.received.signed or is_filed or _answer_of(item.id, paper.number, services):
        return
    result = placed.placement.procedure_result_code
    known = results.holder_of(result, archive)
    earlier = known or find_earlier(item, paper, (choice, placed.kind), services)
    if earlier is None:
        return
    asked = _keep_question(item, paper.number, earlier, services)
    if known is not None:
        raise Held(SubmissionState.TO_CONFIRM, _which_result(known, result or ""))
    if services.station.settings.intake.rescans == "ask":
        raise Held(SubmissionState.TO_CONFIRM, _question(archive.records.get(asked)))
    _keep_answer(item, paper.number, KEEP_BOTH, services)


def _keep_question(item: Submission, paper: int, earlier: Record, services: Services) -> str:
    """Note which record a paper resembles; return the one that was noted first."""
    body = {"record": earlier.id}
    standing = services.archive.ledger.record_outcome(
        Outcome(submission_id=item.id, paper=paper, stage="resemblance", body=body)
    )
    return str(standing["record"])


def _keep_answer(item: Submission, paper: int, answer: str, services: Services) -> None:
    body = {"answer": answer}
    services.archive.ledger.record_outcome(
        Outcome(submission_id=item.id, paper=paper, stage="rescan", body=body)
    )


def _answer_of(submission_id: str, paper: int, services: Services) -> tuple[str, str] | None:
    """Return which record a paper resembles and what was answered; None where nothing was."""
    ledger = services.archive.ledger
    asked = ledger.outcome(submission_id, paper, _ASKED)
    answered = ledger.outcome(submission_id, paper, ANSWERED)
    return (asked["record"], answered["answer"]) if asked and answered else None


def looks_of(paper: Paper) -> PaperLooks:
    """Return what a paper looks like and says; pages without words say nothing."""
    pages = [page for page in paper.pages if page.look]
    return PaperLooks(
        pictures=tuple(page.look for page in pages), texts=tuple(page.text for page in pages)
    )


def find_earlier(
    item: Submission,
    paper: Paper,
    place: tuple[DossierChoice, DocumentClass],
    services: Services,
) -> Record | None:
    """Return the filed record that a paper is probably a second scan of, the likest one."""
    archive, looks = services.archive, looks_of(paper)
    choice, kind = place
    known = archive.fingerprints
    nearby = known.in_place(choice.code, kind.code) if choice.code else []
    found = nearby + known.sharing(fingerprints.keys(looks.texts), _CANDIDATES)
    likest: tuple[float, Record] | None = None
    for record_id in dict.fromkeys(found):
        record = archive.records.get(record_id)
        own = (record.submission_id, record.paper) == (item.id, paper.number)
        if own or known.is_superseded(record_id):
            continue
        likeness = fingerprints.compare(looks, _looks_filed(record, services))
        if likeness is None or not fingerprints.is_rescan(likeness):
            continue
        if likest is None or likeness.words > likest[0]:
            likest = likeness.words, record
    return likest and likest[1]


def _looks_filed(record: Record, services: Services) -> PaperLooks:
    pictures = services.archive.fingerprints.pictures(record.id)
    texts = tuple(page.text for page in record.pages if page.text)
    return PaperLooks(pictures=pictures, texts=texts)


def _question(earlier: Record) -> Reason:
    code = earlier.links[0].dossier_code
    return Reason(
        code="rescan",
        vi=(
            f"Giấy này giống giấy đã lưu {earlier.id} ({earlier.class_name}, "
            f"hồ sơ {code}, lưu lúc {show(earlier.filed_at)}): có thể là quét lại lần nữa."
        ),
        en=f"it resembles record {earlier.id} of dossier {code}: probably scanned again",
    )


def _which_result(earlier: Record, result_code: str) -> Reason:
    return Reason(
        code="result_has_record",
        vi=(
            f"Kết quả {result_code} đã có bản lưu {earlier.id} ({earlier.class_name}, lưu lúc "
            f"{show(earlier.filed_at)}): giấy này là bản sửa thay bản đó, bản mới, hay giấy khác?"
        ),
        en=f"record {earlier.id} is {result_code} already: a correction, or another paper?",
    )


def notes(submission_id: str, paper: Paper, services: Services) -> dict[str, str]:
    """Return what a record says of its own looks, and of its likeness to an earlier one, if any."""
    answer = _answer_of(submission_id, paper.number, services)
    likeness = {"resembles": answer[0], "rescan": answer[1]} if answer else {}
    return {"fingerprint_sha256": _fingerprint(paper).digest, **likeness}


def keep(record: Record, paper: Paper, services: Services) -> None:
    """Keep by what a filed paper is recognised, and whose place it takes, once."""
    archive = services.archive
    archive.fingerprints.add(record.id, _fingerprint(paper))
    earlier, answer = _answer_of(record.submission_id, paper.number, services) or ("", "")
    kind = _KINDS.get(answer)
    if kind is not None:
        version = Version(record_id=record.id, supersedes=earlier, kind=kind, at=now())
        archive.supersede(version, actor=ACTOR)


def _fingerprint(paper: Paper) -> Fingerprint:
    looks = looks_of(paper)
    return Fingerprint(pictures=looks.pictures, keys=fingerprints.keys(looks.texts))


def is_asked(reason: Reason) -> bool:
    """Tell whether a question is, among others, about a second scan or a second result."""
    return not {"rescan", "result_has_record"}.isdisjoint(reason.code.split("+"))


def answer_folders(kind: str) -> tuple[str, ...]:
    """Return the lines of a slip that name the folders of the three answers."""
    return tuple(f"{kind}/{folder}/   ({meaning})" for folder, meaning in ANSWERS.items())
