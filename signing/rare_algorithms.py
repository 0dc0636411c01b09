"""Ways of signing that pyHanko does not know: PLAIN-ECDSA (BSI TR-03111), and RSA with SHA-3."""

from __future__ import annotations

from typing import Any

from asn1crypto.algos import DSASignature, SignedDigestAlgorithm
from asn1crypto.keys import PublicKeyInfo
from cryptography.exceptions import InvalidSignature
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    DefaultSignatureValidator,
    SignatureValidationContext,
)

# Two bare numbers, by the last number of the identifier.
_PLAIN_ECDSA = {
    f"0.4.0.127.0.7.1.1.4.1.{number}": name
    for number, name in {
        1: "sha1",
        2: "sha224",
        3: "sha256",
        4: "sha384",
        5: "sha512",
        8: "sha3_224",
        9: "sha3_256",
        10: "sha3_384",
        11: "sha3_512",
    }.items()
}
_RSA_WITH_SHA3 = {
    "2.16.840.1.101.3.4.3.13": "sha3_224",
    "2.16.840.1.101.3.4.3.14": "sha3_256",
    "2.16.840.1.101.3.4.3.15": "sha3_384",
    "2.16.840.1.101.3.4.3.16": "sha3_512",
}


class AlsoRareAlgorithms(DefaultSignatureValidator):
    """Verifies what pyHanko verifies, and what it does not know."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: PublicKeyInfo,
        signature_algorithm: SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> Any:
        """Verify one signature value.

        Args:
            signature: The value.
            signed_data: What it is of.
            public_key_info: The signer's key.
            signature_algorithm: How it was made.
            context: What the surroundings say of it.

        Raises:
            InvalidSignature: It is not of this key and these data.
        """
        name = signature_algorithm["algorithm"].dotted
        if digest := _PLAIN_ECDSA.get(name):
            signature = _as_sequence(signature)
            signature_algorithm = SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"})
        elif digest := _RSA_WITH_SHA3.get(name):
            signature_algorithm = SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
            context = SignatureValidationContext(
                contextual_md_algorithm=digest, prehashed=context.prehashed
            )
        try:
            return super().validate_signature(
                signature, signed_data, public_key_info, signature_algorithm, context
            )
        except AssertionError as error:
            # pyHanko takes for granted that an algorithm fits the key; a forger's need not.
            raise InvalidSignature("the algorithm is none of this key") from error


def _as_sequence(signature: bytes) -> bytes:
    """Put two numbers side by side into the form that is known."""
    half = len(signature) // 2
    first, second = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    made: bytes = DSASignature({"r": first, "s": second}).dump()
    return made
