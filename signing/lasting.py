"""Until when a signature can be proved with what lies in its file, renewed by nobody.

A signature that passed is believed for as long as the newest proof of its time is: a timestamp over
the whole document, else the one on the signature, else the signer's own certificate. Each ends with
its certificate (ETSI EN 319 142-1 clause 5.5 renews it by a later timestamp before that day).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from signing.model import FileVerdict, Indication, Kind, Level, SignatureVerdict

# Levels whose files hold what was known of revocation: alone so a timestamp carries a signature
# beyond its own certificate, of which no authority tells any more once it has ended.
_CARRIED = (Level.B_LT, Level.B_LTA)


def proven_until(signature: SignatureVerdict, verdict: FileVerdict) -> datetime | None:
    """Return until when a signature can be proved without renewal, aware.

    Args:
        signature: The verdict on it.
        verdict: The verdict on its file.

    Returns:
        None where there is nothing to be proved, as it did not pass, or where that is not known.
    """
    certificate = signature.certificate
    if signature.indication is not Indication.TOTAL_PASSED or certificate is None:
        return None
    # Times of authorities order them: the newest is what the others are proved by.
    newest = max(_over(signature, verdict), default=None) or max(_on(signature), default=None)
    if newest is None:
        return certificate.valid_to
    _, end = newest
    is_carried = signature.kind is Kind.DOCUMENT_TIMESTAMP or signature.level in _CARRIED
    return end if is_carried else min(end, certificate.valid_to)


def _over(signature: SignatureVerdict, verdict: FileVerdict) -> Iterator[tuple[datetime, datetime]]:
    """Yield time and end of each passed document timestamp that covers a signature."""
    covered = signature.integrity.signed_bytes
    for other in verdict.signatures:
        reach, certificate = other.integrity.signed_bytes, other.certificate
        if covered is None or reach is None or reach <= covered:
            continue
        is_stamp = other.kind is Kind.DOCUMENT_TIMESTAMP
        is_passed = is_stamp and other.indication is Indication.TOTAL_PASSED
        if is_passed and certificate is not None and other.best_time is not None:
            yield other.best_time, certificate.valid_to


def _on(signature: SignatureVerdict) -> Iterator[tuple[datetime, datetime]]:
    """Yield time and end of each passed timestamp on a signature."""
    for stamp in signature.timestamps:
        if stamp.indication is Indication.TOTAL_PASSED and stamp.valid_to is not None:
            yield stamp.time, stamp.valid_to
