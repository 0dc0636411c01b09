"""The only way out: timestamp authorities, OCSP responders and revocation lists.

Addresses of responders and lists come from certificates, that is from whoever made the file; so a
request leaves only for a host on the list (no request forgery from a hostile file).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError, handle_tsp_response
from pyhanko_certvalidator.fetchers import FetcherBackend
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from yarl import URL

from signing.revocation_cache import KeepingBackend

if TYPE_CHECKING:
    from asn1crypto import cms

TIMESTAMP_ATTEMPTS = 3
RETRY_PAUSE_SECONDS = 0.5


class HostNotAllowed(aiohttp.ClientError):
    """A certificate or list points to a host that is not on the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Which hosts may be asked, and how long to wait.

    Attributes:
        timestamp_url: Address of the timestamp authority (RFC 3161), None for none.
        allowed_hosts: Hosts for revocation data: "host" for every port, or "host:port".
        timeout_seconds: Limit of one request; government timestamps took up to 131 s.
        offline: True lets nothing out at all.
        second_timestamp_url: Address of the authority that steps in for the first, None for none.
        clock_seconds: How far this machine's clock may be from the authority's.
        cache: Folder in which revocation data is kept for next time, None keeps nothing.
    """

    timestamp_url: str | None
    allowed_hosts: frozenset[str]
    timeout_seconds: float = 180.0
    offline: bool = False
    second_timestamp_url: str | None = None
    clock_seconds: float = 300.0
    cache: Path | None = None

    @property
    def timestamp_urls(self) -> tuple[str, ...]:
        """Addresses of the timestamp authorities, the one to ask first before the other."""
        return tuple(url for url in (self.timestamp_url, self.second_timestamp_url) if url)

    def is_allowed(self, url: URL) -> bool:
        """Tell whether a request to this address may leave."""
        if self.offline:
            return False
        if any(url == URL(address) for address in self.timestamp_urls):
            return True
        return not self.allowed_hosts.isdisjoint({url.host or "", f"{url.host}:{url.port}"})


OFFLINE = Network(timestamp_url=None, allowed_hosts=frozenset(), offline=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """Open connections of one signing or judging run; valid inside ``connect`` only.

    Attributes:
        revocation: Fetches revocation data from allowed hosts.
        session: Asks allowed hosts only.
        network: What it was opened for.
    """

    revocation: FetcherBackend
    session: aiohttp.ClientSession
    network: Network

    def timestampers(self) -> list[PatientTimeStamper]:
        """Make clients of the timestamp authorities, the one to ask first before the other."""
        if self.network.offline:
            return []
        return [
            PatientTimeStamper(url, timeout=self.network.timeout_seconds, session=self.session)
            for url in self.network.timestamp_urls
        ]


class PatientTimeStamper(HTTPTimeStamper):
    """A timestamp client that tries again before it gives up, and believes no broken answer."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Have a digest stamped; the authority is asked three times at most.

        Args:
            message_digest: What is stamped.
            md_algorithm: The digest's algorithm.

        Raises:
            TimestampRequestError: No attempt brought a timestamp on this digest.
        """
        for attempt in range(1, TIMESTAMP_ATTEMPTS):
            try:
                return await self._ask(message_digest, md_algorithm)
            except TimestampRequestError:
                await asyncio.sleep(RETRY_PAUSE_SECONDS * attempt)
        return await self._ask(message_digest, md_algorithm)

    async def _ask(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        nonce, question = self.request_cms(  # type: ignore[no-untyped-call]  # untyped in pyHanko
            message_digest, md_algorithm
        )
        try:
            answer = await self.async_request_tsa_response(question)
            token = handle_tsp_response(answer, nonce)
            stamped = token["content"]["encap_content_info"]["content"].parsed
            if stamped["message_imprint"]["hashed_message"].native == message_digest:
                return token
        except (TimeoutError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TimestampRequestError("the answer is no timestamp response") from error
        raise TimestampRequestError("the timestamp is not on what was asked")


@asynccontextmanager
async def connect(network: Network) -> AsyncIterator[Connections]:
    """Open the connections of one run and close them at its end."""

    async def only_allowed(
        request: aiohttp.ClientRequest, pass_on: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if not network.is_allowed(request.url):
            raise HostNotAllowed(f"{request.url.host} is not an allowed host")
        return await pass_on(request)

    async with aiohttp.ClientSession(middlewares=(only_allowed,)) as session:
        revocation: FetcherBackend = AIOHttpFetcherBackend(
            session, per_request_timeout=min(network.timeout_seconds, 30.0)
        )
        if network.cache is not None:
            revocation = KeepingBackend(revocation, network.cache)
        yield Connections(revocation=revocation, session=session, network=network)
