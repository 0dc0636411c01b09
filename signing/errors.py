"""Everything that signing and judging may raise: a closed tree.

SigningError
├── KeyMaterialError        key file missing, unreadable, readable by others, wrong passphrase
├── CertificateRefused      expired, not yet valid, revoked, wrong purpose, untrusted, unknown
├── TimestampUnavailable    the timestamp authority does not answer or answers badly
├── RevocationUnavailable   no list and no responder says whether the certificate still stands
├── SignatureRejected       our own verdict refuses the signature that was just made
├── AlreadySigned           the field already holds a signature
├── UnreadablePdf           the file to sign is not a PDF, is damaged or is encrypted
├── BlockDoesNotFit         the visible block is larger than its place, or lies outside the page
├── OutputNotWritten        the signed file could not be written (disk full, no permission)
├── TrustFolderError        a file of the trust folder cannot be read as a certificate
├── PaperDeclined           whoever holds the key far away does not sign this paper, now
├── ClockWrong              this machine's clock and the timestamp authority's differ too much
└── KeyDeviceError          the key lies on a device or a service, and only a person can go on
    ├── TokenAbsent         module missing, no token in a slot, another token than the named one
    ├── TokenBusy           another program works with the token
    ├── PinRefused          the PIN (or the service's password) is wrong, or nobody gave one
    ├── PinNearlyLocked     a PIN was wrong before: only a person may try, knowing that
    ├── PinLocked           the token takes no PIN any more
    ├── TokenLost           the token was pulled out, or its session ended, in mid-work
    └── RemoteKeyError      the remote signing service refuses, does not answer, or answers badly

Each message says what happened, to which file, and what to do next, first in Vietnamese.
"""

from __future__ import annotations

from config.telling import ToldError


class SigningError(ToldError):
    """Base of all errors of this package."""


class KeyMaterialError(SigningError):
    """A key or its passphrase cannot be used: missing, unreadable, open to others, wrong."""


class CertificateRefused(SigningError):
    """The signer's certificate must not be used now (TT 15/2025/TT-BKHCN Art. 5.1).

    Args:
        vi: The message for people, in Vietnamese.
        en: The same in English.
        sub_indication: The word of ETSI EN 319 102-1 for the reason.
    """

    def __init__(self, vi: str, en: str, sub_indication: str = "GENERIC") -> None:
        super().__init__(vi, en)
        self.sub_indication = sub_indication


class TimestampUnavailable(SigningError):
    """The timestamp authority cannot be reached or gives no usable timestamp: try later."""


class RevocationUnavailable(SigningError):
    """Nobody says whether a certificate is revoked: try later."""


class SignatureRejected(SigningError):
    """Our own verdict refuses what was just signed; nothing was left behind.

    Args:
        vi: The message for people, in Vietnamese.
        en: The same in English.
        sub_indication: The word of ETSI EN 319 102-1 for the reason.
    """

    def __init__(self, vi: str, en: str, sub_indication: str = "GENERIC") -> None:
        super().__init__(vi, en)
        self.sub_indication = sub_indication


class AlreadySigned(SigningError):
    """The field to sign holds a signature already."""


class UnreadablePdf(SigningError):
    """The file to sign is not a PDF that can be signed."""


class BlockDoesNotFit(SigningError):
    """The visible block is larger than the place given for it, or lies outside the page."""


class OutputNotWritten(SigningError):
    """The signed file could not be written; nothing was left behind.

    Args:
        vi: The message for people, in Vietnamese.
        en: The same in English.
        is_full: There is no room for it on the disk.
    """

    def __init__(self, vi: str, en: str, *, is_full: bool = False) -> None:
        super().__init__(vi, en)
        self.is_full = is_full


class TrustFolderError(SigningError):
    """A file of the trust folder cannot be read as a certificate."""


class PaperDeclined(SigningError):
    """Whoever holds the key did not see this paper, or signed it before; others may be signed."""


class ClockWrong(SigningError):
    """This machine's clock and the timestamp authority's differ by more than the settings allow."""


class KeyDeviceError(SigningError):
    """A token or a remote key cannot go on by itself: nothing is tried again until a person acts.

    A program that repeats what failed locks the token, so whoever holds a key open stops here.

    Args:
        vi: The message for people, in Vietnamese.
        en: The same in English.
        is_answer: The device or service itself said that it did not sign. Without its answer
            nobody knows whether the key was used.
    """

    def __init__(self, vi: str, en: str, *, is_answer: bool = True) -> None:
        super().__init__(vi, en)
        self.is_answer = is_answer


class TokenAbsent(KeyDeviceError):
    """The token, its module, or the key on it is not to be found."""


class TokenBusy(KeyDeviceError):
    """Another program holds the token."""


class PinRefused(KeyDeviceError):
    """The PIN is wrong, or none was given."""


class PinNearlyLocked(KeyDeviceError):
    """A wrong PIN was entered before: the next try needs a person who knows that."""


class PinLocked(KeyDeviceError):
    """The token accepts no PIN any more."""


class TokenLost(KeyDeviceError):
    """The token vanished or its session ended; what was asked of it last is not signed."""


class RemoteKeyError(KeyDeviceError):
    """The remote signing service refuses, does not answer, or answers badly."""
