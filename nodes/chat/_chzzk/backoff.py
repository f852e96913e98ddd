"""How long to wait until the next attempt to connect."""

from random import Random

BACKOFF_S = 1.0, 30.0
"""The shortest and the longest wait."""


class Backoff:
    """Waits that grow with each failure and are random, so that clients do not all reconnect at the same time."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.failures = 0
        """Failures since the last success."""

    def wait(self) -> float:
        """Record a failure and return the seconds until the next attempt."""
        shortest, most = BACKOFF_S
        self.failures += 1
        return self._chance.uniform(shortest, min(most, shortest * 2 ** min(self.failures, 10)))

    def reset(self) -> None:
        """Record a success."""
        self.failures = 0
