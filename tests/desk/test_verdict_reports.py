from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pytest

from desk.errors import PathUnusable
from desk.statement_page import render_page
from desk.verdict_reports import ReportTarget
from signing.model import FileVerdict
from signing.statement import describe, state
from signing.texts import Language
from tests.signing.made_verdicts import EVERY, PASSED, forged, hostile


@pytest.mark.parametrize("form", ["pdf", "html", "xml"])
def test_a_report_is_written_in_the_form_of_its_ending_and_repeats(
    form: str, tmp_path: Path
) -> None:
    path = tmp_path / f"bao-cao.{form}"
    target = ReportTarget(path, Language.VI)
    assert target.holds_one
    assert target.write(PASSED, "a.pdf") == (path,)
    first = path.read_bytes()
    target.write(PASSED, "a.pdf")
    assert path.read_bytes() == first
    target.write(forged(), "a.pdf")
    assert path.read_bytes() != first
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_folder_gets_every_form_and_keeps_files_of_one_name_apart(tmp_path: Path) -> None:
    target = ReportTarget(tmp_path / "bao-cao", Language.EN)
    target.write(PASSED, "a/quyet-dinh.pdf")
    target.write(replace(forged(), sha256="ff" * 32), "b/quyet-dinh.pdf")
    names = {path.name for path in (tmp_path / "bao-cao").iterdir()}
    stems = ("quyet-dinh.pdf", "quyet-dinh.pdf.ffffffff")
    assert names == {f"{stem}.{form}" for stem in stems for form in ("pdf", "html", "xml")}


def test_names_that_some_disks_take_for_one_are_kept_apart(tmp_path: Path) -> None:
    target = ReportTarget(tmp_path, Language.VI)
    names = ["Giấy.pdf", "GIẤY.PDF", normalize("NFD", "giấy.pdf")]
    for name in names:
        target.write(replace(PASSED, path=Path("x", name)), name)
    seen = {normalize("NFC", path.name).casefold() for path in tmp_path.iterdir()}
    assert len(seen) == len(list(tmp_path.iterdir())) == 3 * len(names)


@pytest.mark.parametrize("name", ["la\udcff.pdf", f"{'đ' * 120}.pdf"])
def test_a_name_that_is_no_text_or_hardly_fits_gets_its_reports(name: str, tmp_path: Path) -> None:
    written = ReportTarget(tmp_path, Language.VI).write(replace(PASSED, path=Path(name)), name)
    assert {path.suffix for path in written} == {".pdf", ".html", ".xml"}
    assert set(tmp_path.iterdir()) == set(written)


def test_no_report_takes_the_place_of_the_judged_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(PathUnusable):
        ReportTarget(path, Language.VI).write(replace(PASSED, path=path), "a.pdf")
    assert path.read_bytes() == b"%PDF-1.7"


def test_what_cannot_be_a_report_is_told(tmp_path: Path) -> None:
    with pytest.raises(PathUnusable, match=r"a\.docx"):
        ReportTarget(tmp_path / "a.docx", Language.VI)
    (tmp_path / "tep").touch()
    with pytest.raises(PathUnusable):
        ReportTarget(tmp_path / "tep" / "a.xml", Language.VI).write(PASSED, "a.pdf")


@pytest.mark.parametrize("verdict", EVERY, ids=lambda verdict: str(verdict.overall_sub))
def test_the_page_says_all_that_the_lines_say_and_holds_nothing_that_acts(
    verdict: FileVerdict,
) -> None:
    statement = state(verdict, "<script>alert(1)</script>.pdf", Language.VI)
    page = render_page(statement)
    assert "<script" not in page
    assert "default-src &#x27;none&#x27;" in page
    assert len(re.findall(r"<dt>", page)) == sum(len(one.rows) for one in statement.sections)
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert statement.reference in plain
    assert len(describe(statement)) > 2


def test_a_hostile_file_makes_no_large_report(tmp_path: Path) -> None:
    written = ReportTarget(tmp_path / "r.pdf", Language.VI).write(hostile(), "a.pdf")
    assert written[0].stat().st_size < 200_000
