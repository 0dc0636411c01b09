"""Must a paper be digitised, on request only, or not at all (TT 01/2023/TT-VPCP Art. 4).

Decided from its kind, its role, its copy mark, the register and the rule set; where none of them
says anything the answer is `unknown`, with what was missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from config.rules import RuleSet
from config.vietnamese import fold
from config.vocabulary import DocumentClass, Role
from desk.accession import RegisterView
from digitize.model import Description

DutyWord = Literal["must", "on_request", "must_not", "unknown"]
UNKNOWN_CASE = "none"
_WORDS: dict[str, DutyWord] = {
    "must": "must",
    "on_request": "on_request",
    "must_not": "must_not",
}
NAMES: dict[str, str] = {
    "must": "phải số hóa",
    "on_request": "số hóa khi có yêu cầu",
    "must_not": "không số hóa như bản chính",
    "unknown": "chưa xác định",
}
"""What people call a duty."""
_CASES = {
    "result": "kết quả giải quyết của hồ sơ, còn hiệu lực",
    "earlier_result": "giấy nộp là kết quả của thủ tục trước",
    "sector_law": "pháp luật chuyên ngành buộc số hóa",
    "listed": "có trong danh mục của bộ trưởng hoặc chủ tịch UBND cấp tỉnh",
    "opinion": "ý kiến, kết quả thẩm tra của cơ quan khác trong khi giải quyết",
    "component": "giấy nộp khác trong hồ sơ",
    "copy": "bản chụp hoặc bản sao có chứng thực",
    "shown": "giấy chỉ để xuất trình",
    "shared": "dữ liệu đã được chia sẻ từ cơ sở dữ liệu dùng chung",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyFacts:
    """What the duty of a paper depends on."""

    kind: DocumentClass
    role: Role
    description: Description
    view: RegisterView
    """What the register says of its dossier."""
    is_copy: bool
    """It bears the mark of a copy, and nobody said that it is an original."""
    is_given: bool
    """A registered procedure gives papers of its kind."""
    is_revoked: bool = False
    """The register says that this result no longer holds."""
    agency_name: str = ""
    """Whose desk this is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Whether a paper is to be digitised, and why."""

    duty: DutyWord
    case: str
    """A case of `config.rules.CASES`, or `none`."""
    why: str
    """The case in words, with its article; Vietnamese."""


def decide(facts: DutyFacts, rules: RuleSet) -> Duty:
    """Decide by the first case that holds."""
    case, missing = _case(facts, rules)
    if case == UNKNOWN_CASE:
        return Duty(duty="unknown", case=case, why=missing)
    rule = rules.duty(case)
    why = f"{_CASES[case]} ({rule.source})"
    return Duty(duty=_WORDS[rule.duty], case=case, why=f"{missing}: {why}" if missing else why)


def _case(facts: DutyFacts, rules: RuleSet) -> tuple[str, str]:
    """Return the case, and what is missing or odd."""
    if facts.is_copy:
        return "copy", ""
    if facts.role is Role.RECEIPT:
        return UNKNOWN_CASE, "Điều 4 không nói về giấy do bộ phận một cửa lập"
    if facts.role is Role.RESULT:
        return ("component", "đã bị thu hồi") if facts.is_revoked else ("result", "")
    stated = component_case(facts.kind.code, facts.view)
    return (stated, "") if stated else _case_of_component(facts, rules)


def _case_of_component(facts: DutyFacts, rules: RuleSet) -> tuple[str, str]:
    """Say what a paper is that was handed in, or came while the case was handled."""
    code = facts.kind.code
    if facts.kind.role == "component":
        return "component", ""
    if code in rules.duty("opinion").classes:
        return _case_of_office_paper(facts)
    if facts.is_given or code in rules.duty("earlier_result").classes:
        return "earlier_result", ""
    if facts.view.procedure is None:
        return UNKNOWN_CASE, "sổ chưa có thủ tục của hồ sơ này"
    return "component", ""


def component_case(class_code: str, view: RegisterView) -> str:
    """Return the case that the register states of a component; empty where it states none."""
    parts = view.procedure.components if view.procedure else ()
    return next((part.case for part in parts if part.class_code == class_code and part.case), "")


def _case_of_office_paper(facts: DutyFacts) -> tuple[str, str]:
    """Tell an opinion that another agency gave on the case from a paper that was handed in."""
    day = facts.description.value("issue_date")
    body = facts.description.value("issuing_body")
    received = facts.view.dossier.received_at if facts.view.dossier else None
    if not day or received is None:
        return UNKNOWN_CASE, "không rõ văn bản có trước hay sau khi tiếp nhận hồ sơ"
    if day < received.isoformat():
        return "component", ""
    if not body:
        return UNKNOWN_CASE, "không đọc được cơ quan ban hành"
    if _plain(body) == _plain(facts.agency_name):
        return UNKNOWN_CASE, "văn bản do chính cơ quan này lập khi giải quyết"
    return "opinion", ""


def _plain(name: str) -> str:
    return re.sub(r"\W+", " ", fold(name)).replace("uy ban nhan dan", "ubnd").strip()
