"""Runs ``aischoco.py``: finds the command of the engine or of a family of nodes, and ends each the same way."""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.engine.commands import OWN
from graphs.engine.commands._usage import translate
from graphs.engine.commands.running.garbage import as_usual
from graphs.engine.language.wording import nearest
from nodes.phrases import VARIABLE, choose, described, phrase
from schemas.command import FAILED, OK, USAGE

if TYPE_CHECKING:
    from nodes.commands import Command

Run = Callable[[Sequence[str], Path], int]
"""(words after the command, project folder) -> exit code."""


def main(argv: Sequence[str], root: Path) -> int:
    """Run one command.

    Returns:
        0 when it succeeded, 1 when it failed, 2 when it was called incorrectly.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr] - a Windows console may not be
    if wrong := _choose_language(root):
        print(wrong, file=sys.stderr)
    translate()
    words = list(argv)
    word = words[0] if words else ""
    if word in ("-h", "--help"):
        print(_help())
        return OK
    run = _command(word)
    if run is not None:
        words = words[1:]
    elif _is_a_word(word) and not Path(word).exists():
        print(phrase("there is no command '{word}': {hint}", word=word, hint=_hint(word, root)), file=sys.stderr)
        return USAGE
    else:
        word, run = "run", _own("run")
    if word != "run":  # it hears of an interrupt as a signal; an exception is lost where a package is being read
        signal.signal(signal.SIGINT, signal.default_int_handler)
        as_usual()
    try:
        return run(words, root)
    except SystemExit as ended:  # argparse exits after the help, or on a word that it rejects
        return OK if ended.code in (0, None) else USAGE


def _choose_language(root: Path) -> str:
    """Choose the language of all that is printed, and say what is wrong with AISCHOCO_LANG, if anything is."""
    from graphs.engine.language.env import environment
    from schemas.graph import GraphError

    try:
        return choose(os.environ if VARIABLE in os.environ else environment(root))
    except GraphError:  # the command says so, if it needs the file
        return choose(os.environ)


def _command(word: str) -> Run | None:
    if word in OWN:
        return _own(word)
    command = _of_nodes().get(word) if _is_a_word(word) else None
    return None if command is None else partial(_with_environment, command)


def _is_a_word(word: str) -> bool:
    """Whether the word can be the name of a command; the name of a file or an option cannot."""
    return word[:1].isalpha() and word.replace("-", "").isalpha()


def _own(word: str) -> Run:
    """Load a command of the engine. Only its file is imported: ``init`` does not wait for the packages of ``run``."""
    return importlib.import_module(f"graphs.engine.commands.{word}").main


def _of_nodes() -> "Mapping[str, Command]":
    import nodes.commands

    nodes.load_all()
    return nodes.commands.commands


def _with_environment(command: "Command", words: Sequence[str], root: Path) -> int:
    from graphs.engine.language.env import environment
    from schemas.graph import GraphError

    try:
        env = environment(root)
    except GraphError as error:
        print(error, file=sys.stderr)
        return FAILED
    return command.run(words, root, env)


def _hint(word: str, root: Path) -> str:
    graph = f"graphs/{word}.yaml"
    is_file = (root / graph).is_file()
    meant = f"python aischoco.py {graph}" if is_file else nearest(word, [*OWN, *_of_nodes()])
    return phrase("did you mean '{word}'?", word=meant) if meant else "python aischoco.py --help"


def _help() -> str:
    parser = argparse.ArgumentParser(
        prog="aischoco.py",
        description=phrase("A real-time AI VTuber for CHZZK, as a graph that can be changed on air."),
        epilog=phrase("Without a command the graph is run: python aischoco.py graphs/live.yaml"),
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in OWN.items():
        commands.add_parser(name, help=described(about))
    of_nodes = "".join(f"  {name:20}{described(its.help)}\n" for name, its in _of_nodes().items())
    return f"{parser.format_help()}\n{phrase('commands of nodes:')}\n{of_nodes}"
