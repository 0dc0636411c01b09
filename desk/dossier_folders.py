"""What the subfolders of a tray say: in which dossier a scan lies, and what a person answered.

Clerks keep folders of their own above the dossiers' (`Lan/<mã hồ sơ>/`), so a dossier's folder is
looked for on the whole way up. Where two of them nest neither is believed.
"""

from __future__ import annotations

from config.codes import is_dossier_code


def named_dossiers(folder: str) -> tuple[str, ...]:
    """Return the dossiers that a tray subfolder and those above it are named by, each once."""
    names = (part.strip() for part in folder.split("/"))
    return tuple(dict.fromkeys(name for name in names if is_dossier_code(name)))


def folder_code(folder: str) -> str | None:
    """Return the dossier that a tray subfolder lies in; None where it names none, or several."""
    named = named_dossiers(folder)
    return named[0] if len(named) == 1 else None


def folder_class(folder: str) -> str | None:
    """Return the class code of `<mã hồ sơ>/<mã loại>`; None where the folder names none."""
    below = below_dossier(folder)
    return below[0].strip() or None if below and named_dossiers(folder) else None


def below_dossier(folder: str) -> tuple[str, ...]:
    """Return the folders below the dossier's: what a person answers with.

    Where no dossier is named they begin below the first folder, which stands in its place.
    """
    parts = folder.split("/")
    places = [at for at, part in enumerate(parts) if is_dossier_code(part.strip())]
    return tuple(parts[(places[-1] if places else 0) + 1 :])


def taken_together(folder: str) -> str:
    """Return the folder whose scans are taken together: the dossier's; without one, the first.

    Clerks never stop dropping into their own folders; a dossier of theirs must not wait for that.
    """
    parts = folder.split("/")
    places = [at for at, part in enumerate(parts) if is_dossier_code(part.strip())]
    return "/".join(parts[: places[0] + 1]) if places else parts[0]
