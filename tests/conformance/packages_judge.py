"""Judge packages by eark-validator, in the environment that holds it (`packages.sh`).

Prints a line for each package and rule; ends 0 where every rule that a package breaks stands in
`packages_allowed.tsv`, and nothing stands there that none breaks; 1 otherwise.
"""

from __future__ import annotations

import csv
import sys
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

ALLOWED = Path(__file__).with_name("packages_allowed.tsv")
_VOCABULARIES = Path("ipxml/resources/vocabs")


def _offline() -> None:
    """Let the validator find its vocabularies in its own package: it asks the network on import."""
    import importlib.util

    spec = importlib.util.find_spec("eark_validator")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / _VOCABULARIES

    def packaged(address: str) -> Any:
        return (folder / address.rpartition("/")[2]).open("rb")

    urllib.request.urlopen = packaged


def _results(package: Path, level: str) -> Iterator[tuple[str, str]]:
    """Yield rule and message of everything that is an error."""
    from eark_validator.mets import MetsValidator
    from eark_validator.packages import PackageValidator
    from eark_validator.specifications.specification import SpecificationVersion

    report = PackageValidator(package, SpecificationVersion(level)).validation_report
    for result in report.structure.messages:
        if result.severity.value == "Error":
            yield result.rule_id, result.message
    if report.metadata is None:
        return
    told = report.metadata
    for result in (*told.schema_results.messages, *told.schematron_results.messages):
        if result.severity.value == "Error":
            yield result.rule_id, result.message
    inner = MetsValidator(str(package / "representations/rep1"))
    inner.validate_mets("METS.xml")
    for result in inner.validation_errors:
        yield f"rep1:{result.rule_id}", result.message


def _allowed() -> dict[tuple[str, str, str], str]:
    with ALLOWED.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        return {(kind, level, rule): reason for kind, level, rule, reason in rows}


def main(folder: Path) -> int:
    """Judge `<folder>/<kind>/<package>` for every kind."""
    _offline()
    allowed, met, ending = _allowed(), set(), 0
    print(f"eark-validator {version('eark-validator')}")
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        for package in sorted(path for path in kind.iterdir() if path.is_dir()):
            for level in ("V2.1.0", "V2.0.4"):
                broken = dict(_results(package, level))
                named = {(kind.name, level, rule) for rule in broken}
                met |= named
                unknown = named - allowed.keys()
                ending = 1 if unknown else ending
                word = "valid" if not broken else "as allowed" if not unknown else "NOT VALID"
                print(f"{kind.name:12} {level} {word:10} {' '.join(sorted(broken))}")
                for _, _, rule in sorted(unknown):
                    print(f"    {rule}: {broken[rule]}")
    for kind_name, level, rule in sorted(allowed.keys() - met):
        print(f"allowed and not met: {kind_name} {level} {rule}")
        ending = 1
    return ending


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
