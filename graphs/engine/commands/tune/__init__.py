"""``aischoco.py tune``: measures this machine and proposes settings of a graph that fit it."""

import argparse
import asyncio
import difflib
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import psutil

from graphs.engine.commands import OWN
from graphs.engine.commands.doctor import Doctor
from graphs.engine.commands.tune.propose import Machine, Proposal, propose
from graphs.engine.commands.tune.setting import NotChanged, with_setting
from graphs.engine.language.check import check
from graphs.engine.language.env import environment
from graphs.engine.language.load import load
from graphs.engine.observe.usage import nvidia
from nodes import load_all
from nodes.exams import Tried
from nodes.phrases import described, phrase
from schemas.command import FAILED, OK
from schemas.graph import Graph, GraphError

KEPT = Path("history") / "graphs"
"""Where the text before a change is kept."""


def machine(root: Path) -> Machine:
    """Look at the machine."""
    cards = tuple((gpu.name, gpu.total / 1e9) for gpu in nvidia())
    memory, disk = psutil.virtual_memory().total / 1e9, shutil.disk_usage(root).free / 1e9
    return Machine(psutil.cpu_count() or 1, memory, disk, cards)


def changed(text: str, file: Path, proposals: Sequence[Proposal], root: Path, env: Mapping[str, str]) -> str:
    """Return the text with every proposal that one edit can make; the others are printed for a person to make.

    Raises:
        GraphError: the graph is wrong.
    """
    for proposal in proposals:
        try:
            tried = with_setting(load(text, str(file), env), proposal.path, proposal.value)
            check(tried, str(file), load_all(), env, root)
        except (NotChanged, GraphError):
            print(phrase("Change by hand: {where}: {value}", where=proposal.where, value=proposal.value))
        else:
            text = tried
    return text


def main(words: Sequence[str], root: Path) -> int:
    """Run the command.

    Returns:
        0 when the graph fits, or was changed; 1 when it cannot be read or written, or a change was declined.
    """
    parser = argparse.ArgumentParser(prog="aischoco.py tune", description=described(OWN["tune"]))
    parser.add_argument("graph", nargs="?", type=Path, help=phrase("a YAML file; graphs/live.yaml if none is named"))
    parser.add_argument("--yes", action="store_true", help=phrase("change the file without asking"))
    arguments = parser.parse_args(words)
    file: Path = (arguments.graph or root / "graphs" / "live.yaml").absolute()
    os.chdir(root)
    try:
        env = environment(root)
        text = file.read_bytes().decode("utf-8")
        graph = check(text, str(file), load_all(), env, root)
        return _tune(graph, text, file, root, env, yes=arguments.yes)
    except (GraphError, OSError, UnicodeError) as error:
        print(error, file=sys.stderr)
        return FAILED


def _tune(graph: Graph, text: str, file: Path, root: Path, env: Mapping[str, str], *, yes: bool) -> int:
    here = machine(root)
    print(f"{file.name}: {here}")
    lines = asyncio.run(Doctor(root, env, trying=True).examine(file))
    measured: dict[str, dict[str, float]] = {}
    tried: dict[str, list[Tried]] = {}
    for line in lines:
        if line.measured:
            print(f"  {line.what}")
            for name in line.where.split(", "):
                measured.setdefault(name, {}).update(line.measured)
                tried.setdefault(name, []).extend(line.tried)
    proposals = propose(graph, measured, here, tried)
    if not proposals:
        print(phrase("There is nothing to change."))
        return OK
    for proposal in proposals:
        print(f"- {proposal.where}: {proposal.value}: {proposal.reason}")
    new = changed(text, file, proposals, root, env)
    if new == text:
        return FAILED
    difference = difflib.unified_diff(text.splitlines(), new.splitlines(), file.name, file.name, n=1, lineterm="")
    print("\n".join(difference))
    if not yes and not _agreed():
        print(phrase("Left as it is."))
        return FAILED
    return _written(text, new, file, root)


def _agreed() -> bool:
    try:
        return input(f"{phrase('Change it?')} [y/N] ").strip().lower() in ("y", "yes", "네", "예", "ㅇ")
    except (EOFError, KeyboardInterrupt):
        return False


def _written(old: str, new: str, file: Path, root: Path) -> int:
    """Keep the old text and write the new one, unless somebody has changed the file meanwhile."""
    if file.read_bytes().decode("utf-8") != old:
        print(phrase("{file} was changed meanwhile. Run this again.", file=file.name))
        return FAILED
    kept = root / KEPT / f"{file.stem}.{datetime.now():%Y%m%d-%H%M%S}.yaml"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(old.encode("utf-8"))
    beside = file.with_name(f".{file.name}.new")
    beside.write_bytes(new.encode("utf-8"))
    beside.replace(file)
    print(phrase("Changed. The old text is kept in {file}.", file=kept.relative_to(root).as_posix()))
    return OK
