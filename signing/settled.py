"""An indication and its reasons, as one signature's verdict settles on them."""

from __future__ import annotations

from dataclasses import dataclass

from signing.model import Indication, Remark, SubIndication
from signing.texts import describe_sub_indication


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The indication and why.

    Attributes:
        indication: Main indication.
        sub_indication: Reason where it is not passed.
        reasons: The reason in plain words.
    """

    indication: Indication
    sub_indication: SubIndication | None
    reasons: tuple[Remark, ...]


def failed(reason: SubIndication, *remarks: Remark) -> Settled:
    """Settle on TOTAL-FAILED."""
    return Settled(indication=Indication.TOTAL_FAILED, sub_indication=reason, reasons=remarks)


def undecided(reason: SubIndication, *remarks: Remark) -> Settled:
    """Settle on INDETERMINATE."""
    return Settled(indication=Indication.INDETERMINATE, sub_indication=reason, reasons=remarks)


def remark_of(reason: SubIndication, detail: str = "") -> Remark:
    """Say a sub-indication in words, with what pyHanko adds in English."""
    vi, en = describe_sub_indication(reason)
    return Remark(code=reason.value, vi=f"Lý do: {vi}.", en=f"{en}. {detail}".rstrip(". ") + ".")
