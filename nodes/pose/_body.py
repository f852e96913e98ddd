"""The body: a pose that follows the feeling, with layers of motion on top, and no jumps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from random import Random
from typing import Literal

from nodes.pose._eyes import Blink, Gaze
from nodes.pose._gestures import Gestures
from nodes.pose._idle import Breath, LegSweep, MouseSweep, Sway
from nodes.pose._mapping import RESTS, Move, PoseMap
from nodes.pose._motion import MOVERS, Layer, Mood, Mover, Spring, limited
from schemas.playback import Heard
from schemas.pose import PoseCalculation

Idle = Literal["breath", "sway", "gaze", "blink", "mouse", "legs", "gestures"]
Preset = Literal["face", "mouse", "legs"]
FACE: tuple[Idle, ...] = ("breath", "sway", "gaze", "blink", "gestures")
PRESETS: Mapping[Preset, tuple[Idle, ...]] = {
    "face": FACE,
    "mouse": (*FACE, "mouse", "legs"),
    "legs": (*FACE, "legs"),
}
"""One word for the motions of a kind of model; ``mouse`` is one whose head follows the mouse."""

BACK_S = 0.5
"""How long after the first sound of an answer it looks up from the chat."""
WAIT_S = 8.0
"""How long it looks at the chat at most when no sound comes."""

LONGEST_S = 0.05
"""A frame that is later than this moves the body no further, so that a stall is a pause, not a jump."""


@dataclass(slots=True)
class _Part:
    """One input of the avatar."""

    mover: Mover
    move: Move
    rest: float
    low: float
    high: float
    speed: float
    """The fastest that it moves, in its unit per second."""
    shown: float
    """The value in the last frame."""


class Body:
    """Turns feelings and what is heard into values for the avatar, one step per frame."""

    def __init__(self, seed: int, poses: PoseMap, moves: Sequence[Idle]) -> None:
        self.heading: PoseCalculation = poses.calculation("neutral", 0.0)
        """The pose that it is moving to."""
        self._seed = seed
        self._moves = tuple(moves)
        self._layers: list[Layer] = []
        self._gestures: Gestures | None = None
        self._map = poses
        self._parts: dict[str, _Part] = {}
        self._mood = Mood(now=0.0, dt=0.0, speaking=False, idle=1.0, energy=1.0)
        self._idle, self._energy = Spring(1.0), Spring(1.0)
        self._release_at = inf
        self._read_until = -inf
        self._stepped_at: float | None = None
        self._make_layers()
        self._make_parts()

    def shape(self, poses: PoseMap, moves: Sequence[Idle]) -> None:
        """Use this file and these motions from now on; movements in progress continue from where they are."""
        new_moves, new_map = tuple(moves) != self._moves, poses is not self._map
        self._moves, self._map = tuple(moves), poses
        if new_moves:
            self._make_layers()
        if new_map:
            heading = self.heading
            seconds = heading.interpolation_time if heading.together else None
            self.heading = poses.calculation(heading.emotion, heading.timestamp, seconds)
        if new_moves or new_map:
            self._make_parts()

    def knows(self, emotion: str) -> bool:
        return emotion in self._map.poses

    def feel(self, emotion: str, hold_s: float, now: float) -> None:
        """Take up the pose of a feeling, and hold it for ``hold_s`` when nobody speaks."""
        self.heading = self._map.calculation(emotion, now)
        self._release_at = self._mood.now + hold_s

    def speak(self, speaking: bool, hold_s: float) -> None:
        """Start or stop speaking; a feeling stays while speaking and for ``hold_s`` afterwards."""
        if speaking and not self._mood.speaking:
            self._read_until = min(self._read_until, self._mood.now + BACK_S)
        self._mood.speaking = speaking
        self._release_at = max(self._release_at, self._mood.now + hold_s)

    def read_chat(self, x: float, y: float, seconds: float) -> None:
        """Look at the chat at (x, y), each from -1 to 1, until the answer is heard, and for ``seconds`` if none comes.

        It has no effect while speaking, nor with 0 seconds.
        """
        if seconds and not self._mood.speaking:
            self._mood.chat = x, y
            self._read_until = self._mood.now + max(seconds, WAIT_S)

    def heard(self, heard: Heard) -> None:
        if self._gestures is not None:
            self._gestures.heard(heard, self._mood.now)

    def step(self, now: float, decay_s: float | None) -> dict[str, float]:
        """Return the values at ``now``, in seconds of any clock that runs forward.

        Args:
            decay_s: how long a feeling that has ended takes to fade to neutral; None: it stays until the next one.
        """
        mood = self._mood
        dt = 0.0 if self._stepped_at is None else min(max(0.0, now - self._stepped_at), LONGEST_S)
        self._stepped_at = now
        mood.now += dt
        mood.dt = dt
        if mood.now >= self._release_at and not mood.speaking and decay_s is not None:
            self._release_at = inf
            self.heading = self._map.calculation("neutral", now, decay_s)
        if mood.now >= self._read_until:
            mood.chat = None
        mood.idle = self._idle.step(0.0 if mood.speaking else 1.0, dt, 0.5)
        mood.energy = self._energy.step(self._map.energy.get(self.heading.emotion, 1.0), dt, 0.8)
        values = self._posed(self.heading, dt)
        for layer in self._layers:
            layer.apply(values, mood)
        return self._shown(values, dt)

    def _posed(self, heading: PoseCalculation, dt: float) -> dict[str, float]:
        target = heading.target.values
        seconds = heading.interpolation_time if heading.together else None
        return {
            name: part.mover.step(target.get(name, part.rest), dt, seconds or part.move.seconds)
            for name, part in self._parts.items()
        }

    def _shown(self, values: dict[str, float], dt: float) -> dict[str, float]:
        """Limit range and speed, so that nothing ever jumps, whatever the layers add up to."""
        for name, part in self._parts.items():
            value = values[name]
            value = part.low if value < part.low else part.high if value > part.high else value
            part.shown = values[name] = limited(value, part.shown, part.speed * dt)
        return values

    def _make_parts(self) -> None:
        moved = [name for layer in self._layers for name in layer.inputs]
        names = dict.fromkeys([*self._map.poses["neutral"], *moved])
        self._parts = {name: self._part(name, self._map) for name in names}

    def _part(self, name: str, poses: PoseMap) -> _Part:
        move, (low, high) = poses.move(name), poses.range(name)
        rest = min(max(poses.poses["neutral"].get(name, RESTS.get(name, 0.0)), low), high)
        before = self._parts.get(name)
        kind = MOVERS[move.curve]
        mover = before.mover if before else kind(rest)
        if type(mover) is not kind:
            mover = kind(mover.value, mover.velocity)
        return _Part(mover, move, rest, low, high, poses.speed(name), before.shown if before else rest)

    def _make_layers(self) -> None:
        """Create the layers in the order in which motions are applied; lids come last, since they multiply."""
        wanted = set(self._moves)
        chances = {name: Random(f"{self._seed} {name}") for name in wanted}  # noqa: S311
        blink = Blink(chances["blink"]) if "blink" in wanted else None
        self._gestures = Gestures(chances["gestures"], blink) if "gestures" in wanted else None
        layers: list[Layer | None] = [
            Breath() if "breath" in wanted else None,
            Sway(chances["sway"]) if "sway" in wanted else None,
            MouseSweep(chances["mouse"]) if "mouse" in wanted else None,
            LegSweep(chances["legs"]) if "legs" in wanted else None,
            Gaze(chances["gaze"], blink) if "gaze" in wanted else None,
            self._gestures,
            blink,
        ]
        self._layers = [layer for layer in layers if layer is not None]
