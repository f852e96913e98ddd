"""What to change in a graph so that it fits the machine, by what was measured of it. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from nodes.exams import Tried
from schemas.graph import Graph, NodeEntry

VOICE_ROOM = 2.0
"""A voice may take this many times its measured first sound before another one is tried."""
ROOMY_GB = 5.0
"""A recorded evening takes about 0.7 GB; with less than this free, nothing is recorded."""
CARD_GB = 7.5
"""The cloned voice takes 4.0 to 4.3 GB; an 8 GB card leaves the rest to a game."""
FASTER, AS_FAST = 0.8, 1.1
"""Another value is proposed if it takes less than this share of the time, or at most this share and fewer cores."""
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

    path: tuple[str | int, ...]
    value: Any
    reason: str

    @property
    def where(self) -> str:
        return ".".join(map(str, self.path))


def propose(
    graph: Graph,
    measured: Mapping[str, Mapping[str, float]],
    machine: Machine,
    tried: Mapping[str, Sequence[Tried]] = MappingProxyType({}),
) -> list[Proposal]:
    """Return what to change; nothing where nothing was measured.

    Args:
        measured: node -> what its exam measured: ``first_sound_s`` (of the first voice that works),
            ``slowest_sound_s`` (of all that work), ``first_token_s``, ``requests_a_day``.
        tried: node -> what other values of its settings do here.
    """
    found = [
        *(proposal for entry in graph.nodes.values() for proposal in _of_node(entry, measured.get(entry.name, {}))),
        *(proposal for name, each in tried.items() for proposal in _better(name, each)),
        *_card(graph, machine),
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


def _better(node: str, tried: Sequence[Tried]) -> list[Proposal]:
    """Propose what is clearly faster, or needs less of the machine and is as fast."""
    found: list[Proposal] = []
    for path in dict.fromkeys(each.path for each in tried):
        those = [each for each in tried if each.path == path]
        fast = min(those, key=lambda each: each.first_sound_s[1])
        small = [
            each
            for each in those
            if each.value < each.set_to and each.first_sound_s[1] <= AS_FAST * each.first_sound_s[0]
        ]
        if fast.first_sound_s[1] < FASTER * fast.first_sound_s[0]:
            best, why = fast, "첫 소리가 더 빠릅니다 / the first sound is sooner"
        elif small:
            best = min(small, key=lambda each: each.value)
            why = "첫 소리는 그대로이고, 게임과 OBS에 코어가 남습니다 / as fast, and cores are left for a game"
        else:
            continue
        now_s, then_s = best.first_sound_s
        found.append(Proposal(("nodes", node, *path), best.value, f"{now_s:.2f}초 → {then_s:.2f}초: {why}"))
    return found


def _card(graph: Graph, machine: Machine) -> list[Proposal]:
    """Propose the cloned voice where a card has room for it and for a game's picture."""
    name, size = max(machine.gpus, key=lambda each: each[1], default=("", 0.0))
    if size < CARD_GB:
        return []
    reason = (
        f"그래픽 카드 {name}({size:.1f} GB)에서 녹음한 목소리로 말할 수 있습니다. README의 '내 목소리'를 보세요. "
        "/ this card has room for the cloned voice, see the README"
    )
    found: list[Proposal] = []
    for entry in graph.nodes.values():
        voices: Sequence[Any] = getattr(entry.settings, "voices", ()) if entry.type == "speech.ladder" else ()
        if voices and all(voice.type != "qwen" for voice in voices):
            found.append(Proposal(("nodes", entry.name, "voices", 0), "{type: qwen}", reason))
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
