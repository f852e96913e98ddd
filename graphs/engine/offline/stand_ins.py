"""Runs a graph without the outside world: its chat comes from a recording, and stand-ins replace what would reach a
network, a device or a page.

Which nodes get a stand-in follows from their ports and the services they ask for, so a new node type needs no stand-in
of its own. The rest (filters, batches, written answers, sentences, guards) is the real thing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from random import Random
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np
import reactivex
from reactivex import Observable
from reactivex import operators as ops

from graphs.engine.offline.playing import Player
from graphs.engine.offline.recording import Recording
from graphs.engine.offline.virtual import VirtualLoop
from nodes import NodeSpec
from nodes.phrases import noted
from nodes.services import Clock, Jobs, Web
from nodes.streams import together
from schemas.chat import ChatBatch, RawPayload
from schemas.event import Event
from schemas.graph import Graph
from schemas.host import Utterance
from schemas.playback import Speaking, Stop
from schemas.pose import PoseFrame
from schemas.reply import EMOTIONS, ReplyChunk, Sentence
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted

T = TypeVar("T")
Build = Callable[..., Any]

FIRST_TOKEN_S = (0.25, 0.6)
"""How long a hosted model takes until its first word; drawn again for each turn."""
FIRST_SOUND_S = 0.3
SYLLABLE_S, PAUSE_S = 0.17, 0.15
"""A Korean voice says about six syllables per second."""
TURN_PAUSE_S = 0.25
"""The silence between two turns of a player without a setting for it."""
RUNG = "stand_in"
"""The rung of an answer not written by a model."""
_RATE = 1000
_QUOTED = 20


class OfflineLoop(VirtualLoop):
    """Virtual time in one thread: a blocking call runs immediately, so that the same run gives the same order."""

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> "asyncio.Future[T]":  # noqa: ARG002
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


def stand_ins(
    registry: Mapping[str, NodeSpec], graphs: Iterable[Graph], recording: Recording, seed: int
) -> tuple[dict[str, NodeSpec], dict[str, str]]:
    """Give the registry to run these graphs with, and what replaces each type that they use.

    The chat comes in through the first source of each graph; its other sources are silent.
    """
    used = {entry.type for graph in graphs for entry in graph.nodes.values()}
    sources = {_first_source(graph, registry) for graph in graphs}
    made: dict[str, NodeSpec] = {}
    told: dict[str, str] = {}
    for name, spec in registry.items():
        found = _stand_in(spec, recording if name in sources else None, seed)
        made[name] = spec if found is None else _with(spec, found[1])
        if found is not None and name in used:
            told[name] = found[0]
    return made, told


def source_only(registry: Mapping[str, NodeSpec], graph: Graph, recording: Recording) -> dict[str, NodeSpec]:
    """Give the registry with ``recording`` for the first source.

    Other sources and what writes to a chat are silent, and no microphone is opened.
    """
    first = _first_source(graph, registry)
    made: dict[str, NodeSpec] = {}
    for name, spec in registry.items():
        if is_source(spec):
            made[name] = _with(spec, _source(recording) if name == first else _silent(spec))
        else:
            writes = spec.family == "chat" and (not spec.outputs or Web in spec.services.values())
            made[name] = _with(spec, _silent(spec)) if writes or _hears(spec) else spec
    return made


def is_source(spec: NodeSpec) -> bool:
    """Whether chat comes in through nodes of this type."""
    return all(port.feedback for port in spec.inputs) and {port.event for port in spec.outputs} == {RawPayload}


def _first_source(graph: Graph, registry: Mapping[str, NodeSpec]) -> str:
    return next((entry.type for entry in graph.nodes.values() if is_source(registry[entry.type])), "")


def _stand_in(spec: NodeSpec, recording: Recording | None, seed: int) -> tuple[str, Build] | None:
    """Give (what the stand-in is, how to build it); None for a node that needs nothing from outside."""
    if is_source(spec):
        return (noted("silence"), _silent(spec)) if recording is None else (noted("the recording"), _source(recording))
    if _hears(spec):
        return noted("nobody at the microphone"), _silent(spec)
    if _takes(spec, Sentence) and _gives(spec, Speech):
        return noted("silence as long as the speech"), _voice(spec)
    if _takes(spec, Speech) and _gives(spec, Speaking):
        return noted("no device, same times"), _player(spec)
    if not spec.inputs or not spec.outputs or _gives(spec, PoseFrame):
        return "nothing", _silent(spec)
    if Web in spec.services.values():
        if _through(spec):
            return noted("nobody at the page, everything passes"), _open(spec)
        return noted("nothing"), _silent(spec)
    if Jobs not in spec.services.values():
        return None
    if _takes(spec, ChatBatch) and _gives(spec, ReplyChunk):
        return noted("written sentences"), _model(spec, seed)
    return (noted("everything passes"), _open(spec)) if _through(spec) else None


def _hears(spec: NodeSpec) -> bool:
    """Whether it hears the streamer through a microphone, or understands what was heard."""
    return _takes(spec, Utterance) or _gives(spec, Utterance)


def _through(spec: NodeSpec) -> list[str]:
    """List the input ports whose events may come out again unchanged."""
    given = {port.event for port in spec.outputs}
    return [port.name for port in spec.inputs if port.event in given and not port.feedback]


def _takes(spec: NodeSpec, event: type[Event]) -> bool:
    return any(issubclass(port.event, event) for port in spec.inputs)


def _gives(spec: NodeSpec, event: type[Event]) -> bool:
    return any(issubclass(port.event, event) for port in spec.outputs)


def _with(spec: NodeSpec, build: Build) -> NodeSpec:
    return replace(spec, build=build, services={"jobs": Jobs, "clock": Clock})


def by_port(spec: NodeSpec, events: Observable[Any]) -> Any:
    """Make what a node returns: each event at the ports of its class."""
    shared = events.pipe(ops.share())
    if len(spec.outputs) == 1:
        kind = spec.outputs[0].event
        return shared.pipe(ops.filter(lambda event: isinstance(event, kind)))

    def of(kind: type[Event]) -> Observable[Any]:
        return shared.pipe(ops.filter(lambda event: isinstance(event, kind)))

    return SimpleNamespace(**{port.name: of(port.event) for port in spec.outputs})


def _rest(wired: Mapping[str, Observable[Any]], *but: str) -> Observable[Any]:
    """Consume and discard the other inputs."""
    return together(*(port.pipe(ops.ignore_elements()) for name, port in wired.items() if name not in but))


def _source(recording: Recording) -> Build:
    def build(_: Any, *, jobs: Jobs, clock: Clock, **wired: Observable[Any]) -> Observable[Any]:
        return together(jobs.source(lambda: recording.play(jobs, clock)), _rest(wired))

    return build


def _silent(spec: NodeSpec) -> Build:
    def build(_: Any, *, jobs: Jobs, clock: Clock, **wired: Observable[Any]) -> Any:  # noqa: ARG001
        nothing = _rest(wired)
        return by_port(spec, nothing) if spec.outputs else nothing

    return build


def _open(spec: NodeSpec) -> Build:
    through = _through(spec)

    def build(_: Any, *, jobs: Jobs, clock: Clock, **wired: Observable[Any]) -> Any:  # noqa: ARG001
        passing = [wired[name] for name in through if name in wired]
        return by_port(spec, together(*passing, _rest(wired, *through)))

    return build


def _model(spec: NodeSpec, seed: int) -> Build:
    batch = next(port.name for port in spec.inputs if issubclass(port.event, ChatBatch))

    def build(_: Any, *, jobs: Jobs, clock: Clock, **wired: Observable[Any]) -> Any:  # noqa: ARG001
        async def answer(event: ChatBatch) -> AsyncIterator[ReplyChunk]:
            chance = Random(f"{seed} {event.turn}")  # noqa: S311 - the same turn gets the same answer
            await jobs.sleep(chance.uniform(*FIRST_TOKEN_S))
            emotion: str | None = chance.choice(EMOTIONS)
            for sentence in written(event, chance):
                yield ReplyChunk(turn=event.turn, text=f"{sentence} ", emotion=emotion, rung=RUNG)
                emotion = None
            yield ReplyChunk(turn=event.turn, text="", rung=RUNG, last=True)

        return by_port(spec, together(wired[batch].pipe(jobs.each(answer)), _rest(wired, batch)))

    return build


def written(batch: ChatBatch, chance: Random) -> list[str]:
    """Write an answer without a model: one or two sentences that name the viewer and what the viewer said."""
    if not batch.events:
        return [f"{batch.topic.rstrip('.?! ')}."]
    event = batch.events[-1]
    quoted = " ".join(event.text.split())[:_QUOTED].rstrip(".?!~ ")
    opening = f"{event.author}님, {quoted} 이야기 잘 들었어요." if quoted else f"{event.author}님, 고마워요."
    return [opening, chance.choice(("저도 그렇게 생각해요.", "다음에 또 들려주세요.", "재미있네요!"))][
        : chance.choice((1, 2))
    ]


def seconds_of(text: str) -> float:
    """Estimate how long a voice would speak."""
    return SYLLABLE_S * sum(1 for sign in text if sign.isalnum())


def _voice(spec: NodeSpec) -> Build:
    sentence = next(port.name for port in spec.inputs if issubclass(port.event, Sentence))

    def build(_: Any, *, jobs: Jobs, clock: Clock, **wired: Observable[Any]) -> Any:  # noqa: ARG001
        async def say(event: Sentence) -> AsyncIterator[Speech]:
            turn, index = event.turn, event.index
            yield SpeechStarted(turn=turn, sentence=index, text=event.text, spoken=event.spoken, emotion=event.emotion)
            seconds = seconds_of(event.spoken)
            if seconds:
                await jobs.sleep(FIRST_SOUND_S)
                samples = np.zeros(round((seconds + PAUSE_S) * _RATE), np.float32)
                yield SpeechChunk(turn=turn, sentence=index, samples=samples, rate=_RATE)
            yield SpeechEnded(turn=turn, sentence=index, last=event.last)

        return by_port(spec, together(wired[sentence].pipe(jobs.each(say)), _rest(wired, sentence)))

    return build


def _player(spec: NodeSpec) -> Build:
    speech = next(port.name for port in spec.inputs if issubclass(port.event, Speech))
    stop = next((port.name for port in spec.inputs if issubclass(port.event, Stop)), "")

    def build(config: Any, *, jobs: Jobs, clock: Clock, **wired: Observable[Any]) -> Any:
        stops = wired.get(stop, reactivex.empty()).pipe(ops.share())

        def playing(_: object) -> Observable[Event]:
            player = Player(clock, getattr(config, "turn_pause_s", TURN_PAUSE_S))
            stopped = stops.pipe(ops.map(player.stop), ops.filter(lambda told: told is not None))
            return together(
                wired[speech].pipe(ops.do_action(on_completed=player.complete), jobs.each(player.take)),
                jobs.source(player.play, to_the_end=True),
                stopped,
                _rest(wired, speech, stop),
            )

        return by_port(spec, reactivex.defer(playing))

    return build
