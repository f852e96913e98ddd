"""Measures ours: a show's graph without pages and avatar, with the same servers; the device only records times."""

import asyncio
from typing import Any

from graphs.engine.books.turns import Turn as EngineTurn
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.server import LocalWeb
from nodes import load_all
from nodes.audio import _ladder
from nodes.audio._outputs import NullOutput
from schemas.chat import PAID
from tests.bench.turns.row import WARM_S, Cpu, Job, Row, Turn, job, wait
from tests.harness import ROOT

GRAPH = """
name: turn
nodes:
  replay: {type: chat.replay, file: RECORDING}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse, banned_words: config/banned_words.txt, min_length: 1}
  batch: {type: chat.batch, in: filter, speaking: voice.speaking, quiet_s: 0.4, max_wait_s: 2.0, max_items: 10, names: [초코]}
  reply: {type: llm.reply, in: batch, heard: voice.heard, persona: config/character.txt, base_url: LLM, budget: paid, history: null}
  split: {type: reply.split, in: reply.reply}
  guard: {type: reply.guard, in: split, banned_words: config/banned_words.txt, secret: [config/character.txt]}
  speech: {type: speech.http, in: guard, urls: [TTS]}
  voice: {type: audio.play, in: speech, device: none, record: false}
"""  # noqa: E501


class Watch:
    """Records the turns. The device takes sound of a prepared one ahead, so that the books tell when it is heard."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.turns: dict[str, Turn] = {}

    def hand(self, samples: int) -> None:
        """Record that the device takes sound, as that of the turn that is heard or waited for."""
        now, open_ = self._runtime.now(), self._runtime.turns.open()
        if open_:
            self._of(self._runtime.turns.turns[open_[0]]).hand(samples, now)

    def heard(self) -> list[Turn]:
        """Return the turns that were heard to their end, with the times at which they were."""
        found: list[Turn] = []
        free = 0.0
        for known in self._runtime.turns.turns.values():
            sound, ends = known.marks["first_sound"], known.marks["ended"]
            if sound is not None and ends is not None:
                turn = self._of(known)
                prepared = turn.batched < free
                turn.collected = sound if prepared or turn.collected is None else max(sound, turn.collected)
                turn.sound, turn.ends = sound, ends
                free = ends
                found.append(turn)
        return found

    def _of(self, turn: EngineTurn) -> Turn:
        if turn.id not in self.turns:
            received = [at for each in turn.batch if (at := self._runtime.ledger.received_at(each)) is not None]
            batched = turn.marks["batched"] or 0.0
            self.turns[turn.id] = Turn(min(received), max(received), len(turn.batch), batched, paid=turn.lane in PAID)
        return self.turns[turn.id]


async def measure(asked: Job) -> None:
    text = GRAPH.replace("RECORDING", asked.recording).replace("LLM", asked.llm).replace("TTS", asked.tts)
    graph, log = check(text, "turn.yaml", load_all(), {}, ROOT), EngineLog(quiet=True)
    runtime = Runtime(graph, load_all(), root=ROOT, log=log, web=LocalWeb("127.0.0.1", 0, log, root=ROOT), seed=1)
    watch, cpu = Watch(runtime), Cpu()

    class Stamped(NullOutput):
        """A real-time null output that reports what it is given."""

        def write(self, samples: Any) -> int:
            taken = super().write(samples)
            if samples[:taken].any():
                watch.hand(taken)
            return taken

    _ladder.NullOutput = Stamped  # type: ignore[misc]
    await asyncio.to_thread(wait)
    await runtime.start()
    await asyncio.sleep(WARM_S)
    begin, before = runtime.now(), counts(runtime)
    cpu.begin()
    await asyncio.sleep(asked.seconds)
    end, after, row = runtime.now(), counts(runtime), Row(cpu_s=cpu.seconds())
    row.received = after.pop("in") - before.pop("in")
    row.dropped = {reason: n - before.get(reason, 0) for reason, n in after.items() if n > before.get(reason, 0)}
    errors = list(runtime.log.errors)
    await runtime.stop()
    assert not errors, errors
    row.tell(watch.heard(), begin, end)


def counts(runtime: Runtime) -> dict[str, int]:
    """Count the messages that came in, and those dropped for each reason."""
    ledger = runtime.ledger
    return {"in": ledger.received_count, **{str(reason): count for reason, count in ledger.dropped.items()}}


if __name__ == "__main__":
    asyncio.run(measure(job()))
