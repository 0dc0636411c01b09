"""Judge packages by eark-validator, in the environment that holds it (`packages.sh`).

Prints a line for each package and rule; ends 0 where every rule that a package breaks stands in
`packages_allowed.tsv`, nothing stands there that none breaks, and a package that was broken on
purpose is found to be; 1 otherwise.
"""

from __future__ import annotations

import csv
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ALLOWED = Path(__file__).with_name("packages_allowed.tsv")
LEVELS = ("V2.1.0", "V2.0.4")
Rule = tuple[str, str, str]
"""Kind of package, level of CSIP, identifier of the rule."""


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def stay_offline() -> None:
    """Let the validator find its vocabularies in its own package: it asks the network on import."""
    spec = find_spec("eark_validator")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "ipxml/resources/vocabs"

    def packaged(address: str) -> Any:
        return (folder / address.rpartition("/")[2]).open("rb")

    vars(urllib.request)["urlopen"] = packaged


def errors(package: Path, level: str) -> Iterator[tuple[str, str]]:
    """Yield rule and message of everything that is an error."""
    specifications = import_module("eark_validator.specifications.specification")
    validator = import_module("eark_validator.packages").PackageValidator
    report = validator(package, specifications.SpecificationVersion(level)).validation_report
    results = list(report.structure.messages)
    if report.metadata is not None:
        results += report.metadata.schema_results.messages
        results += report.metadata.schematron_results.messages
    yield from ((one.rule_id, one.message) for one in results if one.severity.value == "Error")
    inside = str(package / "representations/rep1")
    inner = import_module("eark_validator.mets").MetsValidator(inside)
    inner.validate_mets("METS.xml")
    yield from ((f"rep1:{one.rule_id}", one.message) for one in inner.validation_errors)


def read_allowed() -> dict[Rule, str]:
    """Return the rules that may be broken, each with its reason."""
    with ALLOWED.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        return {(kind, level, rule): reason for kind, level, rule, reason in rows}


def judge(package: Path, kind: str, level: str, allowed: dict[Rule, str]) -> tuple[set[Rule], bool]:
    """Judge one package; return the rules that it breaks, and whether all of them are allowed."""
    broken = dict(errors(package, level))
    named = {(kind, level, rule) for rule in broken}
    unknown = named - allowed.keys()
    word = "NOT VALID" if unknown else "as allowed" if broken else "valid"
    say(f"{kind:12} {level} {word:10} {' '.join(sorted(broken))}".rstrip())
    for _, _, rule in sorted(unknown):
        say(f"    {rule}: {broken[rule]}")
    return named, not unknown


def finds_a_broken_one(package: Path) -> bool:
    """Tell whether the validator sees what is wrong with a package without its identifier."""
    with TemporaryDirectory() as work:
        copy = Path(shutil.copytree(package, Path(work) / package.name))
        mets = copy / "METS.xml"
        mets.write_text(mets.read_text("utf-8").replace(" OBJID=", " LABELED="), "utf-8")
        found = "CSIP1" in dict(errors(copy, LEVELS[0]))
    say(f"{'control':12} {LEVELS[0]} {'found' if found else 'NOT FOUND'}  CSIP1")
    return found


def main(folder: Path) -> int:
    """Judge `<folder>/<kind>/<package>` for every kind."""
    stay_offline()
    allowed = read_allowed()
    say(f"eark-validator {version('eark-validator')}")
    met: set[Rule] = set()
    packages = sorted(path for path in folder.glob("*/*") if path.is_dir())
    is_good = finds_a_broken_one(packages[0])
    for package in packages:
        for level in LEVELS:
            named, is_allowed = judge(package, package.parent.name, level, allowed)
            met |= named
            is_good = is_good and is_allowed
    for kind, level, rule in sorted(allowed.keys() - met):
        say(f"allowed and not met: {kind} {level} {rule}")
        is_good = False
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
