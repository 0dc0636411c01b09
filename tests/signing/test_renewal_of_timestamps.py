"""A file over the years, with the authority's services told what year it is."""

from __future__ import annotations

import asyncio
import http.client
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest
from asn1crypto import crl
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.context import bootstrap_validation_data_handlers
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from signing.model import FileVerdict, Indication, Kind, Level, Modification
from signing.policy import certificate_policy, moment
from signing.verdict import Judgement, judge_file
from tests.signing.workbench import Workbench, now

FAKE_TIME = "X-Certomancer-Fake-Time"


class _Clock(datetime):
    """The machine's clock in the year of the test: pyHanko's proofs of existence read it."""

    at: datetime

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(cls.at.timestamp(), tz)


def _set_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    _Clock.at = at
    for module in ("poe", "ades_past"):
        monkeypatch.setattr(f"pyhanko_certvalidator.ltv.{module}.datetime", _Clock)


def _lists(bench: Workbench, at: datetime) -> list[CRLContainer]:
    found = []
    for name in ("root", "issuing"):
        connection = http.client.HTTPConnection("127.0.0.1", bench.services.port)
        connection.request(
            "GET", f"/congvu/crls/{name}/latest.crl", headers={FAKE_TIME: at.isoformat()}
        )
        content = connection.getresponse().read()
        connection.close()
        found.append(CRLContainer(crl_data=crl.CertificateList.load(content)))
    return found


def _judge(bench: Workbench, path: Path, at: datetime) -> FileVerdict:
    known = LocalKnowledge(known_crls=_lists(bench, at))
    return asyncio.run(judge_file(path, Judgement(trust=bench.trust, at=at, known=known)))


def _renew(bench: Workbench, source: Path, target: Path, at: datetime) -> None:
    policy = certificate_policy(bench.trust.timestamp_manager(), bench.trust.rules)
    handlers = bootstrap_validation_data_handlers(fetchers=None, crls=_lists(bench, at))
    stamper = PdfTimeStamper(
        HTTPTimeStamper(bench.services.timestamp_url_2, headers={FAKE_TIME: at.isoformat()}),
        field_name="GiaHan",
    )
    with source.open("rb") as file, target.open("w+b") as out:
        stamper.update_archival_timestamp_chain(
            PdfFileReader(file),
            policy.build_validation_context(moment(at), handlers),
            in_place=False,
            output=out,
        )


def test_renewal_is_not_mistaken_for_tampering(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewal = now() + timedelta(days=365 * 2)
    renewed = tmp_path / "renewed.pdf"
    _renew(bench, bench.signed(Level.B_LTA).path, renewed, renewal)
    _set_clock(monkeypatch, renewal)
    verdict = _judge(bench, renewed, renewal + timedelta(hours=1))
    assert [s.kind for s in verdict.signatures].count(Kind.DOCUMENT_TIMESTAMP) == 2
    assert verdict.overall is Indication.TOTAL_PASSED
    assert {s.integrity.modification for s in verdict.signatures} <= {
        Modification.LTA,
        Modification.NONE,
    }


def test_an_outdated_file_that_was_never_renewed_proves_nothing(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = now() + timedelta(days=365 * 4)
    _set_clock(monkeypatch, late)
    verdict = _judge(bench, bench.signed(Level.B_LTA).path, late)
    assert verdict.overall is Indication.INDETERMINATE
    assert all(s.integrity.intact for s in verdict.signatures)
