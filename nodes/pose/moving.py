"""Takes over ``pose_mapping.json`` of the original AIsChoco, value by value."""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any, cast

from nodes.moving import TakenOver, takes_over
from nodes.phrases import phrase
from nodes.pose._mapping import KEYS, RANGES, SECTIONS, parse

_OURS = ("energy", "motion")
"""Sections that the original does not have: how lively a feeling is, and how a pose is reached."""


@takes_over("config/pose_mapping.json")
def pose_mapping(theirs: str, here: str) -> TakenOver:
    """Keep every pose whose values are numbers; what cannot be used is named and stays in the file with an underscore.

    Raises:
        ValueError: it is no such file.
    """
    root = _object(json.loads(theirs))
    if root is None or not root.keys() & {"emotions", "default"}:
        raise ValueError(phrase("it is not JSON with emotions or default"))
    made: dict[str, Any] = {}
    lines: list[str] = []
    for name, value in root.items():
        if name in SECTIONS or name.startswith("_"):
            made[name] = value
        else:
            made[f"_{name}"] = value
            lines.append(
                phrase("{name}: this program does not have it. It stays as _{name} and is not read.", name=name)
            )
    made["emotions"] = _poses(root.get("emotions", {}), lines)
    made["default"] = _pose("default", root.get("default", {}), lines)
    made |= {name: value for name, value in _sections(here) if name in _OURS and name not in root}
    lines += _unusual([*made["emotions"].values(), made["default"]])
    text = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
    parse(text)
    return TakenOver(text, tuple(lines))


def _poses(value: Any, lines: list[str]) -> dict[str, dict[str, float]]:
    poses: dict[str, dict[str, float]] = {}
    for emotion, pose in (_object(value) or {}).items():
        name = emotion.strip().lower()
        if name in poses:
            lines.append(phrase("{name}: the same emotion is there already, so it was not moved.", name=emotion))
            continue
        poses[name] = _pose(emotion, pose, lines)
    return poses


def _pose(name: str, value: Any, lines: list[str]) -> dict[str, float]:
    pose: dict[str, float] = {}
    fields = _object(value)
    if fields is None:
        form = '{"FaceAngleX": 5}'
        lines.append(phrase("{name}: it is not a pose ({form}), so it was not moved.", name=name, form=form))
    for key, given in (fields or {}).items():
        number = _number(given)
        if number is None:
            value = json.dumps(given, ensure_ascii=False)[:40]
            lines.append(
                phrase("{name}: not a number, so it was not moved ({value}).", name=f"{name}.{key}", value=value)
            )
            continue
        pose[key] = number
        low, high = RANGES.get(KEYS.get(key, key), (number, number))
        if not low <= number <= high:
            text = phrase(
                "{name}: {number} is not within {low} to {high}; it moves to the nearest of these.",
                name=f"{name}.{key}",
                number=f"{number:g}",
                low=f"{low:g}",
                high=f"{high:g}",
            )
            lines.append(text)
    return pose


def _unusual(poses: list[dict[str, float]]) -> Iterator[str]:
    keys = sorted({key for pose in poses for key in pose})
    if still := [key for key in keys if KEYS.get(key) == ""]:
        yield phrase(
            "{names}: moved by the mouth and by what the body does by itself, so the values of poses are not used.",
            names=", ".join(still),
        )
    for key in keys:
        if key not in KEYS and key not in RANGES:
            yield phrase(
                "{name}: sent to VTube Studio as the name of an input. doctor tells whether it has it.", name=key
            )


def _sections(text: str) -> Iterator[tuple[str, Any]]:
    try:
        found = _object(json.loads(text))
    except ValueError:
        found = None
    yield from (found or {}).items()


def _object(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _number(value: Any) -> float | None:
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and isfinite(number) and abs(number) <= 1e6 else None
