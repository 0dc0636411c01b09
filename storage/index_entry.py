"""What the index holds of one record: the words of its description and of all its pages."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from storage.fold import spellings
from storage.index_words import LIMIT_SIGN, folded_words, overlay_words, row_words
from storage.legacy_text import repaired
from storage.model import PageText, Record
from storage.reuse import OWNER_FIELDS
from storage.times import VIETNAM

HOLDER_FIELDS = ("holder", "husband", "wife", *OWNER_FIELDS)
"""Fields that say whose paper it is, by name or by number."""

# One letter a kind keeps the tokens of different kinds apart.
_LETTERS = {
    "agency": "g",
    "year": "y",
    "procedure": "p",
    "class_code": "d",
    "verdict": "s",
    "role": "r",
    "dossier": "h",
    "holder": "o",
}
_TOKEN_BYTES = 5
# Parts an entry; taken out of whatever stands in one.
_GAP = "\x1d"
# What many entries say: they are packed without saying it again.
_OFTEN = (
    "Thủ tục đăng ký cấp giấy chứng nhận quyền sử dụng đất Hồ sơ Giấy khai sinh Tờ khai Quyết định "
    "Nguyễn Thị Trần Văn \x1ddGTN\x1dgH26.99\x1dh\x1do\x1dp1.00\x1drcomponent\x1drresult"
    "\x1dsTOTAL-PASSED\x1dy2026"
).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFacts:
    """What search knows of a dossier that a record is linked to."""

    code: str
    """Mã hồ sơ."""
    agency_code: str = ""
    """Mã định danh of its agency."""
    procedure_code: str = ""
    """Mã thủ tục."""
    title: str = ""
    """Tiêu đề hồ sơ."""
    applicant: str = ""
    """Who asked."""
    procedure_title: str = ""
    """Name of the procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the index keeps of a record, or of a dossier, besides its words."""

    text: str
    """Title, codes, names and what the register says, a line each."""
    limits: tuple[str, ...]
    """What filters ask for: a letter for the kind, then the value; in order."""

    @property
    def lines(self) -> list[str]:
        """What is told, each for itself: no phrase runs from one into the next."""
        return self.text.split("\n")

    @property
    def tokens(self) -> list[str]:
        """Filter tokens: one word each, whatever the value."""
        return sorted({_token(limit) for limit in self.limits})

    @property
    def rarest_token(self) -> str:
        """The filter token that the fewest others share: of a dossier; empty where it has none."""
        dossiers = (limit for limit in self.limits if limit.startswith(_LETTERS["dossier"]))
        return _token(next(dossiers, self.limits[0])) if self.limits else ""

    def packed(self) -> bytes:
        """Return the entry in few bytes."""
        packer = zlib.compressobj(level=9, wbits=-15, zdict=_OFTEN)
        return packer.compress(_GAP.join((self.text, *self.limits)).encode()) + packer.flush()


def unpacked(packed: bytes) -> Entry | None:
    """Return the entry that was packed; None where the bytes are none."""
    try:
        text = zlib.decompressobj(wbits=-15, zdict=_OFTEN).decompress(packed).decode()
    except (zlib.error, UnicodeDecodeError):
        return None
    lines, *limits = text.split(_GAP)
    return Entry(text=lines, limits=tuple(limits))


def paper_words(entry: Entry, pages: Sequence[PageText]) -> list[str]:
    """Return the words of a paper's row in the index, each once, in an order that stays.

    Args:
        entry: Of the record.
        pages: The pages of the record.
    """
    texts = [*entry.lines, *(repaired(page.text) for page in pages)]
    as_read = (spellings(page.as_read) for page in pages if page.as_read)
    overlays = (spellings(page.overlay_text) for page in pages if page.overlay_text)
    found = chain(
        row_words([spellings(text) for text in texts], texts, len(entry.lines)),
        chain.from_iterable(map(folded_words, as_read)),
        overlay_words(overlays),
        entry.tokens,
    )
    return list(dict.fromkeys(found))


def dossier_words(entry: Entry) -> list[str]:
    """Return the words of a dossier's row in the index, as `paper_words`."""
    lines = entry.lines
    found = row_words([spellings(line) for line in lines], lines, 0)
    return list(dict.fromkeys(chain(found, entry.tokens)))


def digest_of(words: Sequence[str]) -> bytes:
    """Return a short digest of what was put into the index, to know it again."""
    return hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()


def entry_of(record: Record, dossiers: Sequence[DossierFacts]) -> Entry:
    """Return the entry of a record; the same record and dossiers give the same one."""
    pairs = [
        ("class_code", record.class_code),
        ("verdict", record.verdict),
        ("year", str(record.filed_at.astimezone(VIETNAM).year)),
        *(("role", link.role.value) for link in record.links),
        *(("dossier", link.dossier_code) for link in record.links),
        *(("agency", dossier.agency_code) for dossier in dossiers),
        *(("procedure", dossier.procedure_code) for dossier in dossiers),
        *(("holder", name) for name in holders(record)),
    ]
    return Entry(text=_description(record, dossiers), limits=limits_of(pairs))


def holders(record: Record) -> tuple[str, ...]:
    """Return the names and numbers of those whose paper a record is."""
    found = (value.value for value in record.fields if value.name in HOLDER_FIELDS)
    return tuple(dict.fromkeys(value for value in found if value))


def limits_of(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the limits of some values, each with its kind.

    Names count without diacritics and blanks, numbers without what parts them; all else as it is.
    """
    return tuple(sorted({_limit(kind, value) for kind, value in pairs}))


def token(kind: str, value: str) -> str:
    """Return the filter token of a value."""
    return _token(_limit(kind, value))


def told(facts: Iterable[str | None]) -> str:
    """Return what is told, for an entry: a line each, once, without the sign that parts one.

    An entry must come back as it was packed: by it the words of its row are taken out again.
    """
    return "\n".join(dict.fromkeys(fact.replace(_GAP, " ") for fact in facts if fact))


def _limit(kind: str, value: str) -> str:
    if kind == "holder":
        value = "".join(form for _, form in spellings(value))
    return _LETTERS[kind] + value.replace(_GAP, "")


@lru_cache(maxsize=1 << 12)
def _token(limit: str) -> str:
    digest = hashlib.sha256(limit.encode(errors="replace")).digest()[:_TOKEN_BYTES]
    return LIMIT_SIGN + limit[0] + base64.b32encode(digest).decode().lower()


def _description(record: Record, dossiers: Sequence[DossierFacts]) -> str:
    facts = [
        record.title,
        record.class_name,
        record.class_code,
        record.digitisation_code,
        *(value.value for value in record.fields),
        *(link.dossier_code for link in record.links),
        *(link.procedure_result_code for link in record.links),
    ]
    for dossier in dossiers:
        facts += [dossier.title, dossier.applicant, dossier.procedure_code, dossier.procedure_title]
    return told(facts)
