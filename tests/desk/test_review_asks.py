"""What `hoso review` understands of an answer, what it asks back, and what it never guesses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import AccessionSettings, Settings
from config.vocabulary import load_classes
from desk.answers import Answer
from desk.errors import AnswerRefused
from desk.review import Asked, Order, ask
from desk.revising import Books
from storage.archive import open_archive
from storage.corrections import WHOLE_SCAN, Act
from storage.submissions import NewSubmission, Outcome, Reason, SubmissionState

CODE, OTHER = "H26.99-261105-0001", "H26.99-261106-0002"
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SCAN = "01a1ffbe-f2d7-7812-adec-46e7796348f8"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One scan of the question tray, as the ledger has it."""

    books: Books

    def about(self, *questions: str, dossier: str | None = CODE, best: str | None = "GKS") -> None:
        """Ask something of each paper of the scan."""
        ledger = self.books.archive.ledger
        papers = [{"pages": [number]} for number in range(1, len(questions) + 1)]
        self._keep(0, "cut", {"papers": papers})
        for number, code in enumerate(questions, start=1):
            reason = {"code": code, "vi": code, "en": code}
            self._keep(
                number, "question", {"reason": reason, "dossier": dossier, "dossier_source": "qr"}
            )
            self._keep(number, "describe", {"class": best})
        why = Reason(code="+".join(questions), vi="", en="")
        ledger.move(SCAN, SubmissionState.TO_CONFIRM, reason=why, at=AT)

    def uncut(self, question: str) -> None:
        """Ask how the scan is cut."""
        why = Reason(code=question, vi="", en="")
        self.books.archive.ledger.move(SCAN, SubmissionState.TO_CONFIRM, reason=why, at=AT)

    def said(self, answer: Answer, act: Act = Act.CONFIRM, paper: int | None = None) -> Asked:
        item = self.books.archive.ledger.get(SCAN)
        return ask(Order(act=act, answer=answer, paper=paper), item, self.books, "cán bộ")

    def rejected(self, paper: int | None = None) -> Asked:
        item = self.books.archive.ledger.get(SCAN)
        order = Order(act=Act.REJECT, paper=paper, reason="lạc")
        return ask(order, item, self.books, "cán bộ")

    def refused(self, answer: Answer, act: Act = Act.CONFIRM, paper: int | None = None) -> str:
        with pytest.raises(AnswerRefused) as refused:
            self.said(answer, act, paper)
        return refused.value.vi

    def _keep(self, paper: int, stage: str, body: dict[str, object]) -> None:
        outcome = Outcome(submission_id=SCAN, paper=paper, stage=stage, body=body)
        self.books.archive.ledger.record_outcome(outcome)


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    settings = Settings(accession=AccessionSettings(unregistered="accept"))
    with open_archive(tmp_path / "archive") as archive:
        new = NewSubmission(
            id=SCAN,
            name="a.jpg",
            tray_path="5-can-xac-nhan/a.jpg",
            size_bytes=1,
            received_at=AT,
        )
        archive.ledger.claim(new, "hoso")
        yield Waiting(Books(archive=archive, classes=load_classes(), settings=settings))


def test_what_is_not_asked_is_taken_as_the_station_proposes(waiting: Waiting) -> None:
    waiting.about("class_unsure")
    asked = waiting.said(Answer())
    assert (asked.paper, asked.answer) == (1, Answer(dossier_code=CODE, class_code="GKS"))


@pytest.mark.parametrize(
    "question",
    [
        "no_dossier_code",
        "dossier_conflict",
        "several_dossier_codes",
        "nested_dossier_folders",
        "dossier_code_cited",
        "dossier_code_unsure",
        "class_unsure+dossier_conflict",
    ],
)
def test_a_dossier_that_is_asked_is_never_guessed(waiting: Waiting, question: str) -> None:
    waiting.about(question)
    assert "--dossier" in waiting.refused(Answer())
    assert waiting.said(Answer(dossier_code=OTHER)).answer.dossier_code == OTHER


def test_a_class_is_proposed_where_it_was_unsure_and_not_where_two_speak_against_each_other(
    waiting: Waiting,
) -> None:
    waiting.about("cover_class_differs")
    assert "--class" in waiting.refused(Answer())
    assert waiting.said(Answer(class_code="TB")).answer.class_code == "TB"


def test_a_class_nobody_has_a_guess_of_must_be_named(waiting: Waiting) -> None:
    waiting.about("class_unsure", best=None)
    assert "--class" in waiting.refused(Answer())


def test_a_class_that_is_not_asked_stays_what_was_read(waiting: Waiting) -> None:
    waiting.about("page_count_differs")
    assert waiting.said(Answer()).answer == Answer(dossier_code=CODE)


@pytest.mark.parametrize(
    ("question", "word", "other"),
    [
        ("unreadable_page", "luu-nguyen-trang", "thay-the"),
        ("rescan", "thay-the", "luu-nguyen-trang"),
        ("role_unclear", "giay-nop", "ban-moi"),
    ],
)
def test_a_question_that_only_a_word_answers_says_which(
    waiting: Waiting, question: str, word: str, other: str
) -> None:
    waiting.about(question)
    assert word in waiting.refused(Answer())
    assert word in waiting.refused(Answer(words=(other,)))
    assert waiting.said(Answer(words=(word,))).answer.words == (word,)


def test_a_word_alone_answers_where_no_dossier_is_known_yet(waiting: Waiting) -> None:
    waiting.about("unreadable_page", dossier=None)
    asked = waiting.said(Answer(words=("luu-nguyen-trang",)))
    assert asked.answer == Answer(words=("luu-nguyen-trang",))


def test_of_several_papers_one_must_be_named_for_its_class_and_fields(waiting: Waiting) -> None:
    waiting.about("class_unsure", "class_unsure")
    assert "--paper" in waiting.refused(Answer(class_code="TB"))
    assert "--paper" in waiting.refused(Answer(fields={"number": "1"}), Act.CORRECT)
    assert waiting.said(Answer(class_code="TB"), paper=2).paper == 2
    assert "1, 2" in waiting.refused(Answer(class_code="TB"), paper=3)


def test_a_rejection_counts_for_the_paper_it_names_else_for_the_whole_scan(
    waiting: Waiting,
) -> None:
    waiting.about("class_unsure", "class_unsure")
    assert waiting.rejected(2).paper == 2
    assert waiting.rejected().paper == WHOLE_SCAN
    with pytest.raises(AnswerRefused) as refused:
        waiting.rejected(3)
    assert "1, 2" in refused.value.vi


def test_no_paper_of_a_scan_is_rejected_before_it_is_cut(waiting: Waiting) -> None:
    waiting.uncut("cover_without_paper")
    with pytest.raises(AnswerRefused) as refused:
        waiting.rejected(1)
    assert "--paper" in refused.value.vi
    assert waiting.rejected().paper == WHOLE_SCAN


def test_how_a_scan_is_cut_is_answered_for_all_of_it(waiting: Waiting) -> None:
    waiting.uncut("cover_without_paper")
    assert "--dossier" in waiting.refused(Answer())
    assert waiting.said(Answer(dossier_code=CODE)).paper == WHOLE_SCAN
    assert "--paper" in waiting.refused(Answer(dossier_code=CODE, class_code="TB"))


@pytest.mark.parametrize(
    "state", [SubmissionState.IN_WORK, SubmissionState.IN_ERROR, SubmissionState.SECRET]
)
@pytest.mark.parametrize("act", [Act.CONFIRM, Act.CORRECT, Act.REJECT, Act.UNDO])
def test_what_does_not_wait_is_not_answered(
    waiting: Waiting, state: SubmissionState, act: Act
) -> None:
    waiting.about("class_unsure")
    waiting.books.archive.ledger.move(SCAN, state, at=AT)
    waiting.refused(Answer(dossier_code=CODE, class_code="TB"), act)
    assert waiting.books.archive.requests.pending("review") == []


def test_later_words_of_a_group_take_the_place_of_earlier_ones() -> None:
    first = Answer(dossier_code=CODE, words=("giu-ca-hai", "luu-nguyen-trang"), fields={"a": "1"})
    later = Answer(class_code="TB", words=("thay-the",), fields={"b": None})
    assert first.joined(later) == Answer(
        dossier_code=CODE,
        class_code="TB",
        words=("luu-nguyen-trang", "thay-the"),
        fields={"a": "1", "b": None},
    )
