"""Which algorithms and keys are believed: those that the rules name, and no others."""

from __future__ import annotations

from datetime import datetime

from asn1crypto import algos, keys
from pyhanko_certvalidator.policy_decl import AlgorithmUsageConstraint, AlgorithmUsagePolicy

from config.signature_policy import SignatureRules


class NamedAlgorithms(AlgorithmUsagePolicy):
    """Believes what the rules name (TT 15/2025/TT-BKHCN Phụ lục I).

    Args:
        rules: Digests and lengths of keys.
    """

    def __init__(self, rules: SignatureRules) -> None:
        self._digests = frozenset(rules.digests)
        self._bits = {"rsa": rules.min_rsa_bits, "ec": rules.min_elliptic_bits}

    def digest_algorithm_allowed(
        self, algo: algos.DigestAlgorithm, moment: datetime | None
    ) -> AlgorithmUsageConstraint:
        """Tell whether a digest is believed."""
        return self._of_digest(algo["algorithm"].native)

    def signature_algorithm_allowed(
        self,
        algo: algos.SignedDigestAlgorithm,
        moment: datetime | None,
        public_key: keys.PublicKeyInfo | None,
    ) -> AlgorithmUsageConstraint:
        """Tell whether a way of signing is believed, with this key."""
        short = public_key is not None and self._is_short(public_key)
        if short:
            return AlgorithmUsageConstraint(
                allowed=False, failure_reason="the key is shorter than the rules demand"
            )
        try:
            digest = algo.hash_algo
        except ValueError:
            # Such an algorithm names no digest; the message digest is asked for by itself.
            return AlgorithmUsageConstraint(allowed=True)
        return self._of_digest(digest)

    def _of_digest(self, name: str) -> AlgorithmUsageConstraint:
        if name in self._digests:
            return AlgorithmUsageConstraint(allowed=True)
        return AlgorithmUsageConstraint(
            allowed=False, failure_reason=f"the rules do not name the digest {name}"
        )

    def _is_short(self, key: keys.PublicKeyInfo) -> bool:
        if key.algorithm == "dsa":
            return True  # of no length is it named by the circular
        least = self._bits.get(key.algorithm)
        try:
            return least is not None and key.bit_size < least
        except ValueError:
            return True  # a curve without a name: nobody can say how strong it is
