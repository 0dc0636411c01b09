"""Bring the procedures of the agency's own file into the register, which imports fill as well."""

from __future__ import annotations

from config import codec
from config.procedures import OwnProcedure, OwnProcedures
from config.tables import SettingsError
from config.vocabulary import Classes, EventType
from desk.moments import now
from desk.stages import ACTOR
from storage.archive import Archive
from storage.canonical import digest
from storage.model import NewEvent
from storage.register import ExpectedComponent, Procedure, RegisterBatch

_FILE = "procedures.toml"


def take_own_procedures(own: OwnProcedures, classes: Classes, archive: Archive) -> None:
    """Register what the agency states; what it changed in its file since is updated.

    Raises:
        SettingsError: the one-stop system says otherwise of one of them.
    """
    stated = [_procedure(item, classes) for item in own.items]
    known = {item.code: archive.register.procedure(item.code) for item in stated}
    changed = [item for item in stated if known[item.code] != item]
    if not changed:
        return
    before = _stated_before(archive)
    for item in changed:
        other = known[item.code]
        if other is not None and before.get(item.code) != _digest(other):
            raise _conflict(item.code)
    with archive.db.transaction():
        archive.register.load(RegisterBatch(procedures=tuple(changed)))
        detail = {
            "file": _FILE,
            "version": own.version,
            "stated": {item.code: _digest(item) for item in stated},
            **archive.register.seals.told(),
        }
        archive.events.append(
            NewEvent(
                type=EventType.METADATA_MODIFICATION,
                object="register",
                actor=ACTOR,
                at=now(),
                detail=detail,
            )
        )


def _procedure(item: OwnProcedure, classes: Classes) -> Procedure:
    names = {kind.code: kind.name for kind in classes.items}
    asked = [
        *((code, True, "") for code in item.required),
        *((code, False, "") for code in item.optional),
        *((code, False, "shown") for code in item.shown),
        *((code, False, "shared") for code in item.shared),
    ]
    return Procedure(
        code=item.code,
        title=item.title,
        sector=item.sector,
        components=tuple(
            ExpectedComponent(class_code=code, name=names[code], required=required, case=case)
            for code, required, case in asked
        ),
        result_classes=item.results,
    )


def _stated_before(archive: Archive) -> dict[str, str]:
    """Return what the file said when it was taken last: a digest for each procedure."""
    found: dict[str, str] = {}
    for item in archive.events.events("register"):
        stated = item.detail.get("stated")
        if item.detail.get("file") == _FILE and isinstance(stated, dict):
            found = stated
    return found


def _digest(procedure: Procedure) -> str:
    return digest(codec.to_plain(procedure))


def _conflict(code: str) -> SettingsError:
    return SettingsError(
        f"Thủ tục {code} trong {_FILE} khác với thủ tục ấy trong sổ hồ sơ đã nhập. Hãy bỏ nó khỏi "
        "tệp, hoặc sửa cho giống sổ.",
        f"procedure {code} of {_FILE} differs from the register's; remove it from the file, or "
        "make it the same",
    )
