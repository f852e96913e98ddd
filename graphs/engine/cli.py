"""What ``aischoco.py`` does: finds the command, and ends each of them in the same way."""

import argparse
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.engine.commands import FAILED, OK, OWN, USAGE
from graphs.engine.language.wording import nearest

if TYPE_CHECKING:
    from nodes.commands import Command


def main(argv: Sequence[str], root: Path) -> int:
    """Run one command.

    Returns:
        0 when it went well, 1 when it failed, 2 when it was not called right.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr] - a Windows console may not be
    words = list(argv)
    word = words[0] if words else ""
    if word in ("-h", "--help"):
        print(_help())
        return OK
    if word in OWN:
        return _own(word, words[1:], root)
    if word.replace("-", "").isalpha() and (ours := _of_a_node(word)) is not None:
        return _with_environment(root, lambda env: ours.run(words[1:], root, env))
    if word[:1].isalpha() and word.replace("-", "").isalpha() and not Path(word).exists():
        print(f"그런 명령이 없습니다 / there is no command '{word}': {_hint(word, root)}", file=sys.stderr)
        return USAGE
    return _own("run", words, root)


def _own(name: str, words: Sequence[str], root: Path) -> int:
    command = importlib.import_module(f"graphs.engine.commands.{name}")
    try:
        return int(command.main(words, root))
    except SystemExit as ended:  # of argparse
        return OK if ended.code in (0, None) else USAGE


def _hint(word: str, root: Path) -> str:
    graph = f"graphs/{word}.yaml"
    if (root / graph).is_file():
        return f"did you mean 'python aischoco.py {graph}'?"
    return nearest(word, [*OWN, *_of_nodes()]) or "python aischoco.py --help"


def _of_nodes() -> "Mapping[str, Command]":
    import nodes.commands

    nodes.load_all()
    return nodes.commands.commands


def _of_a_node(word: str) -> "Command | None":
    return _of_nodes().get(word)


def _help() -> str:
    parser = argparse.ArgumentParser(
        prog="aischoco.py",
        description="A real-time AI VTuber for CHZZK, as a graph that can be changed on air.",
        epilog="Without a command the graph is run: python aischoco.py graphs/live.yaml",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in OWN.items():
        commands.add_parser(name, help=about)
    of_nodes = "".join(f"  {name:20}{its.help}\n" for name, its in _of_nodes().items())
    return f"{parser.format_help()}\ncommands of nodes:\n{of_nodes}"


def _with_environment(root: Path, work: Callable[[Mapping[str, str]], int]) -> int:
    from graphs.engine.language.env import environment
    from schemas.graph import GraphError

    try:
        env = environment(root)
    except GraphError as error:
        print(error, file=sys.stderr)
        return FAILED
    return work(env)
