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
        print(f"{arguments.file}: 녹화 파일이 없습니다. / there is no such recording", file=sys.stderr)
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
        print(f"결정 기록: {out} / decision log")
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
    raise ValueError(f"--reload-at {text}: 0 이상의 초여야 합니다. / a number of seconds from 0")


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
        raise ValueError(f"{file}: 녹화가 아닙니다. `record`가 쓴 JSONL 파일을 주세요. / not a recording")
    counts = played.decisions.lines[-1]["viewer_events"]
    dropped = ", ".join(f"{reason} {count}" for reason, count in counts["dropped"].items()) or "0"
    print(f"{graph.name}: {played.seconds:.0f}초 분량을 {took:.1f}초에 (seconds of chat replayed)")
    print(f"  받음 {counts['in']}, 대답 {counts['answered']} (in, answered), 턴 {len(played.decisions.turns)} (turns)")
    print(f"  대답 안 함 (dropped): {dropped}; 대기 (waiting) {counts['waiting']}")
    for type_, what in played.stand_ins.items():
        print(f"  대역 (stand-in): {type_} = {what}")
    if lines.broken:
        print(f"  읽지 못한 줄 (lines not read): {lines.broken}")
    for error in played.errors:
        print(f"  실패 (failed): {error}")
    return played
