"""Motions of a body at rest: breath, sway, and sweeps of the mouse and the legs. They are reduced during speech."""

from math import copysign, sin, tau
from random import Random

from nodes.pose._motion import Mood, Noise, Spring

WHILE_SPEAKING = 0.3
"""The fraction of the idle sway that remains while speaking."""


class Breath:
    """The chest rises and falls every 3.2 s (the breath of Cubism's sample model), and the head a little with it."""

    inputs = ("AIsChocoBreath", "FacePositionY")
    _CYCLE_S = 3.2345

    def apply(self, values: dict[str, float], mood: Mood) -> None:
        wave = sin(tau * mood.now / self._CYCLE_S)
        values["AIsChocoBreath"] += 0.45 * wave
        values["FacePositionY"] += 0.35 * wave


class Sway:
    """The head is never still: slow waves of unequal length, and noise, move it; quicker and smaller while speaking."""

    inputs = ("FaceAngleX", "FaceAngleY", "FaceAngleZ", "FacePositionX")
    _IDLE = (
        ("FaceAngleX", 2.6, 6.53),
        ("FaceAngleY", 1.4, 3.53),
        ("FaceAngleZ", 2.2, 5.53),
        ("FacePositionX", 0.4, 9.1),
    )
    """Input, amplitude, seconds per wave: lengths that never coincide, as in Cubism's sample model."""
    _SPEECH = (("FaceAngleX", 2.0, 0.9), ("FaceAngleY", 2.4, 1.3), ("FaceAngleZ", 1.6, 0.7))
    """Input, amplitude, cycles per second."""

    def __init__(self, chance: Random) -> None:
        self._idle = [(*wave, Noise(chance)) for wave in self._IDLE]
        self._speech = [(*wave, Noise(chance)) for wave in self._SPEECH]

    def apply(self, values: dict[str, float], mood: Mood) -> None:
        idle = mood.energy * (WHILE_SPEAKING + (1.0 - WHILE_SPEAKING) * mood.idle)
        for name, width, cycle_s, noise in self._idle:
            values[name] += width * idle * (0.6 * sin(tau * mood.now / cycle_s) + 0.6 * noise.at(0.35 * mood.now))
        talk = mood.energy * (1.0 - mood.idle)
        for name, width, turns, noise in self._speech:
            values[name] += width * talk * noise.at(turns * mood.now)


class MouseSweep:
    """For models whose body follows the mouse: looks from side to side now and then, at the chat before it answers, and
    into the camera while it speaks."""

    inputs = ("MousePositionX", "MousePositionY")
    _CHAT = 0.7
    """How far it turns to the side and to the height of the chat."""
    _SPEAK_S = 0.5
    """How long it stays turned away when it starts to speak and did not read the chat before."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._x, self._y = Spring(0.0), Spring(0.0)
        self._goal = 0.0, 0.0
        self._next_at = 0.0
        self._sides = 0
        """Number of turns to a side left before the next rest."""
        self._spoke = False
        self._reads = False

    def apply(self, values: dict[str, float], mood: Mood) -> None:
        if (mood.chat is not None) != self._reads:
            self._reads, self._spoke, self._sides = not self._reads, mood.speaking, 0
            x, y = mood.chat or (0.0, 0.0)
            self._goal = (copysign(self._CHAT, x), copysign(self._CHAT, y)) if mood.chat else (0.0, 0.0)
            self._next_at = mood.now + 1.0
        elif self._reads:
            self._spoke = mood.speaking
        elif mood.speaking != self._spoke:
            self._spoke = mood.speaking
            self._sides = 0
            self._goal = (self._CHAT, -self._CHAT) if mood.speaking else (0.0, 0.0)
            self._next_at = mood.now + (self._SPEAK_S if mood.speaking else 1.0)
        elif mood.now >= self._next_at:
            self._turn(mood)
        values["MousePositionX"] += self._x.step(self._goal[0], mood.dt, 0.4)
        values["MousePositionY"] += self._y.step(self._goal[1], mood.dt, 0.4)

    def _turn(self, mood: Mood) -> None:
        chance = self._chance
        if mood.speaking:
            self._goal, self._next_at = (0.0, 0.0), mood.now + 3600.0
        elif self._sides:
            self._sides -= 1
            side = 0.25 if self._sides % 2 else -0.25
            self._goal = side, -0.65 + chance.uniform(-0.04, 0.04)
            self._next_at = mood.now + 1.0 + chance.uniform(-0.2, 0.3)
        else:
            self._goal = 0.0, 0.0
            self._sides = 2 * chance.randint(1, 5)
            self._next_at = mood.now + 10.0 + chance.uniform(-1.0, 1.5)


class LegSweep:
    """Legs change position about every ten seconds while nobody speaks."""

    inputs = ("AIsChocoLegL", "AIsChocoLegR")
    _WIDTH = 20.0

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._legs = {name: (Spring(0.0), 0.0) for name in self.inputs}
        self._next_at = chance.uniform(1.0, 4.0)

    def apply(self, values: dict[str, float], mood: Mood) -> None:
        if mood.now >= self._next_at and not mood.speaking:
            self._next_at = mood.now + 10.0 + self._chance.uniform(-4.0, 4.0)
            for name, (spring, _) in self._legs.items():
                self._legs[name] = spring, self._chance.uniform(-self._WIDTH, self._WIDTH)
        for name, (spring, goal) in self._legs.items():
            values[name] += spring.step(goal, mood.dt, 0.8)
