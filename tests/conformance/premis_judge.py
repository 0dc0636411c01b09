"""Hold every PREMIS file of made packages against the schema of the Library of Congress.

Usage: premis_judge.py SCHEMA FOLDER. Ends 0 where all are valid and files that were broken on
purpose are found to be; 1 otherwise.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from lxml import etree

# PREMIS 3.0 of 18 January 2016, as the Library of Congress published it.
SCHEMA_SHA256 = "03b8a77a20b32b882ad799e12262671d07ad18210c60233f4e613a1289491cba"
SPACE = "{http://www.loc.gov/premis/v3}"


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def drop_digest(root: etree._Element) -> None:
    """Take what names the algorithm out of the first fixity, or the type out of an event."""
    found = root.find(f".//{SPACE}messageDigestAlgorithm")
    victim = root.find(f".//{SPACE}eventType") if found is None else found
    parent = None if victim is None else victim.getparent()
    assert parent is not None
    assert victim is not None
    parent.remove(victim)


def misplace_agent(root: etree._Element) -> None:
    """Let an agent stand before the objects."""
    agent = root.find(f"{SPACE}agent")
    assert agent is not None
    root.insert(0, agent)


CONTROLS: tuple[Callable[[etree._Element], None], ...] = (drop_digest, misplace_agent)


def main(schema_path: Path, folder: Path) -> int:
    """Judge all of them."""
    data = schema_path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SCHEMA_SHA256:
        say(f"not the schema that is meant: {schema_path}")
        return 1
    schema = etree.XMLSchema(etree.fromstring(data))
    paths = sorted(folder.rglob("PREMIS*.xml"))
    is_good = bool(paths)
    for path in paths:
        root = etree.parse(str(path)).getroot()
        is_valid = schema.validate(root)
        say(f"PREMIS 3.0   {'valid' if is_valid else 'NOT VALID'}  {path.relative_to(folder)}")
        for fault in schema.error_log:
            say(f"    line {fault.line}: {fault.message}")
        for control in CONTROLS:
            broken = etree.fromstring(etree.tostring(root))
            control(broken)
            if schema.validate(broken):
                say(f"    NOT FOUND  {control.__name__}")
                is_good = False
        is_good = is_good and is_valid
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
