from __future__ import annotations

import json
import re
from pathlib import Path

from signing.model import Level
from signing.report import is_passed, verdict_json
from signing.statement import describe_vi
from signing.verdict import judge
from tests.signing.workbench import Workbench, make_pdf, now

FILE_KEYS = {
    "file", "sha256", "size", "readable", "pages", "validated_at", "policy", "overall",
    "overall_sub", "signatures", "unsigned_fields", "warnings",
}  # fmt: skip
SIGNATURE_KEYS = {
    "field", "kind", "level", "profile", "indication", "sub_indication", "reasons", "signer",
    "claimed_time", "best_time", "best_time_kind", "timestamps", "integrity", "certificate",
    "warnings",
}  # fmt: skip
NESTED_KEYS = {
    "signer": {"cn", "organization", "serial", "issuer"},
    "integrity": {
        "intact", "covers_whole_file", "later_revisions", "modification", "changed_fields",
        "changed_pages",
        "signed_bytes",
    },
    "certificate": {"valid_from", "valid_to", "valid_at_signing", "revocation", "purpose_ok"},
}  # fmt: skip
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_the_json_has_every_key_of_the_contract(bench: Workbench) -> None:
    verdict = judge(bench.signed(Level.B_LTA).path, bench.trust, at=now())
    entry = json.loads(json.dumps(verdict_json(verdict, "dossier/a.pdf")))
    assert set(entry) == FILE_KEYS
    assert entry["file"] == "dossier/a.pdf"
    assert set(entry["policy"]) == {"id", "version", "sha256", "anchors_sha256"}
    for signature in entry["signatures"]:
        assert set(signature) == SIGNATURE_KEYS
        for name, keys in NESTED_KEYS.items():
            assert set(signature[name]) == keys
        assert set(signature["certificate"]["revocation"]) == {"status", "source", "time"}
    ours, stamp = entry["signatures"]
    assert (ours["kind"], ours["level"]) == ("signature", "B-LTA")
    assert (stamp["kind"], stamp["level"]) == ("document_timestamp", None)
    assert set(ours["timestamps"][0]) == {"time", "tsa", "indication", "valid_to"}
    for time in (entry["validated_at"], ours["claimed_time"], ours["best_time"]):
        assert TIME.fullmatch(time)


def test_a_broken_signature_has_the_same_keys(bench: Workbench, tmp_path: Path) -> None:
    content = bench.signed(Level.B_B).path.read_bytes()
    target = tmp_path / "a.pdf"
    target.write_bytes(content.replace(b"/ByteRange [0", b"/ByteRange [9"))
    entry = verdict_json(judge(target, bench.trust, at=now()), "a.pdf")
    signature = entry["signatures"][0]
    assert set(signature) == SIGNATURE_KEYS
    for name, keys in NESTED_KEYS.items():
        assert set(signature[name]) == keys
    assert signature["indication"] == "TOTAL-FAILED"
    assert signature["sub_indication"] == "FORMAT_FAILURE"
    assert signature["integrity"]["intact"] is None


def test_people_read_every_field_that_the_circular_demands(bench: Workbench) -> None:
    verdict = judge(bench.signed(Level.B_LTA).path, bench.trust, at=now())
    assert is_passed(verdict)
    text = "\n".join(describe_vi(verdict))
    for words in (
        "KẾT LUẬN: Hợp lệ [TOTAL-PASSED]",
        "Kiểm tra tại thời điểm",
        "không qua mạng",
        "Chủ thể ký: ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM",
        "Cơ quan cấp chứng thư: CA phục vụ các cơ quan Nhà nước G2 THỬ NGHIỆM",
        "Đơn vị quản lý chứng thư: Ban Cơ yếu Chính phủ (THỬ NGHIỆM)",
        "theo dấu thời gian",
        "Tính toàn vẹn: nội dung được ký còn nguyên vẹn",
        "Tính hợp lệ tại thời điểm ký: còn hiệu lực",
        "Tình trạng thu hồi: chưa bị thu hồi, nguồn CRL",
        "Thời hạn chứng thư: từ",
    ):
        assert words in text


def test_unknown_revocation_and_missing_files_are_said_plainly(
    bench: Workbench, tmp_path: Path
) -> None:
    unknown = "\n".join(describe_vi(judge(bench.signed(Level.B_B).path, bench.trust, at=now())))
    assert "Chưa kết luận được: không kiểm tra được tình trạng thu hồi" in unknown
    assert "do người ký khai, không có dấu thời gian" in unknown
    missing = "\n".join(describe_vi(judge(tmp_path / "x.pdf", bench.trust, at=now())))
    assert "Không kiểm tra được tệp" in missing
    unsigned = describe_vi(judge(make_pdf(tmp_path / "a.pdf"), bench.trust, at=now()))
    assert any("Tệp không có chữ ký số nào." in line for line in unsigned)
