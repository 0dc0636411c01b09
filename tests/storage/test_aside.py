from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NoReturn

import pytest

from storage.aside import aside


def test_both_sides_go_on_at_once() -> None:
    met = threading.Barrier(2)

    def meet() -> int:
        met.wait(timeout=60)
        return threading.get_ident()

    with aside(meet) as made:
        met.wait(timeout=60)
        assert made.result() != threading.get_ident()
        assert made.result() == made.result()


def test_what_is_not_worth_a_thread_is_made_once_by_whoever_asks() -> None:
    makers = []
    with aside(lambda: makers.append(threading.get_ident()), is_worth=False) as made:
        assert makers == []
        for _ in range(2):
            made.result()
    assert makers == [threading.get_ident()]


def test_a_thread_that_has_not_begun_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[Callable[[], None]] = []

    def start_late(act: Callable[[], None], arguments: tuple[()]) -> None:
        late.append(act)

    monkeypatch.setattr("_thread.start_new_thread", start_late)
    makers = []
    with aside(lambda: makers.append(threading.get_ident())) as made:
        made.result()
    with aside(lambda: makers.append(threading.get_ident())):
        pass
    for act in late:
        act()
    assert len(late) == 2
    assert makers == [threading.get_ident()]


def test_where_no_thread_may_begin_it_is_made_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(act: Callable[[], None], arguments: tuple[()]) -> NoReturn:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("_thread.start_new_thread", refuse)
    with aside(threading.get_ident) as made:
        assert made.result() == threading.get_ident()


@pytest.mark.parametrize("is_worth", [True, False])
def test_what_it_raises_is_raised_to_who_asks(is_worth: bool) -> None:
    def refuse() -> NoReturn:
        raise OSError("no room")

    with aside(refuse, is_worth) as made, pytest.raises(OSError, match="no room"):
        made.result()


def test_it_is_over_whatever_was_raised_beside_it() -> None:
    told = []
    begun, may_end = threading.Event(), threading.Event()

    def tell() -> None:
        begun.set()
        may_end.wait(timeout=60)
        told.append("over")

    def stop() -> None:
        with aside(tell):
            begun.wait(timeout=60)
            may_end.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert told == ["over"]
