"""XMP of the copies: only what is certain before signing.

Class and fields live in the record, so that correcting them never touches a signed file. Each fact
stands twice: in Dublin Core for any reader (the agency is the publisher, the dossier code the
identifier, the scan's digest the source), and by its own name in a schema that the packet declares
(ISO 19005-2, 6.6.2.3.3), so that a program need not guess which identifier is meant.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

PRODUCER = "Ho So"
NAMESPACE = "urn:hoso:facts:1#"
Conformance = Literal["B", "U"]
# What no XML text may hold (XML 1.0, 2.2), and the controls that it may: names have neither.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

# What our own names mean: name, type, who gives the value, in words.
_PROPERTIES = (
    ("agency", "Text", "external", "Agency that digitised the paper"),
    ("dossierCode", "Text", "external", "Code of the administrative dossier"),
    ("receivedAt", "Date", "internal", "When the scan was taken in"),
    ("sourceSHA256", "Text", "internal", "SHA-256 of the scan as it came, hex"),
    ("accessCopyOf", "Text", "internal", "SHA-256 of the PDF that this lossy copy shows, hex"),
)

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:xmp="http://ns.adobe.com/xap/1.0/"
  xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
  xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
  xmlns:hoso="{namespace}">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>{conformance}</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
{values}
<xmp:CreateDate>{time}</xmp:CreateDate>
<xmp:ModifyDate>{time}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description>
<rdf:Description rdf:about=""
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Facts of a digitised paper</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{namespace}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>hoso</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{properties}
</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What is certain of a paper before it is signed."""

    title: str
    """File title: the original name; the class is not certain yet."""
    agency_name: str
    dossier_code: str | None
    source_sha256: str
    """Digest of the scan that the copy is made from, hex; empty where it is not known."""
    received_at: dt.datetime
    """When the scan was taken in; where it is not known, when the copy is made."""
    access_copy_of: str = ""
    """Digest of the PDF that a lossy copy shows, hex; empty for the preservation copy."""
    note: str = ""
    """What a reader of the file must know, in Vietnamese; empty for the preservation copy."""
    language: str = "vi-VN"
    """Of its text (RFC 5646)."""


def writable(text: str) -> str:
    """Replace what a file name may hold and a document may not: controls, halves of characters."""
    return _UNWRITABLE.sub("\ufffd", text)


def write_xmp(facts: DocumentFacts, conformance: Conformance = "B") -> bytes:
    """Return the XMP packet, UTF-8; the same facts give the same bytes.

    Args:
        facts: what it says.
        conformance: level of PDF/A-2; `U` where all text maps to Unicode.
    """
    time = facts.received_at.isoformat(timespec="seconds")
    packet = _PACKET.format(
        namespace=NAMESPACE,
        conformance=conformance,
        language=facts.language,
        values="\n".join([*_dublin_core(facts), *_own(facts, time)]),
        time=time,
        producer=PRODUCER,
        properties="\n".join(_describe(*item) for item in _PROPERTIES),
    )
    return packet.encode("utf-8")


def _dublin_core(facts: DocumentFacts) -> list[str]:
    found = [f"<dc:title>{_alternative(facts.title)}</dc:title>"]
    if facts.note:
        found.append(f"<dc:description>{_alternative(facts.note)}</dc:description>")
    if facts.access_copy_of or facts.source_sha256:
        source = facts.access_copy_of or facts.source_sha256
        found.append(f"<dc:source>sha256:{source}</dc:source>")
    if facts.agency_name:
        name = _escaped(facts.agency_name)
        found.append(f"<dc:publisher><rdf:Bag><rdf:li>{name}</rdf:li></rdf:Bag></dc:publisher>")
    if facts.dossier_code:
        found.append(f"<dc:identifier>{_escaped(facts.dossier_code)}</dc:identifier>")
    return found


def _own(facts: DocumentFacts, time: str) -> list[str]:
    values = {
        "agency": facts.agency_name,
        "dossierCode": facts.dossier_code or "",
        # Of a copy whose scan is not known, nobody knows either when it came.
        "receivedAt": time if facts.source_sha256 else "",
        "sourceSHA256": facts.source_sha256,
        "accessCopyOf": facts.access_copy_of,
    }
    return [
        f"<hoso:{name}>{_escaped(value)}</hoso:{name}>" for name, value in values.items() if value
    ]


def _describe(name: str, kind: str, category: str, words: str) -> str:
    return (
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        f"<pdfaProperty:valueType>{kind}</pdfaProperty:valueType>"
        f"<pdfaProperty:category>{category}</pdfaProperty:category>"
        f"<pdfaProperty:description>{words}</pdfaProperty:description>"
        "</rdf:li>"
    )


def _alternative(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{_escaped(text)}</rdf:li></rdf:Alt>'


def _escaped(text: str) -> str:
    # Not by `xml.sax.saxutils`, which brings what fetches pages from the net into every process.
    return writable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def pdf_date(at: dt.datetime) -> str:
    """Write a moment as a PDF date, `D:YYYYMMDDHHmmSS+07'00'`."""
    offset = at.strftime("%z")
    return at.strftime("D:%Y%m%d%H%M%S") + f"{offset[:3]}'{offset[3:]}'"
