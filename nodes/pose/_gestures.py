"""Gestures that go with speech: a lift of the brows and a nod, a tilt for a question, a nod at the end.

A stressed word goes with brows that peak on it and a nod that follows (Kim, Cvejic and Davis 2014).
"""

from collections import deque
from dataclasses import dataclass
from random import Random

from nodes.pose._eyes import Blink
from nodes.pose._motion import Mood, smooth
from schemas.playback import Heard

ASKED_FROM = 0.6
"""The head tilts once this fraction of a question has been heard."""


@dataclass(frozen=True, slots=True)
class _Bump:
    """A movement there and back."""

    name: str
    by: float
    begins: float
    up_s: float
    down_s: float

    def value(self, now: float) -> float:
        age = now - self.begins
        if age < self.up_s:
            return self.by * smooth(age / self.up_s)
        return self.by * (1.0 - smooth((age - self.up_s) / self.down_s))

    def over(self, now: float) -> bool:
        return now > self.begins + self.up_s + self.down_s


class Gestures:
    """Moves brows and head along with the sentence that is heard."""

    inputs = ("BrowLeftY", "BrowRightY", "FaceAngleY", "FaceAngleZ")
    _PAUSE_S = 0.4
    """Minimum time between the starts of two gestures."""

    def __init__(self, chance: Random, blink: Blink | None) -> None:
        self._chance = chance
        self._blink = blink
        self._bumps: deque[_Bump] = deque(maxlen=24)
        self._last_at = -self._PAUSE_S
        self._begun = ("", -1)
        self._asked = ("", -1)

    def heard(self, heard: Heard, now: float) -> None:
        """Take what has been heard of a sentence so far."""
        key = heard.turn, heard.sentence
        text = heard.text.rstrip()
        if key != self._begun:
            self._begun = key
            if "!" in text:
                self._stress(now)
        if text.endswith(("?", "？")) and heard.fraction >= ASKED_FROM and key != self._asked:
            self._asked = key
            self._ask(now)
        if heard.ended:
            self._end(now)

    def apply(self, values: dict[str, float], mood: Mood) -> None:
        while self._bumps and self._bumps[0].over(mood.now):
            self._bumps.popleft()
        for bump in self._bumps:
            values[bump.name] += bump.value(mood.now)

    def _stress(self, now: float) -> None:
        if self._free(now):
            self._brows(now, 0.22)
            self._bumps.append(_Bump("FaceAngleY", -self._chance.uniform(4.0, 7.0), now + 0.1, 0.16, 0.32))
            self._bumps.append(_Bump("FaceAngleZ", self._chance.uniform(-2.0, 2.0), now + 0.1, 0.2, 0.4))

    def _ask(self, now: float) -> None:
        if self._free(now):
            side = self._chance.choice((-1.0, 1.0))
            self._brows(now, 0.18)
            self._bumps.append(_Bump("FaceAngleZ", side * self._chance.uniform(5.0, 8.0), now, 0.35, 0.7))

    def _end(self, now: float) -> None:
        if self._free(now):
            self._bumps.append(_Bump("FaceAngleY", -3.0, now, 0.3, 0.45))
            if self._blink is not None:
                self._blink.soon(now)

    def _brows(self, now: float, by: float) -> None:
        for name in ("BrowLeftY", "BrowRightY"):
            self._bumps.append(_Bump(name, by, now, 0.25, 0.3))

    def _free(self, now: float) -> bool:
        if now < self._last_at + self._PAUSE_S:
            return False
        self._last_at = now
        return True
