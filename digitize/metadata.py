"""XMP of the preservation copy: only what is certain before signing.

Class and fields live in the record, so that correcting them never touches a signed file. Dublin
Core has a place for each fact, so no extension schema is needed (ISO 19005-2, 6.6.2.3): the agency
is the publisher, the dossier code the identifier, the scan's digest the source.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

PRODUCER = "Ho So"
# What no XML text may hold (XML 1.0, 2.2), and the controls that it may: names have neither.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:xmp="http://ns.adobe.com/xap/1.0/"
  xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
  xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:language><rdf:Bag><rdf:li>vi-VN</rdf:li></rdf:Bag></dc:language>
{values}
<xmp:CreateDate>{time}</xmp:CreateDate>
<xmp:ModifyDate>{time}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer>
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
    """Digest of the scan that the copy is made from, hex."""
    received_at: dt.datetime
    """When the scan was taken in."""


def writable(text: str) -> str:
    """Replace what a file name may hold and a document may not: controls, halves of characters."""
    return _UNWRITABLE.sub("\ufffd", text)


def write_xmp(facts: DocumentFacts) -> bytes:
    """Return the XMP packet, UTF-8; the same facts give the same bytes."""
    values = [
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_escaped(facts.title)}</rdf:li>'
        "</rdf:Alt></dc:title>",
        f"<dc:source>sha256:{facts.source_sha256}</dc:source>",
    ]
    if facts.agency_name:
        name = _escaped(facts.agency_name)
        values.append(f"<dc:publisher><rdf:Bag><rdf:li>{name}</rdf:li></rdf:Bag></dc:publisher>")
    if facts.dossier_code:
        values.append(f"<dc:identifier>{_escaped(facts.dossier_code)}</dc:identifier>")
    packet = _PACKET.format(
        values="\n".join(values),
        time=facts.received_at.isoformat(timespec="seconds"),
        producer=PRODUCER,
    )
    return packet.encode("utf-8")


def _escaped(text: str) -> str:
    return escape(writable(text))


def pdf_date(at: dt.datetime) -> str:
    """Write a moment as a PDF date, `D:YYYYMMDDHHmmSS+07'00'`."""
    offset = at.strftime("%z")
    return at.strftime("D:%Y%m%d%H%M%S") + f"{offset[:3]}'{offset[3:]}'"
