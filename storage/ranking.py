"""Which of the newest papers that match says most of what was asked: bm25 of sets of words.

How often a word stands in a row is known as once, twice, or four times and more; how rare it is, by
how far back its newest rows reach. So each pass is bounded, and what is filed while somebody
reads on moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from storage.index_words import OFTEN
from storage.rows import Rows

# The usual values: how soon more of a word says nothing more, and what length counts.
_SOON = 1.2
_LENGTH = 0.75
# So many rows tell how rare a word is, and how long rows are.
_TOLD_BY = 1_000
_MEASURED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How rows are scored for some words."""

    rows: Rows
    """Where they stand."""
    words: Sequence[str]
    """Folded words, each once."""
    top: int
    """Newest row that counts."""

    def scores(self, expression: str, limit: int, first: int = 0) -> dict[int, float]:
        """Return the newest rows that match an expression, newest first, each with its score.

        Higher is better. Each word is taken to stand in each row at least once.

        Args:
            expression: What all of them match.
            limit: So many at most.
            first: Number that none is less than.
        """
        numbers = list(islice(self.rows.matching(expression, self.top + 1, first), limit))
        if not numbers:
            return {}
        brake = self._brakes(numbers)
        scores = dict.fromkeys(numbers, 0.0)
        for word in self.words:
            weight = self._weight(word) * (_SOON + 1)
            for number, times in self._times(word, expression, numbers).items():
                scores[number] += weight * times / (times + brake[number])
        return scores

    def _brakes(self, numbers: Sequence[int]) -> dict[int, float]:
        """Return what holds the frequent words of long rows back."""
        usual = self.rows.usual_size(self.top, _MEASURED)
        sizes = self.rows.sizes(numbers)
        return {
            number: _SOON * (1 - _LENGTH + _LENGTH * sizes.get(number, usual) / usual)
            for number in numbers
        }

    def _weight(self, word: str) -> float:
        """Return how much a word tells: the more, the rarer it is among the newest rows."""
        newest = list(islice(self.rows.matching(f'"{word}"', self.top + 1), _TOLD_BY))
        reach = self.top if len(newest) < _TOLD_BY else self.top + 1 - newest[-1]
        others = reach - len(newest)
        return math.log(1 + (others + 0.5) / (len(newest) + 0.5))

    def _times(self, word: str, expression: str, numbers: Sequence[int]) -> dict[int, int]:
        """Return how often a word stands in each of some rows, as far as the index tells."""
        times = dict.fromkeys(numbers, 1)
        for sign, least in OFTEN.items():
            often = f'({expression}) AND "{sign}{word}"'
            found = list(self.rows.matching(often, self.top + 1, numbers[-1]))
            times.update(dict.fromkeys(found, least))
            if not found:
                break
        return times
