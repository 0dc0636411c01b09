"""What a signature costs: each kind of key and each level, beside stock pyHanko, in one run.

python bench/signing.py [--count N] [--megabytes M]

CPU milliseconds a signature (what waits for the network or a card is left out), the process that
holds the key included, the throw-away authority and service not. `stock` is pyHanko as its manual
has it, with one validation context and one timestamp client for all; `kept` the same with the key
object kept. `sign` is our own signing, `judged` with our own verdict on each file, as it always is.
Rounds of all candidates alternate, so that a noisy neighbour meets all of them.

Peak memory is that of a whole process that signs a large file once, verdict included.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # fixtures are not installed

import aiohttp
import pikepdf
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.config.pkcs11 import PKCS11SignatureConfig, TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11SigningContext
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend

from desk.demo.pki import Services, create, key_files
from fixtures.keys.remote_service import RemoteService, running
from fixtures.keys.soft_token import MODULE, PIN, SoftToken, configured, make_token
from signing.admission import Fresh
from signing.key_names import SignerKey
from signing.model import FileVerdict, Level, SignatureVerdict, SignRequest
from signing.network import Network
from signing.output import publish
from signing.pades import Batch
from signing.pkcs12 import Pkcs12Key
from signing.secrets import Secret, SecretFile, obtain
from signing.signer import open_signer
from signing.trust import TrustStore, load_trust

ROUNDS = 3
NAMES = {"officer1": "RSA-2048", "officer2": "RSA-3072", "officer3": "P-256"}
TIMESTAMPED = (Level.B_T, Level.B_LT, Level.B_LTA)
SELF_CONTAINED = (Level.B_LT, Level.B_LTA)
PEAK_LEVELS = (Level.B_B, Level.B_LTA)
HEADS = ("sign", "judged", "stock", "kept")
Sign = Callable[[int], None]
Group = Callable[[Level, ExitStack], dict[str, Sign]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where things lie and who is asked."""

    folder: Path
    trust: TrustStore
    network: Network
    source: Path

    @property
    def authority(self) -> Path:
        """The folder of the throw-away authority."""
        return self.folder / "authority"

    def request(self, level: Level, number: int) -> SignRequest:
        """Ask for one more signed copy of the same file."""
        return SignRequest(
            source=self.source,
            target=self.folder / f"{level.value}-{number % 2}.pdf",
            field_name="CQ_SoHoa",
            level=level,
            block=None,
            reason=None,
            at=dt.datetime.now(dt.UTC),
        )

    def file_key(self, name: str) -> Pkcs12Key:
        """Name a signer's key in a file."""
        files = key_files(self.authority, name)
        return Pkcs12Key(path=files.pkcs12, passphrase=SecretFile(path=files.passphrase))


class KeptKeySigner(SimpleSigner):
    """Stock pyHanko, but for the key, which is parsed once."""

    _kept: Any = None

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """Sign with the key object that is kept."""
        if self._kept is None:
            self._kept = serialization.load_der_private_key(self.signing_key.dump(), None)
        if isinstance(self._kept, rsa.RSAPrivateKey):
            return self._kept.sign(data, padding.PKCS1v15(), hashes.SHA256())
        signature: bytes = self._kept.sign(data, ec.ECDSA(hashes.SHA256()))
        return signature


class UnjudgedBatch(Batch):
    """Ours without the verdict, to be compared with what gives none."""

    seen: tuple[FileVerdict, SignatureVerdict] | None = None

    async def _admit(self, fresh: Fresh) -> tuple[FileVerdict, SignatureVerdict]:
        if self.seen is None or self.seen[1].level is not fresh.request.level:
            self.seen = await super()._admit(fresh)
        else:
            publish(fresh.path, fresh.request.target, like=fresh.request.source)
        return self.seen


@contextmanager
def ours(bench: Bench, key: SignerKey, level: Level, kind: type[Batch]) -> Iterator[Sign]:
    """Sign as the program does, and give the CPU time of the process that holds the key."""
    with open_signer(key) as signer, kind(signer, bench.trust, bench.network) as batch:

        def sign(number: int) -> None:
            batch.sign(bench.request(level, number))

        sign.holder = signer.provider._child.pid  # type: ignore[attr-defined]  # beside the call
        yield sign


@contextmanager
def stock(bench: Bench, signer: Signer, level: Level) -> Iterator[Sign]:
    """Sign as pyHanko's manual says."""
    with asyncio.Runner() as runner:

        async def connect() -> aiohttp.ClientSession:
            return aiohttp.ClientSession()

        session = runner.run(connect())
        context = ValidationContext(
            trust_roots=list(bench.trust.signers),
            allow_fetching=True,
            revocation_mode="require",
            # Responses are made after the context is.
            time_tolerance=dt.timedelta(minutes=5),
            fetcher_backend=AIOHttpFetcherBackend(session),
        )
        stamper = HTTPTimeStamper(str(bench.network.timestamp_url), session=session, timeout=60)
        metadata = PdfSignatureMetadata(
            field_name="CQ_SoHoa",
            subfilter=SigSeedSubFilter.PADES,
            md_algorithm="sha256",
            embed_validation_info=level in SELF_CONTAINED,
            use_pades_lta=level is Level.B_LTA,
            validation_context=context,
            signer_key_usage={"non_repudiation"},
        )
        made = PdfSigner(
            metadata, signer=signer, timestamper=stamper if level in TIMESTAMPED else None
        )

        async def sign_one(number: int) -> None:
            target = bench.folder / f"stock-{number % 2}.pdf"
            with bench.source.open("rb") as source, target.open("w+b") as out:
                await made.async_sign_pdf(IncrementalPdfFileWriter(source), output=out)

        try:
            yield lambda number: runner.run(sign_one(number))
        finally:
            runner.run(session.close())


def stock_file(bench: Bench, name: str) -> SimpleSigner:
    """Load a PKCS#12 file as pyHanko does."""
    key = bench.file_key(name)
    passphrase = obtain(key.passphrase).reveal().encode()
    loaded = SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]  # untyped in pyHanko
        str(key.path), passphrase=passphrase
    )
    assert isinstance(loaded, SimpleSigner)
    return loaded


def kept(loaded: SimpleSigner) -> KeptKeySigner:
    """Keep the key of a loaded signer."""
    return KeptKeySigner(
        signing_cert=loaded.signing_cert,
        signing_key=loaded.signing_key,
        cert_registry=loaded.cert_registry,
    )


@contextmanager
def stock_token(token: SoftToken, name: str) -> Iterator[Signer]:
    """Open a token as pyHanko does."""
    config = PKCS11SignatureConfig(
        module_path=str(MODULE),
        token_criteria=TokenCriteria(label=token.label),
        cert_id=name.encode(),
        key_id=name.encode(),
        user_pin=PIN,
        raw_mechanism=name == "officer3",
        other_certs_to_pull=("issuing",),
    )
    with PKCS11SigningContext(config) as signer:
        yield signer


def cpu_seconds(sign: Sign) -> float:
    """Read the CPU time of this process and of the one that holds the key."""
    holder = getattr(sign, "holder", None)
    beside = 0.0
    if holder is not None:
        beside = int(Path(f"/proc/{holder}/schedstat").read_text().split()[0]) / 1e9
    return time.process_time() + beside


def measure(signs: dict[str, Sign], count: int) -> dict[str, float]:
    """Sign in alternating rounds; give CPU milliseconds a signature, the best round of each."""
    for sign in signs.values():
        sign(0)
        sign(1)
    rounds: dict[str, list[float]] = {name: [] for name in signs}
    for _ in range(ROUNDS):
        for name, sign in signs.items():
            before = cpu_seconds(sign)
            for number in range(count):
                sign(number)
            rounds[name].append((cpu_seconds(sign) - before) / count * 1000)
    return {name: min(values) for name, values in rounds.items()}


def groups(bench: Bench, token: SoftToken, remote: SignerKey) -> dict[str, Group]:
    """List what is measured side by side, by the name of the key."""

    def of_file(name: str, level: Level, stack: ExitStack) -> dict[str, Sign]:
        key, loaded = bench.file_key(name), stock_file(bench, name)
        return {
            "sign": stack.enter_context(ours(bench, key, level, UnjudgedBatch)),
            "judged": stack.enter_context(ours(bench, key, level, Batch)),
            "stock": stack.enter_context(stock(bench, loaded, level)),
            "kept": stack.enter_context(stock(bench, kept(loaded), level)),
        }

    def of_token(name: str, level: Level, stack: ExitStack) -> dict[str, Sign]:
        signer = stack.enter_context(stock_token(token, name))
        return {
            "sign": stack.enter_context(ours(bench, token.key(name), level, UnjudgedBatch)),
            "stock": stack.enter_context(stock(bench, signer, level)),
        }

    def of_remote(level: Level, stack: ExitStack) -> dict[str, Sign]:
        return {"sign": stack.enter_context(ours(bench, remote, level, UnjudgedBatch))}

    found: dict[str, Group] = {}
    for name, kind in NAMES.items():
        found[f"PKCS#12 {kind}"] = partial(of_file, name)
        found[f"SoftHSM {kind}"] = partial(of_token, name)
    found["CSC RSA-3072"] = of_remote
    return found


def print_row(label: str, level: Level, values: dict[str, float]) -> None:
    """Print CPU milliseconds of one key and level."""
    cells = "".join(f"{values[head]:9.1f}" if head in values else f"{'–':>9}" for head in HEADS)
    ratio = f"{values['stock'] / values['sign']:11.1f}x" if "stock" in values else f"{'–':>12}"
    print(f"{label:20} {level.value:6}{cells}{ratio}", flush=True)


def count_timestamps(bench: Bench, level: Level) -> float:
    """Count requests to the timestamp authority for each of ten papers of one batch."""
    asked = 0
    post = HTTPTimeStamper.async_request_tsa_response

    async def counted(self: HTTPTimeStamper, req: Any) -> Any:
        nonlocal asked
        asked += 1
        return await post(self, req)

    HTTPTimeStamper.async_request_tsa_response = counted  # type: ignore[method-assign]  # counted
    try:
        with ours(bench, bench.file_key("officer1"), level, UnjudgedBatch) as sign:
            for number in range(10):
                sign(number)
    finally:
        HTTPTimeStamper.async_request_tsa_response = post  # type: ignore[method-assign]  # again
    return asked / 10


def make_source(path: Path, megabytes: float) -> Path:
    """Make a PDF of scanned pages, about a megabyte each, that no compression makes smaller."""
    with pikepdf.new() as pdf:
        for _ in range(max(round(megabytes), 1)):
            page = pdf.add_blank_page(page_size=(595, 842))
            picture = pdf.make_stream(
                os.urandom(round(min(megabytes, 1.0) * 333_333) * 3),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=round(min(megabytes, 1.0) * 333_333),
                Height=1,
                ColorSpace=pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
            )
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I0=picture))
            page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I0 Do Q")
        pdf.save(path, compress_streams=False)
    return path


def peak_megabytes(bench: Bench, megabytes: int, level: Level) -> float:
    """Sign a large file in a process of its own, verdict included; give its peak memory."""
    source = make_source(bench.folder / "large.pdf", megabytes)
    words = [str(bench.folder), str(source), level.value, str(bench.network.timestamp_url)]
    run = subprocess.run(
        [sys.executable, __file__, "--one", *words], capture_output=True, text=True, check=True
    )
    return float(run.stdout)


def sign_one(words: Sequence[str]) -> None:
    """Sign one file and print this process's peak memory, MB."""
    folder, source, level, url = words
    bench = open_bench(Path(folder), Path(source), url)
    with ours(bench, bench.file_key("officer1"), Level(level), Batch) as sign:
        sign(0)
    # Not ru_maxrss: that begins with the memory of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(int(status.partition("VmHWM:")[2].split()[0]) / 1000)


def open_bench(folder: Path, source: Path, timestamp_url: str) -> Bench:
    """Name the parts of a bench that was made."""
    port = timestamp_url.split(":")[2].partition("/")[0]
    network = Network(timestamp_url=timestamp_url, allowed_hosts=frozenset({f"127.0.0.1:{port}"}))
    trust = load_trust(folder / "authority" / "trust")
    return Bench(folder=folder, trust=trust, network=network, source=source)


def free_port() -> int:
    """Find a port for the throw-away authority."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(folder: Path) -> None:
    """Be the remote signing service until the input ends."""
    files = key_files(folder / "authority", "officer2")
    key = Pkcs12Key(path=files.pkcs12, passphrase=SecretFile(path=files.passphrase))
    with running(key) as service:
        print(service.port, flush=True)
        sys.stdin.read()


@contextmanager
def remote_service(folder: Path) -> Iterator[SignerKey]:
    """Run the service apart, so that its CPU time is not ours."""
    with subprocess.Popen(
        [sys.executable, __file__, "--serve", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        service = RemoteService(key=Pkcs12Key(path=folder, passphrase=Secret("-")))
        service.port = int(child.stdout.readline())
        yield service.remote_key(2)
        child.terminate()


def run(count: int, megabytes: int, folder: Path) -> None:
    """Measure everything and print it."""
    create(folder / "authority", port=free_port(), at=dt.datetime.now(dt.UTC))
    with ExitStack() as stack:
        services = stack.enter_context(Services(folder / "authority"))
        source = make_source(folder / "source.pdf", 0.85)
        bench = open_bench(folder, source, services.timestamp_url)
        tokens = stack.enter_context(configured(folder / "hsm"))
        token = make_token(folder / "hsm", tokens, "Token", bench.authority)
        remote = stack.enter_context(remote_service(folder))
        print(f"CPU ms a signature, {count} in each of {ROUNDS} rounds, the best round")
        heads = "".join(f"{head:>9}" for head in HEADS)
        print(f"{'key':20} {'level':6}{heads}{'stock/sign':>12}")
        found = measure_all(bench, groups(bench, token, remote), count)
        calls = {level: count_timestamps(bench, level) for level in TIMESTAMPED}
        peaks = {level: peak_megabytes(bench, megabytes, level) for level in PEAK_LEVELS}
    for level, asked in calls.items():
        print(f"timestamp requests a paper, ten in a batch, {level.value}: {asked:.1f}")
    for level, peak in peaks.items():
        print(f"peak memory for a file of {megabytes} MB, {level.value}: {peak:.0f} MB")
    print(summary(found, peaks))


def measure_all(
    bench: Bench, measured: dict[str, Group], count: int
) -> dict[tuple[str, Level], dict[str, float]]:
    """Measure each key at each level."""
    found = {}
    for label, group in measured.items():
        for level in Level:
            with ExitStack() as stack:
                found[label, level] = measure(group(level, stack), count)
            print_row(label, level, found[label, level])
    return found


def summary(found: dict[tuple[str, Level], dict[str, float]], peaks: dict[Level, float]) -> str:
    """Give the figures that are promised."""
    basic = found["PKCS#12 RSA-2048", Level.B_B]
    archival = found["PKCS#12 RSA-2048", Level.B_LTA]
    values = {
        "bb_stock_over_sign": basic["stock"] / basic["sign"],
        "bb_stock_over_judged": basic["stock"] / basic["judged"],
        "lta_sign_over_kept": archival["sign"] / archival["kept"],
        "lta_judged_over_kept": archival["judged"] / archival["kept"],
        "peak_megabytes": max(peaks.values()),
    }
    return " ".join(f"{name}={value:.2f}" for name, value in values.items())


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10, help="signatures in a round")
    parser.add_argument("--megabytes", type=int, default=50, help="size of the large file")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        sign_one(chosen.one)
    elif chosen.serve:
        serve(chosen.serve)
    else:
        with tempfile.TemporaryDirectory() as folder:
            run(chosen.count, chosen.megabytes, Path(folder))


if __name__ == "__main__":
    main()
