"""The agency's signatures whose making was cut off: taken up where the signed file is there.

Where it is not, nobody knows whether the key was used. Such a paper is never signed again by
itself: it waits until an officer says that it be signed again, gives the signed file, or gives up.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config import codec
from desk.endings import Held
from desk.key_notes import find_unknown
from desk.moments import now, show
from desk.services import Services
from desk.stages import ACTOR
from signing.model import FileVerdict, Indication, Level, SubIndication
from storage.key_uses import KeyUse
from storage.model import ObjectRef
from storage.submissions import Outcome, Reason, SubmissionState

FOUND = "sign_found"
"""Stage that keeps a signed file which was found, until it is judged."""
UNPROVEN = "signature_unproven"
"""Reason code: what was found cannot be judged for now; the engine tries again by itself."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A signature whose making was cut off."""

    use: KeyUse
    source: Path
    """The PDF that was to be signed."""
    target: Path
    """Where the signed file was to be written."""
    level: Level
    """Level that was asked for."""


def take_up(unfinished: Unfinished, services: Services) -> tuple[ObjectRef, FileVerdict, str]:
    """Return the signed file, its verdict, and who found it.

    Raises:
        Held: there is none, or it is not what was asked for: an officer must decide; or it cannot
            be judged for now.
    """
    _keep_made(unfinished, services)
    use, ledger = unfinished.use, services.archive.ledger
    found = ledger.outcome(use.place.subject, use.place.paper, FOUND)
    if found is None:
        find_unknown(use, services.archive, "the program ended")
        raise Held(SubmissionState.AWAITING_RELEASE, unknown_signature(use))
    ref = codec.from_plain(ObjectRef, found["pdf"])
    path = services.archive.objects.path(ref.sha256)
    verdict = services.judge.judge(path, now())
    if verdict.overall_sub is SubIndication.TRY_LATER:
        raise Held(SubmissionState.AWAITING_TIMESTAMP, _unproven())
    if not _is_as_asked(verdict, unfinished) or not begins_with(path, unfinished.source):
        ledger.forget_outcomes(use.place.subject, (FOUND,), paper=use.place.paper)
        find_unknown(use, services.archive, "the file that was found does not pass")
        raise Held(SubmissionState.AWAITING_RELEASE, unknown_signature(use, _REFUSED))
    return ref, verdict, str(found["by"])


def _keep_made(unfinished: Unfinished, services: Services) -> None:
    """Keep the signed file that the program had named before it was cut off."""
    if unfinished.target.is_file():
        stored = services.archive.objects.add(unfinished.target)
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        keep_found(unfinished.use, ref, services, ACTOR)


def keep_found(use: KeyUse, pdf: ObjectRef, services: Services, who: str) -> None:
    """Keep a signed file for a paper until it is judged; one that was kept before gives way."""
    ledger, place = services.archive.ledger, use.place
    with services.archive.db.transaction():
        ledger.forget_outcomes(place.subject, (FOUND,), paper=place.paper)
        ledger.record_outcome(
            Outcome(
                submission_id=place.subject,
                paper=place.paper,
                stage=FOUND,
                body={"pdf": codec.to_plain(pdf), "by": who},
                objects=(pdf.sha256,),
            )
        )


def _is_as_asked(verdict: FileVerdict, unfinished: Unfinished) -> bool:
    """Tell whether a file passes, and holds the signature of the very certificate that was used."""
    wanted = unfinished.use.checked.get("signer", {}).get("serial")
    made = [
        each.signer is not None and each.signer.serial == wanted and each.level is unfinished.level
        for each in verdict.signatures
        if each.field == unfinished.use.place.field
    ]
    return verdict.overall is Indication.TOTAL_PASSED and made == [True]


def begins_with(path: Path, start: Path) -> bool:
    """Tell whether a file only adds to another."""
    with path.open("rb") as whole, start.open("rb") as part:
        chunks = iter(lambda: part.read(_CHUNK), b"")
        return all(whole.read(len(chunk)) == chunk for chunk in chunks)


_REFUSED = (
    "Tệp đã nộp không phải là giấy này với chữ ký của cơ quan hợp lệ. ",
    "; the file that was given is not this paper with a valid signature",
)


def unknown_signature(use: KeyUse, more: tuple[str, str] = ("", "")) -> Reason:
    """Say that nobody knows whether a paper was signed, and who decides.

    Args:
        use: the use of the key.
        more: what is said with it, Vietnamese and English.
    """
    return Reason(
        code="unknown_signature",
        vi=f"{more[0]}Chưa rõ giấy này đã được ký hay chưa: việc ký bị ngắt đúng lúc dùng khóa của "
        f"cơ quan ({show(use.at)}). Máy không tự ký lại. Người có thẩm quyền xem bằng "
        "`hoso release` rồi chọn: ký lại (--again), nộp tệp đã ký (--found), hoặc thôi ký "
        "(--give-up).",
        en="nobody knows whether it was signed; an officer decides with hoso release --again, "
        f"--found or --give-up{more[1]}",
    )


def _unproven() -> Reason:
    return Reason(
        code="signature_unproven",
        vi="Tìm thấy tệp đã ký nhưng chưa kiểm tra được: dịch vụ thu hồi chứng thư chưa trả lời. "
        "Trạm tự thử lại, không phải làm gì.",
        en="the signed file was found, but cannot be judged yet: revocation is unknown",
    )
