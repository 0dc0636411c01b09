"""What a verdict costs, beside plain pyHanko and EU DSS, in one run.

python bench/verdicts.py [--rounds N] [--megabytes M]

CPU milliseconds a file, the best of so many rounds; candidates alternate, so that a noisy neighbour
meets all of them. `pyHanko` is its three AdES calls (basic, with time, long term) on each
signature, which give no verdict; `DSS` is its validator in a Java machine that has judged the same
files until it is warm, its CPU time taken between the lines that it prints. Where Java or DSS
cannot be had (`make conformance` fetches it), its column is «not shown».

Linear: a file of 25 signatures in 50 revisions beside one of one signature. Peak memory is that of
a process that judges one file with one large picture, changed twice after the first signature.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # fixtures are not installed

import pikepdf
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import (
    ades_basic_validation,
    ades_lta_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.policy_decl import LocalKnowledge, PdfSignatureValidationSpec

from fixtures.attacks.authority import OFFICER, Authority
from fixtures.attacks.bases import RIGHT_BLOCK, plain
from fixtures.attacks.signing import Hand, sign
from signing.policy import moment, signature_policy
from signing.trust import TrustStore, load_trust
from signing.verdict import judge

ROOT = Path(__file__).resolve().parents[1]
MANY = 25
REFEREE = ROOT / "tests" / "conformance" / "verdicts" / "target"
# A Java machine needs so many files of a kind until its code is compiled.
WARMING, WARM = 60, 20
_TICKS = os.sysconf("SC_CLK_TCK")
_MEASURE_PEAK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from signing.trust import load_trust
from signing.verdict import judge
print(judge(Path(sys.argv[1]), load_trust(Path(sys.argv[2])), at=datetime.now(UTC)).overall)
# Not what getrusage says: that counts the memory of whoever started this process too.
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def draw(folder: Path, megabytes: int) -> dict[str, Path]:
    """Draw what is judged, and trust/ and lists/ beside it."""
    authority = Authority(datetime.now(UTC).replace(microsecond=0))
    authority.write_trust(folder / "trust")
    (folder / "lists").mkdir()
    for number, listing in enumerate(authority.lists(authority.at)):
        (folder / "lists" / f"{number}.crl").write_bytes(listing.dump())
    signed = plain()
    contents = {"B-LTA": sign(plain(3), authority, Hand(level="B-LTA", box=RIGHT_BLOCK))}
    for number in range(MANY):
        # A signature and, for its evidence, a revision more.
        signed = sign(signed, authority, Hand(field=f"Ky_{number}"))
        if number == 0:
            contents["one signature"] = signed
    contents[f"{MANY} signatures"] = signed
    large = sign(_with_picture(megabytes), authority, Hand())
    contents["large"] = sign(large, authority, Hand(name=OFFICER, field="Ky_2", level="B-LTA"))
    paths = {name: folder / f"{number}.pdf" for number, name in enumerate(contents)}
    for name, content in contents.items():
        paths[name].write_bytes(content)
    return paths


def _with_picture(megabytes: int) -> bytes:
    side = 1000
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        picture = pdf.make_stream(os.urandom(megabytes * 1_000_000))
        picture.update(
            pikepdf.Dictionary(
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=side,
                Height=megabytes * 1_000_000 // side,
                ColorSpace=pikepdf.Name.DeviceGray,
                BitsPerComponent=8,
            )
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im1=picture))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im1 Do Q")
        out = io.BytesIO()
        pdf.save(out, compress_streams=False)
        return out.getvalue()


async def _plain_pyhanko(path: Path, trust: TrustStore, at: datetime) -> None:
    spec, when = signature_policy(trust, LocalKnowledge(), None), moment(at)
    with path.open("rb") as file:
        for signature in PdfFileReader(file).embedded_regular_signatures:
            for process in (ades_basic_validation, ades_with_time_validation):
                await process(
                    signature.signed_data,
                    spec,
                    timing_info=when,
                    raw_digest=signature.compute_digest(),
                )
            signature.compute_integrity_info()
            await ades_lta_validation(signature, PdfSignatureValidationSpec(spec), timing_info=when)


def _run_plain(path: Path, trust: TrustStore, at: datetime) -> None:
    asyncio.run(_plain_pyhanko(path, trust, at))


def _cpu_milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def measure(paths: dict[str, Path], trust: TrustStore, rounds: int) -> dict[tuple[str, str], float]:
    """Give the best CPU milliseconds by judge and file."""
    best: dict[tuple[str, str], float] = {}
    for _ in range(rounds):
        for name, path in paths.items():
            at = datetime.now(UTC)
            candidates: dict[str, Callable[[], object]] = {
                "ours": partial(judge, path, trust, at=at)
            }
            if name == "B-LTA":
                candidates["pyHanko"] = partial(_run_plain, path, trust, at)
            for who, work in candidates.items():
                spent = _cpu_milliseconds(work)
                best[who, name] = min(spent, best.get((who, name), spent))
    return best


def of_referee(path: Path, folder: Path) -> float | None:
    """Give the CPU milliseconds of EU DSS in a warm machine; None where it cannot be had."""
    if shutil.which("java") is None or not (REFEREE / "classes").is_dir():
        return None
    names = folder / "names"
    names.write_text(f"{path}\n" * (WARMING + WARM), encoding="utf-8")
    classes = f"{REFEREE / 'classes'}:{REFEREE / 'libraries'}/*"
    command = ["java", "-cp", classes, "hoso.verdicts.Referee"]
    with subprocess.Popen(
        [*command, str(folder / "trust"), str(names), str(folder / "lists")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as machine:
        seen = list(_cpu_at_each_file(machine))
    if len(seen) < WARMING + WARM:
        return None
    return (seen[-1] - seen[WARMING - 1]) / (len(seen) - WARMING) * 1000


def _cpu_at_each_file(machine: subprocess.Popen[str]) -> Iterator[float]:
    """Give the machine's CPU seconds whenever it is done with a file."""
    assert machine.stdout is not None
    status = Path(f"/proc/{machine.pid}/stat")
    for line in machine.stdout:
        # One line for each signature: the file's first signature is its only one.
        if "\tsignature\t" in line:
            with contextlib.suppress(OSError):
                fields = status.read_text(encoding="ascii").rpartition(")")[2].split()
                yield (int(fields[11]) + int(fields[12])) / _TICKS


def peak_megabytes(path: Path, trust: Path) -> float:
    """Give the peak memory of a process that judges one file."""
    command = [sys.executable, "-c", _MEASURE_PEAK, str(path), str(trust)]
    run = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    overall, peak = run.stdout.split()
    assert overall == "TOTAL-PASSED"
    return int(peak) / 1024


def main() -> None:
    """Draw, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--megabytes", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hoso-verdicts-") as made:
        folder = Path(made)
        paths = draw(folder, arguments.megabytes)
        peak = peak_megabytes(paths.pop("large"), folder / "trust")
        best = measure(paths, load_trust(folder / "trust"), arguments.rounds)
        referee = of_referee(paths["B-LTA"], folder)
    print("file                ours  pyHanko      DSS   (CPU ms)")
    for name in paths:
        plain_ms = best.get(("pyHanko", name))
        theirs = referee if name == "B-LTA" else None
        shown = [f"{best['ours', name]:8.1f}"]
        shown += [f"{value:8.1f}" if value else "       –" for value in (plain_ms, theirs)]
        print(f"{name:16}" + " ".join(shown))
    if referee is None:
        print("DSS: not shown (Java is missing, or `make conformance` has not fetched it)")
    times_pyhanko = best["ours", "B-LTA"] / best["pyHanko", "B-LTA"]
    times_one = best["ours", f"{MANY} signatures"] / best["ours", "one signature"]
    words = [f"times_pyhanko={times_pyhanko:.2f}", f"times_one_signature={times_one:.1f}"]
    if referee is not None:
        words.append(f"times_dss={best['ours', 'B-LTA'] / referee:.2f}")
    print(" ".join([*words, f"peak_megabytes={peak:.0f}"]))


if __name__ == "__main__":
    main()
