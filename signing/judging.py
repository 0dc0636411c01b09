"""A process that does nothing but judge: `python -m signing.judging`.

A hostile file may take any time and memory; here it takes its own verdict only. Lines of JSON come
in, a line of JSON goes out for each file, and what oversteps its limits ends this process.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from config import codec
from signing.network import Network
from signing.trust import load_trust
from signing.verdict import judge

CPU_SECONDS = 10
MEMORY_BYTES = 1 << 30


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Judge what is asked until the requests end.

    Args:
        requests: Lines of JSON: first the ground (anchors, network, limits), then files.
        answers: One line of JSON for each file.
    """
    ground = json.loads(requests.readline())
    trust = load_trust(Path(ground["trust"]) if ground["trust"] else None)
    network = _network(ground["network"])
    _limit_memory(ground["memory_bytes"])
    for line in requests:
        wanted = json.loads(line)
        _limit_time(ground["cpu_seconds"])
        at = datetime.fromisoformat(wanted["at"])
        verdict = judge(Path(wanted["path"]), trust, at=at, network=network)
        # The name of a file need not be text: its odd bytes go as escapes.
        answers.write(json.dumps(codec.to_plain(verdict)).encode("ascii") + b"\n")
        answers.flush()


def network_to_plain(network: Network | None) -> dict[str, Any] | None:
    """Write what may be asked, as JSON's own types."""
    if network is None:
        return None
    return {**codec.to_plain(network), "allowed_hosts": sorted(network.allowed_hosts)}


def _network(plain: dict[str, Any] | None) -> Network | None:
    if plain is None:
        return None
    known = codec.from_plain(Network, {**plain, "allowed_hosts": []})
    return Network(
        timestamp_url=known.timestamp_url,
        allowed_hosts=frozenset(plain["allowed_hosts"]),
        timeout_seconds=known.timeout_seconds,
        offline=known.offline,
        second_timestamp_url=known.second_timestamp_url,
        clock_seconds=known.clock_seconds,
        cache=known.cache,
    )


def _limit_memory(more_bytes: int) -> None:
    """Allow so much memory beyond what the program itself takes."""
    if sys.platform == "win32":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def _limit_time(seconds: int) -> None:
    """Allow the next file so much processor time; beyond it the system ends this process."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
