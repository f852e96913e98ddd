"""What to change in a graph so that it fits the machine, by what was measured of it. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from nodes.exams import Tried
from nodes.phrases import phrase
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
        return phrase(
            "cores {cores}, memory {memory} GB, free disk {disk} GB, graphics cards {cards}",
            cores=self.cores,
            memory=f"{self.memory_gb:.1f}",
            disk=f"{self.disk_gb:.1f}",
            cards=cards,
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
        reason = phrase(
            "the first sound of the slowest voice takes {seconds} s, so that with {patience} s a voice that works is "
            "often skipped.",
            seconds=f"{slowest:.1f}",
            patience=f"{patience:g}",
        )
        found.append(Proposal(("nodes", entry.name, "patience_s"), float(math.ceil(slowest * VOICE_ROOM)), reason))
    budget, day = getattr(entry.settings, "budget", None), measured.get("requests_a_day")
    if day is not None and budget in ("groq_free", "paid"):
        fits = "paid" if day >= PAID_A_DAY else "groq_free"
        if fits != budget:
            reason = phrase("the model allows {count} requests a day.", count=f"{day:.0f}")
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
            best, why = fast, phrase("the first sound is sooner")
        elif small:
            best = min(small, key=lambda each: each.value)
            why = phrase("as fast, and cores are left for a game and OBS")
        else:
            continue
        now_s, then_s = best.first_sound_s
        reason = phrase("{now} s → {then} s: {why}", now=f"{now_s:.2f}", then=f"{then_s:.2f}", why=why)
        found.append(Proposal(("nodes", node, *path), best.value, reason))
    return found


def _card(graph: Graph, machine: Machine) -> list[Proposal]:
    """Propose the cloned voice where a card has room for it and for a game's picture."""
    name, size = max(machine.gpus, key=lambda each: each[1], default=("", 0.0))
    if size < CARD_GB:
        return []
    reason = phrase(
        "the graphics card {name} ({size} GB) has room for a voice from a recording; see 'The voice' in the README.",
        name=name,
        size=f"{size:.1f}",
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
    reason = phrase("only {size} GB of the disk are free, so the show is not recorded.", size=f"{machine.disk_gb:.1f}")
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
    reason = phrase(
        "{wait} s to gather chat, {model} s of the model and {sound} s to the first sound do not fit into {budget} s.",
        wait=f"{max(waits, default=0.0):g}",
        model=f"{token or 0.0:.1f}",
        sound=f"{sound:.1f}",
        budget=f"{graph.budget_s:g}",
    )
    return [Proposal(("budget_s",), math.ceil(least * 2) / 2, reason)]


def _slowest(measured: Mapping[str, Mapping[str, float]], name: str) -> float | None:
    return max((each[name] for each in measured.values() if name in each), default=None)
