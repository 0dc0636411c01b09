"""A notice of two pages that bears one signature, filed as the result of a dossier."""

from __future__ import annotations

from dataclasses import replace

from config.vocabulary import Role
from desk.demo import pki
from desk.moments import now
from desk.sealing import summaries
from desk.station import Station
from signing.model import Level
from signing.pades import sign_pdf
from signing.trust import load_trust
from storage.model import NewLink, ObjectRef, PageText
from tests.desk.tiny import archive_of
from tests.notices import make_notice
from tests.signing.workbench import Workbench, make_pdf

CODE = "H26.99-261111-0005"
RECORD = "01a1ffbc-0629-7235-8ba1-190378a942a0"


def file_signed(station: Station, services: pki.Services, *, signer: str) -> None:
    """File `RECORD` in dossier `CODE`, signed B-LT by one of the station's certificates."""
    folder = station.root / "authority"
    bench = Workbench(
        folder=folder, services=services, trust=load_trust(folder / "trust"), work=station.root
    )
    request = bench.request(make_pdf(station.root / "a.pdf"), station.root / "b.pdf", Level.B_LT)
    with bench.signer(signer) as key:
        signed = sign_pdf(request, key, bench.trust, bench.network)
    with archive_of(station) as archive:
        stored = archive.objects.add(signed.path)
        ref = ObjectRef(sha256=stored.sha256, sha512=stored.sha512, size_bytes=stored.size_bytes)
        record = replace(
            make_notice(ref),
            id=RECORD,
            pages=(PageText(number=1, text="THÔNG BÁO"),),
            page_count=2,
            signatures=summaries(signed.verdict),
        )
        link = NewLink(dossier_code=CODE, role=Role.RESULT)
        archive.file(record, link, actor="thử nghiệm", at=now())
