"""METS.xml of a package and of its representation: every other file, with size and SHA-256."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from storage.packages import xml
from storage.packages.identifiers import derived_uuid, package_time
from storage.packages.model import METS, REPRESENTATION, PackageFile, Plan
from storage.packages.premis import SOFTWARE

CSIP_PROFILE = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml"
_CIRCULAR = "TT 05/2025/TT-BNV"
_REP_GROUP = "Representations/rep1"
_METADATA_VERSION = "1.0.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The files that one METS tells of; paths are those of the package."""

    descriptive: Sequence[PackageFile] = ()
    """EAD files, and metadata that have no section of their own."""
    preservation: Sequence[PackageFile] = ()
    """PREMIS and what proves it."""
    groups: Mapping[str, Sequence[PackageFile]]
    """File groups by their use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """How the files of one paper hang together in a representation."""

    description: PackageFile
    """Its EAD_doc."""
    kept: PackageFile
    """The PDF that is kept."""
    attached: Sequence[PackageFile]
    """What belongs to it: the scan."""


class MetsWriter:
    """Writes one METS file.

    Args:
        plan: What the package is.
        identifier: `mets/@OBJID`.
        base: Folder that paths are relative to; empty for the package itself.
    """

    def __init__(self, plan: Plan, identifier: str, base: str = "") -> None:
        self._plan = plan
        self._base = f"{base}/" if base else ""
        self._space = (identifier, plan.holdings.code, plan.form.name)
        spaces: dict[str | None, str] = {
            None: xml.METS_SPACE,
            "csip": xml.CSIP,
            "xlink": xml.XLINK,
            "xsi": xml.XSI,
        }
        self.root = xml.new_root(self._tag("mets"), spaces)
        up = "../" * (base.count("/") + 1) if base else ""
        xml.set_all(
            self.root,
            {
                "OBJID": identifier,
                "TYPE": plan.form.content_category,
                "csip_CONTENTINFORMATIONTYPE": "MIXED",
                "PROFILE": CSIP_PROFILE if base else plan.form.profile,
                "xsi_schemaLocation": f"{xml.METS_SPACE} {up}schemas/METS.xsd "
                f"{xml.XLINK} {up}schemas/xlink.xsd",
            },
        )

    def identifier(self, *words: str) -> str:
        """Return the ID of a part that is no file."""
        return f"uuid-{derived_uuid(*self._space, *words)}"

    def file_identifier(self, file: PackageFile) -> str:
        """Return the ID of a file."""
        return f"ID-{derived_uuid(*self._space, 'file', file.path)}"

    def add_header(self, label: str) -> xml.Element:
        """Add the head: who made the package, when, and as what."""
        self.root.set("LABEL", xml.clean(label))
        made = package_time(self._plan.at)
        header = self._add(
            self.root,
            "metsHdr",
            CREATEDATE=made,
            LASTMODDATE=made,
            RECORDSTATUS="NEW",
            csip_OAISPACKAGETYPE=self._plan.form.oais_type,
        )
        software = self._agent(header, "CREATOR", "OTHER", SOFTWARE)
        software.set("OTHERTYPE", "SOFTWARE")
        self._note(software, "SOFTWARE VERSION", self._plan.terms.version)
        if self._plan.terms.agency_name:
            agency = self._agent(header, "ARCHIVIST", "ORGANIZATION", self._plan.terms.agency_name)
            if self._plan.terms.fonds:
                self._note(agency, "IDENTIFICATIONCODE", self._plan.terms.fonds)
        return header

    def add_agreement(self, header: xml.Element) -> None:
        """Add the dossier code, as the ministry's software does in a SIP."""
        code = self._plan.holdings.code
        self._add(header, "altRecordID", code, TYPE="SUBMISSIONAGREEMENT")

    def add_sections(self, sections: Sections) -> None:
        """Add the sections of metadata and of files."""
        for file in sections.descriptive:
            section = self._section(self.root, "dmdSec", file)
            kind = {"MDTYPE": "DC"} if file.name.startswith("EAD") else _other(file)
            self._reference(section, file, {**kind, "MDTYPEVERSION": _METADATA_VERSION})
        administrative = self._add(self.root, "amdSec", ID=self.identifier("amdSec"))
        for file in sections.preservation:
            section = self._section(administrative, "digiprovMD", file)
            is_premis = file.name.startswith("PREMIS")
            kind = {"MDTYPE": "PREMIS", "MDTYPEVERSION": "3.0"} if is_premis else _other(file)
            self._reference(section, file, kind)
        files = self._add(self.root, "fileSec", ID=self.identifier("fileSec"))
        for use, members in sections.groups.items():
            self._group(files, use, members)

    def add_package_map(self, identifier: str, sections: Sections) -> None:
        """Add the structural map of a package.

        The circular wants `Representations/rep1` at the first level, CSIP a division named
        `Representations`: both are there.
        """
        top = self._map(identifier)
        self._metadata_division(top, sections)
        for use in sections.groups:
            plain = "Representations" if use == _REP_GROUP else use
            division = self._division(top, plain)
            self._add(division, "fptr", FILEID=self.identifier("group", use))
        pointed = self._division(top, _REP_GROUP)
        self._add(
            pointed,
            "mptr",
            xlink_href=f"{REPRESENTATION}/{METS}",
            xlink_title=self.identifier("group", _REP_GROUP),
            xlink_type="simple",
            LOCTYPE="URL",
        )

    def add_papers_map(self, papers: Sequence[Paper], sections: Sections) -> None:
        """Add the structural map of a representation: which description is of which file."""
        top = self._map("rep1")
        top.set("TYPE", "NORMALIZED" if self._plan.form.oais_type == "AIP" else "ORIGINAL")
        self._metadata_division(top, sections)
        data = self._division(top, "Data")
        self._add(data, "fptr", FILEID=self.identifier("group", "Data"))
        links = self._division(top, "MetadataLink")
        for paper in papers:
            link = self._division(links, "MetadataLink/File", paper.kept.path)
            link.set("DMDID", self.identifier("dmdSec", paper.description.path))
            if sections.preservation:
                ids = (self.identifier("digiprovMD", file.path) for file in sections.preservation)
                link.set("ADMID", " ".join(ids))
            self._add(link, "fptr", FILEID=self.file_identifier(paper.kept))
            for file in paper.attached:
                attached = self._division(link, "AttachmentFile", file.path)
                self._add(attached, "fptr", FILEID=self.file_identifier(file))

    def content(self) -> bytes:
        """Return the file."""
        return xml.write(self.root)

    def _map(self, label: str) -> xml.Element:
        structure = self._add(
            self.root, "structMap", ID=self.identifier("structMap"), TYPE="PHYSICAL", LABEL="CSIP"
        )
        return self._division(structure, label)

    def _metadata_division(self, top: xml.Element, sections: Sections) -> None:
        division = self._division(top, "Metadata")
        kinds = (("DMDID", "dmdSec", sections.descriptive),)
        for attribute, tag, members in (*kinds, ("ADMID", "digiprovMD", sections.preservation)):
            if members:
                ids = (self.identifier(tag, file.path) for file in members)
                division.set(attribute, " ".join(ids))

    def _division(self, parent: xml.Element, label: str, *words: str) -> xml.Element:
        return self._add(parent, "div", ID=self.identifier("div", label, *words), LABEL=label)

    def _section(self, parent: xml.Element, tag: str, file: PackageFile) -> xml.Element:
        section = self._add(parent, tag, ID=self.identifier(tag, file.path))
        if tag == "dmdSec":
            section.set("CREATED", package_time(file.created))
        section.set("STATUS", "CURRENT")
        return section

    def _reference(self, section: xml.Element, file: PackageFile, kind: Mapping[str, str]) -> None:
        self._add(
            section,
            "mdRef",
            ID=self.identifier("mdRef", file.path),
            LOCTYPE="URL",
            **kind,
            xlink_type="simple",
            xlink_href=self._href(file),
            **_facts(file),
        )

    def _group(self, parent: xml.Element, use: str, members: Sequence[PackageFile]) -> None:
        group = self._add(
            parent,
            "fileGrp",
            ID=self.identifier("group", use),
            USE=use,
            # CSIP63 of eark-validator's rules passes in this form alone.
            csip_CONTENTINFORMATIONTYPE="OTHER",
            csip_OTHERCONTENTINFORMATIONTYPE=_CIRCULAR,
        )
        for file in members:
            entry = self._add(group, "file", ID=self.file_identifier(file), **_facts(file))
            self._add(
                entry, "FLocat", LOCTYPE="URL", xlink_type="simple", xlink_href=self._href(file)
            )

    def _agent(self, header: xml.Element, role: str, kind: str, named: str) -> xml.Element:
        agent = self._add(header, "agent", ROLE=role, TYPE=kind)
        self._add(agent, "name", named)
        return agent

    def _note(self, agent: xml.Element, kind: str, text: str) -> None:
        self._add(agent, "note", text, csip_NOTETYPE=kind)

    def _href(self, file: PackageFile) -> str:
        return quote(file.path.removeprefix(self._base))

    def _add(self, parent: xml.Element, tag: str, text: str = "", **attributes: str) -> xml.Element:
        return xml.add(parent, self._tag(tag), text, **attributes)

    @staticmethod
    def _tag(local: str) -> str:
        return xml.name(xml.METS_SPACE, local)


def _facts(file: PackageFile) -> dict[str, str]:
    return {
        "MIMETYPE": file.media_type,
        "SIZE": str(file.size),
        "CREATED": package_time(file.created),
        # In capitals, as the ministry's software writes it.
        "CHECKSUM": file.sha256.upper(),
        "CHECKSUMTYPE": "SHA-256",
    }


def _other(file: PackageFile) -> dict[str, str]:
    return {"MDTYPE": "OTHER", "OTHERMDTYPE": file.path.removeprefix("metadata/other/")}
