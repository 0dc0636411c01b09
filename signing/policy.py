"""The rules under which certificates are believed, in pyHanko's form.

TT 15/2025/TT-BKHCN Art. 6, Phụ lục II: chain to an anchor of the right purpose, validity,
revocation known for every certificate below the anchor; digests and lengths of keys as
`config/signature_policy.toml` or the station's own rules say.
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
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.fetchers import FetcherBackend
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import TrustManager

from config.signature_policy import SignatureRules
from signing.algorithms import NamedAlgorithms
from signing.model import PolicyIdentity
from signing.rare_algorithms import AlsoRareAlgorithms
from signing.trust import TrustStore

# nonRepudiation alone tells a document certificate from a server's: government certificates carry
# TLS and e-mail purposes too.
DOCUMENT_KEY_USAGE = {"non_repudiation"}

# The clocks of this machine and of an authority differ by seconds to minutes.
CLOCK_TOLERANCE = timedelta(minutes=5)

# pyHanko writes a warning for each list it cannot fetch and each change it does not like; what
# counts of it stands in the verdict, and a hostile file does not get to fill a log.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


def policy_identity(trust: TrustStore) -> PolicyIdentity:
    """Name the rules and anchors of a verdict."""
    return PolicyIdentity(
        id=trust.rules.id,
        version=trust.rules.version,
        sha256=trust.rules.sha256,
        anchors_sha256=trust.anchors_sha256,
    )


def moment(at: datetime) -> ValidationTimingInfo:
    """Give a validation moment in pyHanko's form."""
    return ValidationTimingInfo(
        validation_time=at, best_signature_time=at, point_in_time_validation=False
    )


def certificate_policy(manager: TrustManager, rules: SignatureRules) -> CertValidationPolicySpec:
    """Give the certificate rules for a set of anchors."""
    return CertValidationPolicySpec(
        trust_manager=manager,
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
        time_tolerance=CLOCK_TOLERANCE,
        algorithm_usage_policy=NamedAlgorithms(rules),
        signature_validator=AlsoRareAlgorithms(),
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
    rules = trust.rules
    return SignatureValidationSpec(
        cert_validation_policy=certificate_policy(trust.signer_manager(), rules),
        ts_cert_validation_policy=certificate_policy(trust.timestamp_manager(), rules),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=rule,
            fetcher_backend=backend,
            certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
        ),
        local_knowledge=known,
        key_usage_settings=KeyUsageConstraints(key_usage=DOCUMENT_KEY_USAGE),
        signature_algorithm_policy=CMSAlgorithmUsagePolicy.lift_policy(NamedAlgorithms(rules)),
    )
