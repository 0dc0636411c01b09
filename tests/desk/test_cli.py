"""Every command against the contract of docs/commands.md and docs/json.md."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desk.cli.command import Command
from desk.cli.main import build_parser, load_commands
from tests.desk.conftest import ROOT, SAMPLES, Ran, SmallStation, hoso, hoso_json

RECEIPT = SAMPLES / "H26.99-261105-0001" / "SCAN_0001.jpg"
VERDICT_KEYS = {
    "file", "sha256", "size", "readable", "pages", "validated_at", "policy", "overall",
    "overall_sub", "signatures", "unsigned_fields", "warnings",
}  # fmt: skip
SIGNATURE_KEYS = {
    "field", "kind", "level", "profile", "indication", "sub_indication", "reasons", "signer",
    "claimed_time", "best_time", "best_time_kind", "timestamps", "integrity", "certificate",
    "warnings",
}  # fmt: skip
RECORD_KEYS = {
    "id", "state", "dossier_code", "ordinal", "role", "class", "procedure_result_code",
    "digitisation_code", "fields", "links", "original", "pdf", "pages", "repairs",
    "signatures", "events",
}  # fmt: skip
STATUS_KEYS = {
    "alive", "hears", "waiting", "in_work", "awaiting_personal_signature", "signers",
    "broken_signatures", "awaiting_release",
    "awaiting_timestamp", "to_confirm", "unreadable", "in_error", "secret", "filed", "oldest_error",
    "alarms", "results_awaiting_register", "incomplete_dossiers",
    "handover_due", "handover_overdue",
}  # fmt: skip


@pytest.mark.parametrize("command", load_commands(), ids=lambda command: command.name)
def test_each_command_explains_itself(command: Command) -> None:
    name = command.name.split()
    finished = hoso(*name, "--help")
    assert finished.returncode == 0
    assert command.help in finished.stdout
    assert "--json" in finished.stdout


def test_json_and_station_stand_before_or_after_the_command(ran: Ran) -> None:
    root = str(ran.station.root)
    ways = [
        ("--json", "--station", root, "status"),
        ("status", "--json", "--station", root),
        ("--json", "status", "--station", root),
    ]
    shown = [json.loads(hoso(*way).stdout) for way in ways]
    assert shown[0] == shown[1] == shown[2]
    assert set(shown[0]) == STATUS_KEYS
    assert shown[0]["filed"] == 23
    assert shown[0]["in_error"] == 4


def test_a_station_is_found_by_variable_and_from_within(ran: Ran) -> None:
    root = ran.station.root
    by_variable = hoso("status", "--json", env={**os.environ, "HOSO_STATION": str(root)})
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    from_within = hoso("status", "--json", cwd=root / "archive", env=environment)
    assert json.loads(by_variable.stdout) == json.loads(from_within.stdout)


def test_without_a_station_a_command_says_what_to_do(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    finished = hoso("status", "--json", cwd=tmp_path, env=environment)
    assert finished.returncode == 2
    assert json.loads(finished.stdout)["error"]["code"] == "StationNotFound"
    assert "hoso init" in finished.stderr


def test_usage_errors_end_with_two() -> None:
    assert hoso("no-such-command").returncode == 2
    assert hoso("show").returncode == 2
    with pytest.raises(SystemExit):
        build_parser().parse_args([])


def test_read_gives_text_words_and_description_and_files_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out.pdf"
    shown = hoso_json("read", RECEIPT, "--pdf", target)
    assert set(shown) == {"file", "pages", "description"}
    (page,) = shown["pages"]
    assert {
        "number", "text", "overlay_text", "confidence", "dpi", "skew_degrees", "orientation",
        "recipe", "seconds",
    } <= set(page)  # fmt: skip
    assert "GIẤY TIẾP NHẬN HỒ SƠ" in page["text"]
    assert 0.8 < page["confidence"] <= 1
    assert shown["description"]["classes"][0]["code"] == "GTN"
    text = subprocess.run(
        ["pdftotext", target, "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "GIẤY TIẾP NHẬN HỒ SƠ" in text


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("H26.99-261105-0001/loi-tep-rong-0-byte.pdf", 10),
        ("H26.99-261107-0003/loi-jpeg-bi-cat.jpg", 12),
        ("H26.99-261110-0004/loi-pdf-bi-cat.pdf", 12),
        ("H26.99-261111-0005/loi-pdf-co-mat-khau.pdf", 14),
    ],
)
def test_read_of_a_bad_file_ends_with_its_own_code(name: str, code: int) -> None:
    finished = hoso("read", SAMPLES / name)
    assert finished.returncode == code
    assert "Hãy" in finished.stderr


def test_search_pages_through_all_records_newest_first(ran: Ran) -> None:
    station = ("--station", ran.station.root)
    seen: list[str] = []
    filed: list[str] = []
    after: tuple[str, ...] = ()
    while True:
        page = hoso_json("search", "", "--limit", "5", *after, *station)
        assert set(page) == {"records", "next", "count", "more", "behind", "facets", "damaged"}
        seen += [item["id"] for item in page["records"]]
        filed += [item["filed_at"] for item in page["records"]]
        if not page["next"]:
            break
        after = ("--after", page["next"])
    assert len(seen) == len(set(seen)) == page["count"] == 23
    assert filed == sorted(filed, reverse=True)
    assert set(page["records"][0]) == {
        "id", "dossier_code", "ordinal", "role", "class", "title", "original_sha256",
        "pdf_sha256", "filed_at", "verdict", "standing", "tier", "hits",
    }  # fmt: skip


@pytest.mark.parametrize(
    "query", ['"', "AND OR", "a" * 10_000, "x:*", "'; DROP TABLE page;--", "\\"]
)
def test_no_query_breaks_search(ran: Ran, query: str) -> None:
    finished = hoso("search", query, "--json", "--station", ran.station.root)
    assert finished.returncode == 0
    assert isinstance(json.loads(finished.stdout)["records"], list)


def test_a_foreign_cursor_is_refused(ran: Ran) -> None:
    finished = hoso("search", "a", "--after", "bịa", "--json", "--station", ran.station.root)
    assert finished.returncode == 44
    assert json.loads(finished.stdout)["error"]["code"] == "BadCursor"


def test_show_tells_a_record_an_unfiled_submission_and_an_unknown_code(ran: Ran) -> None:
    station = ("--station", ran.station.root)
    failed = next(ending for ending in ran.endings if ending["state"] == "in_error")
    unfiled = hoso_json("show", failed["submission_id"], *station)
    assert set(unfiled) >= RECORD_KEYS
    assert (unfiled["state"], unfiled["reason"]["code"]) == ("in_error", failed["reason"]["code"])
    filed = next(ending for ending in ran.endings if ending["state"] == "filed")
    record = hoso_json("show", filed["record_ids"][0], *station)
    assert set(record) >= RECORD_KEYS
    field_keys = {"name", "value", "confidence", "page", "box", "source", "read"}
    assert field_keys == set(record["fields"][0])
    assert hoso("show", "H26.99-991231-9999", *station).returncode == 2
    assert hoso("show", "vớ vẩn", *station).returncode == 2


def test_show_names_what_a_dossier_lacks(small: SmallStation) -> None:
    small.drop("H26.99-261105-0001/SCAN_0001.jpg")
    small.run()
    shown = hoso_json("show", "H26.99-261105-0001", "--station", small.station.root)
    assert set(shown) == {
        "dossier", "missing_components", "surplus_components", "results", "records", "destroyed",
        "damaged",
    }  # fmt: skip
    assert {item["class"] for item in shown["missing_components"]} == {"TKKS", "GCS"}
    assert [item["record_ids"] for item in shown["results"]] == [[]]


def test_verify_judges_every_file_in_order_also_bad_and_missing_ones(
    ran: Ran, tmp_path: Path
) -> None:
    filed = next(ran.station.done.rglob("*.pdf"))
    junk = tmp_path / "junk.pdf"
    junk.write_bytes(b"not a pdf")
    unsigned = ROOT / "desk" / "demo" / "register" / "da-ky-so.pdf"
    names = [str(junk), str(filed), str(tmp_path / "gone.pdf"), str(unsigned)]
    finished = hoso("verify", *names, "--json", "--trust", ran.station.trust)
    assert finished.returncode == 1
    verdicts = json.loads(finished.stdout)
    assert [verdict["file"] for verdict in verdicts] == names
    assert [verdict["overall"] for verdict in verdicts] == [
        "TOTAL-FAILED", "TOTAL-PASSED", "TOTAL-FAILED", "NO_SIGNATURE_FOUND",
    ]  # fmt: skip
    assert [verdict["readable"] for verdict in verdicts] == [False, True, False, True]
    assert all(set(verdict) == VERDICT_KEYS for verdict in verdicts)
    assert set(verdicts[1]["signatures"][0]) == SIGNATURE_KEYS


def test_verify_uses_the_stations_anchors_and_works_without_a_station(
    ran: Ran, tmp_path: Path
) -> None:
    filed = next(ran.station.done.rglob("*.pdf"))
    assert hoso("verify", filed, "--station", ran.station.root).returncode == 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    alone = hoso("verify", filed, "--json", cwd=tmp_path, env=environment)
    assert alone.returncode == 1
    assert json.loads(alone.stdout)[0]["overall"] == "INDETERMINATE"


def test_the_verdict_for_people_says_what_the_circular_demands(ran: Ran) -> None:
    filed = next(ran.station.done.rglob("*.pdf"))
    shown = hoso("verify", filed, "--station", ran.station.root).stdout
    for words in (
        "Hợp lệ", "Kiểm tra tại thời điểm", "Chủ thể ký", "Cơ quan cấp chứng thư",
        "Đơn vị quản lý", "Thời điểm ký", "Tính toàn vẹn", "tại thời điểm ký",
        "Thời hạn chứng thư",
    ):  # fmt: skip
        assert words in shown


def test_register_import_takes_json_and_csv_and_repeats_without_change(small: SmallStation) -> None:
    register = ROOT / "desk" / "demo" / "register"
    station = ("--station", small.station.root)
    for name in ("so-ho-so.json", "so-ho-so.csv"):
        counted = hoso_json("register", "import", register / name, *station)
        assert counted == {
            "procedures": 6, "dossiers": 6, "results": 5, "changed": 0, "tied": 0,
            "unknown_classes": [],
        }  # fmt: skip
    broken = small.station.root / "hong.json"
    broken.write_text('{"dosiers": []}', encoding="utf-8")
    finished = hoso("register", "import", broken, "--json", *station)
    assert finished.returncode == 17
    assert "dossiers" in finished.stderr


def test_fixity_names_a_flipped_byte(small: SmallStation) -> None:
    small.drop("H26.99-261105-0001/SCAN_0001.jpg")
    small.run()
    with small.archive() as archive:
        (record,) = archive.records.newest(1)
        path = archive.objects.path(record.original.sha256)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    finished = hoso("fixity", "--json", "--station", small.station.root)
    assert finished.returncode == 1
    found = json.loads(finished.stdout)["findings"]
    assert record.original.sha256 in {item["identifier"] for item in found}


def test_audit_verify_finds_a_changed_and_a_missing_event(small: SmallStation) -> None:
    small.drop("H26.99-261105-0001/SCAN_0001.jpg")
    small.run()
    station = ("--station", small.station.root)
    assert hoso("audit", "verify", *station).returncode == 0
    with small.archive() as archive:
        archive.db.tables.conn.executescript(
            "DROP TRIGGER IF EXISTS event_no_delete; DROP TRIGGER IF EXISTS event_no_update;"
        )
        triggers = archive.db.rows(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"
        )
        for trigger in triggers:
            archive.db.tables.conn.execute(f"DROP TRIGGER {trigger['name']}")
        archive.db.tables.conn.execute("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)")
        archive.db.tables.conn.commit()
    finished = hoso("audit", "verify", "--json", *station)
    assert finished.returncode == 1
    assert json.loads(finished.stdout)["findings"]


def test_doctor_shows_what_was_probed(ran: Ran) -> None:
    checks = hoso_json("doctor", "--station", ran.station.root)
    found = {item["name"]: item for item in checks}
    assert found["Tesseract"]["ok"]
    assert "vie" in found["Tesseract"]["found"]
    assert found["Khóa cơ quan"]["ok"]
    assert found["Chứng thư gốc"]["ok"]


def test_doctor_of_a_bare_station_says_what_is_missing(tmp_path: Path) -> None:
    root = tmp_path / "tram"
    assert hoso("init", root, "--agency", "UBND xã Thử Nghiệm", "--personal", "off").returncode == 0
    finished = hoso("doctor", "--json", "--station", root)
    assert finished.returncode == 1
    found = {item["name"]: item for item in json.loads(finished.stdout)}
    assert "[signing] key" in found["Khóa cơ quan"]["advice"]
    assert "trust" in found["Chứng thư gốc"]["advice"]


def test_init_never_touches_a_folder_that_is_taken(ran: Ran, tmp_path: Path) -> None:
    (tmp_path / "thu.txt").write_text("giữ", encoding="utf-8")
    for folder in (tmp_path, ran.station.root):
        finished = hoso("init", folder, "--agency", "X", "--personal", "off")
        assert finished.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thu.txt"]


def test_run_works_until_told_to_stop_and_ends_within_its_time(small: SmallStation) -> None:
    command = [sys.executable, "-m", "desk.cli.main", "run", "--station", str(small.station.root)]
    engine = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        _wait_for(lambda: small.station.status_page.exists())
        small.drop("H26.99-261105-0001/SCAN_0001.jpg")
        _wait_for(lambda: list(small.station.done.rglob("*.KET-QUA.txt")) != [])
    finally:
        engine.send_signal(signal.SIGTERM)
        out, err = engine.communicate(timeout=30)
    assert engine.returncode == 0, err.decode()
    assert " filed" in out.decode()


def test_an_interrupt_ends_with_130(small: SmallStation) -> None:
    command = [sys.executable, "-m", "desk.cli.main", "run", "--station", str(small.station.root)]
    engine = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _wait_for(lambda: small.station.status_page.exists())
    engine.send_signal(signal.SIGINT)
    engine.communicate(timeout=30)
    assert engine.returncode == 130


def _wait_for(arrived: object) -> None:
    until = time.monotonic() + 60
    while not arrived():  # type: ignore[operator]  # each test gives a function
        assert time.monotonic() < until, "waited a minute in vain"
        time.sleep(0.1)


def test_verify_of_a_folder_without_a_pdf_never_passes(ran: Ran, tmp_path: Path) -> None:
    assert hoso("verify", tmp_path, "--trust", ran.station.trust).returncode == 1
    filed = next(ran.station.done.rglob("*.pdf"))
    (tmp_path / "KET-QUA.PDF").write_bytes(filed.read_bytes())
    assert hoso("verify", tmp_path, "--trust", ran.station.trust).returncode == 0


def test_square_brackets_are_no_markup(small: SmallStation) -> None:
    (small.station.inbox / "[bold]don.jpg").write_bytes(b"no scan")
    shown = hoso("run", "--once", "--station", small.station.root).stdout
    assert "[bold]don.jpg" in shown.partition("\n[bold]")[0]


def test_init_needs_the_agencys_name(tmp_path: Path) -> None:
    finished = hoso("init", tmp_path / "tram", "--personal", "off")
    assert finished.returncode == 2
    assert "--agency" in finished.stderr
    assert not (tmp_path / "tram").exists()
