"""XMP of the preservation copy: only what is certain before signing.

Class and fields live in the record, so that correcting them never touches a signed file. Our own
properties are declared by an extension schema, as ISO 19005-2, 6.6.2.3 asks.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from xml.sax.saxutils import escape

NAMESPACE = "urn:hoso:xmp:1"
PRODUCER = "Ho So"

_PROPERTIES = {
    "AgencyName": "Name of the agency whose desk digitised the paper",
    "AgencyCode": "Identifier of that agency, QD 20/2020/QD-TTg",
    "DossierCode": "Code of the administrative-procedure dossier, where known when written",
    "SourceSHA256": "SHA-256 of the scan that this copy was made from",
}

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:xmp="http://ns.adobe.com/xap/1.0/"
  xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
  xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"
  xmlns:hoso="{namespace}">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>vi-VN</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{time}</xmp:CreateDate>
<xmp:ModifyDate>{time}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
{values}
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Ho So digitised record</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{namespace}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>hoso</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>
{declarations}
</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""

_DECLARATION = """<rdf:li rdf:parseType="Resource">
<pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType>
<pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{description}</pdfaProperty:description>
</rdf:li>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What is certain of a paper before it is signed."""

    title: str
    """File title: the original name; the class is not certain yet."""
    agency_name: str
    agency_code: str
    dossier_code: str | None
    source_sha256: str
    received_at: dt.datetime
    """When the scan was taken in."""


def write_xmp(facts: DocumentFacts) -> bytes:
    """Return the XMP packet, UTF-8; the same facts give the same bytes."""
    values = {
        "AgencyName": facts.agency_name,
        "AgencyCode": facts.agency_code,
        "DossierCode": facts.dossier_code or "",
        "SourceSHA256": facts.source_sha256,
    }
    present = {name: value for name, value in values.items() if value}
    packet = _PACKET.format(
        namespace=NAMESPACE,
        title=escape(facts.title),
        time=facts.received_at.isoformat(timespec="seconds"),
        producer=PRODUCER,
        values="\n".join(f"<hoso:{k}>{escape(v)}</hoso:{k}>" for k, v in present.items()),
        declarations="\n".join(
            _DECLARATION.format(name=name, description=escape(_PROPERTIES[name]))
            for name in present
        ),
    )
    return packet.encode("utf-8")


def pdf_date(at: dt.datetime) -> str:
    """Write a moment as a PDF date, `D:YYYYMMDDHHmmSS+07'00'`."""
    offset = at.strftime("%z")
    return at.strftime("D:%Y%m%d%H%M%S") + f"{offset[:3]}'{offset[3:]}'"
