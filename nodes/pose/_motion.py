"""Moves one number to another with springs, timed moves, a speed limit and noise, exactly for any time step, and
defines what a layer of motion is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf
from random import Random
from typing import Literal, Protocol

_LN2 = 0.6931471805599453
_T95 = 3.5
"""A critically damped spring (theorangeduck.com/page/spring-roll-call) has covered 95 % after 3.5 half-lives."""


class Spring:
    """A critically damped spring: never overshoots from rest, and its speed is continuous when the goal changes."""

    __slots__ = ("value", "velocity")

    def __init__(self, value: float, velocity: float = 0.0) -> None:
        self.value = value
        self.velocity = velocity

    def step(self, goal: float, dt: float, seconds: float) -> float:
        """Advance by ``dt``; ``seconds``: the time to cover 95 % of the way."""
        y = 2.0 * _LN2 * _T95 / seconds
        away = self.value - goal
        push = self.velocity + away * y
        fade = exp(-y * dt)
        self.value = fade * (away + push * dt) + goal
        self.velocity = fade * (self.velocity - push * y * dt)
        return self.value


class Glide:
    """A move of fixed length, slow at both ends; a new goal starts a new move from where it is, at its speed then."""

    __slots__ = ("_goal", "_gone", "_push", "_seconds", "_start", "value", "velocity")

    def __init__(self, value: float, velocity: float = 0.0) -> None:
        self.value = value
        self.velocity = velocity
        self._start = self._goal = value
        self._push = 0.0
        self._seconds = 0.0
        self._gone = inf

    def step(self, goal: float, dt: float, seconds: float) -> float:
        """Advance by ``dt``; ``seconds``: how long the whole move takes."""
        if goal != self._goal or (seconds != self._seconds and self._gone < self._seconds):
            self._start, self._goal, self._gone, self._push = self.value, goal, 0.0, self.velocity
        self._seconds = seconds
        self._gone += dt
        if self._gone >= seconds:
            self.value, self.velocity = goal, 0.0
        else:
            self._move(self._gone / seconds, seconds)
        return self.value

    def _move(self, done: float, seconds: float) -> None:
        """Follow the cubic that begins at the speed it had and ends at rest; without a speed it is ``smooth``."""
        away, push, left = self._start - self._goal, self._push * seconds, 1.0 - done
        self.value = self._goal + left * left * (away * (1.0 + 2.0 * done) + push * done)
        self.velocity = left * (push - 3.0 * done * (2.0 * away + push)) / seconds


class Line(Glide):
    """A move of fixed length at an even speed."""

    __slots__ = ()

    def _move(self, done: float, seconds: float) -> None:
        way = self._goal - self._start
        self.value, self.velocity = self._start + way * done, way / seconds


Mover = Spring | Glide
Curve = Literal["linear", "smooth", "spring"]
MOVERS: Mapping[Curve, type[Mover]] = {"linear": Line, "smooth": Glide, "spring": Spring}


def smooth(x: float) -> float:
    """Return 0 to 1 for x from 0 to 1, flat at both ends."""
    if x <= 0.0:
        return 0.0
    return 1.0 if x >= 1.0 else x * x * (3.0 - 2.0 * x)


def limited(value: float, before: float, most: float) -> float:
    """Return ``value``, limited to at most ``most`` away from ``before``."""
    if value > before + most:
        return before + most
    return before - most if value < before - most else value


class Noise:
    """A smooth random curve between -1 and 1, the same for the same ``chance``; about one cycle per unit."""

    _POINTS = 256

    def __init__(self, chance: Random) -> None:
        self._points = [chance.uniform(-1.0, 1.0) for _ in range(self._POINTS)]

    def at(self, x: float) -> float:
        whole = int(x)
        left, right = self._points[whole % self._POINTS], self._points[(whole + 1) % self._POINTS]
        return left + (right - left) * smooth(x - whole)


@dataclass(slots=True)
class Mood:
    """The state of the body at one moment."""

    now: float
    """Seconds of motion so far; it stops while frames are late, so that nothing jumps then."""
    dt: float
    """Seconds since the frame before."""
    speaking: bool
    idle: float
    """1 while nobody speaks, 0 while speaking, in between during the transition."""
    energy: float
    """How lively the feeling makes the body; 1 is normal."""
    chat: tuple[float, float] | None = None
    """Where the chat is that it reads now, each from -1 to 1; None: it reads none."""


class Layer(Protocol):
    """A motion on top of the pose."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs that it moves."""
        ...

    def apply(self, values: dict[str, float], mood: Mood) -> None:
        """Change ``values``, which contains all of ``inputs``, for this moment."""
        ...
