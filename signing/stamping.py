"""A timestamp over a digest that is no signature's: the head of a log."""

from __future__ import annotations

import asyncio

from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from signing.clock import choose_timestamps
from signing.errors import TimestampUnavailable
from signing.network import Network, connect
from signing.trust import TrustStore

_SHA256 = "sha256"


def timestamp_digest(sha256: bytes, trust: TrustStore, network: Network) -> bytes:
    """Have a SHA-256 stamped by a trusted authority that answers.

    Args:
        sha256: What is stamped.
        trust: The anchors.
        network: Which authorities may be asked.

    Returns:
        The token (RFC 3161), DER.

    Raises:
        TimestampUnavailable: No authority is set, answers, or is trusted.
        RevocationUnavailable: Nobody says whether the authority's certificate stands.
        ClockWrong: The clocks differ by more than the network's limit.
    """
    return asyncio.run(_timestamp(sha256, trust, network))


async def _timestamp(sha256: bytes, trust: TrustStore, network: Network) -> bytes:
    async with connect(network) as connections:
        source = await choose_timestamps(trust, connections)
        try:
            token = await source.timestamper.async_timestamp(sha256, _SHA256)
        except (TimestampRequestError, TimeoutError) as error:
            raise TimestampUnavailable(
                "Dịch vụ dấu thời gian không trả lời; nhật ký chưa có dấu thời gian hôm nay. Trạm "
                "tự thử lại.",
                f"the timestamp authority {source.url} does not answer; try again later",
            ) from error
    return bytes(token.dump())
