"""Documentation is tested against the program: all of it is there, and nothing that is not."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import inspect
import itertools
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, files, metadata
from pathlib import Path
from types import ModuleType

import pytest

from config.fields import load_field_rules
from config.rules import load_rule_set
from config.settings import SECTIONS, Settings, render_settings
from config.tables import SettingsError
from config.vocabulary import DocumentClass, EventType, Role, load_classes
from desk import errors as desk_errors
from desk import exit_codes, trays
from desk.cli.main import build_parser, load_commands
from desk.moments import now
from digitize import dossier_codes
from digitize import errors as digitize_errors
from signing import errors as signing_errors
from signing.model import (
    BestTimeKind,
    Indication,
    Kind,
    Level,
    Modification,
    RevocationStatus,
)
from storage import errors as storage_errors
from storage.submissions import SubmissionState

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
CODE = ("config", "digitize", "signing", "storage", "desk")
ERRORS = (desk_errors, digitize_errors, signing_errors, storage_errors)
NAMED_CODES = {"DONE": 0, "LOOK": 1, "USAGE": 2, "INTERNAL": 3, "INTERRUPTED": 130}

_IGNORED = {"node_modules", "build", "dist", "target"}
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#{1,6} (.*)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def pages(folder: Path = ROOT) -> Iterator[Path]:
    """Yield every Markdown page of the repository, none of an environment or a build."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _IGNORED:
            continue
        if path.is_dir() and not (path / "hoso.toml").exists():
            yield from pages(path)
        elif path.suffix == ".md":
            yield path


PAGES = tuple(pages())


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one of its level or above."""
    level, _, _ = heading.partition(" ")
    begins = re.search(rf"^{re.escape(heading)}$", text, re.MULTILINE)
    assert begins, f"no heading {heading!r}"
    rest = text[begins.end() :]
    ends = re.search(rf"^#{{1,{len(level)}}} ", rest, re.MULTILINE)
    return rest[: ends.start()] if ends else rest


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of every table row, headings and rules left out."""
    previous = ""
    for line in text.splitlines():
        is_row = line.startswith("|") and not re.match(r"^\|[-|]+\|$", line)
        if is_row and previous.startswith("|"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        previous = line


def first_codes(text: str) -> list[str]:
    """Return every code span in the first column of the tables."""
    return [code for row in rows(text) for code in _CODE_SPAN.findall(row[0])]


# Commands


def subparsers() -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}

    def walk(parser: argparse.ArgumentParser, name: str) -> None:
        groups = [
            action
            for action in parser._actions
            if isinstance(action, argparse._SubParsersAction)  # argparse has no public way to ask
        ]
        if parser.get_default("run"):
            found[name] = parser
        for group in groups:
            for word, child in group.choices.items():
                walk(child, f"{name} {word}".strip())

    walk(build_parser(), "")
    return found


PARSERS = subparsers()
COMMON = {"--json", "--station", "--help"}


def shown(action: argparse.Action) -> str:
    """Write an argument as docs/commands.md does."""
    if not action.option_strings:
        return f"{action.metavar}{'…' if action.nargs in ('+', '*') else ''}"
    option = action.option_strings[-1]
    if action.nargs == 0:
        return option
    value = action.metavar or "{" + ",".join(map(str, action.choices or ())) + "}"
    return f"{option} {value}"


def test_every_command_has_its_section_and_nothing_else_has() -> None:
    headings = _HEADING.findall(section(text_of("commands.md"), "## Commands"))
    assert sorted(headings) == sorted(f"`hoso {command.name}`" for command in load_commands())
    assert {command.name for command in load_commands()} == set(PARSERS)


@pytest.mark.parametrize("name", PARSERS)
def test_every_argument_is_documented_and_nothing_else_is(name: str) -> None:
    wanted = [
        shown(action)
        for action in PARSERS[name]._actions
        if not COMMON & set(action.option_strings)
        and not isinstance(action, argparse._SubParsersAction)
    ]
    documented = first_codes(section(text_of("commands.md"), f"### `hoso {name}`"))
    assert sorted(documented) == sorted(wanted)


def test_common_arguments_are_documented() -> None:
    documented = first_codes(section(text_of("commands.md"), "## Common arguments"))
    assert {code.partition(" ")[0] for code in documented} == COMMON


_CALL = re.compile(r"(?:^|[;&|] *|sudo -u \w+ )hoso ([^#;&|]+)")


def mentions(text: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of `hoso` in code spans and code blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    for code in [*_CODE_SPAN.findall(text), *lines]:
        yield from (match[1].split() for match in _CALL.finditer(code.strip()))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_that_a_page_mentions_exists(page: Path) -> None:
    for words in mentions(page.read_text(encoding="utf-8")):
        called = f"{named(page)}: hoso {' '.join(words)}"
        plain = list(itertools.takewhile(lambda word: not word.startswith("-"), words))
        names = [name for name in PARSERS if plain[: len(name.split())] == name.split()]
        is_group = any(name.startswith(f"{' '.join(plain)} ") for name in PARSERS)
        assert names or is_group or not plain, called
        known = {option for name in names for option in PARSERS[name]._option_string_actions}
        used = {word.partition("=")[0] for word in words if re.match(r"--\w", word)}
        assert used <= known | COMMON, called


def test_calls_are_found_where_pages_write_them() -> None:
    text = "`hoso run --once` and `station.hoso x`\n```sh\nsudo -u hoso hoso show A  # b\n```\n"
    assert list(mentions(text)) == [["run", "--once"], ["show", "A"]]


# Settings


@pytest.mark.parametrize("name", SECTIONS)
def test_settings_are_documented_with_default_and_choices(name: str) -> None:
    table = section(text_of("settings.md"), f"## [{name}]")
    defaults = tomllib.loads(render_settings(Settings()))[name]
    documented = {_CODE_SPAN.findall(row[0])[0]: row for row in rows(table)}
    assert set(documented) == set(defaults)
    for item in dataclasses.fields(SECTIONS[name]):
        row = documented[item.name]
        code = _CODE_SPAN.findall(row[1])[0]
        assert tomllib.loads(f"x = {code}")["x"] == defaults[item.name], item.name
        assert tuple(_CODE_SPAN.findall(row[2])) == item.metadata["choices"], item.name
        assert row[3], f"{item.name} has no Vietnamese meaning"
        assert row[4], f"{item.name} has no English meaning"


def test_no_section_is_documented_that_does_not_exist() -> None:
    sections = re.findall(r"^## \[(\w+)\]$", text_of("settings.md"), re.MULTILINE)
    assert sections == list(SECTIONS)


# Exit codes and errors


def test_the_table_of_exit_codes_is_the_programs() -> None:
    documented = {
        (int(row[0]), _CODE_SPAN.findall(row[1])[0])
        for row in rows(section(text_of("commands.md"), "## Exit codes"))
    }
    coded = {(code, error.__name__) for error, code in exit_codes.EXIT_CODES.items()}
    assert documented == coded | {(code, name) for name, code in NAMED_CODES.items()}
    assert all(getattr(exit_codes, name) == code for name, code in NAMED_CODES.items())


def test_every_error_says_what_to_do() -> None:
    for row in rows(section(text_of("commands.md"), "## Exit codes")):
        assert all(row[2:4]), row[1]


def public_errors(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Exception) and value.__module__ == module.__name__
    ]


def test_every_public_error_is_named() -> None:
    named_errors = set(_CODE_SPAN.findall(text_of("commands.md")))
    wanted = {name for module in ERRORS for name in public_errors(module)}
    assert wanted | {SettingsError.__name__} <= named_errors


# Rules and classes


def test_every_document_class_is_listed_as_it_is() -> None:
    documented = {tuple(row) for row in rows(section(text_of("rules.md"), "## Classes"))}
    classes = load_classes()
    assert documented == {
        (
            f"`{item.code}`",
            item.name,
            ", ".join(f"`{symbol}`" for symbol in item.symbols),
            item.role,
            item.type_name,
            _remarks(item),
        )
        for item in classes.items
    }
    assert f"`{classes.version}`" in text_of("rules.md")


def _remarks(item: DocumentClass) -> str:
    remarks = {
        f"≥ {item.minimum_dpi} dpi": item.minimum_dpi,
        f"giá trị {item.validity_months} tháng": item.validity_months,
        f"hết giá trị từ {item.invalid_from:%d/%m/%Y}" if item.invalid_from else "": True,
        "dữ liệu nhạy cảm": item.sensitive,
        "chưa đối chiếu": item.unverified,
    }
    return "; ".join(text for text, holds in remarks.items() if text and holds)


def test_every_constant_of_the_rule_set_is_listed_with_its_value_and_source() -> None:
    rules = load_rule_set(now().date())
    listed = rows(section(text_of("rules.md"), "## Rule set"))
    wanted = {
        (f"{table}.{item.name}", _toml(getattr(part, item.name)), part.source)
        for table in ("image", "block", "personal_block", "gate", "codes", "handover")
        for part in [getattr(rules, table)]
        for item in dataclasses.fields(part)
        if item.name not in {"source", "unverified"}
    }
    wanted |= {(f"duty.{rule.case}", rule.duty, rule.source) for rule in rules.duties}
    wanted |= {(f"retention.{item.code}", item.name, item.source) for item in rules.retention}
    assert {(*_CODE_SPAN.findall(" ".join(row[:2])), row[3]) for row in listed} == wanted
    assert f"`{rules.version}`" in section(text_of("rules.md"), "## Rule set")


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value).replace("|", "\\|")


# Trays


def test_every_tray_is_explained_to_the_clerk() -> None:
    folders = tomllib.loads(render_settings(Settings()))["folders"].values()
    documented = first_codes(text_of("trays.md"))
    assert set(folders) <= set(documented)


@pytest.mark.parametrize("suffix", [trays.RESULT, trays.REASON, trays.WAITING, trays.QUESTION])
def test_every_slip_has_an_example(suffix: str) -> None:
    headings = [line for line in _HEADING.findall(text_of("trays.md")) if f"`{suffix}`" in line]
    assert len(headings) == 1
    assert "```" in section(text_of("trays.md"), f"### {headings[0]}")


def test_every_reason_that_the_desk_gives_is_explained() -> None:
    paths = [*(ROOT / "desk").rglob("*.py"), *(ROOT / "digitize").rglob("*.py")]
    sources = "\n".join(path.read_text("utf-8") for path in paths)
    codes = set(re.findall(r'\b(?:Reason|Doubt)\(\s*code="(\w+)"', sources))
    codes |= set(re.findall(r'^(?:TIMESTAMP|KEY) = "(\w+)"', sources, re.MULTILINE))
    table = section(text_of("trays.md"), "## Trạm có thể nói gì, và việc cần làm")
    assert set(first_codes(table)) == codes


# Glossary

VOCABULARIES = (
    Role,
    EventType,
    SubmissionState,
    Indication,
    Level,
    Kind,
    Modification,
    RevocationStatus,
    BestTimeKind,
)


def identifiers(text: str) -> set[str]:
    return set(first_codes(text))


def source_text() -> str:
    folders = [ROOT / name for name in CODE]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda item: item.__name__)
def test_the_glossary_has_every_word_of_the_vocabularies(vocabulary: Iterable[str]) -> None:
    missing = {str(word) for word in vocabulary} - identifiers(text_of("glossary.md"))
    assert not missing


def test_the_glossary_has_every_field_that_is_read() -> None:
    modules = sorted((ROOT / "digitize").glob("*.py"))
    source = "\n".join(path.read_text(encoding="utf-8") for path in modules)
    fields = set(re.findall(r'_evidence\(page, "(\w+)"|name="(\w+)"', source))
    names = {name for pair in fields for name in pair if name} | set(dossier_codes.NAMES)
    assert len(names) >= 8
    names |= {rule.name for rule in load_field_rules().rules}
    assert names <= identifiers(text_of("glossary.md"))


def test_words_of_the_glossary_are_in_the_code_or_said_not_to_be() -> None:
    fields = "\n".join(rule.name for rule in load_field_rules().rules)
    text, source = text_of("glossary.md"), f"{source_text()}\n{fields}"
    coming = section(text, "## Chosen, not in the code yet")
    current = text.replace(coming, "")
    for word in sorted(identifiers(current)):
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", source), word
    for word in sorted(identifiers(coming)):
        assert not re.search(rf"\b{word}\b", source), f"{word} is in the code now: move it up"


# Dependencies


def requirements() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tables = {
        "## Needed to run": project["project"]["dependencies"],
        "## Demo only": project["project"]["optional-dependencies"]["demo"],
        "## Development only": project["dependency-groups"]["dev"],
        # What an extra brings is also what the tests run with: its own table comes last.
        "## An extra for speed": project["project"]["optional-dependencies"]["fast"],
    }
    return {
        re.split(r"[\[=<>~ ]", line)[0]: table for table, lines in tables.items() for line in lines
    }


def test_every_dependency_has_its_row_and_no_other() -> None:
    text = text_of("decisions/dependencies.md")
    for heading in sorted(set(requirements().values())):
        wanted = {name for name, table in requirements().items() if table == heading}
        assert set(first_codes(section(text, heading))) == wanted


@pytest.mark.parametrize("name", requirements())
def test_a_dependency_s_row_is_true(name: str) -> None:
    table = rows(text_of("decisions/dependencies.md"))
    row = next(row for row in table if row[0] == f"`{name}`")
    assert all(row), f"{name} has an empty cell"
    for home in _CODE_SPAN.findall(row[2]):
        assert (ROOT / home).exists(), home
    try:
        stated = metadata(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed here")
    fields = ("License-Expression", "License", "Classifier")
    said = [line for field in fields for line in stated.get_all(field) or []]
    if not any("icense" in line for line in said):
        # Some packages state it in the file alone.
        texts = [file for file in files(name) or [] if file.name == "LICENSE"]
        said += [file.read_text().strip().splitlines()[0] for file in texts]
    assert row[3] in {line.rpartition(":: ")[2] for line in said}


# Pages as such


def slug(heading: str) -> str:
    """Return the anchor that a heading gets where Markdown is shown."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in _LINK.findall(text):
        if re.match(r"^(https?|mailto):", link):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target) if target else page
        assert path.exists(), f"{named(page)}: {link}"
        if anchor and path.suffix == ".md":
            anchors = [slug(line) for line in _HEADING.findall(path.read_text(encoding="utf-8"))]
            assert anchor in anchors, f"{named(page)}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_path_of_one_machine(page: Path) -> None:
    found = re.findall(
        r"(?<![\w.~-])(?:/(?:home|root|tmp|work|Users)/\S*|[A-Z]:\\\S+|file://\S+)",
        page.read_text(encoding="utf-8"),
    )
    assert not found


def test_the_index_leads_to_every_page() -> None:
    linked = {
        (DOCS / link.partition("#")[0]).resolve() for link in _LINK.findall(text_of("README.md"))
    }
    others = {page.resolve() for page in DOCS.rglob("*.md")} - {DOCS / "README.md"}
    assert others <= linked


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("0*.md")), ids=named)
def test_a_decision_has_its_three_parts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.name[:4]} ")
    assert _HEADING.findall(text)[1:] == ["Context", "Decision", "Consequence"]
    assert len(text.splitlines()) <= 60


def test_modules_that_pages_name_exist() -> None:
    for page in PAGES:
        for code in _CODE_SPAN.findall(page.read_text(encoding="utf-8")):
            is_ours = re.fullmatch(rf"(?:{'|'.join(CODE)}|fixtures|tests)/[\w./-]+", code)
            if is_ours and not _IGNORED & set(Path(code).parts):
                assert (ROOT / code).exists(), f"{named(page)}: {code}"


def test_the_flow_names_functions_that_exist() -> None:
    table = section(text_of("architecture.md"), "## The flow of a scan")
    outcomes = set()
    for row in rows(table):
        for part in row[1].split(";"):
            modules, _, functions = part.partition("→")
            for module in re.findall(r"`((?:desk|digitize|signing|storage)\.\w+)`", modules):
                loaded = importlib.import_module(module)
                for function in re.findall(r"`(\w+)", functions):
                    assert hasattr(loaded, function), f"{module} → {function}"
        outcomes |= set(_CODE_SPAN.findall(row[3]))
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "desk").rglob("*.py"))
    named = r"(?:stage|STAGE) ?= ?\"(\w+)\""
    assert outcomes == set(re.findall(named, sources))
