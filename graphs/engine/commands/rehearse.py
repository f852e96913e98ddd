"""``aischoco.py rehearse GRAPH``: runs invented viewers through the real graph, silently.

In real time the model, the voice and the avatar are the real ones; only the chat is invented, no sound comes out, and
nothing is written to a chat or kept. With ``--fast`` it runs in virtual time, with stand-ins
(``graphs.engine.offline.stand_ins``).
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphs.engine.books.budget import chat_to_voice
from graphs.engine.commands import OWN
from graphs.engine.commands._rehearse_live import attended
from graphs.engine.commands._usage import positive
from graphs.engine.commands.running.closing import closing
from graphs.engine.language.read import read_graph
from graphs.engine.offline.crowd import Crowd, crowd, texts_of
from graphs.engine.offline.decisions import Decisions
from graphs.engine.offline.play import Played, replayed
from graphs.engine.offline.recording import Read
from graphs.engine.web.words import counted
from nodes import NodeSpec, load_all
from nodes.phrases import described, noted, phrase
from nodes.services import Jobs
from nodes.written import NotText, contents, written
from schemas.chat import ChatBatch
from schemas.command import FAILED, OK
from schemas.graph import Graph, GraphError
from schemas.reply import ReplyChunk
from schemas.settings import Watched

LINES = Path("assets") / "recordings" / "demo.jsonl"
TOKENS_PER_CHARACTER = 0.65
"""Rough value for Korean text with the tokenizer of gpt-oss."""


def fast(graph: Graph, how: Crowd, root: Path, seed: int, texts: Sequence[str] = ()) -> Played:
    """Rehearse in virtual time."""
    return replayed(graph, crowd(replace(how, character=graph.character), seed, texts), root, seed=seed)


def report(graph: Graph, registry: dict[str, NodeSpec], rehearsed: Played, root: Path) -> dict[str, Any]:
    """Report what the rehearsal showed, as JSON.

    ``voice_s`` covers the time from a turn's first message to its first sound, and how many turns took longer than the
    graph's ``budget_s``. ``tokens`` is an estimate from the number of characters: persona and messages of each turn
    that a model answered, and its answer, without what it remembers.
    """
    turns = rehearsed.decisions.turns
    counts = rehearsed.decisions.lines[-1]["viewer_events"]
    return {
        "graph": graph.name,
        "seconds": round(rehearsed.seconds, 1),
        "faked": {"chat": noted("invented"), **rehearsed.stand_ins},
        "viewer_events": counts,
        "turns": len(turns),
        "stale": counts["dropped"].get("stale", 0),
        "voice_s": chat_to_voice(turns, graph.budget_s),
        "rungs": _rungs(rehearsed.decisions),
        "tokens": _tokens(graph, registry, rehearsed.decisions, root),
        "errors": list(rehearsed.errors),
    }


def told(found: dict[str, Any]) -> str:
    """Format the report for a person."""
    counts, voice, tokens = found["viewer_events"], found["voice_s"], found["tokens"]
    dropped = counted("graph", "reasons", counts["dropped"]) or "0"
    share = counts["answered"] / counts["in"] if counts["in"] else 0.0
    lines = [
        closing(found, None, phrase("The rehearsal is over.")),
        phrase("rehearsal: {graph}, {seconds} s", graph=found["graph"], seconds=f"{found['seconds']:g}"),
        "  "
        + phrase(
            "in {count}, answered {answered} = {share}, turns {turns}, waiting at the end {waiting}",
            count=counts["in"],
            answered=counts["answered"],
            share=f"{share:.0%}",
            turns=found["turns"],
            waiting=counts["waiting"],
        ),
        "  "
        + phrase("dropped as too old {stale}; all that was dropped: {dropped}", stale=found["stale"], dropped=dropped),
        f"  {_waits(voice)}",
        "  "
        + phrase(
            "tokens, an estimate without memories: input {given}, output {made}", given=tokens["in"], made=tokens["out"]
        ),
    ]
    lines += [
        f"  {phrase('faked: {type} = {what}', type=type_, what=described(what))}"
        for type_, what in found["faked"].items()
    ]
    lines += [f"  {phrase('failed: {why}', why=error)}" for error in found["errors"]]
    return "\n".join(lines)


def _waits(voice: dict[str, Any]) -> str:
    waits = phrase("from chat to voice: p50 {p50}, p95 {p95}", p50=_seconds(voice["p50"]), p95=_seconds(voice["p95"]))
    if voice["budget_s"] is None:
        return waits
    return phrase(
        "{waits}; over {budget} s: {count}", waits=waits, budget=f"{voice['budget_s']:g}", count=voice["over"]
    )


def main(argv: Sequence[str], root: Path) -> int:
    """Run the command.

    Returns:
        0, or 1 when the graph could not be used or a node failed.
    """
    arguments = _parser().parse_args(argv)
    try:
        graph = read_graph(arguments.graph, root)
    except GraphError as error:
        print(error, file=sys.stderr)
        return FAILED
    os.chdir(root)
    how = Crowd(60.0 * arguments.minutes, arguments.rate, arguments.spam, arguments.bursts, raid=not arguments.no_raid)
    texts = texts_of(Read(root / LINES)) if (root / LINES).is_file() else []
    try:
        if arguments.fast:
            rehearsed = fast(graph, how, root, arguments.seed, texts)
        else:
            rehearsed = asyncio.run(attended(graph, how, root, arguments.seed, texts, open_page=not arguments.no_open))
    except Exception as error:  # from a node that cannot be built; its text is for a person
        print(error, file=sys.stderr)
        return FAILED
    found = report(graph, load_all(), rehearsed, root)
    print(json.dumps(found, ensure_ascii=False, indent=1) if arguments.json else told(found))
    return FAILED if rehearsed.errors else OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aischoco.py rehearse", description=described(OWN["rehearse"]))
    parser.add_argument("graph", type=Path, help=phrase("a YAML file"))
    parser.add_argument("--minutes", type=positive(1e5), default=5.0, help=phrase("length of the show (5)"))
    parser.add_argument("--rate", type=positive(1e5), default=1.0, help=phrase("messages a second at its height (1)"))
    parser.add_argument("--spam", type=_part, default=0.1, help=phrase("part of the messages that are spam (0.1)"))
    parser.add_argument(
        "--bursts", type=int, default=2, help=phrase("times at which several donations come at once (2)")
    )
    parser.add_argument("--no-raid", action="store_true", help=phrase("no crowd from another channel"))
    parser.add_argument("--seed", type=int, default=0, help=phrase("another number gives other viewers"))
    parser.add_argument("--fast", action="store_true", help=phrase("virtual time, with stand-ins for model and voice"))
    parser.add_argument("--no-open", action="store_true", help=phrase("do not open the page in a browser"))
    parser.add_argument("--json", action="store_true", help=phrase("print the report as JSON"))
    return parser


def _part(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(phrase("must be from 0 to 1"))
    return number


def _seconds(value: float | None) -> str:
    return "-" if value is None else phrase("{seconds} s", seconds=f"{value:.2f}")


def _rungs(decisions: Decisions) -> dict[str, int]:
    """Count the answers by what made them."""
    found: dict[str, int] = {}
    for turn in decisions.turns:
        found[turn.rung] = found.get(turn.rung, 0) + 1
    return dict(sorted(found.items()))


def _tokens(graph: Graph, registry: dict[str, NodeSpec], decisions: Decisions, root: Path) -> dict[str, int]:
    """Estimate the tokens of the turns that a model answers; empty if every answer is a written one."""
    models = [entry for entry in graph.nodes.values() if _asks_a_model(registry[entry.type])]
    if not models:
        return {"in": 0, "out": 0}
    persona = sum(
        len(_text(root / getattr(entry.settings, name)))
        for entry in models
        for name, field in type(entry.settings).model_fields.items()
        if any(isinstance(mark, Watched) for mark in field.metadata)
    )
    asked = [turn for turn in decisions.turns if turn.rung != "canned"]
    read = sum(persona + sum(len(decisions.texts.get(event, "")) for event in turn.batch) for turn in asked)
    written = sum(len(turn.text) for turn in asked)
    return {"in": round(TOKENS_PER_CHARACTER * read), "out": round(TOKENS_PER_CHARACTER * written)}


def _asks_a_model(spec: NodeSpec) -> bool:
    return (
        any(issubclass(port.event, ChatBatch) for port in spec.inputs)
        and any(issubclass(port.event, ReplyChunk) for port in spec.outputs)
        and Jobs in spec.services.values()
    )


def _text(path: Path) -> str:
    try:
        return written(contents(path)).text
    except (OSError, NotText):
        return ""
