"""Revocation lists and responses kept on disk, for the next batch and for a broken network.

What was fetched minutes ago is not fetched again. When an authority does not answer, what it stated
last serves as long as it says itself (nextUpdate), so a short outage stops nobody. Everything here
is signed by its authority and checked like what comes from the network; the folder is not trusted.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import crl, ocsp, x509
from pyhanko_certvalidator.authority import Authority
from pyhanko_certvalidator.errors import CRLFetchError, OCSPFetchError
from pyhanko_certvalidator.fetchers import (
    CRLFetcher,
    FetcherBackend,
    Fetchers,
    OCSPFetcher,
)

# What was fetched so lately is not asked for again: as long as a batch keeps its collection.
FRESH_SECONDS = 600.0
# Nobody's list lives longer; what is older only takes room.
_FORGET_SECONDS = 90 * 24 * 3600.0
_SUFFIX = ".b64"


class Shelf:
    """A folder of fetched statements, each under the digest of what it speaks about.

    Args:
        folder: Where they lie; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: bytes) -> tuple[list[bytes], float]:
        """Read what is kept under a name, and its age in seconds; nothing is infinitely old."""
        path = self._path(name)
        try:
            age = time.time() - path.stat().st_mtime
            return [base64.b64decode(line) for line in path.read_bytes().splitlines()], age
        except (OSError, binascii.Error):
            return [], float("inf")

    def write(self, name: bytes, parts: Sequence[bytes]) -> None:
        """Keep parts under a name; a full disk only means that they are fetched again."""
        path = self._path(name)
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, made = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"\n".join(base64.b64encode(part) for part in parts))
            Path(made).replace(path)

    def forget_old(self) -> None:
        """Remove what no authority would still stand by, and what a crash left unfinished."""
        with contextlib.suppress(OSError):
            oldest = time.time() - _FORGET_SECONDS
            for path in self._folder.iterdir():
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)

    def _path(self, name: bytes) -> Path:
        return self._folder / f"{hashlib.sha256(name).hexdigest()}{_SUFFIX}"


class KeptLists(CRLFetcher):
    """Revocation lists from the shelf, else from the network.

    Args:
        inner: Asks the network.
        shelf: Where lists are kept.
    """

    def __init__(self, inner: CRLFetcher, shelf: Shelf) -> None:
        self._inner = inner
        self._shelf = shelf
        self._found: dict[bytes, list[crl.CertificateList]] = {}

    async def fetch(
        self, cert: x509.Certificate, *, use_deltas: bool | None = None
    ) -> Iterable[crl.CertificateList]:
        """Get the lists for a certificate.

        Args:
            cert: The certificate.
            use_deltas: Whether lists of changes are wanted too.

        Raises:
            CRLFetchError: Nobody answers, and nothing kept is still in force.
        """
        kept, age = self._kept(cert)
        if kept and age < FRESH_SECONDS:
            found = kept
        else:
            try:
                found = list(await self._inner.fetch(cert, use_deltas=use_deltas))
            except (CRLFetchError, OSError):
                if not kept:
                    raise
                found = kept
            else:
                if found:
                    self._shelf.write(_list_name(cert), [item.dump() for item in found])
        self._found[_digest(cert)] = found
        return found

    def fetched_crls(self) -> Iterable[crl.CertificateList]:
        """List all of them."""
        unique = {item.sha256: item for items in self._found.values() for item in items}
        return list(unique.values())

    def fetched_crls_for_cert(self, cert: x509.Certificate) -> Iterable[crl.CertificateList]:
        """List those for a certificate.

        Raises:
            KeyError: None were asked for yet.
        """
        return self._found[_digest(cert)]

    def _kept(self, cert: x509.Certificate) -> tuple[list[crl.CertificateList], float]:
        parts, age = self._shelf.read(_list_name(cert))
        try:
            lists = [crl.CertificateList.load(part, strict=True) for part in parts]
            ends = [item["tbs_cert_list"]["next_update"].native for item in lists]
        except (ValueError, TypeError):
            return [], age
        return (lists if _stand(ends, age) else []), age


class KeptResponses(OCSPFetcher):
    """Responses about certificates from the shelf, else from the network.

    Args:
        inner: Asks the network.
        shelf: Where responses are kept.
    """

    def __init__(self, inner: OCSPFetcher, shelf: Shelf) -> None:
        self._inner = inner
        self._shelf = shelf
        self._found: dict[bytes, ocsp.OCSPResponse] = {}

    async def fetch(self, cert: x509.Certificate, authority: Authority) -> ocsp.OCSPResponse:
        """Get the response for a certificate.

        Args:
            cert: The certificate.
            authority: Who issued it.

        Raises:
            OCSPFetchError: Nobody answers, and nothing kept is still in force.
        """
        name = b"ocsp" + _digest(cert)
        kept, age = self._kept(name)
        if kept is not None and age < FRESH_SECONDS:
            found = kept
        else:
            try:
                found = await self._inner.fetch(cert, authority)
            except (OCSPFetchError, OSError):
                if kept is None:
                    raise
                found = kept
            else:
                self._shelf.write(name, [found.dump()])
        self._found[_digest(cert)] = found
        return found

    def fetched_responses(self) -> Iterable[ocsp.OCSPResponse]:
        """List all of them."""
        return list(self._found.values())

    def fetched_responses_for_cert(self, cert: x509.Certificate) -> Iterable[ocsp.OCSPResponse]:
        """List those for a certificate."""
        found = self._found.get(_digest(cert))
        return [] if found is None else [found]

    def _kept(self, name: bytes) -> tuple[ocsp.OCSPResponse | None, float]:
        parts, age = self._shelf.read(name)
        try:
            response = ocsp.OCSPResponse.load(parts[0], strict=True)
            singles = response.response_data["responses"]
            ends = [single["next_update"].native for single in singles]
        except (ValueError, TypeError, IndexError, KeyError):
            return None, age
        return (response if _stand(ends, age) else None), age


class KeepingBackend(FetcherBackend):
    """Makes fetchers that keep what they fetched.

    Args:
        inner: Makes fetchers that ask the network.
        folder: Where what was fetched is kept.
    """

    def __init__(self, inner: FetcherBackend, folder: Path) -> None:
        self._inner = inner
        self._shelf = Shelf(folder)
        self._shelf.forget_old()

    def get_fetchers(self) -> Fetchers:
        """Make fetchers for one collection of revocation data."""
        made = self._inner.get_fetchers()
        return Fetchers(
            ocsp_fetcher=KeptResponses(made.ocsp_fetcher, self._shelf),
            crl_fetcher=KeptLists(made.crl_fetcher, self._shelf),
            cert_fetcher=made.cert_fetcher,
        )


def _digest(cert: x509.Certificate) -> bytes:
    return hashlib.sha256(cert.dump()).digest()


def _list_name(cert: x509.Certificate) -> bytes:
    """Certificates of one issuer with the same addresses share their lists."""
    if cert.crl_distribution_points_value is not None:
        places = cert.crl_distribution_points_value.dump()
        return b"crl" + hashlib.sha256(cert.issuer.dump()).digest() + bytes(places)
    return b"crl" + _digest(cert)


def _stand(ends: Sequence[datetime | None], age_seconds: float) -> bool:
    """Tell whether statements are in force; those without an end are while they are fresh."""
    now = datetime.now(UTC)
    return all(age_seconds < FRESH_SECONDS if end is None else end > now for end in ends)
