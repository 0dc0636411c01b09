from __future__ import annotations

from datetime import date

from config.packages import package_rules
from config.rules import load_rule_set
from config.vocabulary import load_classes

RULES = package_rules()


def test_the_kinds_have_as_many_fields_as_the_annexes() -> None:
    counted = {form.name: (len(form.header), len(form.annex_document)) for form in RULES.forms}
    assert counted == {
        "aip_hoso": (18, 19),
        "aip_tailieu": (4, 19),
        "sip_hoso": (18, 19),
        "sip_tailieu": (5, 19),
        "dip": (7, 20),
    }
    # What is described of a paper in the text of the annex, schema or not.
    assert {len(form.document) for form in RULES.forms if form.oais_type == "SIP"} == {21}


def test_every_field_and_list_is_there_once() -> None:
    used = {
        name
        for form in RULES.forms
        for name in (*form.header, *form.document, *form.annex_document)
    }
    assert sorted(item.name for item in RULES.fields) == sorted(used)
    for form in RULES.forms:
        assert set(form.annex_document) <= set(form.document)
        for names in (form.header, form.document, form.annex_document):
            assert len(set(names)) == len(names)
    lists = {item.list for item in RULES.fields if item.list}
    assert sorted(item.name for item in RULES.lists) == sorted(lists)
    assert all(item.unverified for item in RULES.lists)


def test_codes_are_those_that_the_rest_of_the_program_uses() -> None:
    types = RULES.codes("typeName")
    assert types == tuple(f"{number:02d}" for number in range(1, 33))
    assert {kind.type_name for kind in load_classes().items} <= set(types)
    periods = load_rule_set(date(2026, 11, 22)).retention
    assert RULES.codes("maintenance") == tuple(sorted(period.code for period in periods))
