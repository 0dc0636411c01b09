from __future__ import annotations

from dataclasses import replace

import pytest

from config.statement import Row, Statement, Tone
from signing.model import (
    BestTimeKind,
    FileVerdict,
    Indication,
    Kind,
    RevocationStatus,
    RevocationVerdict,
)
from signing.statement import conclude, describe, describe_vi, state
from signing.texts import Language
from tests.signing.made_verdicts import (
    AT,
    EVERY,
    PASSED,
    SIGNATURE,
    UNSIGNED,
    broken_field,
    forged,
    hostile,
    unknown_revocation,
    with_signature,
)

# TT 15/2025/TT-BKHCN Art. 6: what verification software must show at least, and a word of it.
DEMANDED = {
    "Kết quả": "Hợp lệ",
    "Cơ quan cấp chứng thư": "CA cơ quan THỬ NGHIỆM",
    "Chủ thể ký": "ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM",
    "Đơn vị quản lý chứng thư": "Ban Cơ yếu THỬ NGHIỆM",
    "Thời điểm ký": "20/11/2026 10:04:05 (+07:00) theo dấu thời gian",
    "Dấu thời gian": "TSA THỬ NGHIỆM",
    "Tính toàn vẹn": "còn nguyên vẹn",
    "Tính hợp lệ tại thời điểm ký": "còn hiệu lực",
    "Tình trạng thu hồi": "chưa bị thu hồi, nguồn CRL 20/11/2026 09:04:05",
    "Thời hạn chứng thư": "đến 01/01/2028 07:00:00",
    "Mục đích chứng thư": "đúng mục đích",
    "Hệ thống chứng thực": "chuyên dùng công vụ",
}


def rows_of(statement: Statement) -> dict[str, Row]:
    return {row.label: row for section in statement.sections for row in section.rows}


@pytest.mark.parametrize("label", DEMANDED)
def test_every_field_that_the_circular_demands_is_told(label: str) -> None:
    assert DEMANDED[label] in rows_of(state(PASSED, "quyet-dinh.pdf"))[label].value


@pytest.mark.parametrize("label", [label for label in DEMANDED if label != "Hệ thống chứng thực"])
def test_a_field_that_is_not_known_is_said_to_be_unknown(label: str) -> None:
    rows = rows_of(state(broken_field(), "a.pdf"))
    if label != "Dấu thời gian":  # there is none
        assert rows[label].value
        assert rows[label].tone is not Tone.GOOD


@pytest.mark.parametrize("verdict", EVERY, ids=lambda verdict: str(verdict.overall_sub))
@pytest.mark.parametrize("language", Language)
def test_a_conclusion_is_never_shown_without_what_was_checked(
    verdict: FileVerdict, language: Language
) -> None:
    statement = state(verdict, "a.pdf", language)
    assert verdict.overall.value in statement.conclusion
    assert "21/11/2026 10:04:05 (+07:00)" in statement.checked
    assert f"{verdict.policy.id} {verdict.policy.version}" in statement.checked
    assert verdict.policy.sha256 in " ".join(row.value for row in rows_of(statement).values())
    assert describe(statement)[:2] == [statement.conclusion, statement.checked]


def test_the_two_languages_say_the_same_rows_in_other_words() -> None:
    vietnamese, english = (state(PASSED, "a.pdf", language) for language in Language)
    assert [len(one.rows) for one in vietnamese.sections] == [
        len(one.rows) for one in english.sections
    ]
    told = " ".join((english.conclusion, english.checked, *rows_of(english)))
    assert not set("ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ") & set(told.lower())


def test_unknown_revocation_is_never_told_as_valid() -> None:
    verdict = unknown_revocation()
    statement = state(verdict, "a.pdf")
    rows = rows_of(statement)
    assert statement.tone is Tone.DOUBT
    assert "KHÔNG KIỂM TRA ĐƯỢC" in rows["Tình trạng thu hồi"].value
    assert "KHÔNG KIỂM TRA ĐƯỢC" in rows["Tính hợp lệ tại thời điểm ký"].value
    assert not any("Hợp lệ" in line for line in describe(statement))


def _revoked(kind: BestTimeKind) -> FileVerdict:
    certificate = SIGNATURE.certificate
    assert certificate is not None
    revoked = RevocationVerdict(status=RevocationStatus.REVOKED, source="CRL", time=AT)
    return with_signature(
        replace(
            SIGNATURE,
            best_time_kind=kind,
            certificate=replace(certificate, revocation=revoked),
        )
    )


def test_what_was_revoked_later_held_only_where_a_timestamp_proves_it() -> None:
    label = "Tính hợp lệ tại thời điểm ký"
    proven = rows_of(state(_revoked(BestTimeKind.TIMESTAMP), "a.pdf"))[label]
    claimed = rows_of(state(_revoked(BestTimeKind.CLAIMED), "a.pdf"))[label]
    assert (proven.tone, claimed.tone) == (Tone.GOOD, Tone.DOUBT)
    assert "không có gì chứng minh" in claimed.value


def test_a_forged_page_is_named_where_it_counts() -> None:
    statement = state(forged(), "a.pdf")
    assert statement.tone is Tone.BAD
    rows = rows_of(statement)
    assert rows["Lý do"].value == "Trang 2 được thêm sau khi ký. [PAGE_ADDED]"
    assert "trang 2" in rows["Tính toàn vẹn"].value
    assert rows["Tính toàn vẹn"].tone is Tone.BAD


def test_a_file_of_timestamps_alone_was_signed_by_nobody() -> None:
    stamp = replace(SIGNATURE, kind=Kind.DOCUMENT_TIMESTAMP, level=None)
    statement = state(with_signature(stamp), "a.pdf")
    assert statement.conclusion.startswith("KẾT LUẬN: Không có chữ ký, chỉ có dấu thời gian")
    assert statement.tone is Tone.DOUBT
    lines = "\n".join(describe(statement))
    assert "không có chữ ký của người hay cơ quan nào" in lines


def test_a_file_that_was_not_judged_to_the_end_is_not_said_to_hold_no_signature() -> None:
    overstepped = replace(PASSED, overall=Indication.INDETERMINATE, signatures=())
    statement = state(overstepped, "a.pdf")
    assert rows_of(statement)["Số chữ ký"].value == "không rõ"
    assert not any("không có chữ ký" in line for line in describe(statement))
    unsigned = rows_of(state(UNSIGNED, "a.pdf"))
    assert unsigned["Số chữ ký"].value == "0"
    assert unsigned["Lưu ý"].value == "Tệp không có chữ ký số nào."


def test_names_made_to_mislead_stay_in_their_row_and_in_bounds() -> None:
    lines = describe_vi(hostile())
    assert len(lines) < 100
    assert max(map(len, lines)) < 3000
    assert not any("\n" in line or "\u202e" in line or "\0" in line for line in lines)
    # Only one line of all begins as a conclusion does, and it is ours.
    assert [line for line in lines if line.lstrip().startswith("KẾT LUẬN")] == [conclude(hostile())]
    assert conclude(hostile()).startswith("KẾT LUẬN: Không hợp lệ")
    assert all(verdict.overall is not Indication.TOTAL_PASSED for verdict in (hostile(), forged()))
