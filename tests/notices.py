"""A notice as a record to be filed, for tests that ask little of what stands in it."""

from __future__ import annotations

from storage.model import NewRecord, ObjectRef


def make_notice(ref: ObjectRef) -> NewRecord:
    """Return a record without text, fields or signatures; change it with `dataclasses.replace`.

    Args:
        ref: Its scan, and its PDF.
    """
    return NewRecord(
        id="01a1ffbc-0629-7235-8ba1-190378a942a0",
        submission_id="01a1ffbb-b974-797d-b947-78af63352c9f",
        paper=1,
        class_code="TB",
        class_name="Thông báo",
        title="Thông báo thử nghiệm",
        original=ref,
        original_name="thong-bao.pdf",
        original_media_type="application/pdf",
        pdf=ref,
        pages=(),
        page_count=1,
        fields=(),
        signatures=(),
        verdict="TOTAL-PASSED",
        rule_set="2025-07-21",
        classes_version="2026-11-01",
    )
