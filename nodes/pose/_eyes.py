"""Eyes: lids that blink and a gaze that jumps, rests, reads the chat and takes the head with it."""

from math import inf
from random import Random

from nodes.pose._motion import Mood, Spring, smooth


class Blink:
    """Lids close in 0.1 s and open in 0.15 s (Cubism's times), more often while speaking (Doughty 2001)."""

    inputs = ("EyeOpenLeft", "EyeOpenRight")
    _CLOSE_S, _SHUT_S, _OPEN_S = 0.10, 0.05, 0.15
    _LEAST_S = 0.8

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._begun = -inf
        self._next_at = self._pause(4.2)

    def soon(self, now: float) -> None:
        """Blink now, for example after looking to another side; has no effect during a blink."""
        if now > self._begun + self._LEAST_S:
            self._next_at = now

    def apply(self, values: dict[str, float], mood: Mood) -> None:
        if mood.now >= self._next_at:
            self._begun = mood.now
            double = self._chance.random() < 0.12
            whole = self._CLOSE_S + self._SHUT_S + self._OPEN_S
            pause = self._chance.uniform(0.15, 0.25) if double else self._pause(2.9 if mood.speaking else 4.2)
            self._next_at = mood.now + whole + pause
        open_ = self._open(mood.now - self._begun)
        if open_ < 1.0:
            for name in self.inputs:
                values[name] *= open_

    def _open(self, age: float) -> float:
        """Return how far the lids are open: 1 open, 0 shut."""
        if age < self._CLOSE_S + self._SHUT_S:
            return 1.0 - smooth(age / self._CLOSE_S)
        return smooth((age - self._CLOSE_S - self._SHUT_S) / self._OPEN_S)

    def _pause(self, mean_s: float) -> float:
        return max(self._LEAST_S, self._chance.gammavariate(3.0, mean_s / 3.0))


class Gaze:
    """Eyes rest on or beside the camera and jump in between; the head follows a little later and less far."""

    inputs = ("EyeLeftX", "EyeRightX", "EyeLeftY", "EyeRightY", "FaceAngleX", "FaceAngleY")
    _PAUSES_S = (0.8, 1.2, 1.6, 2.0, 2.4, 2.8, 3.2, 3.6, 4.0, 4.4)
    _WEIGHTS = (0.075, 0.110, 0.125, 0.140, 0.125, 0.050, 0.040, 0.030, 0.020, 0.285)
    """How long eyes rest, and the weight of each duration, from AIRI's table of eye motions."""
    _EYE_S, _HEAD_S, _HEAD_LATE_S = 0.08, 0.55, 0.08
    _HEAD_X, _HEAD_Y = 9.0, 7.0
    """Degrees that the head turns for the farthest look to the side, and up or down."""

    def __init__(self, chance: Random, blink: Blink | None) -> None:
        self._chance = chance
        self._blink = blink
        self._goal = 0.0, 0.0
        self._head_goal = 0.0, 0.0
        self._head_at = 0.0
        self._next_at = 0.5
        self._tremor = 0.0, 0.0
        self._tremor_at = 0.3
        self._reads = False
        self._springs = [Spring(0.0) for _ in range(4)]

    def apply(self, values: dict[str, float], mood: Mood) -> None:
        if mood.now >= self._next_at or self._reads != (mood.chat is not None):
            self._look(mood)
        if mood.now >= self._tremor_at:
            self._tremor = self._chance.uniform(-0.03, 0.03), self._chance.uniform(-0.02, 0.02)
            self._tremor_at = mood.now + self._chance.uniform(0.3, 1.0)
        if mood.now >= self._head_at:
            self._head_goal = self._goal
        eye_x, eye_y, head_x, head_y = self._springs
        x = eye_x.step(self._goal[0] + self._tremor[0], mood.dt, self._EYE_S)
        y = eye_y.step(self._goal[1] + self._tremor[1], mood.dt, self._EYE_S)
        values["EyeLeftX"] += x
        values["EyeRightX"] += x
        values["EyeLeftY"] += y
        values["EyeRightY"] += y
        values["FaceAngleX"] += self._HEAD_X * head_x.step(self._head_goal[0], mood.dt, self._HEAD_S)
        values["FaceAngleY"] += self._HEAD_Y * head_y.step(self._head_goal[1], mood.dt, self._HEAD_S)

    def _look(self, mood: Mood) -> None:
        chance, before = self._chance, self._goal
        looked_up, self._reads = self._reads and mood.chat is None, mood.chat is not None
        if mood.chat is not None:  # read line by line
            x, y = mood.chat
            self._goal = x + chance.uniform(-0.1, 0.1), y + chance.uniform(-0.06, 0.06)
            self._next_at = mood.now + chance.uniform(0.22, 0.4)
        else:
            at_camera = looked_up or chance.random() < (0.65 if mood.speaking else 0.45)
            self._goal = (0.0, 0.0) if at_camera else (chance.uniform(-0.4, 0.4), chance.uniform(-0.3, 0.2))
            (pause,) = chance.choices(self._PAUSES_S, self._WEIGHTS)
            self._next_at = mood.now + pause + chance.uniform(0.0, 0.4)
        self._head_at = mood.now + self._HEAD_LATE_S
        far = abs(self._goal[0] - before[0]) + abs(self._goal[1] - before[1]) > 0.4
        if far and self._blink is not None and chance.random() < 0.6:
            self._blink.soon(mood.now)
