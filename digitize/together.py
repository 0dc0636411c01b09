"""Several pages, or places of a page, read in turns, so that the engine is started once for all.

A start of Tesseract costs a tenth of what a page does, and ten times what a row does. Each task
runs in a thread of its own, but never two at once: one runs until it asks the engine something,
then the next. When all of them wait, what they ask is answered together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from digitize.errors import RecognitionFailed
from digitize.frames import Picture
from digitize.ocr import EngineCrashed, Recognizer

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Result = TypeVar("Result")
_TABLE = "tsv"


def run_in_turns(
    tasks: Sequence[Callable[[Callable[[Asked], Answer]], Result]],
    answer_all: Callable[[Sequence[Asked]], Sequence[Answer]],
) -> list[Result | Exception]:
    """Run tasks to their end; return what each gave, or the error that ended it.

    Args:
        tasks: each is given what it asks by.
        answer_all: answers what all tasks that still run have asked; an error is raised in each.
    """
    turns = [_Turn[Asked, Answer, Result](task) for task in tasks]
    while running := [turn for turn in turns if not turn.is_over]:
        for turn in running:
            turn.go_on()
        _answer([turn for turn in running if not turn.is_over], answer_all)
    return [turn.outcome for turn in turns]


class _Turn(Generic[Asked, Answer, Result]):
    """A task that runs only while `go_on` waits."""

    asked: Asked
    answer: Answer
    outcome: Result | Exception

    def __init__(self, task: Callable[[Callable[[Asked], Answer]], Result]) -> None:
        self.is_over = False
        self.error: Exception | None = None
        self._task = task
        self._go, self._waits = threading.Semaphore(0), threading.Semaphore(0)
        # A thread that nobody lets go on any more must not keep the process.
        threading.Thread(target=self._run, daemon=True).start()

    def go_on(self) -> None:
        """Let the task run until it asks something or is over."""
        self._go.release()
        self._waits.acquire()

    def _ask(self, asked: Asked) -> Answer:
        self.asked = asked
        self._waits.release()
        self._go.acquire()
        if self.error is not None:
            raise self.error
        return self.answer

    def _run(self) -> None:
        self._go.acquire()
        try:
            self.outcome = self._task(self._ask)
        except Exception as error:  # noqa: BLE001  whoever runs the tasks is told of it
            self.outcome = error
        self.is_over = True
        self._waits.release()


def _answer(
    waiting: Sequence[_Turn[Asked, Answer, Result]],
    answer_all: Callable[[Sequence[Asked]], Sequence[Answer]],
) -> None:
    if not waiting:
        return
    try:
        answers = answer_all([turn.asked for turn in waiting])
    except Exception as error:  # noqa: BLE001  it is raised where the answer is waited for
        for turn in waiting:
            turn.error = error
        return
    for turn, answer in zip(waiting, answers, strict=True):
        turn.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One picture to be read."""

    recognizer: Recognizer
    """By which engine, with which limits."""
    picture: Picture
    options: str
    """Of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedRecognizer(Recognizer):
    """An engine that waits until other pages ask it too."""

    alone: Recognizer
    """The same engine, asked at once."""
    ask: Callable[[Look], str]
    """Gives the table of a look."""

    def run(self, pictures: Sequence[Picture], work: Path, output: str, options: str) -> str:
        """Have a picture read in one start with those of other pages."""
        if output != _TABLE or len(pictures) != 1:
            return self.alone.run(pictures, work, output, options)
        return self.ask(Look(recognizer=self.alone, picture=pictures[0], options=options))


def joined(alone: Recognizer, ask: Callable[[Look], str]) -> JoinedRecognizer:
    """Return an engine that waits until other pages ask it too."""
    return JoinedRecognizer(
        languages=alone.languages,
        tessdata=alone.tessdata,
        page_seconds=alone.page_seconds,
        engine=alone.engine,
        repair=alone.repair,
        alone=alone,
        ask=ask,
    )


def read_side_by_side(
    tasks: Sequence[Callable[[Recognizer], Result]], recognizer: Recognizer, work: Path
) -> list[Result]:
    """Run tasks that read pictures; what they ask at the same time shares a start of the engine.

    Args:
        tasks: each is given the engine to ask.
        recognizer: that engine.
        work: existing folder for temporary files.

    Raises:
        Exception: what the first task that failed raised.
    """
    if len(tasks) == 1:
        return [tasks[0](recognizer)]
    found = run_in_turns(
        [_asking(task, recognizer) for task in tasks], lambda looks: read_tables(looks, work)
    )
    return [_unless_failed(item) for item in found]


def _asking(
    task: Callable[[Recognizer], Result], recognizer: Recognizer
) -> Callable[[Callable[[Look], str]], Result]:
    return lambda ask: task(joined(recognizer, ask))


def _unless_failed(item: Result | Exception) -> Result:
    if isinstance(item, Exception):
        raise item
    return item


def read_tables(looks: Sequence[Look], work: Path) -> list[str]:
    """Return the table of each look; those of one engine and options are read in one start.

    Raises:
        RecognitionError: as `Recognizer` does.
    """
    alike: dict[tuple[Recognizer, str], list[int]] = {}
    for index, look in enumerate(looks):
        alike.setdefault((look.recognizer, look.options), []).append(index)
    tables = [""] * len(looks)
    for (recognizer, options), indices in alike.items():
        pictures = [looks[index].picture for index in indices]
        for index, part in zip(
            indices, _read_alike(pictures, recognizer, work, options), strict=True
        ):
            tables[index] = part
    return tables


def _read_alike(
    pictures: Sequence[Picture], recognizer: Recognizer, work: Path, options: str
) -> list[str]:
    """Return the table of each picture; where the engine crashes over one, each is read alone."""
    try:
        return split_table(recognizer.run(pictures, work, _TABLE, options), len(pictures))
    except EngineCrashed:
        return [recognizer.run((picture,), work, _TABLE, options) for picture in pictures]


def split_table(table: str, count: int) -> list[str]:
    """Split the table of several pictures into those of each.

    Raises:
        RecognitionFailed: it does not tell of so many.
    """
    if count == 1:
        return [table]
    head, *rows = table.split("\n")
    parts: list[list[str]] = [[head] for _ in range(count)]
    for row in filter(None, rows):
        page = row.split("\t", 2)[1]
        if not page.isdecimal() or not 1 <= int(page) <= count:
            raise _unmatched(count)
        parts[int(page) - 1].append(row)
    # Of each picture it tells at least how large it is.
    if any(len(part) < 2 for part in parts):
        raise _unmatched(count)
    return ["\n".join(part) for part in parts]


def _unmatched(count: int) -> RecognitionFailed:
    return RecognitionFailed(
        f"Tesseract không trả đủ kết quả của {count} trang. Hãy quét lại các giấy này.",
        f"Tesseract did not tell of {count} pages apart",
    )
