"""What a person answers or corrects with `hoso review`: checked when it is said, kept as a request.

The engine acts on it (`desk.review_acts`), also while it runs. What cannot be is refused here, with
what could be; nothing said here releases a signature.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from config.codes import is_dossier_code
from desk import answers
from desk.answers import WORDS, Answer
from desk.batches import QUESTION
from desk.class_codes import require_class
from desk.dossier_folders import folder_code
from desk.errors import AnswerRefused, UnknownCode
from desk.moments import now
from desk.revising import Books, revise
from desk.views import records_of
from storage.archive import Archive
from storage.corrections import WHOLE_SCAN, Act, Correction, newest_to_undo
from storage.errors import RecordNotFound
from storage.model import Record
from storage.submissions import Submission, SubmissionState

REQUEST = "review"
NOTHING = Answer()
_ASKS_DOSSIER = {
    "no_dossier_code",
    "dossier_conflict",
    "several_dossier_codes",
    "nested_dossier_folders",
    "dossier_code_cited",
    "dossier_code_unsure",
}
_ASKS_CLASS = {"class_unsure", "cover_class_differs"}
# Until it is signed an answer can be taken back; a key or a timestamp that is missing now may come.
_BEFORE_SIGNING = (SubmissionState.AWAITING_RELEASE, "release")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person wants done with a paper."""

    act: Act
    answer: Answer = NOTHING
    paper: int | None = None
    """Which paper of a scan; None where it is the only one that is asked about, of a rejection for
    the whole scan."""
    reason: str = ""
    """Why; must be said where a scan, or a paper of it, is rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found to be possible, and nobody was asked to do yet."""

    id: str
    """The submission or the record."""
    order: Order
    """With the answer as it will count."""
    paper: int
    """Which paper of its scan; 0 for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that the engine will act on."""

    id: str
    """The submission or the record."""
    act: Act
    paper: int
    """Which paper of its scan; 0 for all."""
    answer: Answer
    request: int
    """Number of the request."""


def find_subject(identifier: str, archive: Archive) -> Submission | Record:
    """Return the record or the submission with an id; of a filed scan of one paper, its record.

    Raises:
        UnknownCode: there is none, or the scan is filed as several records.
    """
    identifier = identifier.strip().lower()
    try:
        return archive.records.get(identifier)
    except RecordNotFound:
        pass
    try:
        item = archive.ledger.get(identifier)
    except RecordNotFound as error:
        raise UnknownCode(
            f"Không có giấy tờ hay lượt nộp nào mang mã «{identifier}». Gõ `hoso review` để xem "
            "những giấy đang chờ.",
            f"there is no record or submission {identifier!r}; `hoso review` lists what waits",
        ) from error
    if item.state is not SubmissionState.FILED:
        return item
    records = records_of(item.id, archive)
    if len(records) == 1:
        return records[0]
    listed = ", ".join(record.id for record in records)
    raise UnknownCode(
        f"Lượt nộp này đã lưu thành {len(records)} giấy tờ. Hãy nêu mã của một giấy: {listed}.",
        f"this scan was filed as several records; name one of {listed}",
    )


def ask(order: Order, subject: Submission | Record, books: Books, actor: str) -> Asked:
    """Check what a person says, and ask the engine to act on it.

    Raises:
        AnswerRefused: it cannot be so; the message says what could be.
        UnknownCode: there is no such class.
    """
    return request(check(order, subject, books), books.archive, actor)


def check(order: Order, subject: Submission | Record, books: Books) -> Checked:
    """Check what a person says; it changes nothing yet.

    Raises:
        AnswerRefused: it cannot be so; the message says what could be.
        UnknownCode: there is no such class.
    """
    answer = _checked(order.answer, books)
    if isinstance(subject, Record):
        paper, answer = subject.paper, _about_record(replace(order, answer=answer), subject, books)
    else:
        paper = _paper_of(order, subject, books.archive)
        answer = _about_scan(replace(order, answer=answer), subject, paper, books)
    return Checked(id=subject.id, order=replace(order, answer=answer), paper=paper)


def request(checked: Checked, archive: Archive, actor: str) -> Asked:
    """Ask the engine to act on what was checked."""
    order = checked.order
    body = {
        "id": checked.id,
        "act": order.act.value,
        "paper": checked.paper,
        "answer": order.answer.to_plain(),
        "reason": order.reason,
    }
    number = archive.requests.ask(REQUEST, body, actor, now())
    return Asked(
        id=checked.id,
        act=order.act,
        paper=checked.paper,
        answer=order.answer,
        request=number,
    )


def _checked(answer: Answer, books: Books) -> Answer:
    """Refuse a class, a dossier or a word that there is not."""
    if answer.class_code is not None:
        require_class(answer.class_code, books.classes)
    unknown = next((word for word in answer.words if word not in WORDS), None)
    if unknown is not None:
        raise AnswerRefused(
            f"Không có câu trả lời «{unknown}». Có thể là: {_listed(WORDS)}.",
            f"unknown answer {unknown!r}; one of {_listed(WORDS)}",
        )
    if answer.dossier_code is not None:
        _require_dossier(answer.dossier_code, books)
    return answer


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _require_dossier(code: str, books: Books) -> None:
    if not is_dossier_code(code):
        raise AnswerRefused(
            f"«{code}» không phải mã hồ sơ. Mã có dạng H26.99-261105-0001.",
            f"{code!r} is no dossier code",
        )
    accepts = books.settings.accession.unregistered == "accept"
    if not accepts and books.archive.register.dossier(code) is None:
        raise unregistered(code)


def unregistered(code: str) -> AnswerRefused:
    """Return the refusal of a dossier that the register does not know."""
    return AnswerRefused(
        f"Hồ sơ {code} chưa có trong sổ. Hãy nhập sổ trước (hoso register import).",
        f"dossier {code} is not in the register; import it first",
    )


def _about_record(order: Order, record: Record, books: Books) -> Answer:
    """Check what is said of a filed paper; what follows from it is worked out once to see."""
    if order.act is Act.REJECT:
        raise AnswerRefused(
            "Giấy này đã ký và lưu kho, không từ chối được nữa. Hãy dùng `hoso review correct`.",
            "the paper is signed and filed; correct it instead",
        )
    if order.act is Act.UNDO:
        _require_undoable(newest_to_undo(books.archive.corrections.of_record(record.id)))
        return order.answer
    answer = order.answer
    if order.act is Act.CONFIRM and answer.class_code is None:
        answer = replace(answer, class_code=record.class_code)
    _require_content(answer)
    revise(record, answer, books)
    return answer


def _require_content(answer: Answer) -> None:
    if answer == NOTHING:
        raise AnswerRefused(
            "Chưa nói sửa gì. Hãy viết TRƯỜNG=GIÁ-TRỊ, --class hoặc --dossier.",
            "nothing is said; write FIELD=VALUE, --class or --dossier",
        )


def _require_undoable(last: Correction | None) -> Correction:
    if last is None:
        raise AnswerRefused(
            "Không có câu trả lời hay lần sửa nào để hoàn tác.", "there is nothing to undo"
        )
    return last


def last_answer(item: Submission, archive: Archive) -> Correction | None:
    """Return the last answer about a scan that can be taken back; None where there is none."""
    said = archive.corrections.of_submission(item.id)
    return newest_to_undo([told for told in said if told.record_id is None])


def is_waiting(item: Submission) -> bool:
    """Tell whether a person is asked about a scan."""
    return item.state is SubmissionState.TO_CONFIRM


def may_undo(item: Submission) -> bool:
    """Tell whether an answer about a scan can still be taken back: nothing works on it now."""
    reason = item.reason.code if item.reason else ""
    at_rest = (item.state, reason) == _BEFORE_SIGNING
    return at_rest or item.state in (SubmissionState.TO_CONFIRM, SubmissionState.WITHDRAWN)


def _paper_of(order: Order, item: Submission, archive: Archive) -> int:
    asked = archive.ledger.papers_with(item.id, QUESTION)
    if order.act is Act.UNDO or (order.act is Act.REJECT and order.paper is None):
        return WHOLE_SCAN
    if order.paper is None:
        return answers.paper_meant(item.id, tuple(asked), archive)
    if order.paper not in asked:
        named = _listed(map(str, asked))
        raise AnswerRefused(
            f"Không hỏi gì về giấy {order.paper}. Đang hỏi về giấy: {named}."
            if asked
            else "Đang hỏi về cả bản quét, chưa về giấy nào của nó. Hãy bỏ --paper.",
            f"paper {order.paper} is not asked about, but {named or 'the whole scan'}",
        )
    return order.paper


def _about_scan(order: Order, item: Submission, paper: int, books: Books) -> Answer:
    if order.act is Act.UNDO:
        if not may_undo(item):
            raise _not_waiting(item)
        _require_undoable(last_answer(item, books.archive))
        return order.answer
    if not is_waiting(item):
        raise _not_waiting(item)
    if order.act is Act.REJECT:
        if not order.reason.strip():
            raise AnswerRefused("Hãy nêu lý do bằng --reason.", "say why with --reason")
        return order.answer
    if paper == WHOLE_SCAN and (order.answer.class_code or order.answer.fields):
        raise _which_paper(item, books.archive)
    if order.act is Act.CONFIRM:
        return _completed(order.answer, item, paper, books.archive)
    _require_content(order.answer)
    return order.answer


def _not_waiting(item: Submission) -> AnswerRefused:
    return AnswerRefused(
        f"Giấy này không chờ xác nhận (đang ở trạng thái {item.state.value}). "
        "Gõ `hoso review` để xem những giấy đang chờ.",
        f"it does not wait for an answer: {item.state.value}",
    )


def _which_paper(item: Submission, archive: Archive) -> AnswerRefused:
    asked = _listed(map(str, archive.ledger.papers_with(item.id, QUESTION)))
    return AnswerRefused(
        f"Tệp này có nhiều giấy. Hãy nêu giấy nào bằng --paper (đang hỏi: {asked or 'cả tệp'}).",
        f"the scan holds several papers; name one with --paper ({asked or 'the whole scan'})",
    )


def _completed(answer: Answer, item: Submission, paper: int, archive: Archive) -> Answer:
    """Add what the station proposes where nothing else is asked; refuse where a person must say."""
    found = archive.ledger.outcome(item.id, paper, QUESTION) or {}
    reason = found.get("reason", {}).get("code") or (item.reason.code if item.reason else "")
    asked = set(reason.split("+"))
    dossier = answer.dossier_code
    if dossier is None and not asked & _ASKS_DOSSIER:
        dossier = found.get("dossier") or folder_code(item.folder)
    # Before a page could be read at all, no dossier is known, and none is needed to go on.
    if dossier is None and not asked <= answers.QUESTIONS.keys():
        raise AnswerRefused(
            "Giấy này thuộc hồ sơ nào? Hãy nêu bằng --dossier MÃ-HỒ-SƠ.",
            "to which dossier does it belong? name it with --dossier",
        )
    class_code = answer.class_code
    if class_code is None and "class_unsure" in asked:
        described = archive.ledger.outcome(item.id, paper, "describe") or {}
        class_code = described.get("class")
    if class_code is None and asked & _ASKS_CLASS:
        raise AnswerRefused(
            "Giấy này thuộc loại nào? Hãy nêu bằng --class MÃ-LOẠI.",
            "which kind of paper is it? name it with --class",
        )
    _require_words(answer, asked)
    return replace(answer, dossier_code=dossier, class_code=class_code)


def _require_words(answer: Answer, asked: set[str]) -> None:
    for code in sorted(asked & answers.QUESTIONS.keys()):
        group = answers.QUESTIONS[code]
        if not set(group) & set(answer.words):
            told = "; ".join(f"{word} ({meaning})" for word, meaning in group.items())
            raise AnswerRefused(
                f"Hãy trả lời bằng --answer TỪ, một trong: {told}.",
                f"answer with --answer, one of {_listed(group)}",
            )
