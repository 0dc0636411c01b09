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
from signing.judges import WALL_SECONDS, Ground, KeptJudge
from storage.submissions import SubmissionState
from tests.signing.workbench import now


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(now().replace(microsecond=0))


def _judge_arrival(path: Path, ground: Ground) -> None:
    with KeptJudge(ground) as judge:
        services: Any = SimpleNamespace(
            archive=SimpleNamespace(objects=SimpleNamespace(path=lambda _sha256: path)),
            judge=judge,
        )
        kept: Any = SimpleNamespace(original=SimpleNamespace(sha256="0" * 64))
        paper: Any = None
        sealing._judge_arrival(kept, paper, services)


@pytest.mark.parametrize("seconds", [WALL_SECONDS, 0.0])
def test_an_arrival_that_does_not_pass_waits_for_a_person(
    authority: Authority, tmp_path: Path, seconds: float
) -> None:
    """Without any time at all stands for a file that takes too much of it."""
    path = tmp_path / "den.pdf"
    path.write_bytes(trailing_words(sign(plain(1), authority, Hand())))
    trust = authority.write_trust(tmp_path / "trust")
    with pytest.raises(Held) as held:
        _judge_arrival(path, Ground(trust=trust, wall_seconds=seconds))
    assert held.value.state is SubmissionState.TO_CONFIRM
    assert held.value.reason.code == "arrival_not_passed"


def test_nothing_that_came_from_elsewhere_is_judged_in_the_engines_own_process() -> None:
    """What a session, an officer or another program signed is no less hostile than an arrival."""
    folder = Path(sealing.__file__).parent
    found = [path.name for path in folder.rglob("*.py") if "signing.verdict" in path.read_text()]
    assert found == []
