"""The form of a record whose digest its events carry: what any change of a row changes.

A part that a later version adds stands in it only where a record has it: what was filed before
keeps its digest.
"""

from __future__ import annotations

import hashlib

from storage.model import FieldValue, ObjectRef, PageText, SignatureSummary
from storage.times import time_text


def object_form(ref: ObjectRef) -> list[object]:
    """Return the form of an object."""
    return [ref.sha256, ref.sha512, ref.size_bytes]


def page_form(page: PageText) -> list[object]:
    """Return the form of a page, its texts as digests."""
    form: list[object] = [page.number, _text_digest(page.text)]
    if page.overlay_text or page.as_read:
        form += [_text_digest(page.overlay_text), _text_digest(page.as_read)]
    return form


def _text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def field_form(value: FieldValue) -> list[object]:
    """Return the form of a described field."""
    box = None if value.box is None else list(value.box)
    form: list[object] = [
        value.name,
        value.value,
        value.confidence,
        value.page,
        box,
        value.source,
    ]
    return [*form, value.read] if value.read else form


def signature_values(signature: SignatureSummary) -> list[object]:
    """Return what is kept of a judged signature, in the order of its columns."""
    signed_at, until = signature.signed_at, signature.proven_until
    return [
        signature.field,
        signature.level,
        signature.indication,
        signature.sub_indication,
        signature.signer,
        None if signed_at is None else time_text(signed_at),
        signature.best_time_kind,
        None if until is None else time_text(until),
    ]


def signature_form(signature: SignatureSummary) -> list[object]:
    """Return the form of a judged signature; without the last value where it is not known."""
    *form, until = signature_values(signature)
    return form if until is None else [*form, until]
