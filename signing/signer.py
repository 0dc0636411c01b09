"""Open a signer's key, and put it behind pyHanko's interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from asn1crypto import algos, cms, x509
from pyhanko.sign.signers import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.apart import ApartProvider
from signing.certificates import identity_of
from signing.key_names import SignerKey
from signing.keyholder import open_provider
from signing.model import SignerIdentity
from signing.providers import DIGEST, Padding, SignerProvider, ToSign, pss_parameters

# No key that we know makes longer signatures (RSA-4096).
_LONGEST_SIGNATURE_BYTES = 512


class KeySigner(Signer):
    """pyHanko's interface in front of a provider.

    Args:
        provider: The open key.
        title: What people call the paper that is signed.
        sign: How one signature is had; by default the provider is asked at once.
        reference: What the asker's own list calls the paper.
    """

    def __init__(
        self,
        provider: SignerProvider,
        title: str = "",
        sign: Callable[[ToSign], Awaitable[bytes]] | None = None,
        reference: str = "",
    ) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko left it untyped
        store.register_multiple(list(provider.issuers))
        super().__init__(
            signing_cert=provider.certificate,
            cert_registry=store,
            # A root that comes with a key proves nothing: it must come from the trust folder.
            embed_roots=False,
            signature_mechanism=_mechanism(provider),
        )
        self._provider = provider
        self._title, self._reference = title, reference
        self._sign = sign or self._sign_alone
        self.missing_timestamp: Exception | None = None
        """Why what was signed last has no timestamp although one was asked for."""

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """Sign the signed attributes of a CMS signature.

        Args:
            data: The bytes to sign.
            digest_algorithm: Name of the digest; it is SHA-256 throughout.
            dry_run: Only the size counts; the key is not used.
        """
        assert digest_algorithm == DIGEST, "one digest for all our signatures"
        if dry_run:
            return bytes(_LONGEST_SIGNATURE_BYTES)
        item = ToSign(title=self._title, data=data, reference=self._reference)
        return await self._sign(item)

    async def unsigned_attrs(
        self,
        digest_algorithm: str,
        signature: bytes,
        signed_attrs: cms.CMSAttributes,
        timestamper: TimeStamper | None = None,
        dry_run: bool = False,
    ) -> cms.CMSAttributes | None:
        """Have a signature timestamped; where that fails, keep the signature and note why.

        Args:
            digest_algorithm: Name of the digest.
            signature: The raw signature.
            signed_attrs: What it signs.
            timestamper: Who is asked.
            dry_run: Only the size counts.
        """
        try:
            return await super().unsigned_attrs(
                digest_algorithm, signature, signed_attrs, timestamper, dry_run
            )
        except (TimestampRequestError, TimeoutError) as error:
            self.missing_timestamp = error
            return None

    async def _sign_alone(self, item: ToSign) -> bytes:
        return next(iter(self._provider.sign([item])))


def _mechanism(provider: SignerProvider) -> algos.SignedDigestAlgorithm:
    if provider.certificate.public_key.algorithm == "ec":
        return algos.SignedDigestAlgorithm({"algorithm": f"{DIGEST}_ecdsa"})
    if provider.padding is Padding.PSS:
        return algos.SignedDigestAlgorithm(
            {"algorithm": "rsassa_pss", "parameters": pss_parameters()}
        )
    return algos.SignedDigestAlgorithm({"algorithm": f"{DIGEST}_rsa"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSigner:
    """A key ready to sign; valid inside ``open_signer`` only.

    Attributes:
        provider: The open key.
        signer: pyHanko's interface to the key.
        certificate: The signer's certificate.
        identity: Who the certificate names.
    """

    provider: SignerProvider
    signer: Signer
    certificate: x509.Certificate
    identity: SignerIdentity


@contextmanager
def open_signer(key: SignerKey, *, apart: bool = True) -> Iterator[OpenSigner]:
    """Open a key for a batch of signatures.

    Args:
        key: Which key.
        apart: Hold it in a short-lived process of its own, so that this one never has the secret.

    Raises:
        KeyMaterialError: The key cannot be opened.
        KeyDeviceError: The token or remote service does not let us in.
    """
    with ApartProvider(key) if apart else open_provider(key) as provider:
        yield signer_behind(provider)


def signer_behind(provider: SignerProvider) -> OpenSigner:
    """Take an open provider for a signer, wherever its key is: here, apart, or on another machine.

    Args:
        provider: The open key; it must stay open while the signer is used.
    """
    return OpenSigner(
        provider=provider,
        signer=KeySigner(provider),
        certificate=provider.certificate,
        identity=identity_of(provider.certificate),
    )
