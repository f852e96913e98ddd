"""``aischoco.py check GRAPH...``: reports every mistake in graphs, without running them."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from graphs.engine.commands import OWN
from graphs.engine.language.read import read_graph
from nodes import broken, load_all
from nodes.loading import told
from nodes.phrases import described, phrase
from schemas.command import FAILED, OK
from schemas.graph import GraphError


def main(words: Sequence[str], root: Path) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="aischoco.py check", description=described(OWN["check"]))
    parser.add_argument("graph", nargs="+", type=Path, help=phrase("a YAML file"))
    failed = False
    for path in parser.parse_args(words).graph:
        try:
            graph = read_graph(path, root)
        except GraphError as error:
            failed = True
            print(error)
        else:
            nodes, edges = len(graph.nodes), len(graph.wires)
            print(phrase("{file}: ok, {nodes} nodes, {edges} edges", file=path, nodes=nodes, edges=edges))
            if graph.note:
                print(f"{path}: {graph.note}")
    load_all()  # a file of nodes that no graph uses is part of what is checked
    for line in told(broken):
        print(line)
    return FAILED if failed else OK
