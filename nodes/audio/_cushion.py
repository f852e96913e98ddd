"""The jitter buffer: how much later a sentence is begun because the parts of this voice come late."""

from typing import Literal

FLOOR_MS = 120
"""Sound that is always collected before a sentence is begun, unless the setting names another amount."""
LONGEST_HOLD_S = 0.8
"""No sentence is held longer than this: a voice that is later still has gaps."""
BLOCK_S = 0.04
"""A device takes its sound in blocks of up to this length, so a part has to be there this much before it is due."""
SPARE = 1.25
"""The next sentence may be a little worse than those before it."""
PLENTY_S = 0.3
"""A part with this much sound more than the hold ahead of it is not late: it waited for an output that stood still."""
FALL = 0.9
"""What is left of the hold after a sentence that did not need it."""
FALL_S = 0.005


class Cushion:
    """Learns from the times at which the parts of sentences arrive; seconds, no clock and no device.

    Beside what really happens it plays each sentence as if none were ever held, and measures by how much a part comes
    after the end of the sound before it. The next sentences begin that much later: the worst of a sentence counts at
    once and fades slowly. Within a sentence nothing is stretched; only its beginning is moved.
    """

    def __init__(self, prebuffer_ms: int | Literal["auto"]) -> None:
        self.floor_ms = FLOOR_MS if prebuffer_ms == "auto" else prebuffer_ms
        """Sound that an output collects before it begins."""
        self.hold_s = 0.0
        """How long the next sentence is held once ``floor_ms`` is collected; always 0 where the setting is a number."""
        self._measured = prebuffer_ms == "auto"
        self._due = 0.0
        """When all that arrived would be over if nothing were held."""
        self._over = 0.0
        """When all that arrived will be over."""
        self._release: float | None = None
        """When the sentence that arrives may be begun; None before enough of it was collected."""
        self._collected = 0.0
        self._late: float | None = None
        """The worst part of the sentence that arrives; None where there is nothing to learn from it."""
        self._arriving = False

    def begin(self) -> None:
        """A sentence begins to arrive."""
        self._arriving, self._release, self._collected, self._late = True, None, 0.0, None

    def add(self, now: float, seconds: float, ahead: float) -> None:
        """Sound of that length arrives; ``ahead`` seconds of what came before are not heard yet."""
        if self._release is None:
            self._collected += seconds
            if self._collected * 1000 >= self.floor_ms:
                self._start(now)
            return
        late = now + BLOCK_S - self._due if ahead < self.hold_s + PLENTY_S else 0.0
        self._late = max(self._late or 0.0, late)
        self._due += seconds
        self._over = max(self._over, now) + seconds

    def end(self, now: float) -> None:
        """The sentence has all its sound, and may be begun if it was not."""
        if not self._arriving:
            return
        if self._release is None:
            self._start(now)
        self._over -= max(0.0, (self._release or now) - now)
        if self._measured and self._late is not None:
            need = min(LONGEST_HOLD_S, self._late * SPARE)
            self.hold_s = max(need, self.hold_s * FALL - FALL_S, 0.0)
        self._arriving = False

    def cut(self, now: float, ahead: float) -> None:
        """A turn was broken off; ``ahead`` seconds of others are to be heard. What arrives now is not measured."""
        self._due = self._over = now + ahead
        self._arriving = False

    def open(self, now: float) -> bool:
        """Whether sound of the sentence that arrives may be given to an output."""
        return not self._arriving or self.hold_s == 0.0 or (self._release is not None and now >= self._release)

    def _start(self, now: float) -> None:
        begin = max(now, self._due)
        self._release = begin + self.hold_s
        if self._release <= self._over + 0.001:
            self._release = now  # it follows the sound before it without a pause
        self._due = begin + self._collected
        self._over = max(self._over, self._release) + self._collected
