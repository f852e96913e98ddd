"""How long to wait until the next attempt to connect."""

from random import Random

BACKOFF_S = 1.0, 30.0
"""The shortest and the longest wait."""


class Backoff:
    """Longer with each failure and drawn by chance, so that not everyone comes back at the same time."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.failures = 0
        """Since the last success."""

    def wait(self) -> float:
        """One more failure: the seconds until the next attempt."""
        shortest, most = BACKOFF_S
        self.failures += 1
        return self._chance.uniform(shortest, min(most, shortest * 2 ** min(self.failures, 10)))

    def reset(self) -> None:
        """A success."""
        self.failures = 0
