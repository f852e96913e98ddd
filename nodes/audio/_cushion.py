"""The jitter buffer: how much to delay the start of a sentence when the chunks of this voice arrive late."""

from collections import deque
from typing import Literal

FLOOR_MS = 120
"""Sound always collected before a sentence starts, unless the setting gives another amount."""
LONGEST_HOLD_S = 0.8
"""No sentence is held longer than this; a voice that is even later has gaps."""
BLOCK_S = 0.04
"""A device takes its sound in blocks of up to this length, so a chunk has to arrive this much before it is due."""
SPARE = 1.25
"""Safety factor: the next sentence may be a little worse than those before it."""
PLENTY_S = 0.3
"""A late chunk teaches nothing if the sound ahead of it exceeds the hold by this much: the output may have stalled."""
LATELY = 4
"""The hold is what the worst of this many sentences needed: about two answers."""


class Cushion:
    """Learns from the times at which the chunks of sentences arrive; works in seconds, without a clock or a device.

    It simulates each sentence as if it began when enough of it was there, and measures how long after the end of the
    sound before it each chunk arrives. The next sentences start that much later than enough of them is there, as long
    as one of the last few needed it; one that was ready earlier, because other sound is still being heard, does not
    wait. Within a sentence nothing is stretched; only its start moves.
    """

    def __init__(self, prebuffer_ms: int | Literal["auto"]) -> None:
        self.floor_ms = FLOOR_MS if prebuffer_ms == "auto" else prebuffer_ms
        """Sound that an output collects before it begins."""
        self.hold_s = 0.0
        """How long the next sentence is held once ``floor_ms`` is collected; always 0 where the setting is a number."""
        self._measured = prebuffer_ms == "auto"
        self._needed: deque[float] = deque(maxlen=LATELY)
        """What the last sentences needed."""
        self._due = 0.0
        """When what has arrived of the sentence would have been played if it had begun at once."""
        self._over = 0.0
        """When everything that has arrived will have been played."""
        self._release: float | None = None
        """When the arriving sentence may start; None until enough of it is collected."""
        self._collected = 0.0
        self._late: float | None = None
        """The worst delay within the arriving sentence; None if there is nothing to learn from it."""
        self._arriving = False

    def begin(self) -> None:
        """Note that a sentence begins to arrive."""
        self._arriving, self._release, self._collected, self._late = True, None, 0.0, None

    def pause(self, now: float, seconds: float) -> None:
        """Note that silence of this length follows what has arrived."""
        self._over = max(self._over, now) + seconds

    def add(self, now: float, seconds: float, ahead: float) -> None:
        """Add arriving sound of this length; ``ahead`` seconds of earlier sound have not been heard yet."""
        if self._release is None:
            self._collected += seconds
            if self._collected * 1000 >= self.floor_ms:
                self._start(now)
            return
        late = now + BLOCK_S - self._due
        if late <= 0 or ahead < self.hold_s + PLENTY_S:
            self._late = max(self._late or 0.0, late)
        self._due += seconds
        self._over = max(self._over, now) + seconds

    def end(self, now: float) -> None:
        """Note that the sentence has all its sound; it may start if it has not yet."""
        if not self._arriving:
            return
        if self._release is None:
            self._start(now)
        self._over -= max(0.0, (self._release or now) - now)
        if self._measured and self._late is not None:
            self._needed.append(min(LONGEST_HOLD_S, max(0.0, self._late * SPARE)))
            self.hold_s = max(self._needed)
        self._arriving = False

    def cut(self, now: float, ahead: float) -> None:
        """Note that a turn was cut off; ``ahead`` seconds of others are left. What arrives now is not measured."""
        self._over = now + ahead
        self._arriving = False

    def open(self, now: float) -> bool:
        """Whether sound of the arriving sentence may be passed to an output."""
        return not self._arriving or self.hold_s == 0.0 or (self._release is not None and now >= self._release)

    def _start(self, now: float) -> None:
        self._release = now + self.hold_s
        if self._release <= self._over + 0.001:
            self._release = now  # it follows the preceding sound without a pause
        self._due = now + self._collected
        self._over = max(self._over, self._release) + self._collected
