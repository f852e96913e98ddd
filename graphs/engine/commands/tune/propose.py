"""What to change in a graph so that it fits the machine, by what was measured of it. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.graph import Graph, NodeEntry

VOICE_ROOM = 2.0
"""A voice may take this many times its measured first sound before another one is tried."""
ROOMY_GB = 5.0
"""A recorded evening takes about 0.7 GB; with less than this free, nothing is recorded."""
PAID_A_DAY = 5000
"""A free plan of Groq allows 1,000 requests a day or 14,400 of the smallest model; a paid one many more."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What was measured of the machine itself."""

    cores: int
    memory_gb: float
    disk_gb: float
    gpus: tuple[tuple[str, float], ...] = ()
    """Name and GB of each graphics card."""

    def __str__(self) -> str:
        cards = ", ".join(f"{name} {size:.1f} GB" for name, size in self.gpus) or "-"
        return (
            f"코어 {self.cores}개, 메모리 {self.memory_gb:.1f} GB, 디스크 여유 {self.disk_gb:.1f} GB, "
            f"그래픽 카드 {cards} / cores, memory, free disk, graphics cards"
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """One setting."""

    path: tuple[str, ...]
    value: Any
    reason: str


def propose(graph: Graph, measured: Mapping[str, Mapping[str, float]], machine: Machine) -> list[Proposal]:
    """Return what to change; nothing where nothing was measured.

    Args:
        measured: node -> what its exam measured: ``first_sound_s`` (of the first voice that works),
            ``slowest_sound_s`` (of all that work), ``first_token_s``, ``requests_a_day``.
    """
    found = [
        *(proposal for entry in graph.nodes.values() for proposal in _of_node(entry, measured.get(entry.name, {}))),
        *_recording(graph, machine),
        *_promise(graph, measured),
    ]
    return found


def _of_node(entry: NodeEntry, measured: Mapping[str, float]) -> list[Proposal]:
    patience, slowest = getattr(entry.settings, "patience_s", None), measured.get("slowest_sound_s")
    found: list[Proposal] = []
    if patience is not None and slowest is not None and slowest * VOICE_ROOM > patience:
        reason = (
            f"가장 느린 목소리의 첫 소리가 {slowest:.1f}초라서, {patience:g}초로는 되는 목소리를 자주 건너뜁니다. "
            "/ the slowest voice needs more patience"
        )
        found.append(Proposal(("nodes", entry.name, "patience_s"), float(math.ceil(slowest * VOICE_ROOM)), reason))
    budget, day = getattr(entry.settings, "budget", None), measured.get("requests_a_day")
    if day is not None and budget in ("groq_free", "paid"):
        fits = "paid" if day >= PAID_A_DAY else "groq_free"
        if fits != budget:
            reason = f"모델의 하루 한도가 요청 {day:.0f}개입니다. / requests a day"
            found.append(Proposal(("nodes", entry.name, "budget"), fits, reason))
    return found


def _recording(graph: Graph, machine: Machine) -> list[Proposal]:
    if machine.disk_gb >= ROOMY_GB:
        return []
    reason = f"디스크 여유가 {machine.disk_gb:.1f} GB뿐이라 방송 소리를 녹음하지 않습니다. / little free disk space"
    recorders = [entry for entry in graph.nodes.values() if getattr(entry.settings, "record", None) is True]
    return [Proposal(("nodes", entry.name, "record"), False, reason) for entry in recorders]


def _promise(graph: Graph, measured: Mapping[str, Mapping[str, float]]) -> list[Proposal]:
    """A promise that the machine cannot keep has every answer take the short cuts."""
    if graph.budget_s is None:
        return []
    waits = [float(wait) for entry in graph.nodes.values() if (wait := getattr(entry.settings, "max_wait_s", None))]
    sound, token = _slowest(measured, "first_sound_s"), _slowest(measured, "first_token_s")
    if sound is None:
        return []
    least = max(waits, default=0.0) + (token or 0.0) + sound
    if least <= graph.budget_s:
        return []
    reason = (
        f"채팅을 모으는 데 {max(waits, default=0.0):g}초, 모델 {token or 0.0:.1f}초, 첫 소리 {sound:.1f}초로 "
        f"{graph.budget_s:g}초를 지킬 수 없습니다. / the promise cannot be kept here"
    )
    return [Proposal(("budget_s",), math.ceil(least * 2) / 2, reason)]


def _slowest(measured: Mapping[str, Mapping[str, float]], name: str) -> float | None:
    return max((each[name] for each in measured.values() if name in each), default=None)
