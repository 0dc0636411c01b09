"""Certified copies: the filed PDF itself, with one more revision that the agency signs.

TT 05/2025/TT-BNV shows that signature by the words «BẢN SAO» alone, at the top right of page 1. The
record's bytes stay as they are inside, so its own signatures can still be judged. It is asked for,
released by a person, and signed by the engine, as papers are; what fails is released anew. It is a
copy of what the archive holds, and nothing else: no statement about any original is made.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from config import codec
from config.vocabulary import EventType
from desk.blocks import Wish, lay_blocks
from desk.copies import PLAIN_SUFFIX
from desk.key_notes import KeyNote, Purpose, proof_detail, use_event
from desk.moments import now
from desk.reading_copies import KEEP_CERTIFIED, certified_folder
from desk.releases import AUTOMATIC, Releasing
from desk.sealing import signing_level
from desk.services import Services
from desk.session_folders import OF_RECORD
from desk.stages import ACTOR
from desk.unfinished import begins_with
from digitize.access_job import COPY_WORD
from digitize.errors import DigitizeError
from signing.errors import BlockDoesNotFit, SigningError
from signing.model import Indication, SignedPdf, SignRequest, VisibleBlock
from storage.access_copies import CopyState, IssuedCopy, Told
from storage.archive import Archive
from storage.errors import ObjectDamaged, ObjectMissing, StorageError
from storage.key_uses import Place, UseState
from storage.model import NewEvent
from storage.safe_files import write_whole

log = logging.getLogger(__name__)

REQUEST = "release_copies"
FIELD_PREFIX = "CQ_BanSao_"
_ID_DIGITS = 8
_CUT_OFF = "Lần ký trước bị ngắt giữa chừng và không giữ được gì. Hãy duyệt lại."
_UNEXPECTED = "Lỗi chưa lường trước; chi tiết nằm trong nhật ký của trạm. Hãy báo người quản trị."


@dataclass(frozen=True, slots=True, kw_only=True)
class _WordWish(Wish):
    """A block that says «BẢN SAO» and nothing else."""

    def shapes(self) -> Iterator[tuple[str, ...]]:
        """Yield its one line."""
        yield (COPY_WORD,)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCopy:
    """A certified copy that waits for a person's release."""

    id: str
    record_id: str
    paper: str
    """Dossier code and ordinal."""
    pdf_sha256: str
    """Digest of the PDF that is copied."""
    actor: str
    """Who asks for it."""
    reason: str
    note: str
    """Why it was not signed at the last try; empty where there was none."""


def waiting_copies(archive: Archive) -> list[WaitingCopy]:
    """Return the certified copies that wait for a person's release, the oldest first."""
    return [
        WaitingCopy(
            id=copy.id,
            record_id=copy.record_id,
            paper=f"{copy.dossier_code}.{copy.ordinal}",
            pdf_sha256=copy.pdf_sha256,
            actor=copy.actor,
            reason=copy.reason,
            note=copy.note,
        )
        for copy in archive.copies.in_state(CopyState.ASKED)
    ]


def ask_copy_release(archive: Archive, copies: Sequence[str], who: Releasing) -> int:
    """Ask the engine to release copies in a person's name; return the request's number.

    Args:
        archive: whose register.
        copies: ids of what the person saw.
        who: the person, and for which key.
    """
    body = {"copies": list(copies), "key": who.key, "device": codec.to_plain(who.device)}
    return archive.requests.ask(REQUEST, body, who.actor, now())


def apply_copy_releases(services: Services) -> int:
    """Act on the releases that persons asked for; return how many copies shall be signed."""
    archive, count = services.archive, 0
    for request in archive.requests.pending(REQUEST):
        told = {name: request.body[name] for name in ("key", "device")}
        for copy in archive.copies.in_state(CopyState.ASKED):
            if copy.id in request.body["copies"]:
                count += _release(copy, request.actor, told, archive)
        archive.requests.complete(request.id, now())
    if count:
        # A person has seen to the token or service that stopped.
        services.seal.resume()
    if services.station.settings.signing.release == AUTOMATIC:
        told = {"key": services.station.settings.signing.key}
        fresh = [copy for copy in archive.copies.in_state(CopyState.ASKED) if not copy.note]
        count += sum(_release(copy, AUTOMATIC, told, archive) for copy in fresh)
    return count


def _release(copy: IssuedCopy, actor: str, told: dict[str, Any], archive: Archive) -> bool:
    act = Told(type=EventType.RELEASE, actor=actor, at=now(), outcome="certified_copy", detail=told)
    return archive.copies.change(copy, act, state=CopyState.RELEASED, note="") is not None


class CertifiedCopies:
    """Signs released copies one after the other, beside the engine's other work.

    Args:
        services: whose station; its agency key signs.
        pool: threads of the engine: a timestamp may take minutes.
    """

    def __init__(self, services: Services, pool: ThreadPoolExecutor) -> None:
        self._services = services
        self._pool = pool
        self._work: Future[None] | None = None

    def take_up(self) -> bool:
        """Act on releases, and begin to sign what is released; tell whether anything is in work."""
        apply_copy_releases(self._services)
        if self._work is not None and self._work.done():
            work, self._work = self._work, None
            work.result()
        released = self._services.archive.copies.in_state(CopyState.RELEASED)
        if self._work is None and released:
            self._work = self._pool.submit(sign_released, released, self._services)
        return self._work is not None


def sign_released(copies: Sequence[IssuedCopy], services: Services) -> None:
    """Sign copies; one that cannot be signed waits for another release, with the reason.

    Raises:
        StorageError, OSError: the station itself cannot go on; the copy is taken up again later.
    """
    for copy in copies:
        try:
            _sign(copy, services)
        except (SigningError, DigitizeError, ObjectMissing, ObjectDamaged) as error:
            log.warning("a certified copy was not signed: %s", error)
            _wait_again(copy, f"{type(error).__name__}: {error.vi}", services)
        except (StorageError, OSError):
            raise
        except Exception:
            log.exception("unexpected error in the certified copy %s", copy.id)
            _wait_again(copy, _UNEXPECTED, services)


def _wait_again(copy: IssuedCopy, note: str, services: Services) -> None:
    # Signed, and cut off before the register said so: nobody may fetch what it does not know.
    _place_of(copy, services).unlink(missing_ok=True)
    services.archive.copies.change(copy, None, state=CopyState.ASKED, note=note)


def _sign(copy: IssuedCopy, services: Services) -> None:
    archive = services.archive
    place = Place(
        subject=copy.record_id,
        paper=OF_RECORD,
        field=f"{FIELD_PREFIX}{copy.id[-_ID_DIGITS:]}",
        pdf_sha256=copy.pdf_sha256,
    )
    if _was_cut_off(place, archive):
        _wait_again(copy, _CUT_OFF, services)
        return
    work = services.workspace(copy.id)
    try:
        _sign_in(work, copy, place, services)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sign_in(work: Path, copy: IssuedCopy, place: Place, services: Services) -> None:
    source, target = work / "source.pdf", work / "signed.pdf"
    services.archive.objects.copy_to(copy.pdf_sha256, source)
    note = KeyNote(services.archive, Purpose(place=place, actor=ACTOR))
    request = _request(copy, (source, target), place.field, services)
    try:
        signed = services.seal.sign(request, note.intend)
    except SigningError as error:
        note.fail(error)
        raise
    _issue(copy, signed, (source, note.made.number), services)


def _was_cut_off(place: Place, archive: Archive) -> bool:
    """Tell whether a run ended while this copy was signed; that use of the key is over then."""
    use = archive.key_uses.standing(place)
    if use is None:
        return False
    states = (UseState.INTENDED, UseState.UNKNOWN, UseState.SIGNED)
    event = use_event(use, "given up")
    return archive.key_uses.end(use.number, UseState.GIVEN_UP, now(), event, of=states)


def _request(
    copy: IssuedCopy, paths: tuple[Path, Path], field: str, services: Services
) -> SignRequest:
    source, target = paths
    return SignRequest(
        source=source,
        target=target,
        field_name=field,
        level=signing_level(services),
        block=_block(source, services),
        reason=None,
        at=now(),
        title=f"{COPY_WORD} {copy.dossier_code}.{copy.ordinal}",
        reference=copy.id,
    )


def _block(source: Path, services: Services) -> VisibleBlock:
    """Lay «BẢN SAO» on a free place as near to the upper right corner as it goes.

    Raises:
        BlockDoesNotFit: the upper half of page 1 is full.
    """
    # Servers of the pages only ask for copies: what reads pictures is loaded by who makes them.
    from digitize import images

    wish = _WordWish(corner="right", name="", at=now(), copy_type=None, rules=services.rules.block)
    words = [word.box for line in images.read_every_word(source, 0).lines for word in line.words]
    laid = lay_blocks(source, (wish,), words)
    if laid is None:
        raise BlockDoesNotFit(
            "Nửa trên trang 1 không còn chỗ trống cho chữ «BẢN SAO». Hãy cấp bản sao không chứng "
            "nhận.",
            "no free place for the words in the upper half of page 1; issue an uncertified copy",
        )
    return laid[wish.corner]


def _issue(
    copy: IssuedCopy, signed: SignedPdf, made_of: tuple[Path, int], services: Services
) -> None:
    """Hand out what was signed: the file is there before the register says so."""
    (source, use), archive = made_of, services.archive
    assert signed.verdict.overall is Indication.TOTAL_PASSED, "the key's own door judged it"
    assert begins_with(signed.path, source), "only a revision is added"
    target = _place_of(copy, services)
    write_whole(target, signed.path.read_bytes())
    at = now()
    told = Told(
        type=EventType.DISSEMINATION,
        actor=copy.actor,
        at=at,
        outcome=copy.kind.value,
        detail={"level": signed.level.value},
    )
    with archive.db.transaction():
        events = _signature_events(copy, signed, proof_detail(use, archive))
        archive.key_uses.end(use, UseState.SIGNED, at, *events)
        issued = archive.copies.change(
            copy,
            told,
            state=CopyState.ISSUED,
            file=services.station.relative(target),
            sha256=signed.sha256,
            expires_at=at + KEEP_CERTIFIED,
        )
    if issued is None:
        # The record was destroyed meanwhile, and the row with it.
        target.unlink(missing_ok=True)


def _place_of(copy: IssuedCopy, services: Services) -> Path:
    """Return where a copy is fetched."""
    name = f"{copy.dossier_code}.{copy.ordinal}.{copy.id[-_ID_DIGITS:]}{PLAIN_SUFFIX}"
    return certified_folder(services.station) / name


def _signature_events(
    copy: IssuedCopy, signed: SignedPdf, proofs: Mapping[str, object]
) -> tuple[NewEvent, NewEvent]:
    """Tell of the signature and of its check."""
    detail = {
        **copy.detail(),
        "field": signed.field_name,
        "copy_sha256": signed.sha256,
        "indication": signed.verdict.overall.value,
        "policy": signed.verdict.policy.id,
        "anchors_sha256": signed.verdict.policy.anchors_sha256,
    }
    signature = NewEvent(
        type=EventType.SIGNATURE_GENERATION,
        object=copy.record_id,
        actor=ACTOR,
        at=now(),
        outcome="certified_copy",
        detail={**detail, **proofs},
    )
    return signature, replace(signature, type=EventType.SIGNATURE_VALIDATION, detail=detail)
