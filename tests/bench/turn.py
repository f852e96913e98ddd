"""Measures from a chat message to the first sound handed to the device: ours, others and the limit, same servers.

``python -m tests.bench.turn [--pipecat PYTHON] [--rate 1 10 100] [--seconds N]`` prints a table for each rate of
messages a second. PYTHON is the interpreter of an environment in which pipecat-ai and openai are installed; without it
pipecat is left out. The rows run side by side, so that other load on the machine disturbs all of them alike; each is a
process of its own with servers of its own, which are also processes:

- ``limit``: the servers' own times, by a client that does nothing else (tests/bench/turns/limit.py),
- ``aischoco``: chat.replay, chat.parse, chat.filter, chat.batch, llm.reply, reply.split, reply.guard, speech.http,
  audio.play (tests/bench/turns/ours.py),
- ``pipecat``: its OpenAI services and its output transport (tests/bench/turns/pipecat.py),
- ``loop``: one step after the other, as the first AIsChoco does it, as we read it (tests/bench/turns/loop.py).

The language model sends its first token after 0.2 s, then 500 tokens a second; the speech server sends its first sound
after 0.2 s, in pieces of 40 ms, at twice real time. The chat is that of the demonstration's recording, written by us
(MIT), at a steady rate from 250 viewers.

``answer`` runs from the moment the messages of a turn are taken, or the answer before it is over if that is later, to
the first sound: this is what the limit bounds, unless a turn is prepared while the one before it is heard. ``silence``
runs from the end of one answer to the first sound of the next, with people waiting. ``in hand`` is the same up to the
first 0.12 s of sound, which a device with a jitter buffer waits for. ``waited`` runs from the newest message of the
turn until it is taken; that is a matter of rules, not of speed: a window for more messages, and the previous answer,
which has to end. ``newest`` and ``oldest`` run from these messages of a turn to its first sound. With ``--paid S`` a
donation comes every S seconds, and a line tells how long its sender waited for the first sound.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import IO

from tests.bench import figures
from tests.bench.turns.row import WARM_S, Job, Row, Turn
from tests.e2e import flood
from tests.harness import ROOT
from tests.peers.body import percentile
from tests.peers.llm_peer import Server, groq_like
from tests.ports import free_port

VOICE = {"TTS_PEER_WAIT_S": "0.2", "TTS_PEER_S_PER_CHAR": "0.05"}
ROWS = ("limit", "ours", "pipecat", "loop")
NAMES = {"ours": "aischoco"}
HEAD = (
    f"{'':10} {'turns':>5} {'answer p50':>11} {'p95':>6} {'over limit':>11} {'in hand p95':>12} {'waited p50':>11} "
    f"{'newest p50':>11} {'p95':>6} {'oldest max':>11} {'silence p50':>12} {'p95':>6} {'turns/min':>10} {'CPU s':>6}"
)


@contextlib.contextmanager
def servers() -> Generator[tuple[str, str]]:
    """Start a language model and a voice, and give their addresses."""
    port = free_port()
    command = [sys.executable, "-m", "tests.peers.tts_peer", "--port", str(port)]
    with groq_like() as llm:
        tts = Server(command, port, env={**os.environ, **VOICE})
        try:
            yield f"{llm.url}/v1", tts.url
        finally:
            tts.stop()


@contextlib.contextmanager
def started(row: str, python: str, recording: Path, seconds: float) -> Generator[subprocess.Popen[str]]:
    """Start a row, which then waits for a line on its input.

    Raises:
        RuntimeError: the row did not start; the text is its last output.
    """
    with servers() as (llm, tts), tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        command = [python, "-m", f"tests.bench.turns.{row}", json.dumps(asdict(Job(llm, tts, str(recording), seconds)))]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=said, text=True) as process:
            try:
                assert process.stdout is not None
                if not process.stdout.readline():
                    raise RuntimeError(_last(row, said))
                yield process
                if process.returncode:
                    raise RuntimeError(_last(row, said))
            finally:
                process.kill()


def _last(row: str, said: IO[str]) -> str:
    said.seek(0)
    return f"{row}: {said.read().strip()[-2000:]}"


def measured(
    rate: int, seconds: float, rows: Sequence[str], pythons: Mapping[str, str], paid_every_s: float = 0.0
) -> dict[str, Row]:
    """Run the rows side by side.

    Raises:
        RuntimeError: one of them failed.
    """
    with contextlib.ExitStack() as stack:
        recording = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "chat.jsonl"
        flood.write(recording, WARM_S + seconds, rate, paid_every_s)
        begin = {
            row: stack.enter_context(started(row, pythons.get(row, sys.executable), recording, seconds)) for row in rows
        }
        for process in begin.values():
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        told = {row: process.communicate(timeout=WARM_S + seconds + 90.0)[0] for row, process in begin.items()}
        return {row: Row.read(output) for row, output in told.items() if begin[row].returncode == 0}


@dataclass(frozen=True, slots=True)
class Told:
    """A row of the table; times are in ms, unless their names end in ``_s``."""

    turns: int
    answer_p50: float
    answer_p95: float
    collected_p95: float
    waited_p50: float
    newest_p50: float
    newest_p95: float
    oldest_max_s: float
    age_max_s: float
    """Age of the oldest message of any turn when it was taken, which ``ttl_s`` bounds."""
    turns_a_minute: float
    cpu_s: float
    silence_p50: float
    silence_p95: float
    paid: int
    """Turns that thank for donations."""
    paid_p50: float
    """From the first of its donations to the first sound of such a turn."""
    paid_p95: float
    paid_max: float

    @classmethod
    def of(cls, row: Row, seconds: float) -> "Told":
        turns = sorted(row.turns, key=_sound)
        free = [row.busy_until, *(turn.ends or 0.0 for turn in turns[:-1])]
        taken = [max(turn.batched, before) for turn, before in zip(turns, free, strict=True)]
        answer = [1000 * (_sound(turn) - at) for turn, at in zip(turns, taken, strict=True)]
        silence = [1000 * (_sound(turn) - before) for turn, before in zip(turns, free, strict=True)][1:] or [0.0]
        paid = [1000 * (_sound(turn) - turn.oldest) for turn in turns if turn.paid] or [0.0]
        newest = [1000 * (_sound(turn) - turn.newest) for turn in turns]
        return cls(
            turns=len(turns),
            answer_p50=median(answer),
            answer_p95=percentile(answer, 0.95),
            collected_p95=percentile(
                [1000 * ((turn.collected or 0.0) - at) for turn, at in zip(turns, taken, strict=True)], 0.95
            ),
            waited_p50=median(1000 * (turn.batched - turn.newest) for turn in turns),
            newest_p50=median(newest),
            newest_p95=percentile(newest, 0.95),
            oldest_max_s=max(_sound(turn) - turn.oldest for turn in turns),
            age_max_s=max(turn.batched - turn.oldest for turn in turns),
            turns_a_minute=60 * len(turns) / seconds,
            cpu_s=row.cpu_s,
            silence_p50=median(silence),
            silence_p95=percentile(silence, 0.95),
            paid=sum(turn.paid for turn in turns),
            paid_p50=median(paid),
            paid_p95=percentile(paid, 0.95),
            paid_max=max(paid),
        )

    def line(self, name: str, limit: "Told | None") -> str:
        over = "" if limit is None else f"{self.answer_p95 - limit.answer_p95:+.0f} ms"
        chat = f"{self.waited_p50:11.0f} {self.newest_p50:11.0f} {self.newest_p95:6.0f} {self.oldest_max_s:9.1f} s"
        chat += f" {self.silence_p50:12.0f} {self.silence_p95:6.0f}"
        return (
            f"{name:10} {self.turns:5} {self.answer_p50:11.0f} {self.answer_p95:6.0f} {over:>11} "
            f"{self.collected_p95:12.0f} {chat if limit else '':62} {self.turns_a_minute:10.1f} {self.cpu_s:6.2f}"
        )


def _sound(turn: Turn) -> float:
    return 0.0 if turn.sound is None else turn.sound


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pipecat", metavar="PYTHON", help="interpreter that has pipecat-ai and openai")
    parser.add_argument("--rate", type=int, nargs="+", default=[1, 10, 100], help="messages a second")
    parser.add_argument("--paid", type=float, default=0.0, metavar="S", help="a donation every S seconds, 0 for none")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each row is measured")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=ROWS, help="the limit always comes first")
    figures.options(parser)
    arguments = parser.parse_args()
    pythons = {"pipecat": arguments.pipecat} if arguments.pipecat else {}
    rows = [row for row in ROWS if row == "limit" or (row in arguments.rows and (row != "pipecat" or pythons))]
    kept: dict[str, float] = {}
    print(f"{figures.machine()}; times in ms")
    for rate in arguments.rate:
        print(f"\n{rate} messages/s for {arguments.seconds:g} s, load {figures.load()[0]:g}\n{HEAD}", flush=True)
        limit: Told | None = None
        for name, row in measured(rate, arguments.seconds, rows, pythons, arguments.paid).items():
            shown = NAMES.get(name, name)
            told = Told.of(row, arguments.seconds)
            dropped = ", ".join(f"{reason} {count}" for reason, count in row.dropped.items())
            print(told.line(shown, limit) + (f"  of {row.received} dropped: {dropped}" if dropped else ""), flush=True)
            if told.paid:
                print(
                    f"{shown:10} {told.paid} turns for donations, donation to first sound p50 {told.paid_p50:.0f}, p95 "
                    f"{told.paid_p95:.0f}, most {told.paid_max:.0f}",
                    flush=True,
                )
            limit = limit or told
            kept |= {f"{rate}/s {shown} {key}": value for key, value in asdict(told).items()}
    print(f"load {figures.load()[0]:g}")
    figures.done(arguments, "turn", kept)


if __name__ == "__main__":
    main()
