"""The tables of keeping and destroying, for the migration that makes them.

They hold what an officer said (`reason`), which may name people: the log holds a digest of it with
the row's own salt. What stands in `destroyed_record` is all that is left of a paper.
"""

from __future__ import annotations

TABLES = (
    """CREATE TABLE retention_term (
        id INTEGER PRIMARY KEY AUTOINCREMENT, dossier_code TEXT NOT NULL, code TEXT NOT NULL,
        years INTEGER NOT NULL, reason TEXT NOT NULL, salt TEXT NOT NULL, actor TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX retention_term_dossier ON retention_term (dossier_code, id)",
    """CREATE TABLE retention_hold (
        id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, ground TEXT NOT NULL,
        reason TEXT NOT NULL, salt TEXT NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL,
        lifted_by TEXT, lifted_at TEXT, lifted_reason TEXT
    ) STRICT""",
    "CREATE INDEX retention_hold_standing ON retention_hold (subject) WHERE lifted_at IS NULL",
    """CREATE TABLE disposal_batch (
        id TEXT PRIMARY KEY, state TEXT NOT NULL, proposed_by TEXT NOT NULL,
        proposed_at TEXT NOT NULL, decision TEXT, decided_by TEXT, decided_at TEXT,
        carried_out_by TEXT, carried_out_at TEXT, minutes_sha256 TEXT
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE disposal_item (
        batch TEXT NOT NULL REFERENCES disposal_batch (id), record_id TEXT NOT NULL,
        facts TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (batch, record_id)
    ) STRICT, WITHOUT ROWID""",
    # A paper is in one open batch at most.
    """CREATE UNIQUE INDEX disposal_item_open ON disposal_item (record_id)
        WHERE state IN ('proposed', 'approved', 'destroying')""",
    # No references to records: of these there is none any more.
    """CREATE TABLE destroyed_record (
        record_id TEXT PRIMARY KEY, submission_id TEXT NOT NULL, paper INTEGER NOT NULL,
        body TEXT NOT NULL, destroyed_at TEXT NOT NULL, state TEXT NOT NULL,
        leftovers TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX destroyed_record_unfinished ON destroyed_record (record_id) "
    "WHERE state = 'clearing'",
    "CREATE INDEX destroyed_record_submission ON destroyed_record (submission_id)",
    """CREATE TABLE destroyed_link (
        record_id TEXT NOT NULL REFERENCES destroyed_record (record_id),
        dossier_code TEXT NOT NULL, role TEXT NOT NULL, ordinal INTEGER NOT NULL,
        procedure_result_code TEXT, class_code TEXT NOT NULL, PRIMARY KEY (record_id, dossier_code)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX destroyed_link_dossier ON destroyed_link (dossier_code, ordinal)",
    """CREATE TABLE handover (
        dossier_code TEXT PRIMARY KEY, package_sha256 TEXT NOT NULL, receiver TEXT NOT NULL,
        actor TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
)
HANDOVER_SALT = "ALTER TABLE handover ADD COLUMN salt TEXT NOT NULL DEFAULT ''"
"""So that the digest of a row tells nothing of who received: that may be a person."""
