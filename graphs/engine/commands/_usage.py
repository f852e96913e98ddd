"""Says how a command is called in the language of the program: the sentences of ``argparse``, numbers with limits."""

import argparse
from collections.abc import Callable

from nodes.phrases import described, noted, phrase

SAID = (
    noted("usage: "),
    noted("positional arguments"),
    noted("options"),
    noted("show this help message and exit"),
    noted("%(prog)s: error: %(message)s\n"),
    noted("argument %(argument_name)s: %(message)s"),
    noted("unrecognized arguments: %s"),
    noted("not allowed with argument %s"),
    noted("ignored explicit argument %r"),
    noted("the following arguments are required: %s"),
    noted("one of the arguments %s is required"),
    noted("expected one argument"),
    noted("expected at most one argument"),
    noted("expected at least one argument"),
    noted("expected %s argument"),
    noted("expected %s arguments"),
    noted("ambiguous option: %(option)s could match %(matches)s"),
    noted("invalid %(type)s value: %(value)r"),
    noted("invalid choice: %(value)r (choose from %(choices)s)"),
)
"""What ``argparse`` says to those who call a command; it hands its other sentences to those who write one."""


def translate() -> None:
    """Let ``argparse`` look its sentences up in our catalogue: it knows compiled ones only, and none lie in git."""
    setattr(argparse, "_", described)  # noqa: B010 - a name that its types do not have
    setattr(argparse, "ngettext", _counted)  # noqa: B010


def _counted(one: str, many: str, count: int) -> str:
    return described(one if count == 1 else many)


def positive(below: float = 1e9) -> Callable[[str], float]:
    """Make a reader of numbers above 0 and below a limit, for ``type=`` of ``argparse``."""

    def number(text: str) -> float:
        read = float(text)
        if not 0 < read < below:
            raise argparse.ArgumentTypeError(phrase("must be above 0 and below {limit}", limit=f"{below:,.0f}"))
        return read

    return number
