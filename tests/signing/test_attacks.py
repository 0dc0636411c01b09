"""Our own kit of forged and of odd honest files: each gets the verdict that the manifest says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from fixtures.attacks.authority import Authority
from fixtures.attacks.catalogue import Case, every_case
from signing.model import FileVerdict, Indication
from signing.trust import load_trust
from signing.verdict import Judgement, judge_file
from tests.signing.workbench import now


@dataclass(frozen=True, slots=True, kw_only=True)
class Court:
    """Where the kit is judged."""

    cases: tuple[Case, ...]
    judgement: Judgement
    folder: Path

    def judge(self, case: Case) -> FileVerdict:
        path = self.folder / f"{case.name}.pdf"
        path.write_bytes(case.content)
        return asyncio.run(judge_file(path, self.judgement))


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Court:
    authority = Authority(now().replace(microsecond=0))
    trust = load_trust(authority.write_trust(tmp_path_factory.mktemp("trust")))
    lists = [CRLContainer(crl_data=one) for one in authority.lists(authority.at)]
    return Court(
        cases=tuple(every_case(authority)),
        judgement=Judgement(trust=trust, at=now(), known=LocalKnowledge(known_crls=lists)),
        folder=tmp_path_factory.mktemp("kit"),
    )


def _mistakes(court: Court, cases: Iterable[Case]) -> list[str]:
    found = []
    for case in cases:
        verdict = court.judge(case)
        said = {remark.code for remark in verdict.warnings}
        for signature in verdict.signatures:
            said |= {remark.code for remark in (*signature.reasons, *signature.warnings)}
        is_named = not case.says or bool(said & set(case.says.split("|")))
        if verdict.overall.value not in case.expected.split("|") or not is_named:
            wanted = f"{case.expected} {case.says}"
            found.append(f"{case.name}: {wanted} wanted, {verdict.overall} {sorted(said)} given")
    return found


def _one_of_each_trick(cases: Iterable[Case]) -> list[Case]:
    return list({case.name.rpartition("-")[2]: case for case in cases}.values())


def test_each_trick_is_refused_by_name_and_each_honest_oddity_passes(court: Court) -> None:
    chosen = _one_of_each_trick(court.cases)
    assert len(chosen) >= 90
    assert _mistakes(court, chosen) == []


@pytest.mark.soak
def test_the_whole_kit(court: Court) -> None:
    assert _mistakes(court, court.cases) == []


def test_the_kit_is_as_large_as_promised(court: Court) -> None:
    honest = [case for case in court.cases if case.expected == Indication.TOTAL_PASSED]
    forged = [case for case in court.cases if case.expected != Indication.TOTAL_PASSED]
    assert len(honest) >= 60
    assert len(forged) >= 60
    assert len({case.name.partition("-")[0] for case in forged}) >= 4
    assert len({case.name for case in court.cases}) == len(court.cases)
    assert all(case.clause for case in forged)
