"""What can go wrong while digitizing.

    DigitizeError
    ├── IntakeError             the scan itself cannot be taken
    │   ├── EmptyFile           zero bytes
    │   ├── UnsupportedType     neither PDF nor a picture we read
    │   ├── IncompleteFile      cut off: its end is missing
    │   ├── DamagedFile         whole in length, but does not decode
    │   ├── EncryptedFile       needs a password
    │   └── TooLarge            over the limit of bytes, pixels or pages
    ├── RecognitionError
    │   ├── EngineMissing       Tesseract or a language is not installed
    │   ├── RecognitionFailed   the engine ended with an error
    │   └── RecognitionTimeout  a page took too long
    └── RenditionError
        └── NotArchival         what we wrote is not PDF/A-2b

Every error carries a Vietnamese and an English text: what happened, and what to do next.
"""

from __future__ import annotations

from config.telling import ToldError


class DigitizeError(ToldError):
    """Base of everything that goes wrong between a scan and its PDF/A."""


class IntakeError(DigitizeError):
    """The scan itself cannot be taken; it stays where it is, with its reason beside it."""


class EmptyFile(IntakeError):
    """Zero bytes arrived."""


class UnsupportedType(IntakeError):
    """Neither a PDF nor a picture that we read."""


class IncompleteFile(IntakeError):
    """The end of the file is missing."""


class DamagedFile(IntakeError):
    """The file has its end, but does not decode."""


class EncryptedFile(IntakeError):
    """The file needs a password."""


class TooLarge(IntakeError):
    """Over a limit of bytes, pixels or pages."""


class RecognitionError(DigitizeError):
    """The engine could not read a page."""


class EngineMissing(RecognitionError):
    """Tesseract or one of its languages is not installed."""


class RecognitionFailed(RecognitionError):
    """The engine ended with an error."""


class RecognitionTimeout(RecognitionError):
    """A page took longer than allowed."""


class RenditionError(DigitizeError):
    """The preservation copy could not be made."""


class NotArchival(RenditionError):
    """What we wrote does not pass as PDF/A-2b; nothing of it is kept."""
