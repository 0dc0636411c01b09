"""Lay our verdicts beside those of EU DSS, under the same anchors; print where they differ.

    python agreement.py AUTHORITY LIST SETS...

AUTHORITY is the throw-away authority that all files were signed under; LIST is that of Judge.java,
SETS are the sets of it that hold signed files. Ends 0 where DSS accepts, at the same level, every
signature that we pass, and 1 where it does not. Where DSS accepts what we do not is shown; why we
are stricter is told in docs/verdicts.md.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desk.demo.pki import Services
from signing.model import Indication, Kind
from signing.network import Network
from signing.trust import load_trust
from signing.verdict import judge
from tests.signing.workbench import now

_REFEREE = Path(__file__).parent / "verdicts" / "target"
_PASSED = {"TOTAL_PASSED", "PASSED"}
_NETWORK_SECONDS = 30
_REFEREE_SECONDS = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one judge says of one signature."""

    is_passed: bool
    text: str
    """Indication and sub-indication."""
    level: str
    """PAdES level in the words of the standard; empty for document timestamps."""


Opinions = dict[tuple[str, str], Opinion]
"""By path of the file and name of the field."""


def our_opinions(paths: list[Path], authority: Path, network: Network) -> Opinions:
    """Judge files ourselves."""
    trust = load_trust(authority / "trust")
    found = {}
    for path in paths:
        for signature in judge(path, trust, at=now(), network=network).signatures:
            level = signature.level.value if signature.level else ""
            is_stamp = signature.kind is Kind.DOCUMENT_TIMESTAMP
            found[str(path), signature.field] = Opinion(
                is_passed=signature.indication is Indication.TOTAL_PASSED,
                text=_text(signature.indication.value, signature.sub_indication or ""),
                level="" if is_stamp else level.replace("B-", "PAdES-BASELINE-", 1),
            )
    return found


def referee_opinions(paths: list[Path], authority: Path) -> Opinions:
    """Ask EU DSS.

    Raises:
        CalledProcessError: its program ended with an error.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".list", encoding="utf-8") as names:
        names.writelines(f"{path}\n" for path in paths)
        names.flush()
        classes = f"{_REFEREE / 'classes'}:{_REFEREE / 'libraries'}/*"
        command = ["java", "-cp", classes, "hoso.verdicts.Referee"]
        command += [str(authority / "trust"), names.name, "online"]
        # Our own program over our own files, no shell.
        run = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_REFEREE_SECONDS
        )
    return dict(_parse(run.stdout))


def _parse(printed: str) -> Iterator[tuple[tuple[str, str], Opinion]]:
    for line in printed.splitlines():
        path, _, field, level, indication, sub, _ = line.split("\t")
        yield (
            (path, field),
            Opinion(is_passed=indication in _PASSED, text=_text(indication, sub), level=level),
        )


def _text(indication: str, sub: str) -> str:
    return f"{indication.replace('_', '-')} {sub}".strip()


def print_differences(ours: Opinions, theirs: Opinions, names: dict[str, str]) -> int:
    """Print every difference; return how many of them are ours to mend."""
    nothing = Opinion(is_passed=False, text="(not seen)", level="")
    to_mend = 0
    for path, field in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get((path, field), nothing), theirs.get((path, field), nothing)
        is_laxer = mine.is_passed and (not other.is_passed or mine.level != other.level)
        to_mend += is_laxer
        if is_laxer or mine.is_passed != other.is_passed:
            mark = "!!" if is_laxer else "  "
            where = f"{names[path]} · {field or '-'}"
            words = f"{mine.text} {mine.level} | DSS: {other.text} {other.level}"
            sys.stdout.write(f"{mark} {where}: {words}\n")
    return to_mend


def main(authority: Path, listed: Path, sets: set[str]) -> int:
    """Compare the signed files of some sets; return the exit code."""
    lines = [line.split("\t") for line in listed.read_text(encoding="utf-8").splitlines()]
    names = {path: name for group, _, name, path in lines if group in sets}
    paths = [Path(path) for path in names]
    with Services(authority) as services:
        network = Network(
            timestamp_url=services.timestamp_url,
            allowed_hosts=services.hosts,
            timeout_seconds=_NETWORK_SECONDS,
        )
        ours = our_opinions(paths, authority, network)
        theirs = referee_opinions(paths, authority)
    to_mend = print_differences(ours, theirs, names)
    both = sum(ours[key].is_passed and theirs[key].is_passed for key in ours.keys() & theirs.keys())
    sys.stdout.write(
        f"{len(paths)} files, {len(ours)} signatures: {both} passed by both, {to_mend} only by us\n"
    )
    return 1 if to_mend or not ours else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), set(sys.argv[3:])))
