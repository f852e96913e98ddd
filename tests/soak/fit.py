"""Estimates a trend in a series measured on a busy machine, and says how certain it is."""

import random
from collections.abc import Sequence
from itertools import combinations
from math import ceil, inf, sqrt
from statistics import median
from typing import NamedTuple

SURE = 1.96
"""Standard deviations that cover 95 %."""


class Range(NamedTuple):
    """A figure, and its 95 % confidence range."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.2f} (95 %: {self.low:+.2f} to {self.high:+.2f})"


def medians(points: Sequence[tuple[float, float]], every: float) -> list[tuple[float, float]]:
    """Return (middle, median) of each stretch of ``every`` along the first axis: single readings jump, these do not."""
    stretches: dict[int, list[float]] = {}
    for at, value in points:
        stretches.setdefault(int(at // every), []).append(value)
    return [((number + 0.5) * every, median(values)) for number, values in sorted(stretches.items())]


def slope(points: Sequence[tuple[float, float]]) -> Range:
    """Return the Theil-Sen slope: the median of the slopes of all pairs, which one step or a few peaks do not move.

    The range is that of Sen (1968), from the normal approximation of Kendall's score; it is infinite if there are too
    few points.
    """
    slopes = sorted((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2))
    count = len(points)
    reach = SURE * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low, high = int((len(slopes) - reach) // 2), ceil((len(slopes) + reach) / 2)
    if low < 0 or high >= len(slopes):
        return Range(median(slopes), -inf, inf)
    return Range(median(slopes), slopes[low], slopes[high])


def quantile(values: Sequence[float], q: float) -> float:
    """Return the smallest value that at least the share ``q`` of the values does not exceed."""
    return sorted(values)[max(ceil(q * len(values)) - 1, 0)]


def drift(first: Sequence[float], last: Sequence[float], q: float, block: int, rounds: int = 400) -> Range:
    """Return the share by which the ``q``-quantile of ``last`` is above that of ``first``.

    The range comes from resampling blocks of ``block`` readings, ``rounds`` times: consecutive readings are alike, so
    resampling single ones would promise too much precision.
    """
    rng = random.Random(1)
    drawn = sorted(_above(_draw(first, block, rng), _draw(last, block, rng), q) for _ in range(rounds))
    return Range(_above(first, last, q), drawn[int(0.025 * rounds)], drawn[int(0.975 * rounds)])


def _above(first: Sequence[float], last: Sequence[float], q: float) -> float:
    return quantile(last, q) / quantile(first, q) - 1


def _draw(values: Sequence[float], block: int, rng: random.Random) -> list[float]:
    blocks = [values[at : at + block] for at in range(0, len(values), block)]
    return [value for _ in blocks for value in rng.choice(blocks)]
