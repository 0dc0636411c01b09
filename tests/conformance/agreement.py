"""Lay our verdicts beside those of EU DSS, under the same anchors; print where they differ.

    python agreement.py station AUTHORITY LIST SETS...
    python agreement.py kit FOLDER

AUTHORITY is the throw-away authority that all files were signed under; LIST is that of Judge.java,
SETS are the sets of it that hold signed files; FOLDER was drawn by attacks.py. Ends 0 where DSS
accepts, at the same level, every signature that we pass, and 1 where it does not. Where DSS accepts
what we do not is shown; why we are stricter is told in docs/verdicts.md, and a file of the kit that
is not named there ends it with 1 too.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import crl
from pyhanko.sign.validation.policy_decl import LocalKnowledge
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from desk.demo.pki import Services
from signing.model import Indication, Kind
from signing.network import Network, connect
from signing.trust import load_trust
from signing.verdict import Judgement, judge_file
from tests.signing.workbench import now

_REFEREE = Path(__file__).parent / "verdicts" / "target"
_EXPLAINED = Path(__file__).parents[2] / "docs" / "verdicts.md"
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
    """PAdES level in the words of the standard; empty for what is no PAdES signature."""


Opinions = dict[tuple[str, str], Opinion]
"""By path of the file and name of the field."""


def our_opinions(paths: list[Path], judgement: Judgement) -> Opinions:
    """Judge files ourselves."""
    return asyncio.run(_our_opinions(paths, judgement))


async def _our_opinions(paths: list[Path], judgement: Judgement) -> Opinions:
    found = {}
    for path in paths:
        for signature in (await judge_file(path, judgement)).signatures:
            level = signature.level.value if signature.level else ""
            is_stamp = signature.kind is Kind.DOCUMENT_TIMESTAMP
            found[str(path), signature.field] = Opinion(
                is_passed=signature.indication is Indication.TOTAL_PASSED,
                text=_text(signature.indication.value, signature.sub_indication or ""),
                level="" if is_stamp else level.replace("B-", "PAdES-BASELINE-", 1),
            )
    return found


def referee_opinions(paths: list[Path], trust: Path, source: str) -> Opinions:
    """Ask EU DSS.

    Args:
        paths: The files.
        trust: Folder of the anchors.
        source: «online», or the folder of revocation lists.

    Raises:
        CalledProcessError: its program ended with an error.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".list", encoding="utf-8") as names:
        names.writelines(f"{path}\n" for path in paths)
        names.flush()
        classes = f"{_REFEREE / 'classes'}:{_REFEREE / 'libraries'}/*"
        command = ["java", "-cp", classes, "hoso.verdicts.Referee", str(trust), names.name, source]
        # Our own program over our own files, no shell.
        run = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_REFEREE_SECONDS
        )
    return dict(_parse(run.stdout))


def _parse(printed: str) -> Iterator[tuple[tuple[str, str], Opinion]]:
    for line in printed.splitlines():
        path, _, field, form, indication, sub, _ = line.split("\t")
        level = form if form.startswith("PAdES-") else ""
        yield (
            (path, field),
            Opinion(is_passed=indication in _PASSED, text=_text(indication, sub), level=level),
        )


def _text(indication: str, sub: str) -> str:
    return f"{indication.replace('_', '-')} {sub}".strip()


def print_differences(
    ours: Opinions, theirs: Opinions, names: dict[str, str]
) -> tuple[int, set[str]]:
    """Print every difference.

    Returns:
        How many of them are ours to mend; the names of the files that differ.
    """
    nothing = Opinion(is_passed=False, text="(not seen)", level="")
    to_mend, different = 0, set()
    for path, field in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get((path, field), nothing), theirs.get((path, field), nothing)
        is_laxer = mine.is_passed and (not other.is_passed or mine.level != other.level)
        to_mend += is_laxer
        if is_laxer or mine.is_passed != other.is_passed:
            different.add(names[path])
            mark = "!!" if is_laxer else "  "
            where = f"{names[path]} · {field or '-'}"
            words = f"{mine.text} {mine.level} | DSS: {other.text} {other.level}"
            sys.stdout.write(f"{mark} {where}: {words}\n")
    return to_mend, different


def find_unexplained(names: set[str]) -> list[str]:
    """Return the files of the kit that the page on verdicts does not speak of."""
    page = _EXPLAINED.read_text(encoding="utf-8").partition("## Beside EU DSS")[2]
    words = re.findall(r"`([a-z0-9_-]+)`", page)
    return sorted(name for name in names if not any(word in name for word in words))


def of_station(authority: Path, listed: Path, sets: set[str]) -> tuple[Opinions, Opinions]:
    """Judge the signed files of a station, its authority running."""
    paths = [Path(path) for path in _names(listed, sets)]
    with Services(authority) as services:
        network = Network(
            timestamp_url=services.timestamp_url,
            allowed_hosts=services.hosts,
            timeout_seconds=_NETWORK_SECONDS,
        )
        theirs = referee_opinions(paths, authority / "trust", "online")
        return asyncio.run(_connected(paths, authority, network)), theirs


async def _connected(paths: list[Path], authority: Path, network: Network) -> Opinions:
    trust = load_trust(authority / "trust")
    async with connect(network) as connections:
        return await _our_opinions(
            paths, Judgement(trust=trust, at=now(), backend=connections.revocation)
        )


def of_kit(folder: Path) -> tuple[Opinions, Opinions]:
    """Judge the kit of forged and odd honest files with its lists at hand."""
    paths = [Path(path) for path in _names(folder / "kit.tsv", {"kit"})]
    lists = [
        CRLContainer(crl_data=crl.CertificateList.load(path.read_bytes()))
        for path in sorted((folder / "lists").iterdir())
    ]
    judgement = Judgement(
        trust=load_trust(folder / "trust"), at=now(), known=LocalKnowledge(known_crls=lists)
    )
    theirs = referee_opinions(paths, folder / "trust", str(folder / "lists"))
    return our_opinions(paths, judgement), theirs


def _names(listed: Path, sets: set[str]) -> dict[str, str]:
    lines = [line.split("\t") for line in listed.read_text(encoding="utf-8").splitlines()]
    return {path: name for group, _, name, path in lines if group in sets}


def main(kind: str, folder: Path, *rest: str) -> int:
    """Compare; return the exit code."""
    if kind == "kit":
        names = _names(folder / "kit.tsv", {"kit"})
        ours, theirs = of_kit(folder)
    else:
        names = _names(Path(rest[0]), set(rest[1:]))
        ours, theirs = of_station(folder, Path(rest[0]), set(rest[1:]))
    to_mend, different = print_differences(ours, theirs, names)
    unexplained = find_unexplained(different) if kind == "kit" else []
    sys.stdout.writelines(f"!! {name}: docs/verdicts.md does not say why\n" for name in unexplained)
    both = sum(ours[key].is_passed and theirs[key].is_passed for key in ours.keys() & theirs.keys())
    sys.stdout.write(
        f"{len(names)} files, {len(ours)} signatures: {both} passed by both, {to_mend} only by us\n"
    )
    return 1 if to_mend or unexplained or not ours else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
