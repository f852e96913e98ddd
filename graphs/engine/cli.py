"""What ``aischoco.py`` does: reads the command line and calls the part that does the work."""

import argparse
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphs.engine.commands import FAILED, OK, OWN, USAGE
from graphs.engine.language.wording import nearest

if TYPE_CHECKING:
    from nodes.commands import Command


DEFAULT_GRAPH = Path("graphs") / "demo.yaml"


def main(argv: Sequence[str], root: Path) -> int:
    """Run one command.

    Returns:
        0 when it went well, 1 when it failed, 2 when it was not called right.
    """
    commands: dict[str, Callable[[argparse.Namespace, Path], int]] = {
        "run": _run,
        "check": _check,
        "nodes": _nodes,
        "show": _show,
        "top": _top,
        "test": _test,
    }
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr] - a Windows console may not be
    words = list(argv)
    if words and words[0] in OWN:
        return int(importlib.import_module(f"graphs.engine.commands.{words[0]}").main(words[1:], root))
    if (
        words
        and words[0].replace("-", "").isalpha()
        and words[0] not in commands
        and (ours := _of_a_node(words[0])) is not None
    ):
        return _with_environment(root, lambda env: ours.run(words[1:], root, env))
    if words and _is_meant_as_a_command(words[0]) and words[0] not in commands:
        graph = f"graphs/{words[0]}.yaml"
        hint = nearest(words[0], [*commands, *OWN, *_commands_of_nodes()]) or "python aischoco.py --help"
        if (root / graph).is_file():
            hint = f"did you mean 'python aischoco.py {graph}'?"
        print(f"그런 명령이 없습니다 / there is no command '{words[0]}': {hint}", file=sys.stderr)
        return USAGE
    if not words or (words[0] not in commands and words[0] not in ("-h", "--help")):
        words.insert(0, "run")
    handed_on: list[str] = []
    if words[0] == "test":  # argparse would take pytest's options for its own
        words, handed_on = words[:1], words[1:]
    if words[0] in ("-h", "--help"):
        print(_parser().format_help() + _help_of_nodes())
        return OK
    try:
        arguments = _parser().parse_args(words, argparse.Namespace(handed_on=handed_on))
    except SystemExit as ended:
        return OK if ended.code in (0, None) else USAGE
    return commands[arguments.command](arguments, root)


def _is_meant_as_a_command(word: str) -> bool:
    return word[:1].isalpha() and word.replace("-", "").isalpha() and not Path(word).exists()


def _commands_of_nodes() -> Sequence[str]:
    import nodes.commands

    nodes.load_all()
    return list(nodes.commands.commands)


def _of_a_node(word: str) -> "Command | None":
    import nodes.commands

    nodes.load_all()
    return nodes.commands.commands.get(word)


def _help_of_nodes() -> str:
    import nodes.commands

    nodes.load_all()
    return "\ncommands of nodes:\n" + "".join(
        f"  {name:20}{its.help}\n" for name, its in nodes.commands.commands.items()
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="aischoco.py",
        description="A real-time AI VTuber for CHZZK, as a graph that can be changed on air.",
        epilog="Without a command the graph is run: python aischoco.py graphs/live.yaml",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a graph (the default)")
    run.add_argument("graph", nargs="?", type=Path, help=f"a YAML file; {DEFAULT_GRAPH.as_posix()} if none is named")
    run.add_argument("--for", dest="seconds", type=_positive, metavar="SECONDS", help="end by itself after so long")
    run.add_argument("--report", type=Path, metavar="FILE", help="write counts, verdicts and times as JSON at the end")
    run.add_argument(
        "--at", metavar="PLACE", help="run only the nodes at this place of the graph (needs a NATS server)"
    )
    run.add_argument("--no-open", action="store_true", help="do not open the page in a browser")
    check = commands.add_parser("check", help="find every mistake in graphs without running them")
    check.add_argument("graph", nargs="+", type=Path)
    nodes = commands.add_parser("nodes", help="list the node types, or describe one; --schema prints the JSON Schema")
    nodes.add_argument("type", nargs="?")
    nodes.add_argument("--schema", action="store_true")
    nodes.add_argument("--markdown", action="store_true")
    show = commands.add_parser("show", help="print a graph as Mermaid")
    show.add_argument("graph", type=Path)
    top = commands.add_parser("top", help="show what the running graph does, once a second")
    top.add_argument("--once", action="store_true", help="print one frame and end")
    for name, about in OWN.items():
        commands.add_parser(name, help=about)
    commands.add_parser(
        "test", help="run the tests in graphs (test GRAPH), or the project's own: what follows is for pytest"
    )
    return parser


def _positive(text: str) -> float:
    seconds = float(text)
    if seconds <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return seconds


def _run(arguments: argparse.Namespace, root: Path) -> int:
    from graphs.engine.commands.run import run

    graph: Path = arguments.graph or root / DEFAULT_GRAPH
    return run(
        graph,
        root,
        seconds=arguments.seconds,
        report=arguments.report,
        open_page=not arguments.no_open,
        at=arguments.at,
    )


def _check(arguments: argparse.Namespace, root: Path) -> int:
    from graphs.engine.language.read import read_graph
    from schemas.graph import GraphError

    failed = False
    for path in arguments.graph:
        try:
            graph = read_graph(path, root)
        except GraphError as error:
            failed = True
            print(error)
        else:
            print(f"{path}: ok, {len(graph.nodes)} nodes, {len(graph.wires)} edges")
    return FAILED if failed else OK


def _nodes(arguments: argparse.Namespace, _: Path) -> int:
    from difflib import get_close_matches

    from graphs.engine.language import describe as show
    from graphs.engine.language import schema
    from nodes import load_all

    registry = load_all()
    if arguments.schema:
        print(schema.text(registry), end="")
    elif arguments.markdown:
        print(show.markdown(registry))
    elif arguments.type is None:
        print(show.table(registry))
    elif arguments.type in registry:
        print(show.describe(registry[arguments.type]))
    else:
        near: list[str] = get_close_matches(str(arguments.type), registry, 1)
        print(f"no node type is called {arguments.type!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return USAGE
    return OK


def _show(arguments: argparse.Namespace, root: Path) -> int:
    from graphs.engine.language.describe import mermaid
    from graphs.engine.language.read import read_graph
    from schemas.graph import GraphError

    try:
        print(mermaid(read_graph(arguments.graph, root)))
    except GraphError as error:
        print(error)
        return FAILED
    return OK


def _top(arguments: argparse.Namespace, root: Path) -> int:
    from graphs.engine.commands.top import top

    return _with_environment(root, lambda env: top(env, once=arguments.once))


def _with_environment(root: Path, work: Callable[[Mapping[str, str]], int]) -> int:
    from graphs.engine.language.env import environment
    from schemas.graph import GraphError

    try:
        env = environment(root)
    except GraphError as error:
        print(error, file=sys.stderr)
        return FAILED
    return work(env)


def _test(arguments: argparse.Namespace, root: Path) -> int:
    graphs = [Path(word) for word in arguments.handed_on if word.endswith((".yaml", ".yml"))]
    if graphs:
        from graphs.engine.commands.test import main as trial

        return trial(graphs, root)
    done = subprocess.run([sys.executable, "-m", "pytest", *arguments.handed_on], cwd=root, env=os.environ, check=False)  # noqa: S603
    return OK if done.returncode == 0 else FAILED
