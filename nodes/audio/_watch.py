"""Checks whether a device keeps requesting sound: no library reports reliably that a device is gone."""

from nodes.services import Clock

SILENT_S = 0.9
"""An output that has sound to play but makes no progress for this long is lost."""
GRACE_S = 3.0
"""How late a newly opened device may make its first call, or its next one after its buffer was filled: PulseAudio's
null sink sleeps up to 2 s before it notices the latency that a stream wants."""
STEADY_S = 0.3
"""A device that has called for this long, with pauses of at most half of it, is assumed to continue."""


class Watch:
    """Watches a count of calls, which is checked now and then."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls = 0
        self._seen: float | None = None
        """When it was last seen to call, or until when it may be silent."""
        self._since = self._last = -STEADY_S
        """The period in which it was seen to call without a long pause."""

    def look(self, calls: int) -> bool:
        """Return whether a device with this many calls so far is alive; the first look starts its grace period."""
        now = self._clock.now()
        if self._seen is None:
            self._seen = now + GRACE_S - SILENT_S
        elif calls != self._calls:
            self._calls, self._seen = calls, max(now, self._seen)
            if now - self._last > STEADY_S / 2:
                self._since = now
            self._last = now
        return now - self._seen <= SILENT_S

    @property
    def steady(self) -> bool:
        """Whether it has called without a pause until now: at first a device may fill its buffer and then sleep."""
        return self._last - self._since >= STEADY_S and self._clock.now() - self._last <= STEADY_S / 2
