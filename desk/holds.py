"""What officers say about keeping single dossiers and papers: holds, and terms of their own."""

from __future__ import annotations

from config.codes import is_dossier_code
from config.retention import Term, make_term
from config.rules import load_rule_set
from desk.errors import UnknownCode
from desk.moments import now, vietnam
from storage.archive import Archive
from storage.errors import RecordNotFound
from storage.retention import Hold, HoldGround, OwnTerm, Said


def hold(archive: Archive, code: str, ground: HoldGround, reason: str, *, actor: str) -> Hold:
    """Stop the destruction of a dossier or a paper.

    Raises:
        UnknownCode: neither register nor archive knows the code.
        DisposalRefused: its destruction has begun.
    """
    said = Said(reason=reason, actor=actor, at=now())
    return archive.retention.hold(_subject(archive, code), ground, said)


def lift(archive: Archive, code: str, reason: str, *, actor: str) -> list[Hold]:
    """End the holds on a dossier or a paper.

    Raises:
        UnknownCode: neither register nor archive knows the code.
    """
    said = Said(reason=reason, actor=actor, at=now())
    return archive.retention.lift(_subject(archive, code), said)


def set_term(
    archive: Archive, code: str, stated: tuple[str, int], reason: str, *, actor: str
) -> Term:
    """Set the term of a dossier.

    Args:
        archive: whose.
        code: mã hồ sơ.
        stated: code of the term, and its years where that is 07.
        reason: why.
        actor: who.

    Raises:
        UnknownCode: the dossier is not known, or there is no such term.
    """
    term_code, years = stated
    periods = load_rule_set(vietnam(now()).date()).retention
    made = make_term(periods, term_code, years, "hồ sơ", "dossier")
    if made is None:
        raise UnknownCode(
            f"Không có thời hạn «{term_code}»: dùng 01 đến 07; --years chỉ đi với 07, từ 1 năm.",
            f"no such term: {term_code!r}; 01 to 07, and --years (from 1) with 07 alone",
        )
    if not is_dossier_code(code):
        raise _unknown(code)
    own = OwnTerm(dossier_code=_subject(archive, code), code=term_code, years=years)
    archive.retention.set_term(own, Said(reason=reason, actor=actor, at=now()))
    return made


def _subject(archive: Archive, code: str) -> str:
    """Return the dossier code or record id that is meant."""
    if is_dossier_code(code):
        if archive.register.dossier(code) or archive.records.of_dossier(code):
            return code
        raise _unknown(code)
    for written in (code, code.lower()):
        try:
            return archive.records.get(written).id
        except RecordNotFound:
            continue
    raise _unknown(code)


def _unknown(code: str) -> UnknownCode:
    return UnknownCode(
        f"Không có hồ sơ hay giấy tờ nào mang mã «{code}». Hãy kiểm tra lại mã.",
        f"no dossier or record is known under {code!r}",
    )
