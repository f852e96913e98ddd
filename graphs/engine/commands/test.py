"""``aischoco.py test GRAPH``: runs the tests in a graph, in virtual time and without the outside world.

The stand-ins of ``graphs.engine.offline.stand_ins`` replace the model, the voice and the devices; what a story names
under ``in`` and ``fakes`` is played from the story. Filters, batches, sentences and guards are the real thing.
"""

import asyncio
import itertools
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import reactivex
from reactivex import Observable
from reactivex import operators as ops

from graphs.engine.language import marbles
from graphs.engine.language.env import environment
from graphs.engine.language.load import load
from graphs.engine.language.marbles import TICK_S
from graphs.engine.language.read import read_graph
from graphs.engine.language.stories import Story, stories
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.offline.play import played, virtually
from graphs.engine.offline.recording import Recording
from graphs.engine.offline.stand_ins import by_port, stand_ins
from nodes import NodeSpec, load_all
from nodes.phrases import phrase
from nodes.services import Clock, Jobs
from nodes.streams import together
from schemas.chat import ChatBatch
from schemas.command import FAILED, OK
from schemas.event import Event
from schemas.graph import Graph, GraphError
from schemas.playback import Speaking
from schemas.reply import ReplyChunk

WAIT_S = 30.0
"""How long a story continues after its last marble, in its own time."""

Beat = tuple[float, Event]
Seen = dict[tuple[str, str], list[Beat]]
"""(node, port) -> (seconds, event)."""


def main(words: Sequence[str], root: Path) -> int:
    """Run the tests in the named graphs; if none is named, run the project's own with the words as pytest arguments."""
    graphs = [Path(word) for word in words if word.endswith((".yaml", ".yml"))]
    if graphs:
        return play(graphs, root)
    done = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=root, env=os.environ, check=False)  # noqa: S603
    return OK if done.returncode == 0 else FAILED


def play(paths: Sequence[Path], root: Path) -> int:
    """Run the tests of these graphs and report the results; returns 0 if every test passed, else 1."""
    asked = [path.absolute() for path in paths]
    os.chdir(root)  # paths in graphs are relative to the project
    passed = [_file(path, root) for path in asked]
    return OK if all(passed) else FAILED


def _file(path: Path, root: Path) -> bool:
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    try:
        graph = read_graph(path, root)
        document = load(graph.text, str(shown), environment(root))
        found = stories(document, graph, load_all())
    except GraphError as error:
        print(error)
        return False
    if not found:
        print(phrase("{file}: there are no tests; write them under 'tests:'", file=shown))
        return False
    begun = time.monotonic()
    failed = 0
    for story in found:
        wrong = failure(graph, story, root)
        if wrong:
            failed += 1
            print(f"{shown}:{story.line}: {phrase('FAILED')} {story.name}\n{wrong}")
        else:
            print(f"{shown}:{story.line}: {phrase('ok')} {story.name}")
    text = phrase(
        "{file}: {passed} passed, {failed} failed, {seconds} s",
        file=shown,
        passed=len(found) - failed,
        failed=failed,
        seconds=f"{time.monotonic() - begun:.1f}",
    )
    print(text)
    return not failed


def failure(graph: Graph, story: Story, root: Path) -> str:
    """Run a story, and describe for a person what differs from it; empty if nothing does."""
    try:
        seen, errors = virtually(_run(graph, story, root))
    except Exception as error:  # from a node that cannot be built
        return f"    {error}"
    told = [_compared(story, ends, seen[ends]) for ends in story.expected]
    return "\n".join([*filter(None, told), *(f"    {error}" for error in errors)])


async def _run(graph: Graph, story: Story, root: Path) -> tuple[Seen, tuple[str, ...]]:
    registry, _ = stand_ins(load_all(), [graph], Recording([]), 0)
    seen: Seen = {ends: [] for ends in story.expected}
    staged = _staged(graph, story, registry, seen)
    lines = [*story.given.values(), *(line for line in story.expected.values() if isinstance(line, str))]
    seconds = max(map(marbles.length, lines), default=0) * TICK_S + WAIT_S
    log = EngineLog(quiet=True)
    # Do not wait for what is still unanswered then: its events have no place in the marbles.
    run = await played(staged, registry, root, log, lambda _: asyncio.sleep(seconds), seed=0, settle_s=0.0)
    return seen, run.errors


def _staged(graph: Graph, story: Story, registry: dict[str, NodeSpec], seen: Seen) -> Graph:
    """Give every node that the story plays or watches a type of its own, and add that to ``registry``."""
    entries = dict(graph.nodes)
    for name, entry in graph.nodes.items():
        spec = registry[entry.type]
        if name in story.given:
            spec = _player(spec, story, name)
        elif name in story.fakes:
            spec = _answerer(spec, story.fakes[name])
        ports = {port: into for (node, port), into in seen.items() if node == name}
        if ports:
            spec = _watched(spec, ports)
        if spec is not registry[entry.type]:
            own = f"{entry.type} {name}"
            registry[own] = replace(spec, name=own)
            entries[name] = replace(entry, type=own)
    return replace(graph, nodes=entries)


def _player(spec: NodeSpec, story: Story, name: str) -> NodeSpec:
    def build(_: Any, *, jobs: Jobs, clock: Clock, **wired: Observable[Any]) -> Any:
        async def produce() -> AsyncIterator[Event]:
            for number, (tick, letter) in enumerate(marbles.read(story.given[name])):
                await jobs.sleep(max(0.0, tick * TICK_S - clock.now()))
                yield story.events[letter].make(f"{name}-{number}-{letter}", clock.now())

        taken = (port.pipe(ops.ignore_elements()) for port in wired.values())
        return by_port(spec, together(jobs.source(produce), *taken))

    return replace(spec, build=build, services={"jobs": Jobs, "clock": Clock})


def _answerer(spec: NodeSpec, texts: Sequence[str]) -> NodeSpec:
    batch = next(port.name for port in spec.inputs if issubclass(port.event, ChatBatch))

    def build(_: Any, **wired: Observable[Any]) -> Any:
        numbers = itertools.count()

        def answer(event: ChatBatch) -> Observable[Event]:
            text = texts[min(next(numbers), len(texts) - 1)]
            return reactivex.of(
                ReplyChunk(turn=event.turn, text=text, emotion="neutral", rung="test"),
                ReplyChunk(turn=event.turn, text="", rung="test", last=True),
            )

        others = (port.pipe(ops.ignore_elements()) for name, port in wired.items() if name != batch)
        return by_port(spec, together(wired[batch].pipe(ops.flat_map(answer)), *others))

    return replace(spec, build=build, services={})


def _watched(spec: NodeSpec, ports: dict[str, list[Beat]]) -> NodeSpec:
    """Wrap a node unchanged, and record what it emits at ``ports``."""

    def build(*args: Any, **wired: Any) -> Any:
        built = spec.build(*args, **wired)
        now = asyncio.get_running_loop().time

        def noted(port: str, events: Observable[Any]) -> Observable[Any]:
            into = ports.get(port)
            return events if into is None else events.pipe(ops.do_action(lambda event: note(event, into)))

        def note(event: Event, into: list[Beat]) -> None:
            if not (isinstance(event, Speaking) and event.left_s is not None):  # neither a beginning nor an end
                into.append((now(), event))

        if len(spec.outputs) == 1:
            return noted(spec.outputs[0].name, getattr(built, spec.outputs[0].name, built))
        return SimpleNamespace(**{port.name: noted(port.name, getattr(built, port.name)) for port in spec.outputs})

    return replace(spec, build=build)


def _compared(story: Story, ends: tuple[str, str], seen: list[Beat]) -> str:
    """Show what was expected above what came; empty if they are equal."""
    expected = story.expected[ends]
    strange: list[str] = []
    letters = [_letter(story, expected, event, strange) for _, event in seen]
    if isinstance(expected, str):
        got = [(round(at / TICK_S), letter) for (at, _), letter in zip(seen, letters, strict=True)]
        same = got == marbles.read(expected)
        lines = (marbles.write(marbles.read(expected)), marbles.write(got))
    else:
        same = tuple(letters) == expected
        lines = (" ".join(expected), " ".join(letters))
    if same:
        return ""
    shown = [f"    {'.'.join(ends)}", f"      expected: {lines[0]}", f"      got:      {lines[1]}"]
    return "\n".join([*shown, *(f"      ? = {text}" for text in strange)])


def _letter(story: Story, expected: str | tuple[str, ...], event: Event, strange: list[str]) -> str:
    """Name an event: by the most specific match, then by what is expected here; ``?`` if nothing matches."""

    def said(letter: str) -> tuple[int, bool]:
        pattern = story.events[letter]
        return -len(pattern.fields) - (pattern.inner is not None), letter not in expected

    for letter in sorted(story.events, key=said):
        if story.events[letter].fits(event):
            return letter
    strange.append(str(event))
    return "?"
