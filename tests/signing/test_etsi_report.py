"""The validation report of ETSI TS 119 102-2; `make conformance` holds it to the schema too."""

from __future__ import annotations

import base64
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from signing.etsi_report import write_etsi_report
from signing.model import FileVerdict, Indication, Kind, RevocationStatus, RevocationVerdict
from tests.signing.made_verdicts import (
    AT,
    EVERY,
    PASSED,
    SIGNATURE,
    UNSIGNED,
    forged,
    hostile,
    unreadable,
    with_signature,
)

NAMES = {
    "vr": "http://uri.etsi.org/19102/v1.4.1#",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}
# Order of the parts of a report (TS 119 102-2 clause 4.3), of which the first are left out here.
ORDER = (
    "SignatureIdentifier", "ValidationConstraintsEvaluationReport", "ValidationTimeInfo",
    "SignersDocument", "SignatureAttributes", "SignerInformation", "SignatureValidationProcess",
    "SignatureValidationStatus",
)  # fmt: skip


def parsed(verdict: FileVerdict) -> ET.Element:
    return ET.fromstring(write_etsi_report(verdict))  # noqa: S314  what we wrote ourselves


def texts(root: ET.Element, path: str) -> list[str | None]:
    return [found.text for found in root.findall(path, NAMES)]


@pytest.mark.parametrize("verdict", EVERY, ids=lambda verdict: str(verdict.overall_sub))
def test_every_report_has_its_parts_in_order_and_names_what_it_refers_to(
    verdict: FileVerdict,
) -> None:
    root = parsed(verdict)
    reports = root.findall("vr:SignatureValidationReport", NAMES)
    assert len(reports) == max(1, len(verdict.signatures))
    for report in reports:
        parts = [part.tag.partition("}")[2] for part in report]
        assert parts == sorted(parts, key=ORDER.index)
        assert parts[-1] == ORDER[-1]
    known = {found.get("id") for found in root.iter() if found.get("id")}
    referred = {found.get("VOReference") for found in root.iter() if found.get("VOReference")}
    assert referred <= known
    assert write_etsi_report(verdict) == write_etsi_report(verdict)


def test_a_passed_signature_is_told_whole() -> None:
    root = parsed(PASSED)
    status = ".//vr:SignatureValidationStatus/vr:MainIndication"
    assert texts(root, status) == ["urn:etsi:019102:mainindication:total-passed"]
    assert texts(root, ".//vr:SubIndication") == []
    assert texts(root, ".//vr:BestSignatureTime/vr:POETime") == ["2026-11-20T03:04:05Z"]
    assert texts(root, ".//vr:DAIdentifier") == ["CQ_SoHoa"]
    assert texts(root, ".//vr:Signer") == ["ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM"]
    document = texts(root, ".//vr:SignersDocument/vr:DigestAlgAndValue/ds:DigestValue")[0]
    assert base64.b64decode(document or "").hex() == PASSED.sha256
    policy = texts(root, ".//xades:SigPolicyHash/ds:DigestValue")[0]
    assert base64.b64decode(policy or "").hex() == PASSED.policy.sha256


def test_reasons_and_sub_indications_are_there() -> None:
    root = parsed(forged())
    assert texts(root, ".//vr:SubIndication") == ["urn:etsi:019102:subindication:FORMAT_FAILURE"]
    assert texts(root, ".//vr:ReportData/vr:Type") == ["urn:hoso:remark:PAGE_ADDED"]


def test_what_only_the_signer_claims_is_no_proof_of_time() -> None:
    claimed = replace(SIGNATURE, best_time_kind=None, timestamps=())
    times = texts(parsed(with_signature(claimed)), ".//vr:BestSignatureTime/vr:POETime")
    assert times == ["2026-11-21T03:04:05Z"]


def test_a_revocation_is_told_with_its_time() -> None:
    assert SIGNATURE.certificate is not None
    revoked = RevocationVerdict(status=RevocationStatus.REVOKED, source="CRL", time=AT)
    certificate = replace(SIGNATURE.certificate, revocation=revoked)
    root = parsed(with_signature(replace(SIGNATURE, certificate=certificate)))
    assert texts(root, ".//vr:RevocationTime") == ["2026-11-20T03:04:05Z"]


def test_a_timestamp_of_the_document_is_an_object_of_its_own() -> None:
    stamp = replace(SIGNATURE, field="DTS", kind=Kind.DOCUMENT_TIMESTAMP, level=None)
    root = parsed(replace(PASSED, signatures=(SIGNATURE, stamp)))
    assert len(root.findall("vr:SignatureValidationReport", NAMES)) == 1
    inner = ".//vr:ValidationObject/vr:ValidationReport//vr:MainIndication"
    assert texts(root, inner) == ["urn:etsi:019102:mainindication:passed"]


def test_files_without_a_signature_are_told_apart_from_broken_ones() -> None:
    main = ".//vr:MainIndication"
    assert texts(parsed(UNSIGNED), main) == ["urn:cef:dss:mainindication:noSignatureFound"]
    assert texts(parsed(unreadable()), main) == ["urn:etsi:019102:mainindication:total-failed"]
    overstepped = replace(UNSIGNED, overall=Indication.INDETERMINATE)
    assert texts(parsed(overstepped), main) == ["urn:etsi:019102:mainindication:indeterminate"]


def test_names_that_xml_cannot_hold_do_not_break_it() -> None:
    signer = texts(parsed(hostile()), ".//vr:Signer")[0]
    assert signer is not None
    assert "\0" not in signer
