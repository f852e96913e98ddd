"""``aischoco.py nodes [TYPE]``: shows the node types, one of them, or the JSON Schema of all."""

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from graphs.engine.commands import OWN
from graphs.engine.commands import _describe as describe
from graphs.engine.language import schema
from nodes import broken, load_all
from nodes.loading import told
from nodes.phrases import described, joined, phrase
from schemas.command import OK, USAGE


def main(words: Sequence[str], _: Path) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="aischoco.py nodes", description=described(OWN["nodes"]))
    parser.add_argument("type", nargs="?", help=phrase("a node type; all if none is named"))
    parser.add_argument("--schema", action="store_true", help=phrase("print the JSON Schema of graphs"))
    parser.add_argument("--markdown", action="store_true", help=phrase("print the table of the documents"))
    arguments = parser.parse_args(words)
    registry = load_all()
    for line in told(broken):
        print(line, file=sys.stderr)
    if arguments.schema:
        print(schema.text(registry), end="")
    elif arguments.markdown:
        print(describe.markdown(registry))
    elif arguments.type is None:
        print(describe.table(registry))
    elif arguments.type in registry:
        print(describe.describe(registry[arguments.type]))
    else:
        near: list[str] = get_close_matches(str(arguments.type), registry, 1)
        text = phrase("there is no node type {type}", type=repr(arguments.type))
        hint = phrase("did you mean '{word}'?", word=near[0]) if near else ""
        print(joined((text, hint)))
        return USAGE
    return OK
