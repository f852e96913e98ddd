"""The commands of ``aischoco.py``: a public file is a command, ``_x`` is part of one."""


def noted(english: str) -> str:
    """Do what ``nodes.phrases.noted`` does, which needs packages: this is read where they may be missing."""
    return english


OWN = {
    "run": noted("run a graph (the default)"),
    "check": noted("find every mistake in graphs without running them"),
    "nodes": noted("list the node types, or describe one; --schema prints the JSON Schema"),
    "show": noted("print a graph as Mermaid"),
    "top": noted("show what the running graph does, once a second"),
    "init": noted("five questions, then a graph and .env of your own"),
    "doctor": noted("check all that a live show needs, with remedies"),
    "tune": noted("measure this machine and propose settings that fit it"),
    "record": noted("record an edge of the running show into a file"),
    "replay": noted("run a recorded chat through a graph, in virtual time"),
    "fleet": noted("keep many shows on air on many machines"),
    "rehearse": noted("rehearse a graph with a synthetic crowd"),
    "test": noted("run the tests in graphs (test GRAPH), or the project's own: what follows is for pytest"),
}
"""Command -> its help, for ``described``. Each is a file of this folder; its ``main`` takes the words after the command
and the project folder, and returns an exit code (``schemas.command``). ``argparse`` may exit early; ``cli`` handles
that."""
