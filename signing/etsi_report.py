"""A verdict as a validation report of ETSI TS 119 102-2 (v1.4.1), for other programs.

Each signature is one report; timestamps of the document are validation objects with a report of
their own (clause 4.4.8). What the verdict does not hold, such as the raw certificates, is named by
its digest.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from signing.model import (
    BestTimeKind,
    FileVerdict,
    Indication,
    Kind,
    Remark,
    RevocationStatus,
    SignatureVerdict,
    SubIndication,
)
from signing.texts import Language, describe_sub_indication

_VR = "http://uri.etsi.org/19102/v1.4.1#"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_URN = "urn:etsi:019102"
# The standard has no word for it; EU DSS has.
_NO_SIGNATURE = "urn:cef:dss:mainindication:noSignatureFound"
_PROCESS = f"{_URN}:validationprocess:LTA"
_POLICY = "urn:hoso:signature-policy"
_REMARK = "urn:hoso:remark"
# A hostile file may give thousands of reasons with names without end; the report stays readable.
_MOST_REMARKS = 200
_MOST_LETTERS = 2000
# Controls and halves of characters, which no XML text may hold (XML 1.0, 2.2).
_UNWRITABLE = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd"
)

Element = ET.Element


def write_etsi_report(verdict: FileVerdict, language: Language = Language.VI) -> bytes:
    """Write a verdict as XML; the same verdict gives the same bytes.

    Args:
        verdict: The verdict.
        language: Of the remarks in it.
    """
    for prefix, uri in (("vr", _VR), ("ds", _DS), ("xades", _XADES)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(f"{{{_VR}}}ValidationReport")
    writer = _Writer(verdict, language)
    signed = [one for one in verdict.signatures if one.kind is Kind.SIGNATURE]
    for number, signature in enumerate(signed, start=1):
        writer.signature(_sub(root, "SignatureValidationReport"), signature, f"S-{number}")
    if not signed:
        writer.unsigned(_sub(root, "SignatureValidationReport"))
    writer.objects(root, signed)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


class _Writer:
    """Writes one verdict."""

    def __init__(self, verdict: FileVerdict, language: Language) -> None:
        self._verdict = verdict
        self._language = language

    def signature(self, report: Element, signature: SignatureVerdict, name: str) -> None:
        """Fill in the report on a signature."""
        identifier = _sub(report, "SignatureIdentifier", id=name)
        _sub(identifier, "HashOnly", "false")
        _sub(identifier, "DocHashOnly", "false")
        _sub(identifier, "DAIdentifier", signature.field)
        self._policy(report)
        self._times(report, signature)
        self._document(report)
        self._attributes(report, signature)
        if signature.certificate is not None and signature.signer is not None:
            signer = _sub(report, "SignerInformation")
            _sub(signer, "SignerCertificate", VOReference=f"{name}-C")
            _sub(signer, "Signer", signature.signer.cn)
        process = _sub(report, "SignatureValidationProcess")
        _sub(process, "SignatureValidationProcessID", _PROCESS)
        self._status(report, signature, name)

    def unsigned(self, report: Element) -> None:
        """Fill in the report on a file that holds no signature, or none that can be reached."""
        self._policy(report)
        self._document(report)
        status = _sub(report, "SignatureValidationStatus")
        overall = self._verdict.overall
        if self._verdict.signatures or overall is Indication.NO_SIGNATURE_FOUND:
            _sub(status, "MainIndication", _NO_SIGNATURE)
        else:
            # Nobody could look, or not to the end: what it holds is not known.
            _sub(status, "MainIndication", _indication(overall))
            self._sub_indication(status, self._verdict.overall_sub)
        self._remarks(_sub(status, "AssociatedValidationReportData"), self._verdict.warnings)

    def objects(self, root: Element, signed: list[SignatureVerdict]) -> None:
        """List the certificates that were used, and the timestamps of the document."""
        held = Element(f"{{{_VR}}}SignatureValidationObjects")
        for number, signature in enumerate(signed, start=1):
            if signature.certificate is not None:
                self._object(held, f"S-{number}-C", "certificate", signature.certificate.sha256)
        stamps = [one for one in self._verdict.signatures if one.kind is Kind.DOCUMENT_TIMESTAMP]
        for number, stamp in enumerate(stamps, start=1):
            self._stamp(held, stamp, f"T-{number}")
        if len(held):
            root.append(held)

    def _object(self, held: Element, name: str, kind: str, sha256: str) -> None:
        item = _sub(held, "ValidationObject", id=name)
        _sub(item, "ObjectType", f"{_URN}:validationObject:{kind}")
        shown = _sub(item, "ValidationObjectRepresentation")
        _digest(_sub(shown, "DigestAlgAndValue"), sha256)

    def _stamp(self, held: Element, stamp: SignatureVerdict, name: str) -> None:
        if stamp.certificate is not None:
            self._object(held, f"{name}-C", "certificate", stamp.certificate.sha256)
        item = _sub(held, "ValidationObject", id=name)
        _sub(item, "ObjectType", f"{_URN}:validationObject:timestamp")
        shown = _sub(item, "ValidationObjectRepresentation")
        _sub(shown, "direct", f"PAdES field {stamp.field}")
        if stamp.best_time is not None:
            proof = _sub(item, "POE")
            _sub(proof, "POETime", _time(stamp.best_time))
            _sub(proof, "TypeOfProof", f"{_URN}:poetype:validation")
        report = _sub(item, "ValidationReport")
        self._policy(report)
        self._status(report, stamp, name)

    def _policy(self, report: Element) -> None:
        policy = self._verdict.policy
        told = _sub(
            _sub(report, "ValidationConstraintsEvaluationReport"), "SignatureValidationPolicy"
        )
        identifier = _sub(_sub(told, "SignaturePolicyIdentifier"), "SignaturePolicyId", ns=_XADES)
        named = _sub(identifier, "SigPolicyId", ns=_XADES)
        _sub(named, "Identifier", f"{_POLICY}:{policy.version}", ns=_XADES)
        _digest(_sub(identifier, "SigPolicyHash", ns=_XADES), policy.sha256)
        _sub(told, "PolicyName", f"{policy.id} {policy.version}, anchors {policy.anchors_sha256}")

    def _times(self, report: Element, signature: SignatureVerdict) -> None:
        times = _sub(report, "ValidationTimeInfo")
        _sub(times, "ValidationTime", _time(self._verdict.validated_at))
        best = _sub(times, "BestSignatureTime")
        # What only the signer claims proves nothing: then it is known to exist since now.
        proven = signature.best_time_kind is BestTimeKind.TIMESTAMP
        moment = signature.best_time if proven else None
        _sub(best, "POETime", _time(moment or self._verdict.validated_at))
        _sub(best, "TypeOfProof", f"{_URN}:poetype:validation")

    def _document(self, report: Element) -> None:
        if self._verdict.sha256 is not None:
            document = _sub(report, "SignersDocument")
            _digest(_sub(document, "DigestAlgAndValue"), self._verdict.sha256)

    def _attributes(self, report: Element, signature: SignatureVerdict) -> None:
        held = Element(f"{{{_VR}}}SignatureAttributes")
        if signature.claimed_time is not None:
            _sub(_sub(held, "SigningTime"), "Time", _time(signature.claimed_time))
        for stamp in signature.timestamps:
            _sub(_sub(held, "SignatureTimeStamp"), "TimeStampValue", _time(stamp.time))
        if len(held):
            report.append(held)

    def _status(self, report: Element, signature: SignatureVerdict, name: str) -> None:
        status = _sub(report, "SignatureValidationStatus")
        word = signature.indication
        if signature.kind is Kind.SIGNATURE:
            _sub(status, "MainIndication", _indication(word))
        else:
            # A timestamp is no whole signature (EN 319 102-1 clause 5.4).
            _sub(status, "MainIndication", _indication(word).replace(":total-", ":"))
        self._sub_indication(status, signature.sub_indication)
        told = _sub(status, "AssociatedValidationReportData")
        certificate = signature.certificate
        if certificate is not None:
            chain = _sub(told, "CertificateChain")
            _sub(chain, "SigningCertificate", VOReference=f"{name}-C")
            self._revoked(told, signature, name)
        self._remarks(told, (*self._why(signature), *signature.warnings))

    def _sub_indication(self, status: Element, word: SubIndication | None) -> None:
        if word not in {None, SubIndication.GENERIC}:
            _sub(status, "SubIndication", f"{_URN}:subindication:{word}")

    def _revoked(self, told: Element, signature: SignatureVerdict, name: str) -> None:
        assert signature.certificate is not None
        revocation = signature.certificate.revocation
        if revocation.status is RevocationStatus.REVOKED and revocation.time is not None:
            held = _sub(told, "RevocationStatusInformation")
            _sub(held, "ValidationObjectId", VOReference=f"{name}-C")
            _sub(held, "RevocationTime", _time(revocation.time))

    def _why(self, signature: SignatureVerdict) -> Iterator[Remark]:
        yield from signature.reasons
        if signature.sub_indication is not None and not signature.reasons:
            vi, en = describe_sub_indication(signature.sub_indication)
            yield Remark(code=signature.sub_indication, vi=vi, en=en)

    def _remarks(self, told: Element, remarks: tuple[Remark, ...]) -> None:
        if not remarks:
            return
        held = _sub(told, "AdditionalValidationReportData")
        for remark in remarks[:_MOST_REMARKS]:
            data = _sub(held, "ReportData")
            _sub(data, "Type", f"{_REMARK}:{remark.code}")
            _sub(data, "Value", self._language.of((remark.vi, remark.en)))


def _sub(parent: Element, tag: str, text: str = "", *, ns: str = _VR, **named: str) -> Element:
    child = ET.SubElement(parent, f"{{{ns}}}{tag}", named)
    if text:
        child.text = text[:_MOST_LETTERS].translate(_UNWRITABLE)
    return child


def _digest(held: Element, sha256: str) -> None:
    ET.SubElement(held, f"{{{_DS}}}DigestMethod", Algorithm=_SHA256)
    value = base64.b64encode(bytes.fromhex(sha256)).decode("ascii")
    _sub(held, "DigestValue", value, ns=_DS)


def _indication(word: Indication) -> str:
    return f"{_URN}:mainindication:{word.value.lower()}"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
