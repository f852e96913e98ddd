"""``aischoco.py replay FILE GRAPH``: runs a recorded chat through a graph in virtual time, repeatably.

Nothing leaves the process: stand-ins replace the model, the voice and the devices (see
``graphs.engine.offline.stand_ins``), and the page is not served. An hour of chat takes seconds.
"""

import argparse
import contextlib
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from graphs.engine.commands import OWN
from graphs.engine.language.read import read_graph
from graphs.engine.offline.decisions import side_by_side
from graphs.engine.offline.play import Played, replayed
from graphs.engine.offline.recording import Read
from graphs.engine.web.words import counted
from nodes.phrases import described, phrase
from schemas.command import FAILED, OK, USAGE
from schemas.graph import Graph, GraphError


def main(argv: Sequence[str], root: Path) -> int:
    """Run the command.

    Returns:
        0, 1 when a graph or the recording could not be used or a node failed, or 2 when a named file does not exist.
    """
    arguments = _parser().parse_args(argv)
    file: Path = arguments.file.absolute()
    if not file.is_file():
        print(phrase("{file}: there is no such recording", file=arguments.file), file=sys.stderr)
        return USAGE
    try:
        graph = read_graph(arguments.graph, root)
        other = read_graph(arguments.compare, root) if arguments.compare else None
        reloads = [(_seconds(at), read_graph(Path(name), root)) for at, name in arguments.reload_at]
    except GraphError as error:
        print(error, file=sys.stderr)
        return FAILED
    except ValueError as error:
        print(error, file=sys.stderr)
        return USAGE
    out: Path | None = arguments.out.absolute() if arguments.out else None
    os.chdir(root)
    try:
        first = _told(graph, file, root, arguments.seed, sorted(reloads, key=lambda reload: reload[0]))
        second = _told(other, file, root, arguments.seed, []) if other else None
    except Exception as error:  # from a node that cannot be built; its text is for a person
        print(error, file=sys.stderr)
        return FAILED
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(first.decisions.text(), encoding="utf-8", newline="\n")
        print(phrase("decision log: {file}", file=out))
    if other is not None and second is not None:
        print(side_by_side((graph.name, other.name), (first.decisions, second.decisions)))
    return FAILED if first.errors or (second is not None and second.errors) else OK


def _seconds(text: str) -> float:
    """
    Raises:
        ValueError: the text is not a time of the replay.
    """
    with contextlib.suppress(ValueError):
        if 0 <= (seconds := float(text)) < math.inf:
            return seconds
    raise ValueError(phrase("--reload-at {text}: it must be a number of seconds from 0", text=text))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aischoco.py replay", description=described(OWN["replay"]))
    parser.add_argument("file", type=Path, help=phrase("JSONL as `record` writes it"))
    parser.add_argument("graph", type=Path, help=phrase("a YAML file"))
    parser.add_argument(
        "--compare", type=Path, metavar="OTHER", help=phrase("show what another graph treats differently")
    )
    parser.add_argument("--seed", type=int, default=0, help=phrase("of the stand-ins for model and voice"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=phrase("write the decision log as JSONL"))
    parser.add_argument(
        "--reload-at",
        nargs=2,
        action="append",
        default=[],
        metavar=("SECONDS", "OTHER"),
        help=phrase("change to another graph in the middle"),
    )
    return parser


def _told(graph: Graph, file: Path, root: Path, seed: int, reloads: Sequence[tuple[float, Graph]]) -> Played:
    """Play the recording, and report how it went.

    Raises:
        ValueError: no line of the file is a line of a recording.
    """
    begun = time.monotonic()
    lines = Read(file)
    played = replayed(graph, lines, root, seed=seed, reloads=reloads)
    took = time.monotonic() - begun
    if lines.broken and not lines.good:
        raise ValueError(phrase("{file}: not a recording. Give a JSONL file that `record` wrote.", file=file))
    counts = played.decisions.lines[-1]["viewer_events"]
    dropped = counted("graph", "reasons", counts["dropped"]) or "0"
    turns, length = len(played.decisions.turns), f"{played.seconds:.0f}"
    print(phrase("{graph}: {length} s of chat in {took} s", graph=graph.name, length=length, took=f"{took:.1f}"))
    text = phrase(
        "in {count}, answered {answered}, turns {turns}", count=counts["in"], answered=counts["answered"], turns=turns
    )
    print(f"  {text}")
    print(f"  {phrase('dropped: {dropped}; waiting {waiting}', dropped=dropped, waiting=counts['waiting'])}")
    for type_, what in played.stand_ins.items():
        print(f"  {phrase('stand-in: {type} = {what}', type=type_, what=described(what))}")
    if lines.broken:
        print(f"  {phrase('lines not read: {count}', count=lines.broken)}")
    for error in played.errors:
        print(f"  {phrase('failed: {why}', why=error)}")
    return played
