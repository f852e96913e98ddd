"""Measures from the end of what the streamer says to the first sound of the answer to her, in a flood of chat:
``python -m tests.bench.listening.answer``.

An embedded voice speaks into a microphone of a private PulseAudio (the monitor of a null sink), over answers to ten
messages a second. The recogniser, the language model and the voice are servers with known times, those of
``tests.bench.turn``; the recogniser takes 0.4 s. The end of her voice is found in the sound that was handed over, so
that the time before the microphone's sound arrives does not count. Prints p50 and p95, in ms, of

- ``first_sound``: from the end of her voice to the first sound of the answer,
- ``tail``: from the end of her voice to the utterance, the silence that ends a turn included,
- ``recogniser``: its own time, as it measures it,
- ``handed_on``: from the utterance to the turn, without the recogniser's own time,
- ``answer``: from the turn to its first sound,
- ``limit``: what the answer takes at least, by a client that does nothing else (``tests.bench.turn``), beside it,
- ``rest``: the first sound without the tail, the recogniser's time and the limit's p50: what we add (aim 30).
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from graphs.engine.books.turns import Turn
from graphs.engine.flow.runtime import Runtime
from graphs.engine.flow.taps import Tap
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.server import LocalWeb
from nodes import load_all
from nodes.listen._blocks import RATE
from nodes.listen._saved import write_wav
from schemas.host import Utterance
from tests.bench import figures
from tests.bench.listening.echo import HERS, HERS_DB, loud
from tests.bench.listening.turns import end_of
from tests.bench.listening.voices import Sound, kept
from tests.bench.turn import Told, servers, started
from tests.bench.turns.row import Row
from tests.e2e import flood
from tests.harness import ROOT
from tests.peers.asr_peer import Answer, AsrServer, said
from tests.peers.body import percentile
from tests.peers.pulse import MICROPHONE, Microphone, Pulse, match

RECOGNISED_S = 0.4
RATE_HZ = 10
FIRST_S = 6.0
"""She begins to speak when the chat has come for so long; the first line is not counted."""
LONGEST_S = 20.0
"""A line without an answer after this time is missed."""
AGAIN_S = (1.0, 3.5)
"""She speaks again so long after the first sound of an answer, while it is being said or the next one is."""
LINE_S = 9.0
"""A line takes about this long, with its answer."""
GRAPH = """
name: answer
nodes:
  replay: {type: chat.replay, file: RECORDING}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse, banned_words: config/banned_words.txt, min_length: 1}
  mic: {type: listen.mic, device: MICROPHONE, mode: open, speaking: voice.speaking, heard: voice.heard, level: voice.level, ignored: words.ignored}
  words: {type: listen.text, in: mic.utterance, engines: [{type: http, base_url: ASR, model: whisper}]}
  batch: {type: chat.batch, in: [filter, words.line], host: mic.turn, ignored: words.ignored, speaking: voice.speaking, quiet_s: 0.4, max_wait_s: 2.0, max_items: 10, names: [초코]}
  reply: {type: llm.reply, in: batch, stop: mic.stop, heard: voice.heard, persona: config/character.txt, base_url: LLM, budget: paid, history: null}
  split: {type: reply.split, in: reply.reply}
  guard: {type: reply.guard, in: split, banned_words: config/banned_words.txt, secret: [config/character.txt]}
  speech: {type: speech.http, in: guard, stop: mic.stop, urls: [TTS]}
  voice: {type: audio.play, in: speech, stop: mic.stop, device: none, record: false}
"""  # noqa: E501


class Talk:
    """One show in which she speaks line after line."""

    def __init__(self, runtime: Runtime, server: AsrServer, utterances: Tap) -> None:
        self._runtime = runtime
        self._server = server
        self._utterances = utterances
        self.lines: list[dict[str, float]] = []
        self.missed = 0

    async def say(self, microphone: Microphone, file: Path, line: Sound) -> None:
        """Let her say one line, and wait until its answer begins."""
        heard, answered = len(self._server.asked), len(self._answers())
        spoken = microphone.says(file)
        await asyncio.to_thread(spoken.wait, LONGEST_S)
        until = self._runtime.now() + LONGEST_S
        while len(answers := self._answers()) == answered and self._runtime.now() < until:
            await asyncio.sleep(0.05)
        if len(answers) != answered + 1 or len(self._server.asked) != heard + 1:
            self.missed += 1
            return
        self.lines.append(self._measured(answers[-1], line, self._server.asked[-1].took_s))

    def _answers(self) -> list[Turn]:
        turns = self._runtime.turns.turns.values()
        return [turn for turn in turns if turn.lane == "host" and turn.marks["first_sound"] is not None]

    def _measured(self, turn: Turn, line: Sound, took_s: float) -> dict[str, float]:
        found = {event.id: (at, event) for _, at, event in self._utterances.since(0) if isinstance(event, Utterance)}
        handed_over, utterance = found[turn.batch[0]]
        samples = utterance.samples.astype(np.float32)
        _, at = match(np.concatenate([samples, np.zeros(len(line), np.float32)]), line)
        end = utterance.began + at / RATE + end_of(line)
        batched, sound = turn.marks["batched"] or 0.0, turn.marks["first_sound"] or 0.0
        return {
            "first_sound": sound - end,
            "tail": handed_over - end,
            "recogniser": took_s,
            "handed_on": batched - handed_over - took_s,
            "answer": sound - batched,
        }


async def talk(options: argparse.Namespace, hers: list[Sound], addresses: Mapping[str, str]) -> Talk:
    """Run the show, and let her say all lines."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        recording = folder / "chat.jsonl"
        flood.write(recording, FIRST_S + options.lines * LONGEST_S, RATE_HZ)
        files = [folder / f"{number}.wav" for number in range(len(hers))]
        for file, line in zip(files, hers, strict=True):
            write_wav(file, np.round(line * 32767).astype(np.int16))
        (folder / "p").mkdir(mode=0o700)
        pulse = Pulse(folder / "p")
        stack.callback(pulse.stop)
        os.environ.update(pulse.env)  # where the program looks for a microphone
        microphone = Microphone(pulse)
        microphone.plug()
        stack.callback(microphone.close)
        async with AsrServer() as server:
            server.usual = Answer(said("초코야 안녕"), wait_s=RECOGNISED_S)
            text = GRAPH
            for word, value in {**addresses, "RECORDING": str(recording), "ASR": server.url}.items():
                text = text.replace(word, value)
            log = EngineLog(quiet=True)
            graph = check(text.replace("MICROPHONE", MICROPHONE), "answer.yaml", load_all(), {}, ROOT)
            web = LocalWeb("127.0.0.1", 0, log, root=ROOT)
            runtime = Runtime(graph, load_all(), root=ROOT, log=log, web=web, seed=1)
            await runtime.start()
            runtime.taps.open_s = float("inf")
            talked = Talk(runtime, server, runtime.taps.open("mic.utterance -> words.utterance"))
            random = np.random.default_rng(12)
            await asyncio.sleep(FIRST_S)
            for number in range(options.lines + 1):
                await talked.say(microphone, files[number % len(files)], hers[number % len(hers)])
                await asyncio.sleep(float(random.uniform(*AGAIN_S)))
            await runtime.stop()
            return talked


def told(lines: list[dict[str, float]], limit_ms: float) -> dict[str, float]:
    """Return p50 and p95 of each part, in ms."""
    parts: dict[str, list[float]] = {name: [1000 * line[name] for line in lines] for name in lines[0]}
    rest = zip(parts["first_sound"], parts["tail"], parts["recogniser"], strict=True)
    parts["rest"] = [sound - tail - recogniser - limit_ms for sound, tail, recogniser in rest]
    return {
        f"{name}_{what}": round(percentile(values, share), 1)
        for name, values in parts.items()
        for what, share in (("p50", 0.5), ("p95", 0.95))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--voices", type=Path, metavar="FILE", help="keep the voice in a file (.npz) for another run")
    figures.options(parser)
    options = parser.parse_args()
    hers = [loud(sound, HERS_DB) for sound in kept(options.voices, {"hers": ("jm_kumo", HERS)})["hers"]]
    seconds = options.lines * LINE_S
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        llm, tts = stack.enter_context(servers())
        limit = stack.enter_context(started("limit", sys.executable, Path(folder), seconds))
        assert limit.stdin is not None
        limit.stdin.write("\n")
        limit.stdin.flush()
        talked = asyncio.run(talk(options, hers, {"LLM": llm, "TTS": tts}))
        output, _ = limit.communicate(timeout=seconds + 60)
    beside = Told.of(Row.read(output), seconds)
    found = told(talked.lines[1:], beside.answer_p50)
    found |= {"limit_p50": beside.answer_p50, "limit_p95": beside.answer_p95, "missed": talked.missed}
    print("\n".join(f"{name:18} {value:8.1f}" for name, value in found.items()))
    print(f"{len(talked.lines) - 1} lines, {figures.machine()}, load {figures.load()[0]:g}")
    figures.done(options, "listening.answer", found)


if __name__ == "__main__":
    main()
