"""Mã kết quả số hóa: under which code a digitised paper is kept (TT 01/2023/TT-VPCP Art. 10)."""

from __future__ import annotations

from desk.accession import RegisterView
from digitize.model import Description

# What tells a paper from others of its kind and owner, the surest first.
_NUMBERS = ("number", "serial", "entry_number")
_OWNERS = ("personal_number", "business_code")


def write_code(template: str, description: Description, class_code: str, place: str) -> str:
    """Fill the template of the station.

    The owner's part stays empty where none was read: what else identifies the owner stands in the
    fields (Art. 9.2.b).

    Args:
        template: `[accession] digitisation_code`.
        description: what is written on the paper.
        class_code: its kind (`national_class`).
        place: `<mã hồ sơ>.<số thứ tự>`, which tells apart what bears no number.
    """
    return template.format(
        holder_id=_first(description, _OWNERS) or "",
        class_code=class_code,
        number=_first(description, _NUMBERS) or place,
    )


def _first(description: Description, names: tuple[str, ...]) -> str | None:
    values = (description.value(name) for name in names)
    return next((value for value in values if value), None)


def national_class(class_code: str, result_code: str | None, view: RegisterView) -> str:
    """Return the code of a kind in the national database of procedures, or ours.

    Args:
        class_code: our code.
        result_code: which result of the dossier the paper is; None for a component.
        view: what the register says of the dossier.
    """
    if result_code is not None:
        known = next((item.type_code for item in view.results if item.code == result_code), "")
        return known or class_code
    parts = view.procedure.components if view.procedure else ()
    return next(
        (part.type_code for part in parts if part.class_code == class_code and part.type_code),
        class_code,
    )
