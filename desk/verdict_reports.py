"""Verdicts written to files: a PDF/A or a page for people, XML for other programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from itertools import chain, count
from pathlib import Path
from unicodedata import normalize

from desk.errors import PathUnusable
from desk.statement_page import render_page
from desk.statement_pdf import write_pdf
from digitize.metadata import DocumentFacts
from signing.etsi_report import write_etsi_report
from signing.model import FileVerdict
from signing.shown_text import shown
from signing.statement import state
from signing.texts import Language

# What follows a name in the name of its report fits behind it.
_MOST_NAME_BYTES = 230
_KEPT_LETTERS = 50
_LANGUAGES = {Language.VI: "vi-VN", Language.EN: "en"}


class ReportForm(StrEnum):
    """How a report is written; the ending of its file."""

    PDF = "pdf"
    HTML = "html"
    XML = "xml"


class ReportTarget:
    """Where the reports on some files go.

    Args:
        path: A file with an ending of `ReportForm` for one report, else a folder.
        language: In which language.

    Raises:
        PathUnusable: The ending is none that reports have.
    """

    def __init__(self, path: Path, language: Language) -> None:
        self._path = path
        self._language = language
        self._is_folder = path.is_dir() or not path.suffix
        self._names: set[str] = set()
        if not self._is_folder and path.suffix.lower() not in {f".{form}" for form in ReportForm}:
            raise _unusable(path, "báo cáo phải là .pdf, .html hoặc .xml")

    @property
    def holds_one(self) -> bool:
        """Whether it is a file, for one report only."""
        return not self._is_folder

    def write(self, verdict: FileVerdict, shown_as: str) -> tuple[Path, ...]:
        """Write the report on one file; a folder gets it in every form.

        Args:
            verdict: The verdict.
            shown_as: The file's name as the user gave it.

        Returns:
            The files written.

        Raises:
            PathUnusable: It cannot be written there, or is the judged file itself.
            NotArchival: It would not be PDF/A.
        """
        written = []
        for path in self._paths(verdict):
            if path.exists() and verdict.path.exists() and path.samefile(verdict.path):
                raise _unusable(path, "đó chính là tệp được kiểm tra (it is the judged file)")
            # Named by us: a name that is no text, or just fits, would not do.
            aside = path.with_name(f".{os.getpid()}.tmp{path.suffix.lower()}")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._write(verdict, shown_as, aside)
                aside.replace(path)
            except OSError as error:
                raise _unusable(path, error.strerror) from error
            finally:
                with suppress(OSError):
                    aside.unlink()
            written.append(path)
        return tuple(written)

    def _paths(self, verdict: FileVerdict) -> Iterator[Path]:
        if not self._is_folder:
            yield self._path
            return
        name = verdict.path.name
        if len(os.fsencode(name)) > _MOST_NAME_BYTES:
            name = f"{name[:_KEPT_LETTERS]}….{_mark(verdict)}"
        # Another file of this name, in another folder; or a name that only some disks tell apart,
        # and then perhaps the same file twice: its digest, then a number.
        name = self._distinct(name, _mark(verdict))
        self._names.add(_as_disks_see(name))
        for form in ReportForm:
            yield self._path / f"{name}.{form}"

    def _distinct(self, name: str, mark: str) -> str:
        wished = chain([name, f"{name}.{mark}"], (f"{name}.{mark}-{n}" for n in count(2)))
        return next(each for each in wished if _as_disks_see(each) not in self._names)

    def _write(self, verdict: FileVerdict, shown_as: str, target: Path) -> None:
        match ReportForm(target.suffix[1:]):
            case ReportForm.PDF:
                self._write_pdf(verdict, shown_as, target)
            case ReportForm.HTML:
                statement = state(verdict, shown_as, self._language)
                target.write_text(render_page(statement), encoding="utf-8")
            case ReportForm.XML:
                target.write_bytes(write_etsi_report(verdict, self._language))

    def _write_pdf(self, verdict: FileVerdict, shown_as: str, target: Path) -> None:
        statement = state(verdict, shown_as, self._language)
        facts = DocumentFacts(
            title=f"{statement.title}: {shown(Path(shown_as).name)}",
            agency_name="",
            dossier_code=None,
            source_sha256="",
            received_at=verdict.validated_at,
            note=f"{statement.conclusion} {statement.reference}",
            language=_LANGUAGES[self._language],
        )
        write_pdf(statement, facts, target)


def _as_disks_see(name: str) -> str:
    """Take names for one that Windows' and macOS' disks take for one."""
    return normalize("NFC", name).casefold()


def _mark(verdict: FileVerdict) -> str:
    return (verdict.sha256 or "0" * 8)[:8]


def _unusable(path: Path, why: str | None) -> PathUnusable:
    return PathUnusable(
        f"Không ghi được báo cáo «{path}»: {why}. Hãy kiểm tra đường dẫn, quyền và chỗ trống.",
        f"cannot write the report {path}: {why}; check path, permissions and room",
    )
