"""Place a paper: in which dossier, in which role, and as which procedure result.

Pure decisions on what was read and what the register says; what is unsure becomes a question to a
person and is never guessed. Order of trust for the dossier: a person's answer, the folder the scan
lay in, a QR code, a labelled code, any other code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from config.codes import is_dossier_code
from config.vocabulary import DocumentClass, Role
from digitize.model import Description
from storage.register import Dossier, Procedure, ProcedureResult
from storage.submissions import Reason

_CODE_FIELDS = ("dossier_code_qr", "dossier_code_label", "dossier_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCode:
    """The dossier that a batch names for a paper in it."""

    code: str
    source: str
    """`cover` or `receipt`: the sheet that stands before the paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What points to a dossier."""

    folder: str
    """Tray subfolder the scan lay in; may begin with a dossier code."""
    confirmed: str | None
    """Dossier code that a person gave."""
    description: Description
    batch: BatchCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterView:
    """What the register says of the dossier in question."""

    dossier: Dossier | None
    procedure: Procedure | None
    results: tuple[ProcedureResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierChoice:
    """The dossier a paper belongs to, or the question to ask."""

    code: str | None
    source: str
    """`person`, `folder`, `cover`, `receipt`, `qr`, `label`, `text` or `none`."""
    question: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Role and result of a paper in its dossier, or the question to ask."""

    role: Role
    procedure_result_code: str | None
    question: Reason | None
    warnings: tuple[str, ...] = ()


def folder_code(folder: str) -> str | None:
    """Return the dossier code that a tray subfolder is named by; None where it is none."""
    name = folder.partition("/")[0].strip()
    return name if is_dossier_code(name) else None


def folder_class(folder: str) -> str | None:
    """Return the class code of `<mã hồ sơ>/<mã loại>`; None where the folder names none."""
    code, _, rest = folder.partition("/")
    return rest.split("/")[0].strip() or None if is_dossier_code(code.strip()) else None


def choose_dossier(sighting: Sighting) -> DossierChoice:
    """Say to which dossier a paper belongs."""
    if sighting.confirmed:
        return DossierChoice(code=sighting.confirmed, source="person", question=None)
    named = folder_code(sighting.folder)
    sure = _codes(sighting.description, "dossier_code_qr", "dossier_code_label")
    if sighting.batch is not None:
        others = [named, *sure] if named else sure
        return _said(sighting.batch.code, sighting.batch.source, others)
    if named:
        return _said(named, "folder", [] if named in sure else sure)
    for source, field in zip(("qr", "label", "text"), _CODE_FIELDS, strict=True):
        codes = _codes(sighting.description, field)
        if len(codes) == 1:
            return _found(codes[0], source, sure)
        if codes:
            return DossierChoice(code=None, source=source, question=_several(codes))
    return DossierChoice(code=None, source="none", question=NO_CODE)


def _said(code: str, source: str, others: list[str]) -> DossierChoice:
    """Take what a person said beforehand, unless something else sure contradicts it."""
    other = next((item for item in others if item != code), None)
    if other is not None:
        return DossierChoice(code=None, source=source, question=_conflict(code, other))
    return DossierChoice(code=code, source=source, question=None)


def _codes(description: Description, *names: str) -> list[str]:
    return list(dict.fromkeys(field.value for field in description.fields if field.name in names))


def _found(code: str, source: str, sure: list[str]) -> DossierChoice:
    if sure and set(sure) != {code}:
        other = next(item for item in sure if item != code)
        return DossierChoice(code=None, source=source, question=_conflict(code, other))
    return DossierChoice(code=code, source=source, question=None)


NO_CODE = Reason(
    code="no_dossier_code",
    vi="Không thấy mã hồ sơ trên giấy, trên mã QR hay trên tên thư mục.",
    en="no dossier code on the paper, in a QR code or in the folder's name",
)


def _conflict(first: str, second: str) -> Reason:
    return Reason(
        code="dossier_conflict",
        vi=f"Hai mã hồ sơ khác nhau: {first} và {second}.",
        en=f"two different dossier codes: {first} and {second}",
    )


def _several(codes: list[str]) -> Reason:
    listed = ", ".join(codes[:5])
    return Reason(
        code="several_dossier_codes",
        vi=f"Trên giấy có nhiều mã hồ sơ: {listed}.",
        en=f"several dossier codes on the paper: {listed}",
    )


def unregistered(code: str) -> Reason:
    """Return the question to ask of a code that the register does not know."""
    return Reason(
        code="unregistered_dossier",
        vi=f"Mã hồ sơ {code} chưa có trong sổ. Hãy nhập sổ (hoso register import) rồi thả lại.",
        en=f"dossier {code} is not in the register; import it, then drop the scan again",
    )


def place(
    kind: DocumentClass, description: Description, view: RegisterView, *, confirmed: bool = False
) -> Placement:
    """Say which role a paper of a class has in its dossier.

    A paper of a class that the procedure gives as its result is that result: it is tied to the
    register's entry of this class, by its number where there are several (NĐ 45/2020/NĐ-CP
    Art. 14.3).

    Args:
        kind: its class.
        description: its number ties it to the register's entry.
        view: what the register says of the dossier.
        confirmed: a person has said dossier and class; where the register has one result of this
            class, that is the one, whatever number was read.
    """
    if kind.role == "receipt":
        return Placement(role=Role.RECEIPT, procedure_result_code=None, question=None)
    results = [result for result in view.results if result.class_code == kind.code]
    gives = view.procedure.result_classes if view.procedure else ()
    if not results and kind.code not in gives:
        return Placement(role=Role.COMPONENT, procedure_result_code=None, question=None)
    if not results:
        return Placement(
            role=Role.RESULT,
            procedure_result_code=None,
            question=None,
            warnings=("result_not_in_register",),
        )
    if confirmed and len(results) == 1:
        return Placement(role=Role.RESULT, procedure_result_code=results[0].code, question=None)
    return _tie(description, results)


def _tie(description: Description, results: list[ProcedureResult]) -> Placement:
    number = description.value("number")
    same = [result for result in results if _same_number(result, number)]
    if len(same) == 1:
        return Placement(role=Role.RESULT, procedure_result_code=same[0].code, question=None)
    if len(results) == 1 and (number is None or not results[0].number):
        return Placement(role=Role.RESULT, procedure_result_code=results[0].code, question=None)
    known = ", ".join(result.number or result.code for result in results)
    question = Reason(
        code="result_number_differs",
        vi=f"Số trên giấy ({number or 'không đọc được'}) khác kết quả trong sổ ({known}).",
        en=f"the number on the paper ({number}) differs from the register ({known})",
    )
    return Placement(role=Role.RESULT, procedure_result_code=None, question=question)


def _same_number(result: ProcedureResult, number: str | None) -> bool:
    if number is None or not result.number:
        return False
    # Land certificates and civil status write letters before it or the year behind it.
    digits, read = (re.match(r"\D*0*(\d+[a-z]?)", text) for text in (result.number, number))
    return digits is not None and read is not None and digits[1] == read[1]
