"""Draw the kit of forged and odd honest files for the referee.

    python attacks.py FOLDER

Makes FOLDER with trust/ (the anchors), lists/ (the revocation lists), files/, and kit.tsv in the
form of Judge.java's list.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from fixtures.attacks.authority import Authority
from fixtures.attacks.catalogue import every_case


def draw(folder: Path) -> None:
    """Draw everything into a new folder."""
    authority = Authority(datetime.now(UTC).replace(microsecond=0))
    authority.write_trust(folder / "trust")
    for name in ("lists", "files"):
        (folder / name).mkdir()
    for number, listing in enumerate(authority.lists(authority.at)):
        (folder / "lists" / f"{number}.crl").write_bytes(listing.dump())
    lines = []
    for case in every_case(authority):
        path = folder / "files" / f"{case.name}.pdf"
        path.write_bytes(case.content)
        lines.append(f"kit\tshown\t{case.name}\t{path}\n")
    (folder / "kit.tsv").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
