"""Sign a PDF of ours in every way that `signing` offers, for the referee.

    python signatures.py AUTHORITY SOURCE FOLDER LIST

AUTHORITY is the throw-away authority of a demo station, SOURCE an unsigned PDF/A of ours. Writes
into FOLDER and appends to LIST; the demo itself shows one way only, the agency's B-LTA. What is
signed is first listed as it was; files with a document timestamp are renewed too, by the library's
own writer, which restates their metadata.
"""

from __future__ import annotations

import http.client
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf
from asn1crypto import crl
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko_certvalidator.context import bootstrap_validation_data_handlers
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from desk.demo.pki import AGENCY, Services
from fixtures.keys.loopback import answering
from fixtures.keys.remote_service import RemoteService, running
from fixtures.keys.soft_token import SoftToken, configured, make_token
from signing.appearance import block_lines, measure_block
from signing.errors import TimestampUnavailable
from signing.key_names import SignerKey
from signing.model import Level, ReservedField, SignRequest, VisibleBlock
from signing.pades import sign_pdf
from signing.policy import certificate_policy, moment
from signing.providers import Padding
from signing.signer import OpenSigner, open_signer
from signing.trust import load_trust
from signing.unstamped import stamp_kept
from tests.signing.faulty_authority import FaultyAuthority
from tests.signing.workbench import Workbench, now

_AGENCY_FIELD, _OFFICER_FIELD = "CQ_SoHoa", "CB_SaoChup"
# Room for the agency's block of these ways: three lines at the top right.
_AGENCY_SIZE = (227.0, 39.0)
_EDGE_POINTS, _WIDTH_POINTS = 20.0, 227.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One signature of a file."""

    signer: str = AGENCY
    level: Level = Level.B_LTA
    place: str = "right"
    """Corner of page 1 at the top: left or right; empty for no visible block."""
    reserves: bool = False
    """It leaves the agency's field, as a station does."""
    held: str = "file"
    """Where the key is: in a file, on a token, at a remote service."""
    padding: Padding = Padding.PKCS1
    """How an RSA key signs."""
    is_late: bool = False
    """The timestamp authority is gone once the key was used; it is stamped later."""

    @property
    def field(self) -> str:
        """Name of the signature field."""
        return _AGENCY_FIELD if self.signer == AGENCY else _OFFICER_FIELD


_WAYS: dict[str, tuple[Step, ...]] = {
    **{f"agency {level.value}": (Step(level=level),) for level in Level},
    "agency, no visible block": (Step(place=""),),
    "officer alone, RSA 3072": (Step(signer="officer2", level=Level.B_T, place="left"),),
    "officer alone, P-256": (Step(signer="officer3", level=Level.B_T, place="left"),),
    "officer B-T, then agency B-LT": (
        Step(signer="officer1", level=Level.B_T, place="left"),
        Step(level=Level.B_LT),
    ),
    "officer B-T leaving the agency's field, then agency B-LT": (
        Step(signer="officer1", level=Level.B_T, place="left", reserves=True),
        Step(level=Level.B_LT),
    ),
    "officer P-256 leaving the agency's field, then agency B-LTA": (
        Step(signer="officer3", level=Level.B_T, place="left", reserves=True),
        Step(),
    ),
    "officer B-LTA, then agency B-LTA": (Step(signer="officer1", place="left"), Step()),
    "officer B-T stamped later, then agency B-LT stamped later": (
        Step(signer="officer1", level=Level.B_T, place="left", reserves=True, is_late=True),
        Step(level=Level.B_LT, is_late=True),
    ),
    "agency B-LTA stamped later": (Step(is_late=True),),
    "agency, RSA-PSS": (Step(padding=Padding.PSS),),
    "agency, on a token": (Step(held="token"),),
    "officer alone, on a token, RSA-PSS 3072": (
        Step(signer="officer2", level=Level.B_LT, held="token", padding=Padding.PSS),
    ),
    "officer on a token P-256 B-T, then agency on a token B-LT": (
        Step(signer="officer3", level=Level.B_T, place="left", reserves=True, held="token"),
        Step(level=Level.B_LT, held="token"),
    ),
    "agency, at a remote service": (Step(level=Level.B_LT, held="remote"),),
    "officer in a file B-T, then agency at a remote service, RSA-PSS": (
        Step(signer="officer1", level=Level.B_T, place="left", reserves=True),
        Step(level=Level.B_LT, held="remote", padding=Padding.PSS),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Where the keys of the ways are."""

    bench: Workbench
    token: SoftToken
    remote: RemoteService
    """Holds the agency's key."""

    def of(self, step: Step) -> SignerKey:
        """Name the key of a step."""
        match step.held:
            case "token":
                return self.token.key(step.signer, padding=step.padding)
            case "remote":
                return self.remote.remote_key(2, padding=step.padding)
            case _:
                return replace(self.bench.key(step.signer), padding=step.padding)


def sign_in_every_way(keys: Keys, source: Path) -> list[str]:
    """Sign copies of a PDF in each way; return their lines of the list."""
    bench = keys.bench
    lines = [f"signed\tconforms\tbefore any signature\t{source}\n"]
    for number, (name, steps) in enumerate(_WAYS.items(), start=1):
        path = source
        for count, step in enumerate(steps, start=1):
            target = bench.work / f"way-{number}-{count}.pdf"
            _sign(keys, step, path, target)
            path = target
        lines.append(f"signed\tconforms\t{name}\t{path}\n")
        if steps[-1].level is Level.B_LTA:
            for round_ in (1, 2):
                target = bench.work / f"way-{number}-renewed-{round_}.pdf"
                _renew(bench, path, target, f"GiaHan_{round_}")
                path = target
            lines.append(f"signed\tconforms\t{name}, renewed twice\t{path}\n")
    return lines


def _renew(bench: Workbench, source: Path, target: Path, field: str) -> None:
    """Add a document timestamp to those that a file has, as an archive does over the years."""
    policy = certificate_policy(bench.trust.timestamp_manager(), bench.trust.rules)
    handlers = bootstrap_validation_data_handlers(fetchers=None, crls=_revocation_lists(bench))
    stamper = PdfTimeStamper(HTTPTimeStamper(bench.services.timestamp_url), field_name=field)
    with source.open("rb") as file, target.open("w+b") as out:
        stamper.update_archival_timestamp_chain(
            PdfFileReader(file),
            policy.build_validation_context(moment(now()), handlers),
            in_place=False,
            output=out,
        )


def _revocation_lists(bench: Workbench) -> list[CRLContainer]:
    found = []
    for name in ("root", "issuing"):
        connection = http.client.HTTPConnection("127.0.0.1", bench.services.port)
        connection.request("GET", f"/congvu/crls/{name}/latest.crl")
        content = connection.getresponse().read()
        connection.close()
        found.append(CRLContainer(crl_data=crl.CertificateList.load(content)))
    return found


def _sign(keys: Keys, step: Step, source: Path, target: Path) -> None:
    bench = keys.bench
    request = bench.request(source, target, step.level)
    with open_signer(keys.of(step), apart=False) as signer:
        lines = block_lines(signer.identity.cn, request.at, "Sao y", _WIDTH_POINTS)
        block = _block(source, step.place, lines) if step.place else None
        request = replace(
            request,
            field_name=step.field,
            block=block,
            reserve=_reserved(source) if step.reserves else (),
        )
        if step.is_late:
            _sign_and_stamp_later(request, signer, bench)
        else:
            sign_pdf(request, signer, bench.trust, bench.network)


def _sign_and_stamp_later(request: SignRequest, signer: OpenSigner, bench: Workbench) -> None:
    authority = FaultyAuthority(real=bench.services.timestamp_url)
    kept = request.target.with_suffix(".unstamped")
    with answering("/tsa", authority.answer) as port:
        authority.port = port
        network = replace(bench.network, timestamp_url=authority.url)
        # It answers before the key is used, and not afterwards.
        authority.fault, authority.honest_first = "missing", 1
        with suppress(TimestampUnavailable):
            sign_pdf(replace(request, unstamped=kept), signer, bench.trust, network)
        authority.fault = ""
        stamp_kept(replace(request, source=kept, at=now()), bench.trust, network)


def _reserved(source: Path) -> tuple[ReservedField, ...]:
    with pikepdf.open(source) as pdf:
        right, top = (float(value) - _EDGE_POINTS for value in pdf.pages[0].mediabox[2:])
    width, height = _AGENCY_SIZE
    box = (right - width, top - height, right, top)
    return (ReservedField(name=_AGENCY_FIELD, page=1, box=box),)


def _block(source: Path, place: str, lines: tuple[str, ...]) -> VisibleBlock:
    with pikepdf.open(source) as pdf:
        page_width, page_height = (float(value) for value in pdf.pages[0].mediabox[2:])
    width, height = measure_block(lines)
    left = _EDGE_POINTS if place == "left" else page_width - _EDGE_POINTS - width
    top = page_height - _EDGE_POINTS
    return VisibleBlock(page=1, box=(left, top - height, left + width, top), lines=lines)


if __name__ == "__main__":
    authority, unsigned, work, target_list = (Path(argument) for argument in sys.argv[1:])
    work.mkdir()
    with Services(authority) as services:
        workbench = Workbench(
            folder=authority,
            services=services,
            trust=load_trust(authority / "trust"),
            work=work,
        )
        with configured(work / "hsm") as tokens, running(workbench.key()) as service:
            made = make_token(work / "hsm", tokens, "Token", authority)
            held = Keys(bench=workbench, token=made, remote=service)
            ways = sign_in_every_way(held, unsigned)
    with target_list.open("a", encoding="utf-8") as target:
        target.writelines(ways)
