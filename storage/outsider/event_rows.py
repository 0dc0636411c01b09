"""Events as an export holds them: their numbering, their form, and what they tell of others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from storage.canonical import canonical_json

_FIELDS = {"seq", "at", "type", "object", "actor", "outcome", "detail"}
ANCHOR = "anchor"
"""Type of the event that tells of a timestamp over a head."""


def parse_event(line: bytes) -> dict[str, Any]:
    """Read one event.

    Raises:
        ValueError: It is not in the form in which events are written.
    """
    body = json.loads(line)
    if not isinstance(body, dict) or set(body) != _FIELDS or canonical_json(body) != line:
        raise ValueError("not the form in which events are written")
    if not isinstance(body["seq"], int) or not isinstance(body["detail"], dict):
        raise ValueError("a number or a detail of another kind")
    return body


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCapture:
    """A scan that was taken in, and of which the log does not tell how it ended."""

    submission_id: str
    """Its id."""
    seq: int
    """The event that opened it: its capture, or when it was taken up again."""
    at: str
    """When, UTC."""


@dataclass(slots=True)
class Story:
    """What the events seen so far tell."""

    open: dict[str, OpenCapture] = field(default_factory=dict)
    """Captures without an end."""
    anchors: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each anchor that an event tells of: the number of that event."""
    files: dict[str, list[int]] = field(default_factory=dict)
    """SHA-256 of each wanted file: the events that name it."""
    records: dict[str, str] = field(default_factory=dict)
    """The digest of each record's description, by its newest event."""

    def read(self, event: Mapping[str, Any], wanted: Iterable[str] = ()) -> None:
        """Take in the next event."""
        kind, subject, detail = event["type"], event["object"], event["detail"]
        follow_captures(self.open, event)
        if kind == ANCHOR:
            self.anchors[str(detail.get("anchor_sha256"))] = str(event["seq"])
        if "record_sha256" in detail:
            self.records[subject] = str(detail["record_sha256"])
        for sha256 in set(wanted).intersection(_texts(detail)):
            self.files.setdefault(sha256, []).append(event["seq"])


def follow_captures(known: dict[str, OpenCapture], event: Mapping[str, Any]) -> None:
    """Let the next event open or end a capture among those that are known to have no end."""
    kind, subject = event["type"], event["object"]
    if kind in ("capture", "unquarantine"):
        known[subject] = OpenCapture(submission_id=subject, seq=event["seq"], at=event["at"])
    elif kind in ("duplicate", "quarantine", "withdrawal"):
        known.pop(subject, None)
    elif kind == "ingestion":
        known.pop(event["detail"].get("submission_id"), None)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
