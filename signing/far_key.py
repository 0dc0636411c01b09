"""A key on another computer: its certificate is here, and whoever carries its signatures over.

How they are carried is none of this package's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from asn1crypto import x509

from signing.certificates import identity_of
from signing.errors import KeyMaterialError
from signing.model import SignerIdentity
from signing.providers import Padding, ToSign


@dataclass(frozen=True, slots=True, kw_only=True)
class FarKey:
    """What is known here of a key that is open elsewhere.

    Attributes:
        certificate: The signer's certificate.
        issuers: Certificates that came with it.
        padding: How an RSA key signs.
    """

    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...]
    padding: Padding

    @property
    def identity(self) -> SignerIdentity:
        """Who the certificate names."""
        return identity_of(self.certificate)

    def is_same(self, other: FarKey) -> bool:
        """Tell whether two name the same certificate."""
        return bool(self.certificate.dump() == other.certificate.dump())


def read_far_key(certificate: bytes, issuers: Sequence[bytes], padding: str) -> FarKey:
    """Read what another computer says of its key.

    Args:
        certificate: The signer's certificate, DER.
        issuers: What came with it, DER.
        padding: How an RSA key signs.

    Raises:
        KeyMaterialError: It is nothing of the kind.
    """
    try:
        own, *others = [x509.Certificate.load(der, strict=True) for der in (certificate, *issuers)]
        # Read whole now: what is broken inside is found here, not in mid-work.
        names = [identity_of(each).cn for each in (own, *others)]
        key = FarKey(certificate=own, issuers=tuple(others), padding=Padding(padding))
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable() from error
    if not all(names):
        raise _unreadable()
    return key


def _unreadable() -> KeyMaterialError:
    return KeyMaterialError(
        "Không đọc được chứng thư mà máy ký gửi. Hãy kiểm tra chứng thư trên token.",
        "the certificate that came from the other computer cannot be read",
    )


class FarProvider:
    """A key on another computer, as one more provider.

    Args:
        key: What is known of it.
        sign: Has one thing signed there.
    """

    def __init__(self, key: FarKey, sign: Callable[[ToSign], bytes]) -> None:
        self._key, self._sign = key, sign

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return self._key.certificate

    @property
    def issuers(self) -> Sequence[x509.Certificate]:
        """Certificates that came with it."""
        return self._key.issuers

    @property
    def padding(self) -> Padding:
        """How an RSA key signs."""
        return self._key.padding

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        """Leave the key open: it is opened and closed where it is."""

    def sign(self, wanted: Sequence[ToSign]) -> Iterator[bytes]:
        """Sign each, in order.

        Raises:
            KeyDeviceError: The other computer cannot go on; what was given out before is good.
            PaperDeclined: It does not sign this one.
        """
        for item in wanted:
            yield self._sign(item)
