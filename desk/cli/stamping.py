"""`hoso audit anchor`: a timestamp of an authority over the log, now."""

from __future__ import annotations

import argparse

from desk.anchoring import anchor_now, stamping_services
from desk.cli.auditing import NO_EVENTS
from desk.cli.command import Command, station_of, wants_json
from desk.cli.output import print_json, print_lines
from desk.exit_codes import DONE, LOOK
from desk.moments import show
from desk.networks import station_network
from desk.people import current_person
from signing.trust import load_trust
from storage.archive import open_archive


def audit_anchor(arguments: argparse.Namespace) -> int:
    """Sign the log as it stands and have it timestamped now."""
    station = station_of(arguments)
    ground = (load_trust(station.trust), station_network(station))
    with stamping_services(station), open_archive(station.archive) as archive:
        found = anchor_now(station, archive, ground, current_person())
    if found is None:
        print_lines([NO_EVENTS])
        return LOOK
    head, stamp = found
    if wants_json(arguments):
        print_json({"size": head.size, "root": head.root, "stamp": stamp})
    else:
        print_lines([f"{head.size} sự kiện có trước {show(stamp.time)}, theo {stamp.authority}."])
    return DONE


AUDIT_ANCHOR = Command(
    name="audit anchor", help="xin dấu thời gian lên nhật ký ngay bây giờ", run=audit_anchor
)
