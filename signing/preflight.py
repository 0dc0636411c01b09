"""Before a key is used: may this certificate sign now?

pyHanko alone signs with an expired, revoked or wrong certificate and says nothing, so every batch
asks here first (TT 15/2025/TT-BKHCN Art. 5.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.context import bootstrap_validation_data_handlers
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
)

from signing.certificates import is_for_documents
from signing.errors import CertificateRefused
from signing.model import RevocationEvidence, SignerIdentity, SubIndication
from signing.network import Connections, Network, connect
from signing.policy import DOCUMENT_KEY_USAGE, certificate_policy, moment
from signing.revocation import RevocationSource, find_source
from signing.signer import OpenSigner
from signing.texts import REFUSALS
from signing.trust import TrustStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """A certificate that may sign now.

    Attributes:
        identity: Who it names.
        valid_from: Start of validity, aware.
        valid_to: End of validity, aware.
        revocation_source: "OCSP" or "CRL".
        revocation_time: When that source was issued, aware.
        evidence: Certificate, lists and responses used.
        checked_at: The moment the check speaks of, aware.
    """

    identity: SignerIdentity
    valid_from: datetime
    valid_to: datetime
    revocation_source: str
    revocation_time: datetime
    evidence: RevocationEvidence
    checked_at: datetime


def check_signer(
    signer: OpenSigner, trust: TrustStore, network: Network, at: datetime
) -> Preflight:
    """Check validity, purpose, chain and revocation of the signer's certificate.

    Args:
        signer: The open key.
        trust: The anchors.
        network: Where revocation data may be asked for.
        at: Now, aware.

    Raises:
        CertificateRefused: The certificate must not sign; ``sub_indication`` says why: EXPIRED,
            NOT_YET_VALID, REVOKED, CHAIN_CONSTRAINTS_FAILURE (wrong purpose),
            NO_CERTIFICATE_CHAIN_FOUND, TRY_LATER (revocation unknown), and rarer ones.
    """
    return asyncio.run(_check_alone(signer, trust, network, at))


async def _check_alone(
    signer: OpenSigner, trust: TrustStore, network: Network, at: datetime
) -> Preflight:
    async with connect(network) as connections:
        context = open_context(trust, None if network.offline else connections, at)
        return await check_certificate(signer, trust, context, at)


def open_context(
    trust: TrustStore, connections: Connections | None, at: datetime
) -> ValidationContext:
    """Make the context in which a signer's chain is checked and its revocation data collected.

    Args:
        trust: The anchors.
        connections: Where to ask; None asks nobody.
        at: The moment of the check, aware.
    """
    known = LocalKnowledge(known_certs=list(trust.intermediates))
    handlers = bootstrap_validation_data_handlers(
        fetchers=connections.revocation if connections else None, certs=known.known_certs
    )
    policy = certificate_policy(trust.any_manager(), trust.rules)
    return policy.build_validation_context(moment(at), handlers)


async def check_certificate(
    signer: OpenSigner, trust: TrustStore, context: ValidationContext, at: datetime
) -> Preflight:
    """Check a signer in an open context; revocation data stays in the context for signing.

    Args:
        signer: The open key.
        trust: The anchors.
        context: From ``open_context``.
        at: Now, aware.

    Raises:
        CertificateRefused: As in ``check_signer``.
    """
    certificate = signer.certificate
    refuse_on_sight(certificate, at)
    issuers = signer.signer.cert_registry
    source = await check_chain(certificate, issuers, trust, context, DOCUMENT_KEY_USAGE)
    evidence = RevocationEvidence(
        certificate=certificate.dump(),
        crls=tuple(crl.dump() for crl in context.crls),
        ocsp_responses=tuple(response.dump() for response in context.ocsps),
    )
    return Preflight(
        identity=signer.identity,
        valid_from=certificate.not_valid_before,
        valid_to=certificate.not_valid_after,
        revocation_source=source.kind,
        revocation_time=source.issued,
        evidence=evidence,
        checked_at=at,
    )


async def check_chain(
    certificate: x509.Certificate,
    issuers: Iterable[x509.Certificate],
    trust: TrustStore,
    context: ValidationContext,
    key_usage: Set[str],
) -> RevocationSource:
    """Check that a certificate's chain leads to an anchor for signers, and stands unrevoked.

    Args:
        certificate: The certificate.
        issuers: What came with it and may help to build its chain.
        trust: The anchors.
        context: From ``open_context``; revocation data stays in it.
        key_usage: What the certificate must be made for.

    Raises:
        CertificateRefused: As in ``check_signer``.
    """
    validator = CertificateValidator(
        certificate, intermediate_certs=issuers, validation_context=context
    )
    try:
        path = await validator.async_validate_usage(  # type: ignore[no-untyped-call]  # untyped
            set(key_usage)
        )
    except (PathBuildingError, PathValidationError, InvalidCertificateError) as error:
        raise refusal(certificate, sub_indication_of(error)) from error
    # The context believes the anchors of timestamps too; those vouch for no signer.
    if path.first not in trust.signers:
        raise refusal(certificate, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    source = find_source(certificate, context.crls, context.ocsps)
    if source is None:
        raise refusal(certificate, SubIndication.TRY_LATER)
    return source


def refuse_on_sight(certificate: x509.Certificate, at: datetime) -> None:
    """Refuse what needs no chain and no network: validity and purpose.

    Raises:
        CertificateRefused: Expired, not yet valid, or not made for signing documents.
    """
    if at > certificate.not_valid_after:
        raise refusal(certificate, SubIndication.EXPIRED)
    if at < certificate.not_valid_before:
        raise refusal(certificate, SubIndication.NOT_YET_VALID)
    if not is_for_documents(certificate):
        raise refusal(certificate, SubIndication.CHAIN_CONSTRAINTS_FAILURE)


def sub_indication_of(error: Exception) -> SubIndication:
    """Find the standard's word for why a chain was refused."""
    words: tuple[tuple[type[Exception], SubIndication], ...] = (
        (RevokedError, SubIndication.REVOKED),
        (ExpiredError, SubIndication.EXPIRED),
        (NotYetValidError, SubIndication.NOT_YET_VALID),
        (InsufficientRevinfoError, SubIndication.TRY_LATER),
        (DisallowedAlgorithmError, SubIndication.CRYPTO_CONSTRAINTS_FAILURE),
        (InvalidCertificateError, SubIndication.CHAIN_CONSTRAINTS_FAILURE),
        (PathBuildingError, SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    )
    for kind, word in words:
        if isinstance(error, kind):
            return word
    return SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE


def refusal(certificate: x509.Certificate, reason: SubIndication) -> CertificateRefused:
    """Make the error for a certificate that must not sign."""
    vi, en = REFUSALS.get(reason, REFUSALS[SubIndication.GENERIC])
    name = certificate.subject.native.get("common_name", certificate.subject.human_friendly)
    return CertificateRefused(f"Chứng thư «{name}» {vi}", f"certificate «{name}» {en}", reason)
