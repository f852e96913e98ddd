"""Whether a device goes on calling for sound: none of the libraries says reliably that one is gone."""

from nodes.services import Clock

SILENT_S = 0.9
"""An output that owes sound and shows no progress for this long is lost."""
GRACE_S = 3.0
"""A device that was just opened may first call, or call on after its buffer was filled, as late as this: PulseAudio's
null sink sleeps up to 2 s before it notices the latency that a stream wants."""
STEADY_S = 0.3
"""A device that has called for this long, with pauses of at most half of it, is taken to go on doing so."""


class Watch:
    """Looks at a count of calls now and then."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls = 0
        self._seen: float | None = None
        """When it was last seen to call, or may be silent until."""
        self._since = self._last = -STEADY_S
        """From when to when it was seen to call without a long pause."""

    def look(self, calls: int) -> bool:
        """Whether a device with this many calls so far is alive; the first look begins its time of grace."""
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
        """It was seen to call without a pause up to now: at first a device may fill its buffer and then sleep."""
        return self._last - self._since >= STEADY_S and self._clock.now() - self._last <= STEADY_S / 2
