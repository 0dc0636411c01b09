"""A verdict told to people: every field that TT 15/2025/TT-BKHCN Art. 6 demands, and what it means.

Valid or not, who signed, for which unit, who issued the certificate and which unit manages it, when
and by which proof, integrity, validity at signing, revocation and its source, period of the
certificate. A field that is not known is said to be unknown, never left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from config.signature_policy import Profile
from config.statement import Row, Section, Statement, Tone
from signing.model import (
    CertificateVerdict,
    FileVerdict,
    Indication,
    Kind,
    Remark,
    SignatureVerdict,
)
from signing.shown_text import SENTENCE_LETTERS, shown
from signing.signature_words import (
    describe_integrity,
    describe_period,
    describe_revocation,
    describe_signing_time,
    describe_standing,
    show_time,
)
from signing.texts import (
    INDICATIONS,
    KINDS,
    PROFILES,
    Language,
    Words,
    describe_sub_indication,
)

_TONES = {
    Indication.TOTAL_PASSED: Tone.GOOD,
    Indication.TOTAL_FAILED: Tone.BAD,
    Indication.INDETERMINATE: Tone.DOUBT,
    Indication.NO_SIGNATURE_FOUND: Tone.DOUBT,
}
_UNKNOWN: Words = ("không rõ", "unknown")
_TITLE: Words = ("Báo cáo kiểm tra chữ ký số", "Report on digital signatures")
_CAUTION: Words = (
    "Báo cáo này nói về đúng những byte có mã SHA-256 ghi trên, tại thời điểm kiểm tra, theo bộ "
    "quy tắc và danh sách tin cậy ghi trên. Tệp bị cắt về một phiên bản trọn vẹn trước đó thì "
    "chính là phiên bản ấy: chỉ mã SHA-256 đã lưu mới cho biết chữ ký sau bị mất.",
    "This report speaks of exactly the bytes whose SHA-256 is given, at the moment and under the "
    "rules and anchors that are named. A file cut back to an earlier whole revision is that "
    "earlier file: only a digest kept elsewhere tells that a later signature is missing.",
)
_HEADING_LETTERS = 80
_NOTE: Words = ("Lưu ý", "Note")
# A hostile file may give thousands of reasons; the first ones tell enough.
_MOST_REMARKS = 20
_NO_SIGNER: Words = ("Không có chữ ký, chỉ có dấu thời gian", "No signature, timestamps only")
_ONLY_STAMPS: Words = (
    "Tệp chỉ có dấu thời gian, không có chữ ký của người hay cơ quan nào.",
    "The file holds timestamps only; no person and no agency signed it.",
)


def state(verdict: FileVerdict, shown_as: str, language: Language = Language.VI) -> Statement:
    """Tell a verdict.

    Args:
        verdict: The verdict.
        shown_as: The file's name as the user gave it.
        language: In which language.
    """
    teller = _Teller(language)
    return Statement(
        language=language.value,
        title=language.of(_TITLE),
        conclusion=conclude(verdict, language),
        tone=Tone.DOUBT if _is_signed_by_nobody(verdict) else _TONES[verdict.overall],
        reference=f"SHA-256 {verdict.sha256 or teller.unknown}",
        checked=teller.checked(verdict),
        sections=(
            teller.file(verdict, shown_as),
            *(teller.signature(signature) for signature in verdict.signatures),
        ),
        caution=language.of(_CAUTION),
    )


def conclude(verdict: FileVerdict, language: Language = Language.VI) -> str:
    """Tell the conclusion in one line, the words of the standard beside it.

    Args:
        verdict: The verdict.
        language: In which language.
    """
    words = language.of(INDICATIONS[verdict.overall])
    if _is_signed_by_nobody(verdict):
        words = f"{language.of(_NO_SIGNER)} ({words.lower()})"
    if not verdict.readable:
        words = language.of(("Không kiểm tra được tệp", "The file could not be examined"))
    elif verdict.overall_sub is not None:
        words += f": {language.of(describe_sub_indication(verdict.overall_sub))}"
    sub = verdict.overall_sub.value if verdict.overall_sub else None
    codes = " / ".join(filter(None, (verdict.overall.value, sub)))
    return f"{language.of(('KẾT LUẬN', 'CONCLUSION'))}: {words} [{codes}]."


def _is_signed_by_nobody(verdict: FileVerdict) -> bool:
    """Tell whether a file holds timestamps, and no signature of anyone."""
    kinds = {signature.kind for signature in verdict.signatures}
    return kinds == {Kind.DOCUMENT_TIMESTAMP}


def describe_vi(verdict: FileVerdict) -> list[str]:
    """Tell a verdict in Vietnamese lines; the first two say what was found and what was checked.

    Args:
        verdict: The verdict.
    """
    return describe(state(verdict, str(verdict.path)))


def describe(statement: Statement) -> list[str]:
    """Lay a statement out in lines, for a terminal or a slip."""
    lines = [statement.conclusion, statement.checked]
    for section in statement.sections:
        lines.append(f"{section.heading}:")
        lines += [f"  {row.label}: {row.value}" for row in section.rows]
    return lines


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells in one language."""

    language: Language

    @property
    def unknown(self) -> str:
        return self.language.of(_UNKNOWN)

    def row(self, label: Words, value: str | None, tone: Tone = Tone.PLAIN) -> Row:
        told = self.unknown if value is None else value
        return Row(label=self.language.of(label), value=told, tone=tone)

    def checked(self, verdict: FileVerdict) -> str:
        policy, at = verdict.policy, show_time(verdict.validated_at)
        anchors = policy.anchors_sha256[:12]
        if self.language is Language.EN:
            where = "authorities asked" if verdict.online else "by what the file holds, no network"
            return (
                f"Checked as of {at}: integrity, chain of certificates, revocation ({where}), "
                f"purpose, timestamps, changes after signing; rules {policy.id} {policy.version}, "
                f"anchors {anchors}."
            )
        where = (
            "có hỏi trực tuyến" if verdict.online else "chỉ theo dữ liệu trong tệp, không qua mạng"
        )
        return (
            f"Kiểm tra tại thời điểm {at}: tính toàn vẹn, chuỗi chứng thư, thu hồi ({where}), "
            f"mục đích, dấu thời gian, thay đổi sau khi ký; bộ quy tắc {policy.id} "
            f"{policy.version}, danh sách tin cậy {anchors}."
        )

    def file(self, verdict: FileVerdict, shown_as: str) -> Section:
        size = None if verdict.size_bytes is None else f"{verdict.size_bytes} byte"
        pages = None if verdict.pages is None else str(verdict.pages)
        rows = [
            self.row(("Tên tệp", "File"), shown(shown_as)),
            self.row(("SHA-256", "SHA-256"), verdict.sha256),
            self.row(("Dung lượng, số trang", "Size, pages"), self._both(size, pages)),
            self.row(("Số chữ ký", "Signatures"), self._count(verdict)),
            self.row(
                ("Bộ quy tắc", "Rules"),
                f"{verdict.policy.id} {verdict.policy.version}, SHA-256 {verdict.policy.sha256}",
            ),
            self.row(("Danh sách tin cậy", "Trust anchors"), verdict.policy.anchors_sha256),
        ]
        if verdict.unsigned_fields:
            names = shown(", ".join(verdict.unsigned_fields), SENTENCE_LETTERS)
            rows.append(self.row(("Trường chữ ký còn trống", "Empty signature fields"), names))
        rows += self._whole_file(verdict)
        rows += self._remarks(_NOTE, verdict.warnings, Tone.DOUBT)
        tone = Tone.PLAIN if not verdict.warnings else Tone.DOUBT
        return Section(heading=self.language.of(("Tệp", "File")), tone=tone, rows=tuple(rows))

    def _count(self, verdict: FileVerdict) -> str | None:
        if not verdict.signatures and verdict.overall is not Indication.NO_SIGNATURE_FOUND:
            return None  # nobody could look, or not to the end
        kinds = [signature.kind for signature in verdict.signatures]
        signed, stamps = kinds.count(Kind.SIGNATURE), kinds.count(Kind.DOCUMENT_TIMESTAMP)
        also: Words = (f"; dấu thời gian: {stamps}", f"; timestamps: {stamps}")
        return f"{signed}{self.language.of(also) if stamps else ''}"

    def _both(self, size: str | None, pages: str | None) -> str | None:
        if size is None or pages is None:
            return size
        return f"{size}, {pages} {self.language.of(('trang', 'pages'))}"

    def _whole_file(self, verdict: FileVerdict) -> Iterator[Row]:
        if verdict.overall is Indication.NO_SIGNATURE_FOUND:
            words: Words = ("Tệp không có chữ ký số nào.", "The file holds no digital signature.")
            yield self.row(_NOTE, self.language.of(words), Tone.DOUBT)
        elif _is_signed_by_nobody(verdict):
            yield self.row(_NOTE, self.language.of(_ONLY_STAMPS), Tone.DOUBT)

    def signature(self, signature: SignatureVerdict) -> Section:
        tone = _TONES[signature.indication]
        rows = [self._result(signature)]
        rows += self._remarks(("Lý do", "Reason"), signature.reasons, tone)
        rows += [*self._who(signature), *self._when(signature), *self._whether(signature)]
        rows += self._remarks(_NOTE, signature.warnings, Tone.DOUBT)
        kind = self.language.of(KINDS[signature.kind])
        field = shown(signature.field, _HEADING_LETTERS)
        return Section(heading=f"{kind} «{field}»", tone=tone, rows=tuple(rows))

    def _result(self, signature: SignatureVerdict) -> Row:
        words = self.language.of(INDICATIONS[signature.indication])
        level = ""
        if signature.level is not None:
            level = self.language.of((", mức ", ", level ")) + signature.level.value
        sub = f" / {signature.sub_indication.value}" if signature.sub_indication else ""
        said = f"{words} [{signature.indication.value}{sub}]{level}"
        return self.row(("Kết quả", "Result"), said, _TONES[signature.indication])

    def _who(self, signature: SignatureVerdict) -> Iterator[Row]:
        signer = signature.signer
        unit = issuer = manager = serial = None
        if signer is not None:
            unit = shown(signer.organization) if signer.organization else None
            issuer = shown(signer.issuer)
            manager = shown(signer.issuer_organization or signer.issuer)
            serial = shown(signer.serial)
        yield self.row(("Chủ thể ký", "Signer"), shown(signer.cn) if signer else None)
        yield self.row(("Đơn vị của chủ thể ký", "Organisation of the signer"), unit)
        yield self.row(("Cơ quan cấp chứng thư", "Issuer of the certificate"), issuer)
        yield self.row(("Đơn vị quản lý chứng thư", "Unit that manages the certificate"), manager)
        yield self.row(("Số chứng thư", "Serial number"), serial)
        if signature.profile is not None:
            hierarchy = self.language.of(PROFILES[Profile(signature.profile)])
            yield self.row(("Hệ thống chứng thực", "Hierarchy"), hierarchy)

    def _when(self, signature: SignatureVerdict) -> Iterator[Row]:
        said, tone = describe_signing_time(signature)
        yield self.row(("Thời điểm ký", "Signing time"), self.language.of(said), tone)
        for stamp in signature.timestamps:
            found = self.language.of(INDICATIONS[stamp.indication])
            yield self.row(
                ("Dấu thời gian", "Timestamp"),
                f"{show_time(stamp.time)}, {shown(stamp.tsa)}: {found} [{stamp.indication.value}]",
                _TONES[stamp.indication],
            )

    def _whether(self, signature: SignatureVerdict) -> Iterator[Row]:
        said, tone = describe_integrity(signature.integrity)
        yield self.row(("Tính toàn vẹn", "Integrity"), self.language.of(said), tone)
        certificate = signature.certificate
        said, tone = describe_standing(signature)
        yield self.row(
            ("Tính hợp lệ tại thời điểm ký", "Validity at signing"), self.language.of(said), tone
        )
        said, tone = describe_revocation(certificate)
        yield self.row(("Tình trạng thu hồi", "Revocation"), self.language.of(said), tone)
        period = None if certificate is None else self.language.of(describe_period(certificate))
        yield self.row(("Thời hạn chứng thư", "Period of the certificate"), period)
        yield self._purpose(certificate)

    def _purpose(self, certificate: CertificateVerdict | None) -> Row:
        label: Words = ("Mục đích chứng thư", "Purpose of the certificate")
        if certificate is None:
            return self.row(label, None)
        if certificate.purpose_ok:
            return self.row(label, self.language.of(("đúng mục đích", "made for this use")))
        wrong: Words = ("SAI mục đích", "NOT made for this use")
        return self.row(label, self.language.of(wrong), Tone.BAD)

    def _remarks(self, label: Words, remarks: tuple[Remark, ...], tone: Tone) -> Iterator[Row]:
        for remark in remarks[:_MOST_REMARKS]:
            yield self.row(label, self._words(remark), tone)
        if (left := len(remarks) - _MOST_REMARKS) > 0:
            more: Words = (f"và {left} điều nữa, xem bản JSON hoặc XML", f"and {left} more")
            yield self.row(label, self.language.of(more), tone)

    def _words(self, remark: Remark) -> str:
        said = shown(self.language.of((remark.vi, remark.en)), SENTENCE_LETTERS)
        return f"{said} [{remark.code}]"
