"""Before a batch: does a timestamp authority answer, is it trusted, and do the clocks agree?

A machine whose clock is an hour off signs without complaint, and its signatures claim a time that
their own timestamps contradict. So one timestamp is fetched and judged before the key is used; the
authority that gave it serves the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.policy_decl import LocalKnowledge

from signing.ades import Rules, judge_token, stated_time
from signing.errors import (
    ClockWrong,
    RevocationUnavailable,
    SigningError,
    TimestampUnavailable,
)
from signing.model import SubIndication
from signing.network import Connections, PatientTimeStamper
from signing.policy import signature_policy
from signing.providers import DIGEST
from signing.trust import TrustStore

_UNDECIDED = {SubIndication.TRY_LATER, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampSource:
    """A timestamp authority that answered and is trusted.

    Attributes:
        timestamper: Its client.
        url: Its address.
        difference: How far this machine's clock is ahead of the authority's at least; negative
            where it is behind.
        limit_seconds: How far the clocks may differ.
    """

    timestamper: PatientTimeStamper
    url: str
    difference: timedelta
    limit_seconds: float


def machine_clock() -> datetime:
    """Read this machine's clock, aware."""
    return datetime.now(UTC)


async def choose_timestamps(
    trust: TrustStore, connections: Connections, clock: Callable[[], datetime] = machine_clock
) -> TimestampSource:
    """Take the first timestamp authority that gives a good timestamp, and compare clocks.

    Args:
        trust: The anchors.
        connections: Where to ask.
        clock: This machine's clock.

    Raises:
        TimestampUnavailable: No authority is set, answers, or is trusted.
        RevocationUnavailable: Nobody says whether the authority's certificate stands.
        ClockWrong: The clocks differ by more than the network's limit.
    """
    refused: SigningError = _no_authority()
    for timestamper in connections.timestampers():
        before = clock()
        try:
            token = await timestamper.async_dummy_response(DIGEST)
        except (TimestampRequestError, TimeoutError):
            refused = _no_answer(timestamper.url)
            continue
        after = clock()
        try:
            await _check_token(token, trust, connections)
        except SigningError as error:
            refused = error
            continue
        difference = _difference(stated_time(token["content"]), before, after)
        _check_clock(difference, connections.network.clock_seconds, timestamper.url)
        return TimestampSource(
            timestamper=timestamper,
            url=timestamper.url,
            difference=difference,
            limit_seconds=connections.network.clock_seconds,
        )
    raise refused


async def _check_token(token: cms.ContentInfo, trust: TrustStore, connections: Connections) -> None:
    spec = signature_policy(trust, LocalKnowledge(), connections.revocation)
    # This machine's clock may be what is wrong: the question is about the time that is stated.
    rules = Rules(spec=spec, at=stated_time(token["content"]))
    outcome = await judge_token(token["content"], rules, _digest_of_nothing)
    if outcome.is_passed:
        return
    if outcome.sub_indication in _UNDECIDED:
        raise RevocationUnavailable(
            "Chưa kiểm tra được tình trạng thu hồi của dịch vụ dấu thời gian. Hãy thử lại sau.",
            "the revocation state of the timestamp authority is unknown; try again later",
        )
    raise TimestampUnavailable(
        "Dịch vụ dấu thời gian không thuộc danh sách tin cậy; chưa ký. Hãy kiểm tra thư mục "
        "trust/timestamping.",
        f"the timestamp authority is not trusted ({outcome.sub_indication}); nothing was signed, "
        "check trust/timestamping",
    )


def _digest_of_nothing(algorithm: str) -> bytes:
    """Digest what the question was about: no bytes at all."""
    assert algorithm == DIGEST, "the question was asked with our digest"
    return hashes.Hash(hashes.SHA256()).finalize()


def check_stated(stated: datetime, before: datetime, source: TimestampSource) -> None:
    """Compare clocks once more by the timestamp of a signature: one may have jumped since.

    Args:
        stated: The time of the timestamp.
        before: This machine's clock before it was asked for.
        source: Who gave it.

    Raises:
        ClockWrong: The clocks differ by more than the limit.
    """
    difference = _difference(stated, before, machine_clock())
    _check_clock(difference, source.limit_seconds, source.url)


def _difference(stated: datetime, before: datetime, after: datetime) -> timedelta:
    """Tell how far our clock is off: it was read before and after the authority's."""
    if stated < before:
        return before - stated
    return min(after - stated, timedelta(0))


def _check_clock(difference: timedelta, limit_seconds: float, url: str) -> None:
    # Authorities state whole seconds.
    if abs(difference) <= timedelta(seconds=limit_seconds + 1):
        return
    seconds = round(difference.total_seconds())
    side, side_en = ("nhanh", "ahead") if seconds > 0 else ("chậm", "behind")
    host = urlsplit(url).hostname
    raise ClockWrong(
        f"Đồng hồ máy {side} {abs(seconds)} giây so với dịch vụ dấu thời gian {host}; chưa ký. Hãy "
        "chỉnh giờ máy (timedatectl set-ntp true) rồi thử lại.",
        f"this machine's clock is {abs(seconds)} s {side_en} of {host}; nothing was signed, set "
        "the clock and try again",
    )


def _no_authority() -> TimestampUnavailable:
    return TimestampUnavailable(
        "Chưa khai báo dịch vụ dấu thời gian; giấy tờ chưa được ký. Hãy ghi "
        "[signing] timestamp_url.",
        "no timestamp authority is set; nothing was signed, set [signing] timestamp_url",
    )


def _no_answer(url: str) -> TimestampUnavailable:
    return TimestampUnavailable(
        f"Dịch vụ dấu thời gian {urlsplit(url).hostname} không trả lời; giấy tờ chưa được ký. Hãy "
        "kiểm tra mạng, thử lại sau.",
        f"the timestamp authority {url} does not answer; nothing was signed, try again later",
    )
