"""Place a paper: in which dossier, in which role, and as which procedure result.

Pure decisions on what was read and what the register says; what is unsure becomes a question to a
person and is never guessed. Order of trust for the dossier: a person's answer, the folder the scan
lay in, a QR code, a labelled code that the register bears out; a code elsewhere only proposes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from config.vocabulary import DocumentClass, Role
from desk.dossier_folders import named_dossiers
from desk.printed_codes import PrintedCode
from desk.result_ties import Likeness, Tie, compare, find_tie
from digitize.model import Description
from storage.register import Dossier, Procedure, ProcedureResult
from storage.submissions import Reason

AS_COMPONENT, AS_LATER_RESULT = "giay-nop", "ket-qua-cho-so"
"""What a person says of a paper's role: handed in, or a result that the register will bring."""


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
    """Tray subfolder the scan lay in; it, or one above it, may be named by a dossier code."""
    confirmed: str | None
    """Dossier code that a person gave."""
    description: Description
    batch: BatchCode | None = None
    printed: Mapping[str, PrintedCode] = field(default_factory=dict)
    """What the register makes of the codes behind labels; one that is not here is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterView:
    """What the register says of the dossier in question."""

    dossier: Dossier | None
    procedure: Procedure | None
    results: tuple[ProcedureResult, ...]
    answer: str | None = None
    """What a person said of the paper's role: `AS_COMPONENT` or `AS_LATER_RESULT`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierChoice:
    """The dossier a paper belongs to, or the question to ask."""

    code: str | None
    source: str
    """`person`, `folder`, `cover`, `receipt`, `qr`, `label`, `text` or `none`."""
    question: Reason | None

    @property
    def sure_code(self) -> str | None:
        """The code where nothing is asked about it: a signed file never states what is unsure."""
        return self.code if self.question is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Role and result of a paper in its dossier, or the question to ask."""

    role: Role
    procedure_result_code: str | None
    question: Reason | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPaper:
    """A paper of which nothing is uncertain any more."""

    kind: DocumentClass
    placement: Placement
    view: RegisterView
    """What the register says of its dossier."""


def choose_dossier(sighting: Sighting) -> DossierChoice:
    """Say to which dossier a paper belongs.

    A code in the paper's text alone is a citation, and only proposed.
    """
    if sighting.confirmed:
        return DossierChoice(code=sighting.confirmed, source="person", question=None)
    folders = named_dossiers(sighting.folder)
    if sighting.batch is not None:
        code = sighting.batch.code
        others = [named for named in folders if named != code]
        return _said(code, sighting.batch.source, [*others, *_against(code, sighting)])
    if folders:
        return _choose_folder(folders, sighting)
    encoded = _codes(sighting.description, "dossier_code_qr")
    if len(encoded) == 1:
        return _said(encoded[0], "qr", _against(encoded[0], sighting))
    if encoded:
        return DossierChoice(code=None, source="qr", question=_several(encoded))
    return _choose_printed(sighting)


def _choose_folder(folders: tuple[str, ...], sighting: Sighting) -> DossierChoice:
    """Choose where the scan lay in a dossier's folder, or in one within another."""
    if len(folders) > 1:
        return DossierChoice(code=None, source="folder", question=nested(folders))
    (named,) = folders
    # The paper may name others beside its own.
    return _said(named, "folder", [] if _says(named, sighting) else _against(named, sighting))


def _choose_printed(sighting: Sighting) -> DossierChoice:
    """Choose where only print names dossiers."""
    labelled = _codes(sighting.description, "dossier_code_label")
    taken = {code for read in labelled if (code := _taken(read, sighting))}
    sure = taken.pop() if len(taken) == 1 else None
    if sure and not _against(sure, sighting):
        return DossierChoice(code=sure, source="label", question=None)
    if len(labelled) > 1:
        return DossierChoice(code=None, source="label", question=_several(labelled))
    if labelled:
        question = _unsure(sighting.printed[labelled[0]])
        return DossierChoice(code=None, source="label", question=question)
    cited = _codes(sighting.description, "dossier_code")
    question = _cited(cited) if cited else NO_CODE
    return DossierChoice(code=None, source="text" if cited else "none", question=question)


def _said(code: str, source: str, others: list[str]) -> DossierChoice:
    """Take what was said beforehand, unless something else contradicts it."""
    if others:
        question = _conflict(code, others[0])
        return DossierChoice(code=None, source=source, question=question)
    return DossierChoice(code=code, source=source, question=None)


def _says(code: str, sighting: Sighting) -> bool:
    """Tell whether a paper names a dossier in a place that counts."""
    return code in _codes(sighting.description, "dossier_code_qr", "dossier_code_label")


def _against(code: str, sighting: Sighting) -> list[str]:
    """Return the codes on a paper that cannot be this one, misread in print."""
    encoded = _codes(sighting.description, "dossier_code_qr")
    labelled = _codes(sighting.description, "dossier_code_label")
    return [
        *(other for other in encoded if other != code),
        *(other for other in labelled if not _may_say(code, other, sighting)),
    ]


def _taken(read: str, sighting: Sighting) -> str | None:
    seen = sighting.printed.get(read)
    return seen.taken if seen else read


def _may_say(code: str, read: str, sighting: Sighting) -> bool:
    """Tell whether a label says a code, or was misread for it and is no code of the register."""
    seen = sighting.printed.get(read)
    return read == code or (seen is not None and code in seen.near and read not in seen.near)


def _codes(description: Description, *names: str) -> list[str]:
    return list(dict.fromkeys(field.value for field in description.fields if field.name in names))


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


def nested(codes: tuple[str, ...]) -> Reason:
    """Return the question to ask of a scan in a dossier's folder that lies in another's."""
    listed = ", ".join(codes[:5])
    return Reason(
        code="nested_dossier_folders",
        vi=f"Tệp nằm trong thư mục của nhiều hồ sơ lồng nhau: {listed}.",
        en=f"the scan lay in folders of several dossiers, one within the other: {listed}",
    )


def _cited(codes: list[str]) -> Reason:
    listed = ", ".join(codes[:5])
    return Reason(
        code="dossier_code_cited",
        vi=f"Chỉ thấy mã hồ sơ trong lời văn ({listed}): có thể là hồ sơ được nhắc đến.",
        en=f"dossier codes stand in the text only ({listed}), which may cite other dossiers",
    )


def _unsure(seen: PrintedCode) -> Reason:
    if not seen.near:
        return unregistered(seen.read)
    listed = ", ".join(seen.near[:5])
    return Reason(
        code="dossier_code_unsure",
        vi=f"Mã hồ sơ đọc được là {seen.read}, có thể nhầm chữ số; trong sổ có: {listed}.",
        en=f"the code reads {seen.read}, maybe wrongly; the register has {listed}",
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

    A paper of a class that the procedure gives as its result is that result, tied to the register's
    entry (NĐ 45/2020/NĐ-CP Art. 14.3), unless the procedure asks for such papers too or it is older
    than the dossier: an old land certificate is handed in, a new one is given.

    Args:
        kind: its class.
        description: what ties it to the register's entry.
        view: what the register says of the dossier.
        confirmed: a person has said dossier and class; where the register has one result of this
            class, that is the one, whatever was read.
    """
    if kind.role == "receipt":
        return Placement(role=Role.RECEIPT, procedure_result_code=None, question=None)
    return place_in_procedure(kind.code, description, view, confirmed=confirmed)


def place_in_procedure(
    class_code: str, description: Description, view: RegisterView, *, confirmed: bool = False
) -> Placement:
    """Say whether a paper is a component or a result, and which (`place`)."""
    results = [result for result in view.results if result.class_code == class_code]
    gives = view.procedure.result_classes if view.procedure else ()
    if not results and class_code not in gives:
        return _COMPONENT
    if view.answer == AS_COMPONENT:
        return _COMPONENT
    if view.answer == AS_LATER_RESULT:
        return _WAITING
    parts = view.procedure.components if view.procedure else ()
    is_asked_for = any(part.class_code == class_code for part in parts)
    tie = find_tie(description, results, confirmed=confirmed) if results else Tie()
    if is_asked_for and (tie.result is None or compare(description, tie.result) != Likeness.SAME):
        return _COMPONENT if _is_older(description, view) else _unclear(class_code)
    if tie.result is not None:
        return replace(_WAITING, procedure_result_code=tie.result.code, warnings=())
    if tie.question is not None:
        return replace(_WAITING, question=tie.question, warnings=())
    return _unclear(class_code) if _is_older(description, view) else _WAITING


def _is_older(description: Description, view: RegisterView) -> bool:
    """Tell whether a paper was issued before its dossier was received."""
    day = description.value("issue_date")
    received = view.dossier.received_at if view.dossier else None
    return bool(day and received) and str(day) < str(received)


_COMPONENT = Placement(role=Role.COMPONENT, procedure_result_code=None, question=None)
_WAITING = Placement(
    role=Role.RESULT,
    procedure_result_code=None,
    question=None,
    warnings=("result_not_in_register",),
)


def _unclear(class_code: str) -> Placement:
    question = Reason(
        code="role_unclear",
        vi=f"Chưa rõ giấy {class_code} này là giấy nộp vào hay là kết quả của hồ sơ.",
        en=f"whether this {class_code} was handed in or is the dossier's result is not clear",
    )
    return replace(_WAITING, question=question, warnings=())
