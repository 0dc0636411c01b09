"""PREMIS 3: what is preserved, what happened to it by the event log, and who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from storage.model import Event, Record
from storage.packages import xml
from storage.packages.identifiers import derived_uuid, package_time
from storage.packages.model import PackageFile, Plan

SOFTWARE = "Hồ Sơ"
"""Name of this program, as agents are named."""
PACKAGE_CREATION = "information package creation"
"""The circular's word for the making of an AIP; the Library of Congress lists it too."""
_LOG = "hoso event log"


def _premis(local: str) -> str:
    return xml.name(xml.PREMIS_SPACE, local)


def package_premis(plan: Plan, identifier: str) -> bytes:
    """Write PREMIS.xml: the package itself, and its making."""
    root = _root()
    entity = _object(root, "intellectualEntity", "OBJID", identifier)
    xml.add(entity, _premis("originalName"), plan.holdings.code)
    event = _event(root, "UUID", derived_uuid("creation", identifier, package_time(plan.at)))
    xml.add(event, _premis("eventType"), PACKAGE_CREATION)
    xml.add(event, _premis("eventDateTime"), package_time(plan.at))
    _outcome(event, "success")
    _link_agent(event, "software", f"{SOFTWARE} {plan.terms.version}", "executing program")
    _link_object(event, "OBJID", identifier, "outcome")
    for record in plan.holdings.records:
        _link_object(event, "UUID", record.id.upper(), "source")
    _agent(root, "software", f"{SOFTWARE} {plan.terms.version}")
    return xml.write(root)


def papers_premis(plan: Plan, files: Mapping[str, Sequence[PackageFile]]) -> bytes:
    """Write PREMIS_rep1.xml: the files of each paper, and every event of it in the log.

    Args:
        plan: What goes in.
        files: Files of each record, by record id: first the PDF that is kept.
    """
    root = _root()
    for record in plan.holdings.records:
        for number, file in enumerate(files[record.id]):
            _file(root, record, file, is_kept=number == 0)
    known = {
        **{record.submission_id: [] for record in plan.holdings.records},
        **{record.id: [record.id] for record in plan.holdings.records},
    }
    for record in plan.holdings.records:
        known[record.submission_id].append(record.id)
    for event in plan.events:
        _logged(root, event, known.get(event.object, ()))
    for actor in dict.fromkeys(event.actor for event in plan.events):
        _agent(root, "local", actor)
    return xml.write(root)


def _root() -> xml.Element:
    root = xml.new_root(
        _premis("premis"), {"premis": xml.PREMIS_SPACE, "xsi": xml.XSI, "xlink": xml.XLINK}
    )
    root.set("version", "3.0")
    return root


def _object(root: xml.Element, kind: str, type_: str, value: str) -> xml.Element:
    attributes = {"xsi_type": f"premis:{kind}", "xmlID": f"obj-{derived_uuid(type_, value)}"}
    found = xml.add(root, _premis("object"), **attributes)
    _identify(found, "object", type_, value)
    return found


def _identify(parent: xml.Element, word: str, type_: str, value: str) -> None:
    identifier = xml.add(parent, _premis(f"{word}Identifier"))
    xml.add(identifier, _premis(f"{word}IdentifierType"), type_)
    xml.add(identifier, _premis(f"{word}IdentifierValue"), value)


def _file(root: xml.Element, record: Record, file: PackageFile, *, is_kept: bool) -> None:
    # The kept PDF is the paper; what else belongs to it is named by its place.
    type_, value = ("UUID", record.id.upper()) if is_kept else ("path", file.path)
    found = _object(root, "file", type_, value)
    reference = record.pdf if is_kept else record.original
    traits = xml.add(found, _premis("objectCharacteristics"))
    digests = {"SHA-256": file.sha256}
    if reference.sha256 == file.sha256:
        digests["SHA-512"] = reference.sha512
    for algorithm, digest in digests.items():
        fixity = xml.add(traits, _premis("fixity"))
        xml.add(fixity, _premis("messageDigestAlgorithm"), algorithm)
        xml.add(fixity, _premis("messageDigest"), digest.upper())
    xml.add(traits, _premis("size"), str(file.size))
    designation = xml.add(xml.add(traits, _premis("format")), _premis("formatDesignation"))
    xml.add(designation, _premis("formatName"), file.media_type)
    xml.add(found, _premis("originalName"), record.original_name)
    storage = xml.add(xml.add(found, _premis("storage")), _premis("contentLocation"))
    xml.add(storage, _premis("contentLocationType"), "path")
    xml.add(storage, _premis("contentLocationValue"), file.path)


def _logged(root: xml.Element, event: Event, papers: Iterable[str]) -> None:
    found = _event(root, _LOG, str(event.seq))
    xml.add(found, _premis("eventType"), event.type.value)
    xml.add(found, _premis("eventDateTime"), package_time(event.at))
    detail = xml.add(found, _premis("eventDetailInformation"))
    xml.add(detail, _premis("eventDetail"), f"SHA-256 leaf (RFC 9162) {event.leaf}")
    _outcome(found, event.outcome)
    _link_agent(found, "local", event.actor, "implementer")
    for record_id in papers:
        _link_object(found, "UUID", record_id.upper(), "source")


def _event(root: xml.Element, type_: str, value: str) -> xml.Element:
    event = xml.add(root, _premis("event"))
    _identify(event, "event", type_, value)
    return event


def _outcome(event: xml.Element, outcome: str) -> None:
    parent = xml.add(event, _premis("eventOutcomeInformation"))
    xml.add(parent, _premis("eventOutcome"), outcome)


def _link_agent(event: xml.Element, type_: str, value: str, role: str) -> None:
    _link(event, ("Agent", type_, value, role))


def _link_object(event: xml.Element, type_: str, value: str, role: str) -> None:
    _link(event, ("Object", type_, value, role))


def _link(event: xml.Element, told: tuple[str, str, str, str]) -> None:
    word, type_, value, role = told
    link = xml.add(event, _premis(f"linking{word}Identifier"))
    xml.add(link, _premis(f"linking{word}IdentifierType"), type_)
    xml.add(link, _premis(f"linking{word}IdentifierValue"), value)
    xml.add(link, _premis(f"linking{word}Role"), role)


def _agent(root: xml.Element, type_: str, value: str) -> None:
    agent = xml.add(root, _premis("agent"))
    _identify(agent, "agent", type_, value)
    xml.add(agent, _premis("agentName"), value)
    xml.add(agent, _premis("agentType"), "software" if type_ == "software" else "person")
