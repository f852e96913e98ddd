"""Runs one place of a small graph: ``python -m tests.peers.bus_side GRAPH PLACE URL FILE SECONDS [COUNT]``.

What passes is written to FILE, one JSON object a line, with times of the machine's monotonic clock.
"""

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple, Never

import numpy as np
import reactivex
from pydantic import Field
from reactivex import Observable
from reactivex import operators as ops

import nodes
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.language.cut import bus_settings, cut
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.offline.decisions import Decisions
from graphs.engine.web.server import LocalWeb
from nodes import NodeSpec, load_all
from nodes.services import Clock, Jobs
from schemas.chat import ChatBatch, Donation, ViewerEvent
from schemas.playback import Heard, Speaking
from schemas.reply import Sentence
from schemas.settings import Settings
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted

WARM_S = 1.5
"""The sources start this late, when the other places are there."""
CHUNK, CHUNKS_A_S = 1024, 12
"""Samples in a piece of speech (4096 bytes), and pieces a second: 48 kB/s."""
CHANNELS = 20

GIFTS = """
name: gifts
nodes:
  gifts: {type: t.gifts, at: pc}
  desk: {type: t.desk, in: gifts, at: gpu}
  say: {type: t.say, in: desk, at: gpu}
"""
ECHO = """
name: echo
nodes:
  ask: {type: t.ask, at: pc}
  voice: {type: t.voice, in: ask, at: gpu}
  ear: {type: t.ear, in: voice, at: pc}
"""
SPEECH = "name: speech\nnodes:\n" + "".join(
    f"  say{n}: {{type: t.talk, at: gpu}}\n  ear{n}: {{type: t.ear, in: say{n}, at: pc}}\n" for n in range(CHANNELS)
)
SHOW = """
name: show
nodes:
  replay: {type: chat.replay, at: pc, file: "${RECORDING}"}
  parse: {type: chat.parse, at: pc, in: replay}
  filter: {type: chat.filter, at: pc, in: parse, min_length: 2}
  batch: {type: chat.batch, at: pc, in: filter, speaking: voice.speaking, quiet_s: 0.1, max_wait_s: 0.3}
  reply: {type: reply.canned, at: pc, in: batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, at: pc, in: reply}
  speech: {type: t.speak, at: gpu, in: split.sentence}
  fallback: {type: speech.fallback, at: pc, sentence: split.sentence, speech: speech}
  voice: {type: audio.play, at: pc, in: fallback, device: none, record: false}
  watch: {type: t.watch, at: pc, batch: batch, speech: fallback, speaking: voice.speaking, heard: voice.heard}
"""
"""The voice is in a different place."""
FAR = SHOW.replace("reply.canned, at: pc", "reply.canned, at: gpu").replace(
    "reply.split, at: pc", "reply.split, at: gpu"
)
"""The answers are made in that place too."""
GRAPHS = {"gifts": GIFTS, "echo": ECHO, "speech": SPEECH, "show": SHOW, "far": FAR}


class Nothing(Settings):
    """No settings."""


class Count(Settings):
    """How many events, and how fast."""

    count: int = Field(0, description="Events; 0 for no end.")
    rate: float = Field(100.0, description="Events a second.")


class Said(NamedTuple):
    heard: Observable[Heard]
    speaking: Observable[Speaking]


class Side:
    """The node types of these graphs, which record what they see."""

    def __init__(self, file: Path, count: int = 0, rate: float = 100.0) -> None:
        self._out = file.open("a", encoding="utf-8", buffering=1)
        self._count = count
        self._rate = rate
        self.answered = 0
        """Answers that were recorded."""
        self.registry: dict[str, NodeSpec] = dict(load_all())
        self._add("t.gifts", self._gifts)
        self._add("t.desk", self._desk)
        self._add("t.say", self._say)
        self._add("t.ask", self._ask)
        self._add("t.voice", self._voice)
        self._add("t.ear", self._ear)
        self._add("t.talk", self._talk)
        self._add("t.speak", self._speak)
        self._add("t.watch", self._watch)

    def close(self) -> None:
        self._out.close()

    def note(self, **fields: Any) -> None:
        self._out.write(json.dumps({"at": time.monotonic(), **fields}) + "\n")

    def _add(self, name: str, build: Callable[..., Any]) -> None:
        self.registry[name] = nodes._read(name, build, False)

    async def _paced(self, rate: float, count: int) -> AsyncIterator[int]:
        await asyncio.sleep(WARM_S)
        began, number = time.monotonic(), 0
        while not count or number < count:
            yield number
            number += 1
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))

    def _gifts(self, config: Nothing, *, jobs: Jobs, clock: Clock) -> Observable[ViewerEvent]:
        """Send donations at a steady pace."""

        async def give() -> AsyncIterator[ViewerEvent]:
            async for number in self._paced(self._rate, self._count):
                yield Donation(id=f"g{number}", author="하늘", amount=1000, received_at=clock.now())

        return jobs.source(give)

    def _desk(self, config: Nothing, chat: Observable[ViewerEvent]) -> Observable[ChatBatch]:
        """Make a turn for each donation."""

        def batch(event: ViewerEvent) -> ChatBatch:
            self.note(begun=int(event.id[1:]))
            return ChatBatch(turn=f"t-{event.id}", lane="donation", events=(event,))

        return chat.pipe(ops.map(batch))

    def _say(self, config: Nothing, batch: Observable[ChatBatch], *, jobs: Jobs) -> Said:
        """Thank for each donation, which takes a moment."""

        async def thank(event: ChatBatch) -> AsyncIterator[Any]:
            yield Heard(turn=event.turn, sentence=0, text="고마워요", fraction=0.0)
            await jobs.sleep(0.01)
            self.note(handled=int(event.events[0].id[1:]))
            yield Speaking(turn=event.turn, speaking=False)

        said = batch.pipe(jobs.each(thank), ops.share())
        return Said(
            said.pipe(ops.filter(lambda event: isinstance(event, Heard))),
            said.pipe(ops.filter(lambda event: isinstance(event, Speaking))),
        )

    def _ask(self, config: Nothing, *, jobs: Jobs) -> Observable[Sentence]:
        """Send sentences that carry the time at which they were sent."""

        async def ask() -> AsyncIterator[Sentence]:
            async for number in self._paced(self._rate, self._count):
                yield Sentence(turn="t", index=number, text=str(time.monotonic()), spoken="가", emotion="happy")

        return jobs.source(ask)

    def _voice(self, config: Nothing, sentence: Observable[Sentence]) -> Observable[Speech]:
        """Answer each sentence with a piece of sound at once."""

        def say(event: Sentence) -> Speech:
            samples = np.zeros(CHUNK, np.float32)
            return SpeechChunk(turn="t", sentence=0, samples=samples, rate=12288, sequence=event.index, text=event.text)

        return sentence.pipe(ops.map(say))

    def _talk(self, config: Nothing, *, jobs: Jobs) -> Observable[Speech]:
        """Send speech in real time."""

        async def talk() -> AsyncIterator[Speech]:
            async for number in self._paced(CHUNKS_A_S, self._count):
                yield SpeechChunk(
                    turn="t",
                    sentence=0,
                    samples=np.full(CHUNK, number, np.float32),
                    rate=CHUNK * CHUNKS_A_S,
                    sequence=number,
                    text=str(time.monotonic()),
                )

        return jobs.source(talk)

    def _ear(self, config: Nothing, speech: Observable[Speech]) -> Observable[Never]:
        """Record the time of each piece of sound."""

        def take(event: Speech) -> None:
            assert isinstance(event, SpeechChunk)
            self.note(heard=event.sequence, took=time.monotonic() - float(event.text))

        return reactivex.defer(lambda _: speech.pipe(ops.do_action(take), ops.ignore_elements()))

    def _speak(self, config: Nothing, sentence: Observable[Sentence], *, jobs: Jobs) -> Observable[Speech]:
        """Speak each sentence as 0.3 s of sound."""

        async def say(event: Sentence) -> AsyncIterator[Speech]:
            turn, index = event.turn, event.index
            yield SpeechStarted(turn=turn, sentence=index, text=event.text)
            for sequence in range(3):
                await jobs.sleep(0.03)
                sound = np.full(2400, 0.1, np.float32)
                yield SpeechChunk(turn=turn, sentence=index, samples=sound, rate=24000, sequence=sequence)
            yield SpeechEnded(turn=turn, sentence=index, last=event.last)

        return sentence.pipe(jobs.each(say))

    def _watch(
        self,
        config: Nothing,
        batch: Observable[ChatBatch],
        speech: Observable[Speech],
        speaking: Observable[Speaking],
        heard: Observable[Heard],
    ) -> Observable[Never]:
        """Record the times of each turn."""

        def take(event: ChatBatch | Speech | Speaking | Heard) -> None:
            match event:
                case ChatBatch():
                    self.note(begun=event.turn)
                case SpeechEnded(failed=False):
                    self.note(spoken=event.turn)
                case Speaking(speaking=False):
                    self.note(over=event.turn)
                case Heard(fraction=0.0, ended=False):
                    self.note(shown=event.turn)
                case _:
                    pass

        events: Observable[Any] = reactivex.merge(batch, speech, speaking, heard)
        return reactivex.defer(lambda _: events.pipe(ops.do_action(take), ops.ignore_elements()))


def lines(file: Path) -> list[dict[str, Any]]:
    """Return what a side wrote, without a line that a kill cut off."""
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.endswith("}")]


async def run(graph: str, place: str, url: str, side: Side, seconds: float) -> Runtime:
    """Run one place (all places if ``place`` is empty) for this long, or until SIGTERM."""
    whole = check(GRAPHS[graph], f"{graph}.yaml", side.registry, os.environ)
    bus = bus_settings({**os.environ, "NATS_URL": url})
    part = cut(whole, place, side.registry, bus) if place else whole
    log = EngineLog(quiet=True)
    web = LocalWeb("127.0.0.1", 0, log)
    runtime = Runtime(part, side.registry, root=Path.cwd(), log=log, web=web, seed=0)
    decisions = Decisions(runtime)
    side.note(started=place)
    enough = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, enough.set)
    await runtime.start()
    books = runtime.spawn(_books(runtime, side), "books")
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(enough.wait(), seconds)
    books.cancel()
    turns = [(turn.lane, turn.batch, turn.text, turn.emotion, turn.rung, turn.shown) for turn in decisions.turns]
    side.note(turns=turns, fates=decisions.fates)
    side.note(counts=runtime.ledger.counts(), errors=[error["error"] for error in log.errors])
    await runtime.stop()
    log.close()
    return runtime


async def _books(runtime: Runtime, side: Side) -> None:
    """Record each answer when the ledger of this place counts it."""
    while True:
        while side.answered < runtime.ledger.answered_count:
            side.note(answered=side.answered)
            side.answered += 1
        await asyncio.sleep(0.05)


def main() -> None:
    graph, place, url, file, seconds, *more = sys.argv[1:]
    side = Side(Path(file), *(int(each) for each in more))
    asyncio.run(run(graph, place, url, side, float(seconds)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    side.note(cpu=used.ru_utime + used.ru_stime, pid=os.getpid())
    side.close()


if __name__ == "__main__":
    main()
