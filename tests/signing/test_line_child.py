from __future__ import annotations

import os
import signal

from signing.line_child import LineChild


def test_a_process_answers_line_by_line_and_ends_with_its_questions() -> None:
    child = LineChild("signing.keyholder")
    # No key is named so: it says why, and ends by itself.
    child.ask(
        {
            "kind": "Pkcs12Key",
            "fields": {"path": "/khong-co", "passphrase": {"value": ""}, "padding": "pkcs1"},
        }
    )
    assert b"KeyMaterialError" in child.answer(60.0)
    assert child.answer(60.0) == b""
    child.ask({})
    child.end()
    assert child.has_ended


def test_one_that_never_answers_is_ended() -> None:
    child = LineChild("signing.keyholder")
    os.kill(child.pid, signal.SIGSTOP)
    assert child.answer(0.05) == b""
    child.end()
    assert child.has_ended
