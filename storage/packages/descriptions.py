"""The fields of EAD.xml and EAD_doc: what is known of a dossier and its papers; nothing invented.

A field that nobody knows stands empty. Texts longer than the circular allows end in «…»; the whole
text is among the records of the package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from config.packages import PackageField, package_rules
from config.vocabulary import Role
from storage.model import Record
from storage.packages.identifiers import (
    archive_file_code,
    document_code,
    document_id,
    place_of,
)
from storage.packages.model import Holdings, Plan, Terms

Values = Mapping[str, str]
# Chế độ sử dụng of papers that hold what the law on personal data calls sensitive.
_CONDITIONAL = "02"
_BORN_DIGITAL, _DIGITISED, _MIXED = "01", "02", "03"


def describe_header(plan: Plan) -> dict[str, str]:
    """Return the fields of EAD.xml, in the order of the annex."""
    if plan.form.oais_type == "DIP":
        values = dict(plan.terms.request)
    else:
        values = _dossier_values(plan.holdings, plan.terms)
    return _fitted(values, plan.form.header)


def describe_document(plan: Plan, record: Record) -> dict[str, str]:
    """Return the fields of one EAD_doc, in the order of the annex."""
    return _fitted(_document_values(plan, record), document_names(plan))


def document_names(plan: Plan) -> tuple[str, ...]:
    """Return the fields of each EAD_doc."""
    return plan.form.annex_document if plan.terms.annex_fields_only else plan.form.document


def package_title(holdings: Holdings) -> str:
    """Return the title of a package: that of the dossier, of its procedure, or its code."""
    if holdings.dossier is not None and holdings.dossier.title:
        return holdings.dossier.title
    if holdings.procedure is not None:
        return f"{holdings.procedure.title}, hồ sơ {holdings.code}"
    if len(holdings.records) == 1:
        return holdings.records[0].title
    return f"Hồ sơ {holdings.code}"


def is_born_digital(record: Record) -> bool:
    """Tell whether a paper arrived as the PDF that is kept: it was never scanned here."""
    return record.original.sha256 == record.pdf.sha256


def mode_of(records: tuple[Record, ...], terms: Terms) -> str:
    """Return Chế độ sử dụng: no wider than conditional where anything is sensitive."""
    found = (terms.classes.find(record.class_code) for record in records)
    if any(item is not None and item.sensitive for item in found):
        return max(_CONDITIONAL, terms.mode)
    return terms.mode


def _dossier_values(holdings: Holdings, terms: Terms) -> dict[str, str]:
    dossier, records = holdings.dossier, holdings.records
    received = dossier.received_at if dossier else None
    settled = dossier.settled_at if dossier else None
    code = records[0].links[0].dossier_code if len(records) == 1 else holdings.code
    code = holdings.code if dossier else code
    return {
        "fileCode": code,
        "arcFileCode": archive_file_code(code, terms),
        "title": package_title(holdings),
        "source": _source(records),
        "maintenance": terms.maintenance,
        "mode": mode_of(records, terms),
        "language": terms.language,
        "startDate": _day(received),
        "endDate": _day(settled),
        "totalDoc": str(len(records)),
        "numberOfPage": str(sum(record.page_count for record in records)),
        "confidenceLevel": _confidence(records),
        "paperFileCode": _shelf_code(code, terms),
        "description": _dossier_note(holdings),
        **_backup_values(terms),
    }


def _document_values(plan: Plan, record: Record) -> dict[str, str]:
    terms = plan.terms
    code, ordinal = place_of(record, plan.holdings.code)
    known = terms.classes.find(record.class_code)
    value = _reader(record)
    return {
        "docId": document_id(code, ordinal),
        "arcFileCode": archive_file_code(code, terms),
        "docOrdinal": str(ordinal),
        "docCode": document_code(
            archive_file_code(code, terms) if plan.form.oais_type == "AIP" else code, ordinal
        ),
        "arcDocCode": document_code(archive_file_code(code, terms), ordinal),
        "maintenance": terms.maintenance,
        "typeName": known.type_name if known else "32",
        "codeNumber": value("number"),
        "codeNotation": value("notation"),
        "issuedDate": _day(_read_day(value("issue_date"))),
        "organName": value("issuing_body"),
        "subject": value("subject") or record.title,
        "language": terms.language,
        "numberOfPage": str(record.page_count),
        "mode": mode_of((record,), terms),
        "confidenceLevel": _confidence((record,)),
        "process": "0",
        "description": _document_note(record),
        **_backup_values(terms),
    }


def _reader(record: Record) -> Callable[[str], str]:
    values = {item.name: item.value for item in reversed(record.fields) if item.value}
    return lambda name: values.get(name) or ""


def _source(records: tuple[Record, ...]) -> str:
    """Return «văn bản đi» for results alone, «văn bản đến» for papers handed in alone."""
    roles = {link.role for record in records for link in record.links[:1]}
    if roles == {Role.RESULT}:
        return "0"
    return "1" if roles == {Role.COMPONENT} else ""


def _confidence(records: tuple[Record, ...]) -> str:
    kinds = {is_born_digital(record) for record in records}
    if len(kinds) > 1:
        return _MIXED
    return _BORN_DIGITAL if kinds == {True} else _DIGITISED


def _shelf_code(code: str, terms: Terms) -> str:
    if not terms.archive_code or not terms.shelf:
        return ""
    return f"{terms.archive_code}.{terms.shelf}.{code}"


def _backup_values(terms: Terms) -> dict[str, str]:
    if not terms.has_backups:
        return {"riskRecovery": "0"}
    return {"riskRecovery": "1", "riskRecoveryStatus": "01" if terms.is_backed_up else "02"}


def _dossier_note(holdings: Holdings) -> str:
    dossier = holdings.dossier
    if dossier is None:
        return ""
    named = holdings.procedure.title if holdings.procedure else ""
    parts = [
        f"Thủ tục hành chính {dossier.procedure_code} {named}".strip(),
        f"cơ quan tiếp nhận {dossier.agency_code} {dossier.agency_name}".strip(),
    ]
    return "; ".join(part for part in parts if part)


def _document_note(record: Record) -> str:
    codes = [link.procedure_result_code for link in record.links if link.procedure_result_code]
    parts = [f"Mã loại giấy tờ {record.class_code} ({record.class_name})"]
    parts += [f"mã kết quả {code}" for code in codes]
    if record.digitisation_code:
        parts.append(f"mã kết quả số hóa {record.digitisation_code}")
    return "; ".join(parts)


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None  # an incomplete date stays with the records of the package


def _day(day: date | None) -> str:
    return "" if day is None else day.strftime("%d/%m/%Y")


def _fitted(values: Values, names: tuple[str, ...]) -> dict[str, str]:
    rules = package_rules()
    return {name: _fit(values.get(name, ""), rules.field(name)) for name in names}


def _fit(value: str, item: PackageField) -> str:
    text = " ".join(value.split())
    return text if len(text) <= item.length else f"{text[: item.length - 1]}…"
