"""``aischoco.py show GRAPH``: prints a graph as Mermaid."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from graphs.engine.commands import OWN
from graphs.engine.commands._describe import mermaid
from graphs.engine.language.read import read_graph
from nodes.phrases import described, phrase
from schemas.command import FAILED, OK
from schemas.graph import GraphError


def main(words: Sequence[str], root: Path) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="aischoco.py show", description=described(OWN["show"]))
    parser.add_argument("graph", type=Path, help=phrase("a YAML file"))
    try:
        print(mermaid(read_graph(parser.parse_args(words).graph, root)))
    except GraphError as error:
        print(error)
        return FAILED
    return OK
