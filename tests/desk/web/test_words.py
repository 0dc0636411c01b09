"""The English catalogue holds everything that the pages say, and is the one that is compiled."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from config.vocabulary import EventType, Role
from desk.backup_papers import ACTS
from desk.errors import InfectedFile
from desk.report_pages import CHART_WORDS, HEADINGS, KEY_HEADINGS
from desk.said_fields import field_kinds
from desk.sealing import PAPERS_OWN
from desk.web import labels
from desk.web.reason_labels import REASONS, outcome_words
from desk.web.templating import templates
from desk.web.words import LANGUAGES, load_words
from digitize.errors import IntakeError
from fixtures.make_catalogue import collect, compiled, place_of, read_catalogue
from signing.model import Indication
from storage.accounts import WebRole
from storage.corrections import Act
from storage.disposal_values import BatchState, ItemState
from storage.key_uses import UseState
from storage.open_captures import LOST
from storage.submissions import SubmissionState
from tests.desk.conftest import ROOT

ALARMS = ("inbox_", "index_", "proof_ends", "rows_")
"""How reasons of the station as a whole begin: no scan is put aside for them."""


def test_everything_that_the_pages_say_has_its_english() -> None:
    said = {message.id for message in collect() if message.id}
    known = {message.id: message.string for message in read_catalogue("en") if message.id}
    assert said == set(known), "run python -m fixtures.make_catalogue"
    assert [text for text, english in known.items() if not english] == []
    assert len(said) > 20


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    assert place_of("en").with_suffix(".mo").read_bytes() == compiled(read_catalogue("en"))


def test_an_unknown_language_is_read_as_vietnamese() -> None:
    assert set(LANGUAGES) == {"vi", "en"}
    assert load_words("xx").gettext("Đăng nhập") == load_words("vi").gettext("Đăng nhập")
    assert load_words("en").gettext("Đăng nhập") == "Log in"


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_without_values_are_said_once_when_a_template_is_loaded(language: str) -> None:
    pages = templates(language)
    words = load_words(language)
    sources = {name: pages.loader.get_source(pages, name)[0] for name in pages.list_templates()}  # type: ignore[union-attr]  # they come from the program
    for name, source in sources.items():
        said = [words.gettext(text) for text in re.findall(r'\{\{ _\("([^"]+)"\) \}\}', source)]
        settled = pages.preprocess(source)
        assert all(text in settled for text in said), name
        assert re.findall(r'\{\{ _\("[^"]+"\) \}\}', settled) == [], name
        # Nothing of our words is taken for a part of the template.
        assert re.findall("{[{%#].", settled) == re.findall(
            "{[{%#].", re.sub(r'\{\{ _\("([^"]+)"\) \}\}', "", source)
        )
        pages.parse(source)
    assert len(sources) > 20


def test_every_event_role_and_verdict_has_its_label() -> None:
    assert set(labels.EVENTS) == {kind.value for kind in EventType}
    assert set(labels.ROLES) == {role.value for role in Role}
    assert set(labels.VERDICTS) == {indication.value for indication in Indication}
    assert set(labels.INDICATIONS) == set(labels.VERDICTS)
    assert set(labels.WEB_ROLES) == {role.value for role in WebRole}


def test_every_heading_of_the_report_has_its_english() -> None:
    keys = {heading for pair in KEY_HEADINGS.values() for heading in pair if heading}
    assert set(labels.REPORT) == {*HEADINGS, *keys}


def test_the_chart_is_drawn_in_the_language_of_who_reads() -> None:
    assert set(labels.CHART) == set(CHART_WORDS)


def test_every_field_state_and_act_has_its_label() -> None:
    assert set(labels.FIELDS) >= set(field_kinds())
    assert set(labels.STATES) == {*(state.value for state in SubmissionState), LOST}
    assert set(labels.ACTS) == {act.value for act in Act}
    assert set(labels.BACKUPS) == set(ACTS)


def test_every_end_of_a_key_use_and_of_a_disposal_has_its_label() -> None:
    ends = {end.value for kind in (UseState, BatchState, ItemState) for end in kind}
    assert ends <= set(labels.OUTCOMES)


def test_every_reason_to_put_a_scan_aside_has_its_words() -> None:
    """A code that the source holds and no table knows would stand among Vietnamese."""
    found = {kind.__name__ for kind in (*IntakeError.__subclasses__(), *PAPERS_OWN, InfectedFile)}
    for path in (ROOT / "desk").glob("*.py"):
        found |= set(codes_in(ast.parse(path.read_text(encoding="utf-8"))))
    assert len(found) > 40
    put_aside = {code for code in found if not code.startswith(ALARMS)}
    assert put_aside - set(REASONS) - set(labels.OUTCOMES) == set()


def codes_in(tree: ast.Module) -> Iterator[str]:
    """Yield the codes of reasons that a module makes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            named = node.keywords if node.func.id == "Reason" else []
            values = [each.value for each in named if each.arg == "code"]
            yield from (each.value for each in values if isinstance(each, ast.Constant))  # type: ignore[misc]  # a code is a text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("begun", ["bắt đầu phiên"]),
        ("EmptyFile", ["tệp rỗng"]),
        ("class_unsure+no_dossier_code", ["chưa rõ loại giấy tờ", "không thấy mã hồ sơ"]),
        ("class_unsure+khác", []),
        ("<b>", []),
        ("", []),
    ],
)
def test_outcomes_are_said_in_words_where_all_of_them_are_known(
    outcome: str, words: list[str]
) -> None:
    assert outcome_words(outcome) == words
