from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from storage.errors import RegisterFileError
from storage.register import RegisterBatch
from storage.register_files import COLUMNS, read_register

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "register.md"
ONE_DOSSIER = {
    "code": "H1",
    "title": "Hồ sơ",
    "procedure_code": "1.001193",
    "agency_code": "H1",
}


def example(language: str) -> str:
    match = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert match is not None
    return match.group(1)


def read(tmp_path: Path, name: str, content: str | bytes) -> RegisterBatch:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_register(path)


def test_the_documented_json_is_read(tmp_path: Path) -> None:
    batch = read(tmp_path, "r.json", example("json"))
    (procedure,) = batch.procedures
    assert [part.required for part in procedure.components] == [True, False]
    assert procedure.result_classes == ("GKS",)
    (dossier,) = batch.dossiers
    assert (dossier.received_at, dossier.due_at) == (date(2026, 10, 8), date(2026, 10, 9))
    assert dossier.settled_at is None
    (result,) = batch.results
    assert result.code == "H15.50.05.13-261008-0975-KQ(1)"


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_documented_csv_is_read_in_every_dress(
    tmp_path: Path, delimiter: str, mark: bytes, ending: str
) -> None:
    text = example("csv").replace(";", delimiter).replace("\n", ending)
    batch = read(tmp_path, "r.CSV", mark + text.encode())
    assert batch.procedures[0].components[0].name == "Tờ khai đăng ký khai sinh"
    assert batch.dossiers[0].received_at == date(2026, 10, 8)
    assert batch.results[0].holder == "TRẦN THỊ THỬ NGHIỆM"


def test_every_column_is_documented() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert [column for column in COLUMNS if f"`{column}`" not in text] == []


def test_decomposed_text_is_composed(tmp_path: Path) -> None:
    title = unicodedata.normalize("NFD", "Hồ sơ đất đai")
    content = json.dumps({"dossiers": [{**ONE_DOSSIER, "title": title}]}, ensure_ascii=False)
    assert read(tmp_path, "r.json", content).dossiers[0].title == "Hồ sơ đất đai"


def test_escaped_decomposed_text_is_composed_too(tmp_path: Path) -> None:
    title = unicodedata.normalize("NFD", "Hồ sơ đất đai")
    content = json.dumps({"dossiers": [{**ONE_DOSSIER, "title": title}]})
    assert read(tmp_path, "r.json", content).dossiers[0].title == "Hồ sơ đất đai"


def test_quoted_cells_may_hold_the_delimiter_and_lines(tmp_path: Path) -> None:
    text = 'kind,code,title,procedure_code,agency_code\ndossier,H1,"một, hai\nba",1.1,H1\n'
    assert read(tmp_path, "r.csv", text).dossiers[0].title == "một, hai\nba"


@pytest.mark.parametrize(
    ("said", "kept"),
    [("", None), ("0", 0), ("12", 12)],
)
def test_what_reports_need_is_kept_and_silence_is_no_nought(
    tmp_path: Path, said: str, kept: int | None
) -> None:
    flag = {None: ("", None), 0: ("không", False), 12: ("x", True)}[kept]
    told = {**ONE_DOSSIER, "portal_components": said, "citizen_data": flag[0]}
    headings, cells = ";".join(["kind", *told]), ";".join(["dossier", *told.values()])
    (entry,) = read(tmp_path, "r.csv", f"{headings}\n{cells}\n").dossiers
    assert (entry.portal_components, entry.citizen_data) == (kept, flag[1])
    assert (entry.reused_components, entry.electronic_result) == (None, None)


@pytest.mark.parametrize("said", ["-1", "1.5", "nhiều", "12345678901234567890"])
def test_a_count_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    content = json.dumps({"dossiers": [{**ONE_DOSSIER, "reused_components": said}]})
    with pytest.raises(RegisterFileError, match="«reused_components»"):
        read(tmp_path, "r.json", content)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.json", '{"dosiers": []}', r"\$: .*dossiers"),
        ("r.json", {"dossiers": [{**ONE_DOSSIER, "aplicant": "x"}]}, r"dossiers\[0\].*applicant"),
        ("r.json", {"dossiers": [{"code": "H1"}]}, r"dossiers\[0\].*«title»"),
        ("r.json", {"dossiers": [{**ONE_DOSSIER, "due_at": "31/02/2026"}]}, "«due_at».*31/02"),
        ("r.json", {"dossiers": [{**ONE_DOSSIER, "title": ["x"]}]}, "«title» phải là chữ"),
        ("r.json", {"dossiers": {}}, r"\$\.dossiers: phải là một danh sách"),
        ("r.json", {"dossiers": ["x"]}, r"\$\.dossiers\[0\]: phải là một đối tượng"),
        ("r.json", '{\n"dossiers": [\n}', "line 3"),
        ("r.json", "[]", "đối tượng"),
        (
            "r.json",
            {"procedures": [{"code": "1", "title": "x", "components": [{"klass": 1}]}]},
            r"procedures\[0\]\.components\[0\].*class_code",
        ),
        (
            "r.json",
            {"results": [{"dossier_code": "H1", "ordinal": 0, "class_code": "GKS"}]},
            "«ordinal» = '0'",
        ),
        (
            "r.json",
            {"results": [{"dossier_code": "H1", "ordinal": 1, "class_code": "GKS", "replaces": 1}]},
            "chính nó",
        ),
        (
            "r.csv",
            "kind,dossier_code,ordinal,class_code,status\nresult,H1,1,GKS,revokd\n",
            "line 2: .*«revoked»",
        ),
        (
            "r.csv",
            "kind,code,title,procedure_code,class_code,name,case\nprocedure,1.1,x,,,,\n"
            "component,,,1.1,CCCD,x,show\n",
            "line 3: .*«shown»",
        ),
        ("r.csv", "kind,codes\n", "line 1: .*«code»"),
        ("r.csv", "code,kind\n", "cột đầu"),
        ("r.csv", "", "cột đầu"),
        ("r.csv", "kind,code\ndosier,H1\n", "line 2: .*«dossier»"),
        ("r.csv", "kind,code,title\ndossier,H1,x,y\n", "line 2: có nhiều ô"),
        ("r.csv", "kind,code,ordinal\nprocedure,1,2\n", "line 2: .*«ordinal»"),
        (
            "r.csv",
            "kind,procedure_code,class_code,name\n\ncomponent,1.1,GKS,x\n",
            "line 3: .*1\\.1",
        ),
        ("r.csv", b"kind,code\ndossier,H\xff\n", "byte 19"),
        ("r.xlsx", "", r"\.json hoặc \.csv"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, name: str, content: str | bytes | dict[str, object], message: str
) -> None:
    given = json.dumps(content) if isinstance(content, dict) else content
    with pytest.raises(RegisterFileError, match=message) as caught:
        read(tmp_path, name, given)
    assert str(tmp_path / name) in caught.value.en
    assert "nothing was imported" in caught.value.en


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegisterFileError, match="không mở được"):
        read_register(tmp_path / "missing.csv")
