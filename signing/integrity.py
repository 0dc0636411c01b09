"""What was changed after a signature: each revision is reviewed once, for all signatures.

pyHanko compares every signature with every later revision, which is quadratic; here each revision
is compared with the one before it and the result is shared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signing.differences import DIFFERENCE_POLICY
from signing.model import Modification

# A file of more revisions was not made by a person; it would only cost time.
MAX_REVISIONS = 200

_WORDS = {
    ModificationLevel.NONE: Modification.NONE,
    ModificationLevel.LTA_UPDATES: Modification.LTA,
    ModificationLevel.FORM_FILLING: Modification.FORM_FILLING,
    ModificationLevel.ANNOTATIONS: Modification.ANNOTATIONS,
    ModificationLevel.OTHER: Modification.OTHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Changes of one revision, or of all after a signature.

    Attributes:
        level: How grave.
        fields: Names of changed form fields.
        reason: What pyHanko said where it refused the change.
    """

    level: ModificationLevel
    fields: frozenset[str]
    reason: str | None

    @property
    def modification(self) -> Modification:
        """The word of the verdict for the level."""
        return _WORDS[self.level]


UNCHANGED = Changes(level=ModificationLevel.NONE, fields=frozenset(), reason=None)


@dataclass(slots=True)
class RevisionReview:
    """The differences of one file, found as they are asked for.

    Attributes:
        reader: The open file.
    """

    reader: PdfFileReader
    _known: dict[tuple[int, MDPPerm | None], Changes] = field(default_factory=dict)

    def since(self, signature: EmbeddedPdfSignature) -> Changes:
        """Give all changes after a signature, under its own certification rules.

        Args:
            signature: The signature, whose coverage is known to be its whole revision.
        """
        total = self.reader.xrefs.total_revisions
        if total - signature.signed_revision > MAX_REVISIONS:
            return _forbidden("more later revisions than are reviewed")
        result = UNCHANGED
        for revision in range(signature.signed_revision + 1, total):
            result = _graver(result, self._of(revision, signature.docmdp_level))
        return _apply_locks(result, signature)

    def _of(self, revision: int, certified: MDPPerm | None) -> Changes:
        key = (revision, certified)
        if key not in self._known:
            self._known[key] = self._review(revision, certified)
        return self._known[key]

    def _review(self, revision: int, certified: MDPPerm | None) -> Changes:
        old = self.reader.get_historical_resolver(revision - 1)
        new = self.reader.get_historical_resolver(revision)
        try:
            found = DIFFERENCE_POLICY.apply(old=old, new=new, doc_mdp=certified)
        except SuspiciousModification as error:
            return _forbidden(str(error))
        return Changes(
            level=found.modification_level,
            fields=frozenset(found.changed_form_fields),
            reason=None,
        )


def has_revocation_data(reader: PdfFileReader) -> bool:
    """Tell whether the security store of the newest revision holds lists or responses."""
    store = entry_of(reader.root, "/DSS")
    return bool(entry_of(store, "/CRLs") or entry_of(store, "/OCSPs"))


def entry_of(dictionary: object, name: str) -> object:
    """Give the value of a dictionary's entry, references followed; None where there is none."""
    if not isinstance(dictionary, generic.DictionaryObject):
        return None
    try:
        value: object = dictionary[name]
    except KeyError:
        return None
    return value


def has_stray_padding(signature: EmbeddedPdfSignature) -> bool:
    """Tell whether anything but zeros follows the CMS structure in /Contents."""
    content = signature.pkcs7_content
    return bool(content[_der_length(content) :].strip(b"\0"))


def is_der_ordered(signature: EmbeddedPdfSignature) -> bool:
    """Tell whether the signed attributes stand in DER order (X.690 clause 11.6)."""
    attributes = signature.signer_info["signed_attrs"]
    encodings = [attribute.dump() for attribute in attributes]
    return encodings == sorted(encodings)


def _graver(one: Changes, other: Changes) -> Changes:
    return Changes(
        level=max(one.level, other.level),
        fields=one.fields | other.fields,
        reason=one.reason or other.reason,
    )


def _forbidden(reason: str) -> Changes:
    return Changes(level=ModificationLevel.OTHER, fields=frozenset(), reason=reason)


def _apply_locks(changes: Changes, signature: EmbeddedPdfSignature) -> Changes:
    allowed, locked = signature.docmdp_level, signature.fieldmdp
    if allowed is not None and changes.level.value > allowed.value:
        return _graver(changes, _forbidden("more than the certification allows"))
    if locked is not None and any(locked.is_locked(name) for name in changes.fields):
        return _graver(changes, _forbidden("a locked field was changed"))
    return changes


def _der_length(content: bytes) -> int:
    """Length of the first DER structure; an indefinite or broken length gives the whole."""
    source = BytesIO(content)
    source.read(1)
    first = source.read(1)
    if not first or first == b"\x80":
        return len(content)
    if first[0] < 0x80:
        return source.tell() + first[0]
    length = int.from_bytes(source.read(first[0] & 0x7F), "big")
    return source.tell() + length
