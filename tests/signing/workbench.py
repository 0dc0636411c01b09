"""A running throw-away authority and what tests do with it again and again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf

from desk.demo.pki import AGENCY, Services, key_files
from signing.appearance import block_lines, measure_block
from signing.model import Level, SignedPdf, SignRequest, VisibleBlock
from signing.network import Network
from signing.pades import sign_pdf
from signing.pkcs12 import Pkcs12Key
from signing.secrets import read_secret_file
from signing.signer import OpenSigner, open_signer
from signing.trust import TrustStore

A4 = (595.0, 842.0)
CONTENT = b"BT /F1 12 Tf 50 700 Td (THU NGHIEM - khong co gia tri phap ly) Tj ET"


def now() -> datetime:
    return datetime.now(UTC)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def make_pdf(path: Path, pages: int = 2) -> Path:
    with pikepdf.new() as pdf:
        for _ in range(pages):
            page = pdf.add_blank_page(page_size=A4)
            page.Contents = pdf.make_stream(CONTENT)
            page.Resources = pikepdf.Dictionary(
                Font=pikepdf.Dictionary(
                    F1=pikepdf.Dictionary(
                        Type=pikepdf.Name.Font,
                        Subtype=pikepdf.Name.Type1,
                        BaseFont=pikepdf.Name.Helvetica,
                    )
                )
            )
        with pdf.open_metadata() as stated:
            stated["dc:title"] = "THỬ NGHIỆM"
        pdf.docinfo["/Producer"] = "THU NGHIEM"
        # Uncompressed, so that tests can change words of the page.
        pdf.save(path, compress_streams=False)
    return path


def top_right_block(agency: str, at: datetime, copy_type: str | None = "Sao y") -> VisibleBlock:
    lines = block_lines(agency, at, copy_type, 170.0)
    width, height = measure_block(lines)
    x1, y1 = A4[0] - 20, A4[1] - 20
    return VisibleBlock(page=1, box=(x1 - width, y1 - height, x1, y1), lines=lines)


@dataclass(slots=True)
class Workbench:
    """The authority, the trust in it, and a folder to work in."""

    folder: Path
    services: Services
    trust: TrustStore
    work: Path
    _signed: dict[tuple[str, Level], SignedPdf] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        return Network(
            timestamp_url=self.services.timestamp_url,
            allowed_hosts=self.services.hosts,
            timeout_seconds=20,
        )

    def key(self, name: str = AGENCY) -> Pkcs12Key:
        files = key_files(self.folder, name)
        return Pkcs12Key(path=files.pkcs12, passphrase=read_secret_file(files.passphrase))

    @contextmanager
    def signer(self, name: str = AGENCY) -> Iterator[OpenSigner]:
        with open_signer(self.key(name), apart=False) as signer:
            yield signer

    def request(self, source: Path, target: Path, level: Level = Level.B_LTA) -> SignRequest:
        return SignRequest(
            source=source,
            target=target,
            field_name="CQ_SoHoa",
            level=level,
            block=None,
            reason=None,
            at=now(),
        )

    def signed(self, level: Level, name: str = AGENCY) -> SignedPdf:
        """A file signed once for all tests that only read it."""
        if (name, level) not in self._signed:
            source = make_pdf(self.work / f"{name}-{level.value}-source.pdf")
            request = self.request(source, self.work / f"{name}-{level.value}.pdf", level)
            with self.signer(name) as signer:
                block = top_right_block(signer.identity.cn, request.at)
                self._signed[name, level] = sign_pdf(
                    replace(request, block=block), signer, self.trust, self.network
                )
        return self._signed[name, level]
