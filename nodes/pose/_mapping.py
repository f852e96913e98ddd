"""Reads ``pose_mapping.json``: the pose of each feeling, and the range and speed of each input of the avatar.

``emotions`` and ``default`` give a pose as key -> value. A key is a word of ``KEYS`` or the name of an input of VTube
Studio; several keys for one input give their mean. ``inputs`` sends a key to another input. ``parameter_mapping`` may
appear in a file but is not read: it names Live2D outputs, which no plugin can set.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType
from typing import Any, cast, get_args

from nodes.phrases import phrase
from nodes.pose._motion import Curve
from nodes.written import WrongLine
from schemas.pose import VTS_INPUTS, CharacterParameters, PoseCalculation

KEYS = {
    "angle_x": "",
    "angle_y": "",
    "angle_z": "",
    "body_angle_x": "",
    "body_angle_y": "",
    "body_angle_z": "",
    "mouth_open_y": "",
    "eye_l_open": "EyeOpenLeft",
    "eye_r_open": "EyeOpenRight",
    "brow_l_y": "BrowLeftY",
    "brow_r_y": "BrowRightY",
    "brow_l_angle": "AIsChocoBrowLAngle",
    "brow_r_angle": "AIsChocoBrowRAngle",
    "breath": "AIsChocoBreath",
    "right_leg": "AIsChocoLegR",
    "left_leg": "AIsChocoLegL",
}
"""Key -> input. Keys without one belong to idle motions and the lips; a feeling moves them if ``inputs`` says so."""

RANGES = {
    **{name: span for name, span in VTS_INPUTS.items() if not name.startswith("Voice")},
    "AIsChocoBrowLAngle": (-1.0, 1.0),
    "AIsChocoBrowRAngle": (-1.0, 1.0),
    "AIsChocoBreath": (0.0, 1.0),
    "AIsChocoLegR": (-30.0, 30.0),
    "AIsChocoLegL": (-30.0, 30.0),
}
"""Input -> lowest and highest value."""

RESTS = {
    "EyeOpenLeft": 1.0,
    "EyeOpenRight": 1.0,
    "BrowLeftY": 0.5,
    "BrowRightY": 0.5,
    "Brows": 0.5,
    "AIsChocoBreath": 0.5,
}
"""Where an input rests if neither ``default`` nor ``neutral`` gives a value; 0 for others."""
SLOWEST = 3.0
"""Any input may move this many times its range per second; an input with a short time may move faster."""
QUICK: Mapping[str, float] = dict.fromkeys(
    ("EyeOpenLeft", "EyeOpenRight", "EyeLeftX", "EyeLeftY", "EyeRightX", "EyeRightY"), 18.0
)
"""The same for lids, which close in 0.1 s, and for eyes, which jump."""


@dataclass(frozen=True, slots=True)
class Move:
    """How an input moves to a pose."""

    curve: Curve = "smooth"
    """``linear`` at an even speed, ``smooth`` slow at both ends, ``spring`` fast at first."""
    seconds: float = 0.4
    """How long the move takes; a spring's time to 95 % of the way."""


_USUAL = Move()


@dataclass(frozen=True, slots=True)
class PoseMap:
    """The parsed file."""

    poses: Mapping[str, Mapping[str, float]]
    """Emotion -> input -> value, within range; ``neutral`` is always present and all poses have the same inputs."""
    ranges: Mapping[str, tuple[float, float]]
    moves: Mapping[str, Move]
    energy: Mapping[str, float] = field(default_factory=dict[str, float])
    """Emotion -> how lively idle motions are."""

    def calculation(self, emotion: str, at: float, seconds: float | None = None) -> PoseCalculation:
        """Return the pose to move to for a feeling from ``at`` on; one that the file does not define is neutral.

        Args:
            seconds: how long every input takes; without it each takes the time of its own ``motion``.
        """
        values = self.poses.get(emotion, self.poses["neutral"])
        slowest = max((self.move(name).seconds for name in values), default=0.0)
        return PoseCalculation(
            emotion=emotion,
            target=CharacterParameters(values),
            timestamp=at,
            interpolation_time=slowest if seconds is None else seconds,
            together=seconds is not None,
        )

    def move(self, name: str) -> Move:
        return self.moves.get(name) or self.moves.get("*") or _USUAL

    def range(self, name: str) -> tuple[float, float]:
        return self.ranges.get(name) or RANGES.get(name) or (-1.0, 1.0)

    def speed(self, name: str) -> float:
        """Return the fastest that an input moves, in its unit per second."""
        low, high = self.range(name)
        return (high - low) * max(QUICK.get(name, SLOWEST), 2.0 / self.move(name).seconds)


SECTIONS = {"inputs", "default", "emotions", "energy", "ranges", "motion", "parameter_mapping"}


def parse(text: str) -> PoseMap:
    """Read the file.

    Raises:
        WrongLine: it is not such a file.
    """
    try:
        return _Reader(text).read()
    except json.JSONDecodeError as error:
        raise WrongLine(error.lineno, phrase("not JSON: {why}", why=error.msg)) from None
    except RecursionError:
        raise WrongLine(1, phrase("nested too deep")) from None


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> PoseMap:
        root = self._object(json.loads(self._text, object_pairs_hook=self._unique), "")
        for name in root:
            if name not in SECTIONS and not name.startswith("_"):
                known = ", ".join(sorted(SECTIONS))
                raise self._wrong(name, phrase("{name} is unknown; there are {known}", name=repr(name), known=known))
        inputs = {**KEYS, **{key: self._word(value, key) for key, value in self._section(root, "inputs").items()}}
        ranges = {name: self._range(value, name) for name, value in self._section(root, "ranges").items()}
        named = {name: self._pose(value, name, inputs) for name, value in self._section(root, "emotions").items()}
        default = self._pose(root.get("default", {}), "default", inputs)
        poses = _complete({"neutral": {}, **named}, default)
        spans = {**_spans(poses.values(), ranges), **ranges}
        fitting = {
            name: {key: _within(value, spans[key]) for key, value in pose.items()} for name, pose in poses.items()
        }
        return PoseMap(
            poses=MappingProxyType(fitting),
            ranges=MappingProxyType(spans),
            moves={name: self._move(value, name) for name, value in self._section(root, "motion").items()},
            energy={name: self._number(value, name, 0.0, 3.0) for name, value in self._section(root, "energy").items()},
        )

    def _unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise self._wrong(key, phrase("{name} stands twice in one object", name=repr(key)), last=True)
            found[key] = value
        return found

    def _section(self, root: dict[str, Any], name: str) -> dict[str, Any]:
        return self._object(root.get(name, {}), name)

    def _object(self, value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            what = name or phrase("the file")
            raise self._wrong(name, phrase("{name} must be an object, as {form}", name=what, form="{...}"))
        return cast(dict[str, Any], value)

    def _pose(self, value: Any, name: str, inputs: Mapping[str, str]) -> dict[str, float]:
        found: dict[str, list[float]] = {}
        for key, number in self._object(value, name).items():
            to = inputs.get(key, key)
            if to:
                found.setdefault(to, []).append(self._number(number, key, -1e6, 1e6))
        return {to: sum(numbers) / len(numbers) for to, numbers in found.items()}

    def _range(self, value: Any, name: str) -> tuple[float, float]:
        numbers = cast(list[Any], value) if isinstance(value, list) else []
        if len(numbers) != 2:
            raise self._wrong(name, phrase("the range of {name} must be [lowest, highest]", name=name))
        low, high = (self._number(number, name, -1e6, 1e6) for number in numbers)
        if low >= high:
            raise self._wrong(name, phrase("the range of {name} must go from a lower to a higher value", name=name))
        return low, high

    def _move(self, value: Any, name: str) -> Move:
        fields = self._object(value, name)
        curve = fields.get("curve", _USUAL.curve)
        if fields.keys() == {"spring_s"} or fields.keys() == {"lerp_s"}:  # short forms
            ((key, seconds),) = fields.items()
            curve = "spring" if key == "spring_s" else "smooth"
        elif fields and fields.keys() <= {"curve", "seconds"} and curve in get_args(Curve):
            seconds = fields.get("seconds", _USUAL.seconds)
        else:
            curves = ", ".join(get_args(Curve))
            text = phrase(
                "the motion of {name} must be as {form}; curves are {curves}",
                name=name,
                form='{"curve": "smooth", "seconds": 0.4}',
                curves=curves,
            )
            raise self._wrong(name, text)
        return Move(curve, self._number(seconds, name, 0.02, 5.0))

    def _word(self, value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(name, phrase("the input of {name} must be a name, as FaceAngleX", name=name))
        return value

    def _number(self, value: Any, name: str, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not -inf < value < inf:
            raise self._wrong(name, phrase("{name} must be a number", name=name))
        if not low <= value <= high:
            text = phrase("{name} must be between {low} and {high}", name=name, low=f"{low:g}", high=f"{high:g}")
            raise self._wrong(name, text)
        return float(value)

    def _wrong(self, name: str, text: str, *, last: bool = False) -> WrongLine:
        mark = f'"{name}"'
        at = self._text.rfind(mark) if last else self._text.find(mark)
        return WrongLine(self._text.count("\n", 0, max(at, 0)) + 1, text)


def _complete(poses: dict[str, dict[str, float]], default: dict[str, float]) -> dict[str, dict[str, float]]:
    """Give every pose every input: its own value, else that of the default pose, else where the input rests."""
    names = dict.fromkeys([*default, *(name for pose in poses.values() for name in pose)])
    rest = {name: default.get(name, RESTS.get(name, 0.0)) for name in names}
    return {emotion: {**rest, **pose} for emotion, pose in poses.items()}


def _spans(
    poses: Iterable[Mapping[str, float]], given: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Return the range of each input; an unknown one is as wide as its values, and at least -1 to 1."""
    found = dict(RANGES)
    for pose in poses:
        for name, value in pose.items():
            if name not in RANGES and name not in given:
                low, high = found.get(name, (-1.0, 1.0))
                found[name] = min(low, value), max(high, value)
    return found


def _within(value: float, span: tuple[float, float]) -> float:
    return min(max(value, span[0]), span[1])
