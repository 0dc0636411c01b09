"""Who signs for an office, as people of the agency wrote the names down on its earlier papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from config.vietnamese import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatories:
    """Names by the issuing body; by default none."""

    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By the body without marks: the names, NFC."""

    def of(self, body: str) -> frozenset[str]:
        """Return who is known to sign for a body.

        Args:
            body: as its papers name it.
        """
        return self.names.get(_key(body), frozenset())


def signatories_of(pairs: Iterable[tuple[str, str]]) -> Signatories:
    """Return the signatories of bodies, from pairs of a body and a name."""
    found: dict[str, set[str]] = defaultdict(set)
    for body, name in pairs:
        found[_key(body)].add(" ".join(name.split()))
    return Signatories(names={body: frozenset(names) for body, names in found.items()})


def _key(body: str) -> str:
    return " ".join(fold(body).split())
