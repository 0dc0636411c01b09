"""An officer signs a filed paper; what the check before rested on is kept, and may be deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.codec import to_plain
from config.vocabulary import EventType
from desk.demo import pki
from desk.station import Station
from storage.model import Record
from tests.desk.forked import SIGNED, Done, Forks
from tests.desk.signed_notice import RECORD, file_signed
from tests.desk.tiny import archive_of, make_tiny


@pytest.fixture(scope="module")
def station(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    made = make_tiny(template, tmp_path_factory.mktemp("countersign") / "station")
    with pki.Services(made.root / "authority") as services:
        file_signed(made, services, signer="officer1")
        yield made


def record_of(station: Station) -> Record:
    with archive_of(station) as archive:
        return archive.records.get(RECORD)


def countersign(forks: Forks, station: Station, *more: str, key: str, **options: Any) -> Done:
    files = pki.key_files(station.root / "authority", key)
    return forks.hoso(
        "countersign", RECORD, "--key", files.pkcs12, "--passphrase", files.passphrase,
        "--json", "--station", station.root, *more, **options,
    )  # fmt: skip


def run(forks: Forks, station: Station) -> None:
    assert forks.hoso("run", "--once", "--station", station.root).code == 0


def outcomes(station: Station, kind: EventType) -> list[str]:
    with archive_of(station) as archive:
        return [event.outcome for event in archive.events.events() if event.type is kind]


def evidence(forks: Forks, station: Station, *more: str | Path) -> dict[str, Any]:
    done = forks.hoso("evidence", RECORD, *more, "--json", "--station", station.root)
    assert done.code == 0, done.err
    return dict(json.loads(done.out))


def lay_out(station: Station, record: Record) -> tuple[Path, ...]:
    """Lay copies out as the engine does, one of which was changed, and one of another name."""
    (link,) = record.links
    name = f"{link.dossier_code}.{link.ordinal}.pdf"
    places = [station.done / part for part in (f"mot/{name}", f"hai/{name}", "mot/khac.pdf")]
    with archive_of(station) as archive:
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
            archive.objects.copy_to(record.pdf.sha256, place)
    places[1].write_bytes(b"another")
    return tuple(places)


def test_a_record_gets_an_officers_signature_and_keeps_its_own(
    program: Forks, station: Station, tmp_path: Path
) -> None:
    forks = program
    before = record_of(station)
    assert countersign(forks, station, key="revoked").code == 31
    # Killed once the key was used: nobody knows, and nothing signs by itself again.
    assert countersign(forks, station, key="officer2", kill_on=SIGNED).killed
    refused = countersign(forks, station, key="officer2")
    assert (refused.code, "Không ký lại" in refused.err) == (35, True)
    status = json.loads(forks.hoso("status", "--json", "--station", station.root).out)
    assert status["broken_signatures"] == 1
    made = json.loads(countersign(forks, station, "--again", key="officer2").out)
    assert made["field"] == "CB_KySo_1"
    assert record_of(station) == before
    laid_out = lay_out(station, before)
    # Not signed twice while the engine has not taken it.
    assert countersign(forks, station, key="officer3").code == 35
    run(forks, station)
    after = record_of(station)
    assert after.pdf.sha256 == made["pdf_sha256"]
    assert (after.original, after.verdict) == (before.original, "TOTAL-PASSED")
    assert after.signatures[0] == before.signatures[0]
    assert [item.field for item in after.signatures] == ["CQ_SoHoa", "CB_KySo_1"]
    assert {item.indication for item in after.signatures} == {"TOTAL-PASSED"}
    with archive_of(station) as archive:
        old, new = archive.objects.read(before.pdf.sha256), archive.objects.read(after.pdf.sha256)
    assert new.startswith(old)
    # The clerk has the new file; what a clerk changed, or another paper, is left alone.
    assert [path.read_bytes() for path in laid_out] == [new, b"another", old]
    assert outcomes(station, EventType.SIGNATURE_GENERATION) == ["countersigned"]
    assert outcomes(station, EventType.METADATA_MODIFICATION)[-1] == "countersigned"
    _assert_evidence(forks, station, tmp_path)


def _assert_evidence(forks: Forks, station: Station, tmp_path: Path) -> None:
    """The proofs are shown, written out, and deleted; the archive stays provable throughout."""
    shown = evidence(forks, station, "--save", tmp_path / "proofs")
    assert [use["state"] for use in shown["signatures"]] == ["again", "signed"]
    signed = shown["signatures"][1]
    assert signed["check"]["revocation_source"] in ("OCSP", "CRL")
    assert {proof["kind"] for proof in signed["proofs"]} >= {"certificate"}
    assert len(signed["proofs"]) >= 2
    digests = {hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in shown["saved"]}
    assert digests >= {proof["sha256"] for proof in signed["proofs"]}
    certificate = next(Path(name) for name in shown["saved"] if name.endswith(".cer"))
    assert certificate.read_bytes()[0] == 0x30
    assert forks.hoso("fixity", "--station", station.root).code == 0
    with archive_of(station) as archive:
        archive.db.execute("UPDATE proof SET der = x'00' WHERE kind = 'certificate'")
    damaged = forks.hoso("fixity", "--station", station.root)
    assert (damaged.code, "Bằng chứng kiểm tra chứng thư đã bị thay đổi" in damaged.out) == (
        1,
        True,
    )
    assert evidence(forks, station, "--delete")["deleted"] >= 2
    assert [use["proofs"] for use in evidence(forks, station)["signatures"]] == [[], []]
    assert evidence(forks, station, "--delete")["deleted"] == 0
    assert outcomes(station, EventType.DELETION) == ["proofs"]
    assert forks.hoso("fixity", "--station", station.root).code == 0
    assert to_plain(record_of(station).verdict) == "TOTAL-PASSED"
