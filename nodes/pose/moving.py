"""Takes over ``pose_mapping.json`` of the original AIsChoco, value by value."""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any, cast

from nodes.moving import TakenOver, takes_over
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
        raise ValueError("emotions나 default가 든 JSON이 아닙니다")
    made: dict[str, Any] = {}
    lines: list[str] = []
    for name, value in root.items():
        if name in SECTIONS or name.startswith("_"):
            made[name] = value
        else:
            made[f"_{name}"] = value
            lines.append(f"{name}: 이 프로그램에 없는 칸이라 _{name}(으)로 남기고 읽지 않습니다.")
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
            lines.append(f"{emotion}: 같은 감정이 이미 있어 옮기지 못했습니다.")
            continue
        poses[name] = _pose(emotion, pose, lines)
    return poses


def _pose(name: str, value: Any, lines: list[str]) -> dict[str, float]:
    pose: dict[str, float] = {}
    fields = _object(value)
    if fields is None:
        lines.append(f"{name}: 자세({{이름: 숫자}})가 아니어서 옮기지 못했습니다.")
    for key, given in (fields or {}).items():
        number = _number(given)
        if number is None:
            lines.append(
                f"{name}.{key}: 숫자가 아니어서 옮기지 못했습니다({json.dumps(given, ensure_ascii=False)[:40]})."
            )
            continue
        pose[key] = number
        low, high = RANGES.get(KEYS.get(key, key), (number, number))
        if not low <= number <= high:
            lines.append(f"{name}.{key}: {number:g}은(는) {low:g}~{high:g} 밖이라 그 끝 값으로 움직입니다.")
    return pose


def _unusual(poses: list[dict[str, float]]) -> Iterator[str]:
    keys = sorted({key for pose in poses for key in pose})
    if still := [key for key in keys if KEYS.get(key) == ""]:
        yield f"{', '.join(still)}: 감정이 아니라 스스로 하는 움직임과 입이 움직이므로, 자세의 값은 쓰이지 않습니다."
    for key in keys:
        if key not in KEYS and key not in RANGES:
            yield f"{key}: VTube Studio의 입력 이름으로 그대로 보냅니다. 그 이름이 있는지 doctor로 확인해 주세요."


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
