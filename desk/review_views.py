"""What `hoso review` shows, as the JSON of docs/json.md: what is asked, and what to go by."""

from __future__ import annotations

from typing import Any

from config.codec import to_plain
from config.vocabulary import Classes
from desk import answers
from desk.batches import QUESTION
from desk.damage import show_each
from storage.archive import Archive
from storage.corrections import Correction
from storage.model import Record
from storage.submissions import Submission, SubmissionState

Json = dict[str, Any]


def view_waiting(archive: Archive, classes: Classes, limit: int) -> Json:
    """Show what waits for an answer, the oldest first, and how much there is."""
    waiting = {item.id: item for item in archive.ledger.in_state(SubmissionState.TO_CONFIRM)}
    shown, damaged = show_each(
        lambda name: view_scan(waiting[name], archive, classes), list(waiting)[:limit]
    )
    return {
        "waiting": list(shown.values()),
        "count": len(waiting),
        "damaged": [*archive.ledger.damaged_in(SubmissionState.TO_CONFIRM), *damaged],
    }


def view_scan(item: Submission, archive: Archive, classes: Classes) -> Json:
    """Show a scan that is not filed, paper by paper."""
    numbers = archive.ledger.papers_with(item.id, QUESTION)
    return {
        "id": item.id,
        "state": item.state.value,
        "name": item.name,
        "folder": item.folder,
        "tray_path": item.tray_path,
        "received_at": to_plain(item.received_at),
        "reason": to_plain(item.reason),
        "papers": [_view_paper(item, number, archive, classes) for number in numbers],
        "corrections": [
            _view_correction(told) for told in archive.corrections.of_submission(item.id)
        ],
    }


def _view_paper(item: Submission, number: int, archive: Archive, classes: Classes) -> Json:
    asked = archive.ledger.outcome(item.id, number, QUESTION) or {}
    seen = archive.ledger.outcome(item.id, number, "describe") or {}
    plan = archive.ledger.outcome(item.id, 0, "cut")
    return {
        "paper": number,
        "record_id": None,
        "pages": plan["papers"][number - 1]["pages"] if plan else [],
        "question": asked.get("reason"),
        "dossier": {"code": asked.get("dossier"), "source": asked.get("dossier_source", "none")},
        "class": answers.standing(item.id, number, archive).class_code,
        "classes": [_view_class(told, classes) for told in seen.get("candidates", [])],
        "fields": seen.get("description", {}).get("fields", []),
    }


def _view_class(told: Json, classes: Classes) -> Json:
    kind = classes.find(told["code"])
    return {**told, "score": round(told["score"], 4), "name": kind.name if kind else ""}


def view_filed(record: Record, archive: Archive) -> Json:
    """Show a filed paper as one that may be corrected."""
    link = record.links[0]
    return {
        "id": record.id,
        "state": SubmissionState.FILED.value,
        "name": record.original_name,
        "folder": "",
        "tray_path": None,
        "received_at": None,
        "reason": None,
        "papers": [
            {
                "paper": record.paper,
                "record_id": record.id,
                "pages": [page.number for page in record.pages],
                "question": None,
                "dossier": {
                    "code": link.dossier_code,
                    "source": record.notes.get("dossier_from", "none"),
                },
                "class": record.class_code,
                "classes": [],
                "fields": to_plain(record.fields),
            }
        ],
        "corrections": [
            _view_correction(told)
            for told in archive.corrections.of_submission(record.submission_id)
            if told.record_id in (None, record.id)
        ],
    }


def _view_correction(told: Correction) -> Json:
    return {
        "id": told.id,
        "act": told.act.value,
        "paper": told.paper,
        "record_id": told.record_id,
        "actor": told.actor,
        "at": to_plain(told.at),
        "before": dict(told.before),
        "after": dict(told.after),
        "undoes": told.undoes,
        "reason": told.reason,
    }
