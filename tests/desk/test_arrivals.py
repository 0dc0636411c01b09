"""A paper that came signed is judged in a process of its own, and waits where it does not pass."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desk import sealing
from desk.endings import Held
from fixtures.attacks.authority import Authority
from fixtures.attacks.bases import plain
from fixtures.attacks.octets import trailing_words
from fixtures.attacks.signing import Hand, sign
from signing.judges import Ground, Judge
from storage.submissions import SubmissionState
from tests.signing.workbench import now


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(now().replace(microsecond=0))


def _judge_arrival(path: Path, authority: Authority) -> None:
    trust = authority.write_trust(path.parent / "trust")
    services: Any = SimpleNamespace(
        archive=SimpleNamespace(objects=SimpleNamespace(path=lambda _sha256: path)),
        station=SimpleNamespace(trust=trust),
        network=None,
    )
    kept: Any = SimpleNamespace(original=SimpleNamespace(sha256="0" * 64))
    paper: Any = None
    sealing._judge_arrival(kept, paper, services)


@pytest.mark.parametrize("seconds", [None, 0.0])
def test_an_arrival_that_does_not_pass_waits_for_a_person(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    """Without any time at all stands for a file that takes too much of it."""

    def apart(ground: Ground) -> Judge:
        limit = ground.wall_seconds if seconds is None else seconds
        return Judge(Ground(trust=ground.trust, network=ground.network, wall_seconds=limit))

    monkeypatch.setattr(sealing, "Judge", apart)
    path = tmp_path / "den.pdf"
    path.write_bytes(trailing_words(sign(plain(1), authority, Hand())))
    with pytest.raises(Held) as held:
        _judge_arrival(path, authority)
    assert held.value.state is SubmissionState.TO_CONFIRM
    assert held.value.reason.code == "arrival_not_passed"
