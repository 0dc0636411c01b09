"""The rules under which certificates are believed, in pyHanko's form.

Rules (TT 15/2025/TT-BKHCN Art. 6, Phụ lục II): chain to an anchor of the right purpose, validity,
revocation known for every certificate below the anchor, digests and keys that are not weak.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers import FetcherBackend
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import TrustManager

from signing.model import PolicyIdentity
from signing.trust import TrustStore

# pyHanko writes a warning for each list it cannot fetch and each change it does not like; what
# counts of it stands in the verdict, and a hostile file does not get to fill a log.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

POLICY_ID = "hoso-signature-policy"
POLICY_VERSION = "1"

# nonRepudiation alone tells a document certificate from a server's: government certificates carry
# TLS and e-mail purposes too.
DOCUMENT_KEY_USAGE = {"non_repudiation"}

# The clocks of this machine and of an authority differ by seconds to minutes.
CLOCK_TOLERANCE = timedelta(minutes=5)


def policy_identity(trust: TrustStore) -> PolicyIdentity:
    """Name the rules and anchors of a verdict."""
    return PolicyIdentity(id=POLICY_ID, version=POLICY_VERSION, anchors_sha256=trust.anchors_sha256)


def moment(at: datetime) -> ValidationTimingInfo:
    """Give a validation moment in pyHanko's form."""
    return ValidationTimingInfo(
        validation_time=at, best_signature_time=at, point_in_time_validation=False
    )


def certificate_policy(manager: TrustManager) -> CertValidationPolicySpec:
    """Give the certificate rules for a set of anchors."""
    return CertValidationPolicySpec(
        trust_manager=manager,
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        time_tolerance=CLOCK_TOLERANCE,
    )


def signature_policy(
    trust: TrustStore, known: LocalKnowledge, backend: FetcherBackend | None
) -> SignatureValidationSpec:
    """Give the rules for signatures and their timestamps.

    Args:
        trust: The anchors.
        known: Certificates and revocation data that need no network.
        backend: Where to ask for revocation data; None asks nobody.
    """
    rule = (
        RevinfoOnlineFetchingRule.LOCAL_ONLY
        if backend is None
        else RevinfoOnlineFetchingRule.NO_HISTORICAL_FETCH
    )
    return SignatureValidationSpec(
        cert_validation_policy=certificate_policy(trust.signer_manager()),
        ts_cert_validation_policy=certificate_policy(trust.timestamp_manager()),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=rule,
            fetcher_backend=backend,
            certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
        ),
        local_knowledge=known,
        key_usage_settings=KeyUsageConstraints(key_usage=DOCUMENT_KEY_USAGE),
    )
