"""Signals are heard between any two steps of a command, and acted on without its locks."""

from __future__ import annotations

import signal
import threading

from desk.cli.signals import heard


def test_a_signal_is_acted_on_though_the_main_thread_holds_the_lock_that_is_wanted() -> None:
    lock, done = threading.Lock(), threading.Event()

    def act() -> None:
        with lock:
            done.set()

    with heard(signal.SIGUSR1) as signals:
        signals.call(act)
        with lock:
            signal.raise_signal(signal.SIGUSR1)
        assert done.wait(60)
    assert signals.received == [signal.SIGUSR1]


def test_what_is_to_be_done_is_done_at_once_where_the_signal_has_come() -> None:
    first, told = threading.Event(), []
    with heard(signal.SIGUSR1, signal.SIGUSR2) as signals:
        signals.call(first.set)
        signal.raise_signal(signal.SIGUSR2)
        assert first.wait(60)
        signals.call(lambda: told.append(threading.current_thread() is threading.main_thread()))
        assert told == [True]


def test_signals_mean_afterwards_what_they_meant_before() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    with heard(signal.SIGUSR1) as signals:
        assert signal.getsignal(signal.SIGUSR1) == signals.note
        signal.raise_signal(signal.SIGUSR1)
    assert signal.getsignal(signal.SIGUSR1) == before
    assert signals.received == [signal.SIGUSR1]
