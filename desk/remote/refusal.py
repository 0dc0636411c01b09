"""What the station says when it does not do what an agent asks."""

from __future__ import annotations


class Refused(Exception):
    """The station does not do what an agent asks.

    Args:
        vi: Why, for the agent's officer.
    """

    def __init__(self, vi: str) -> None:
        super().__init__(vi)
        self.vi = vi
