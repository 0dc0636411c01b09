"""What a person who releases papers is told of the computer at which the agency's key lies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from desk.moments import show
from desk.remote.agency_work import agent_of
from desk.remote.line import DONE
from desk.remote.paired import PairedAgent, paired_agents
from desk.remote.standing import AgentStanding, Step, read_standing
from desk.station import Station
from desk.station_lock import is_engine_running

# Longer than an agent that waits, or signs, stays silent: it calls every three to ten seconds.
_SILENT_SECONDS = 30.0

_OPEN_IT = ("hãy mở chương trình ký (hoso agent) ở máy đó", "run `hoso agent` there")
_ENDS: Mapping[str, tuple[str, str]] = {
    "PinRefused": (
        "mã PIN gõ sai, chưa ký giấy nào. Mở lại chương trình ký và gõ lại; sai nhiều lần thì "
        "token tự khóa",
        "the PIN was wrong and nothing was signed; run `hoso agent` again and type it again: a "
        "token locks itself after a few wrong ones",
    ),
    "PinNearlyLocked": (
        "token chỉ còn một lần thử mã PIN nên máy không thử. Hãy kiểm tra mã PIN bằng phần mềm "
        "của hãng",
        "the token allows one last try of its PIN, which was not taken; see to it with the "
        "maker's program",
    ),
    "PinLocked": (
        "mã PIN của token đã bị khóa. Hãy nhờ nơi cấp chứng thư mở khóa",
        "the token's PIN is locked; whoever issued it can unlock it",
    ),
    "TokenAbsent": (
        "không thấy token cắm ở máy ký. Hãy cắm token rồi mở lại chương trình ký",
        "there is no token in that computer; plug it in and run `hoso agent` again",
    ),
    "TokenBusy": (
        "token đang bị chương trình khác dùng. Hãy đóng chương trình đó rồi mở lại chương trình ký",
        "another program uses the token; close it and run `hoso agent` again",
    ),
    "TokenLost": (
        "token bị rút ra hoặc mất kết nối giữa chừng. Hãy cắm lại rồi mở lại chương trình ký",
        "the token was pulled out or lost in mid-batch; plug it in and run `hoso agent` again",
    ),
    "CertificateRefused": (
        "chứng thư trên token không dùng để ký được (hết hạn, bị thu hồi hoặc sai mục đích). Hãy "
        "báo người quản trị",
        "the certificate on the token must not sign (expired, revoked or for another purpose); "
        "tell the administrator",
    ),
    "interrupted": ("người giữ khóa đã dừng đợt ký", "the holder of the key stopped the batch"),
    "declined": (
        "người giữ khóa không ký giấy nào của đợt: sổ ký ở máy đó ghi các giấy này đã ký",
        "the holder signed nothing of the batch: the journal there knows these papers",
    ),
    "lost": (
        "mất liên lạc với máy ký giữa đợt. Khi có mạng lại, hãy mở lại chương trình ký; giấy chưa "
        "rõ đã ký hay chưa (nếu có) hiện ở dưới",
        "the line to that computer was cut in mid-batch; run `hoso agent` again when it is back. A "
        "paper of which it is not known whether it was signed is shown below",
    ),
    "station stopped": (
        "trạm dừng giữa đợt; giấy chưa ký có trong đợt sau",
        "the station stopped in mid-batch; what was not signed is in the next one",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One sentence on how the computer stands."""

    tone: Literal["good", "doubt", "bad"]
    """Whether somebody has to see to it."""
    vi: str
    en: str


def describe_holder(station: Station, at: dt.datetime) -> Told | None:
    """Say how the computer with the agency's key stands; None where the key lies elsewhere."""
    name = agent_of(station.settings.signing.key)
    if name is None:
        return None
    paired = next((agent for agent in paired_agents(station) if agent.name == name), None)
    if paired is None:
        return Told(
            tone="bad",
            vi=f"Chưa có máy ký nào tên «{name}» được ghép với trạm. Người quản trị ghép máy bằng: "
            f"hoso agents pair {name}",
            en=f"no computer {name!r} is paired with the station: hoso agents pair {name}",
        )
    if not is_engine_running(station):
        return Told(
            tone="bad",
            vi=f"Máy ký «{name}» chưa liên lạc được: trạm đang dừng (hoso run).",
            en=f"the computer {name!r} cannot call: the station does not run (hoso run)",
        )
    return _describe(paired, read_standing(station, name), at)


def _describe(agent: PairedAgent, known: AgentStanding | None, at: dt.datetime) -> Told:
    vi, en = (
        f"Máy ký «{agent.name}» ({agent.person}): ",
        f"Computer {agent.name!r} ({agent.person}): ",
    )
    if known is None:
        return Told(
            tone="doubt",
            vi=f"{vi}chưa liên lạc từ khi trạm chạy; {_OPEN_IT[0]}.",
            en=f"{en}not heard of since the station started; {_OPEN_IT[1]}",
        )
    if known.step is Step.ENDED and known.why != DONE:
        why = _ENDS.get(known.why, (f"đợt ký dừng ({known.why})", f"the batch ended ({known.why})"))
        since = show(known.since)
        return Told(tone="bad", vi=f"{vi}{since}, {why[0]}.", en=f"{en}{since}, {why[1]}")
    silent = (at - known.seen_at).total_seconds() > _SILENT_SECONDS
    if known.step is Step.SHOWN:
        # Its officer reads, and types: it calls again with the PIN only.
        return Told(
            tone="doubt",
            vi=f"{vi}đã nhận danh sách {known.count} giấy lúc {show(known.since)}; chờ xem và nhập "
            "mã PIN ở máy đó.",
            en=f"{en}shows {known.count} papers since {show(known.since)}; its holder looks at the "
            "list and types the PIN there",
        )
    if silent:
        seen = show(known.seen_at)
        return Told(
            tone="doubt",
            vi=f"{vi}không liên lạc từ {seen}; {_OPEN_IT[0]}.",
            en=f"{en}not heard of since {seen}; {_OPEN_IT[1]}",
        )
    if known.step is Step.SIGNING:
        return Told(
            tone="good",
            vi=f"{vi}khóa đang mở, đã ký {known.signed}/{known.count} giấy.",
            en=f"{en}its key is open, {known.signed} of {known.count} papers are signed",
        )
    return Told(tone="good", vi=f"{vi}đang mở, sẵn sàng.", en=f"{en}is there and waits for papers")
