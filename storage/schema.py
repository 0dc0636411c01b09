"""The tables of records.db: migrations are added at the end, never changed."""

from __future__ import annotations

from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from storage import (
    access_copies,
    accessions,
    corrections,
    events,
    key_uses,
    register_seals,
    reports,
    requests,
    retention_tables,
    tree_nodes,
)

MIGRATIONS = Migrations("records")

_EVENTS = (
    """CREATE TABLE event (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, type TEXT NOT NULL, object TEXT NOT NULL,
        actor TEXT NOT NULL, outcome TEXT NOT NULL, body TEXT NOT NULL, leaf BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX event_object ON event (object, seq)",
    """CREATE TABLE tree (
        id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, peaks BLOB NOT NULL
    ) STRICT""",
    "INSERT INTO tree (id, size, peaks) VALUES (1, 0, x'')",
    # These stop accidents; what stops attackers are the signed heads that left the building.
    """CREATE TRIGGER event_is_final BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
    """CREATE TRIGGER event_stays BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END""",
)

_REGISTER = (
    """CREATE TABLE procedure (
        code TEXT PRIMARY KEY, title TEXT NOT NULL, sector TEXT NOT NULL,
        components TEXT NOT NULL, result_classes TEXT NOT NULL
    ) STRICT""",
    # No foreign key to procedure: a dossier may arrive before the list of procedures does.
    """CREATE TABLE dossier (
        code TEXT PRIMARY KEY, title TEXT NOT NULL, procedure_code TEXT NOT NULL,
        agency_code TEXT NOT NULL, agency_name TEXT NOT NULL, applicant TEXT NOT NULL,
        received_at TEXT, due_at TEXT, settled_at TEXT, status TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE procedure_result (
        dossier_code TEXT NOT NULL, ordinal INTEGER NOT NULL, class_code TEXT NOT NULL,
        title TEXT NOT NULL, number TEXT NOT NULL, issue_date TEXT, issuing_body TEXT NOT NULL,
        holder TEXT NOT NULL, PRIMARY KEY (dossier_code, ordinal)
    ) STRICT, WITHOUT ROWID""",
)

_RECORDS = (
    """CREATE TABLE record (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
        submission_id TEXT NOT NULL, paper INTEGER NOT NULL, class_code TEXT NOT NULL,
        class_name TEXT NOT NULL, title TEXT NOT NULL, original_sha256 TEXT NOT NULL,
        original_sha512 TEXT NOT NULL, original_size INTEGER NOT NULL,
        original_name TEXT NOT NULL, original_media_type TEXT NOT NULL,
        pdf_sha256 TEXT NOT NULL, pdf_sha512 TEXT NOT NULL, pdf_size INTEGER NOT NULL,
        page_count INTEGER NOT NULL, mean_confidence REAL, verdict TEXT NOT NULL,
        rule_set TEXT NOT NULL, classes_version TEXT NOT NULL, digitisation_code TEXT,
        duty TEXT NOT NULL, warnings TEXT NOT NULL, notes TEXT NOT NULL, filed_at TEXT NOT NULL,
        UNIQUE (submission_id, paper)
    ) STRICT""",
    "CREATE INDEX record_original ON record (original_sha256)",
    "CREATE INDEX record_pdf ON record (pdf_sha256)",
    """CREATE TABLE page (
        record INTEGER NOT NULL REFERENCES record (number), number INTEGER NOT NULL,
        text TEXT NOT NULL, PRIMARY KEY (record, number)
    ) STRICT""",
    """CREATE TABLE field (
        record INTEGER NOT NULL REFERENCES record (number), ordinal INTEGER NOT NULL,
        name TEXT NOT NULL, value TEXT, confidence REAL NOT NULL, page INTEGER, box TEXT,
        source TEXT NOT NULL, PRIMARY KEY (record, ordinal)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE signature (
        record INTEGER NOT NULL REFERENCES record (number), ordinal INTEGER NOT NULL,
        field TEXT NOT NULL, level TEXT, indication TEXT NOT NULL, sub_indication TEXT,
        signer TEXT, signed_at TEXT, best_time_kind TEXT, PRIMARY KEY (record, ordinal)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE link (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        record INTEGER NOT NULL REFERENCES record (number), dossier_code TEXT NOT NULL,
        role TEXT NOT NULL, ordinal INTEGER NOT NULL, procedure_result_code TEXT,
        UNIQUE (record, dossier_code), UNIQUE (dossier_code, ordinal)
    ) STRICT""",
    # What the search index, in its own file, has yet to follow.
    """CREATE TABLE change (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        record INTEGER NOT NULL REFERENCES record (number)
    ) STRICT""",
)

_LEDGER = (
    """CREATE TABLE submission (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
        name TEXT NOT NULL, folder TEXT NOT NULL, tray_path TEXT NOT NULL, sha256 TEXT,
        sha512 TEXT, size_bytes INTEGER NOT NULL, media_type TEXT, received_at TEXT NOT NULL,
        updated_at TEXT NOT NULL, attempts INTEGER NOT NULL, stage TEXT, reason_code TEXT,
        reason_vi TEXT, reason_en TEXT, confirmed_dossier TEXT, confirmed_class TEXT
    ) STRICT""",
    "CREATE INDEX submission_state ON submission (state, updated_at)",
    "CREATE INDEX submission_tray_path ON submission (tray_path)",
    "CREATE INDEX submission_sha256 ON submission (sha256)",
    """CREATE TABLE outcome (
        submission_id TEXT NOT NULL REFERENCES submission (id), paper INTEGER NOT NULL,
        stage TEXT NOT NULL, body TEXT NOT NULL, objects TEXT NOT NULL,
        PRIMARY KEY (submission_id, paper, stage)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE request (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL,
        actor TEXT NOT NULL, at TEXT NOT NULL, completed_at TEXT
    ) STRICT""",
    "CREATE INDEX request_pending ON request (kind, id) WHERE completed_at IS NULL",
)


@MIGRATIONS(name="0001_events_register_records_ledger")
def _first(tables: Tables) -> None:
    for statement in (*_EVENTS, *_REGISTER, *_RECORDS, *_LEDGER):
        tables.conn.execute(statement)


@MIGRATIONS(name="0002_submission_size")
def _submission_size(tables: Tables) -> None:
    # A scan that is put back is known by its size first, among ten thousand that wait.
    tables.conn.execute("CREATE INDEX submission_size ON submission (size_bytes, state)")


_SAME_AGAIN = (
    """CREATE TABLE picture_hash (
        record INTEGER NOT NULL REFERENCES record (number), page INTEGER NOT NULL,
        hash TEXT NOT NULL, PRIMARY KEY (record, page)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE fingerprint_key (
        key TEXT NOT NULL, record INTEGER NOT NULL REFERENCES record (number),
        PRIMARY KEY (key, record)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE version (
        record_id TEXT PRIMARY KEY REFERENCES record (id),
        supersedes TEXT NOT NULL REFERENCES record (id), kind TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX version_supersedes ON version (supersedes)",
)


@MIGRATIONS(name="0003_fingerprints_versions_days")
def _fingerprints_versions_days(tables: Tables) -> None:
    for statement in _SAME_AGAIN:
        tables.conn.execute(statement)
    # The slip of a day counts that day's events.
    tables.conn.execute("CREATE INDEX event_at ON event (at)")


@MIGRATIONS(name="0004_overlay_and_repairs")
def _overlay_and_repairs(tables: Tables) -> None:
    for column in ("overlay_text", "as_read"):
        tables.conn.execute(f"ALTER TABLE page ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")


@MIGRATIONS(name="0005_field_as_read")
def _field_as_read(tables: Tables) -> None:
    tables.conn.execute("ALTER TABLE field ADD COLUMN read TEXT NOT NULL DEFAULT ''")


_STANDING = (
    # A result may be revoked, or take an earlier one's place; codes are those of the national list.
    "ALTER TABLE procedure_result ADD COLUMN status TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE procedure_result ADD COLUMN replaces INTEGER",
    "ALTER TABLE procedure_result ADD COLUMN type_code TEXT NOT NULL DEFAULT ''",
    # Results that came before their entry in the register are asked for with every import.
    """CREATE INDEX link_waiting ON link (dossier_code)
        WHERE role = 'result' AND procedure_result_code IS NULL""",
    "CREATE INDEX link_result ON link (procedure_result_code) "
    "WHERE procedure_result_code IS NOT NULL",
)


@MIGRATIONS(name="0006_standing_of_results")
def _standing_of_results(tables: Tables) -> None:
    for statement in _STANDING:
        tables.conn.execute(statement)


@MIGRATIONS(name="0007_corrections")
def _corrections(tables: Tables) -> None:
    for statement in corrections.TABLES:
        tables.conn.execute(statement)
    # Whether a person's paper is held already is asked by that person's number.
    tables.conn.execute("CREATE INDEX field_value ON field (value, name)")


@MIGRATIONS(name="0008_owner_of_submission")
def _owner_of_submission(tables: Tables) -> None:
    # Whoever scanned a paper signs it, and nobody else (TT 01/2023/TT-VPCP Art. 8).
    tables.conn.execute("ALTER TABLE submission ADD COLUMN owner TEXT NOT NULL DEFAULT ''")


@MIGRATIONS(name="0009_key_uses")
def _key_uses(tables: Tables) -> None:
    for statement in key_uses.TABLES:
        tables.conn.execute(statement)
    # Where a session was using its key when the program was replaced, that stays known.
    tables.conn.execute(
        "INSERT INTO key_use (subject, paper, field, pdf_sha256, digest, holder, actor, at, "
        "checked, notes, state) SELECT submission_id, paper, 'CB_SaoChup', body ->> 'pdf_sha256', "
        "'', body ->> 'session', body ->> 'actor', body ->> 'at', '{}', "
        "json_object('agency_box', body -> 'agency_box'), "
        "iif(EXISTS (SELECT 1 FROM outcome AS made WHERE made.submission_id = used.submission_id "
        "AND made.paper = used.paper AND made.stage IN ('personal_returned', 'personal')), "
        "'signed', 'unknown') FROM outcome AS used WHERE stage = 'personal_used'"
    )
    tables.conn.execute("DELETE FROM outcome WHERE stage = 'personal_used'")


_REPORTED = (
    # What the one-stop system alone can know of a dossier; NULL: it does not say.
    "ALTER TABLE dossier ADD COLUMN reused_components INTEGER",
    "ALTER TABLE dossier ADD COLUMN portal_components INTEGER",
    "ALTER TABLE dossier ADD COLUMN synced_at TEXT",
    "ALTER TABLE dossier ADD COLUMN citizen_data INTEGER",
    "ALTER TABLE dossier ADD COLUMN electronic_result INTEGER",
    # Reports ask for the few events of these types among millions; the others cost nothing here.
    f"CREATE INDEX event_reported ON event (type, at) WHERE type IN ({reports.REPORTED_TYPES})",
)


@MIGRATIONS(name="0010_reports")
def _reports(tables: Tables) -> None:
    for statement in _REPORTED:
        tables.conn.execute(statement)


@MIGRATIONS(name="0011_register_seals")
def _register_seals(tables: Tables) -> None:
    for statement in register_seals.TABLES:
        tables.conn.execute(statement)


@MIGRATIONS(name="0012_retention_and_disposal")
def _retention_and_disposal(tables: Tables) -> None:
    for statement in retention_tables.TABLES:
        tables.conn.execute(statement)


@MIGRATIONS(name="0013_accessions")
def _accessions(tables: Tables) -> None:
    for statement in accessions.TABLES:
        tables.conn.execute(statement)


@MIGRATIONS(name="0014_access_copies")
def _access_copies(tables: Tables) -> None:
    for statement in access_copies.TABLES:
        tables.conn.execute(statement)


@MIGRATIONS(name="0015_reasons_of_corrections")
def _reasons_of_corrections(tables: Tables) -> None:
    tables.conn.execute(corrections.REASONS)


@MIGRATIONS(name="0016_salt_of_handovers")
def _salt_of_handovers(tables: Tables) -> None:
    tables.conn.execute(retention_tables.HANDOVER_SALT)


@MIGRATIONS(name="0017_absent_scans")
def _absent_scans(tables: Tables) -> None:
    tables.conn.execute(accessions.ABSENT)


_PROOF_ENDS = (
    # Older signatures have none: how long they can be proved is not known.
    "ALTER TABLE signature ADD COLUMN proven_until TEXT",
    # Whose proof ends next; and of all records at once, without reading who signed them.
    "CREATE INDEX signature_proven_until ON signature (proven_until)",
    "CREATE INDEX signature_proof ON signature (record, proven_until)",
)


@MIGRATIONS(name="0018_proof_ends")
def _proof_ends(tables: Tables) -> None:
    for statement in _PROOF_ENDS:
        tables.conn.execute(statement)


@MIGRATIONS(name="0019_filed_at")
def _filed_at(tables: Tables) -> None:
    # Reports ask for the papers of a month; without it they read all that was ever filed.
    tables.conn.execute("CREATE INDEX record_filed_at ON record (filed_at)")


@MIGRATIONS(name="0020_tree_nodes")
def _tree_nodes(tables: Tables) -> None:
    for statement in tree_nodes.TABLES:
        tables.conn.execute(statement)
    # A log that is damaged gets what its whole parts allow; its check names the rest.
    leaves = tables.conn.execute(tree_nodes.LEAVES)
    nodes = tree_nodes.complete_nodes(leaves, tree_nodes.Grower())
    tables.conn.executemany(tree_nodes.INSERT, nodes)


@MIGRATIONS(name="0021_rare_events")
def _rare_events(tables: Tables) -> None:
    tables.conn.execute(
        f"CREATE INDEX event_rare ON event (object, type, seq) WHERE type IN ({events.RARE_TYPES})"
    )


_PERIODS = (
    # Reports ask for the dossiers of a month; without these they read all that were registered.
    # The agency lies beside: of how many the day is not known is told for one alone.
    "CREATE INDEX dossier_received ON dossier (received_at, agency_code)",
    "CREATE INDEX dossier_settled ON dossier (settled_at) WHERE settled_at IS NOT NULL",
    "CREATE INDEX dossier_synced ON dossier (code) WHERE synced_at IS NOT NULL",
)


@MIGRATIONS(name="0022_periods_of_dossiers")
def _periods_of_dossiers(tables: Tables) -> None:
    for statement in _PERIODS:
        tables.conn.execute(statement)


@MIGRATIONS(name="0023_digests_of_requests")
def _digests_of_requests(tables: Tables) -> None:
    tables.conn.execute(requests.DIGEST)
