"""Counts times in a log2 histogram, at almost no cost per event."""

from math import frexp

_BASE = 20  # bucket 0 is below 2**-20 s (1 us), the last one above 2**11 s (34 min)
_BUCKETS = 32


def bucket(seconds: float) -> int:
    """Return the index of a time in ``Histogram.counts``."""
    return min(max(frexp(seconds)[1] + _BASE, 0), _BUCKETS - 1) if seconds > 0 else 0


def upper(place: int) -> float:
    """Return the upper bound of a bucket, in seconds."""
    return 2.0 ** (place - _BASE)


class Histogram:
    """Counts times, in seconds, by powers of two; callers add to ``counts`` directly."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts = [0] * _BUCKETS

    @property
    def total(self) -> int:
        return sum(self.counts)

    def add(self, seconds: float) -> None:
        self.counts[bucket(seconds)] += 1

    def quantile(self, q: float) -> float | None:
        """Return the upper bound of the bucket that holds the quantile, in seconds; None if nothing was counted."""
        left = q * self.total
        for place, count in enumerate(self.counts):
            left -= count
            if left <= 0 and count:
                return upper(place)
        return None
