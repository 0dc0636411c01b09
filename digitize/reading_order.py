"""The order of lines, where an engine took a line for a block that comes sooner or later."""

from __future__ import annotations

from collections.abc import Sequence

from digitize.model import Line

# Lines of one column share half of the narrower one; rows may reach into each other a little.
_SHARED, _INTO = 0.5, 0.3


def in_reading_order(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines so that each comes after those that stand above it.

    Columns stay as the engine parted them: lines that stand beside each other keep their order.
    """
    rest = list(lines)
    ordered: list[Line] = []
    while rest:
        free = (
            index
            for index, line in enumerate(rest)
            if not any(_stands_above(other, line) for other in rest if other is not line)
        )
        # Lines without any height may stand above each other.
        ordered.append(rest.pop(next(free, 0)))
    return tuple(ordered)


def _stands_above(line: Line, other: Line) -> bool:
    left, top, right, bottom = line.box
    shared = min(right, other.box[2]) - max(left, other.box[0])
    narrower = min(right - left, other.box[2] - other.box[0])
    lower = min(bottom - top, other.box[3] - other.box[1])
    return shared >= _SHARED * narrower and bottom <= other.box[1] + _INTO * lower
