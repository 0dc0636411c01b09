from __future__ import annotations
from dataclasses import dataclass
import statistics
RIVALS = ("tantivy", "PostgreSQL")
@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """CPU milliseconds of the queries of a kind."""

    milliseconds: tuple[float, ...]

    @property
    def p99(self) -> float:
        """The worst but one in a hundred."""
        ranked = sorted(self.milliseconds)
        return ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]

    @property
    def text(self) -> str:
        """For the table."""
        return f"{statistics.median(self.milliseconds):.2f} / {self.p99:.1f}"
def ask_rivals(*a): return {}
