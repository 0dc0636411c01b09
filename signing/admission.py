"""Nothing gets its name that our own verdict refuses: judge a file just signed, then publish it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from signing.clock import TimestampSource, check_stated
from signing.explaining import accept
from signing.model import FileVerdict, Level, SignatureVerdict, SignRequest
from signing.output import publish
from signing.trust import TrustStore
from signing.verdict import Judgement, judge_file, latest_stated_time

SELF_CONTAINED = {Level.B_LT, Level.B_LTA}
"""Levels whose files hold all that it takes to judge them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A file just signed, under its temporary name.

    Attributes:
        request: What was asked for.
        path: The file, synced.
        collected: Holds the revocation data that was collected for it.
        timestamps: Who stamped it; None where nobody had to.
        before: This machine's clock before that, aware.
    """

    request: SignRequest
    path: Path
    collected: ValidationContext
    timestamps: TimestampSource | None
    before: datetime


async def admit(fresh: Fresh, trust: TrustStore) -> tuple[FileVerdict, SignatureVerdict]:
    """Judge a file and give it its name; return the verdict, and that on the new signature.

    Raises:
        SignatureRejected: It does not pass at the level that was asked for.
        TimestampUnavailable: Its timestamp does not pass.
        ClockWrong: Its timestamp and this machine's clock differ too much.
    """
    verdict = await _judge(fresh, trust)
    accepted = accept(verdict, fresh.request)
    if accepted.timestamps and fresh.timestamps is not None:
        check_stated(accepted.timestamps[0].time, fresh.before, fresh.timestamps)
    publish(fresh.path, fresh.request.target, like=fresh.request.source)
    return verdict, accepted


async def _judge(fresh: Fresh, trust: TrustStore) -> FileVerdict:
    """Judge what was made as a stranger would: with what the file holds, where it holds all."""
    known = LocalKnowledge(known_certs=list(trust.intermediates))
    if fresh.request.level not in SELF_CONTAINED:
        known = _collected(fresh.collected, trust)
    stated = latest_stated_time(fresh.path)
    at = max(fresh.request.at, stated) if stated else fresh.request.at
    return await judge_file(fresh.path, Judgement(trust=trust, at=at, known=known))


def _collected(context: ValidationContext, trust: TrustStore) -> LocalKnowledge:
    return LocalKnowledge(
        known_crls=[CRLContainer(crl_data=found) for found in context.crls],
        known_ocsps=[part for found in context.ocsps for part in OCSPContainer.load_multi(found)],
        known_certs=list(trust.intermediates),
    )
