"""Defines what every command of ``aischoco.py`` shares, whether it belongs to the engine or to a family of nodes."""

import argparse
from collections.abc import Callable

OK, FAILED, USAGE = 0, 1, 2
"""Exit codes: it succeeded, it failed, it was called incorrectly."""


def positive(below: float = 1e9) -> Callable[[str], float]:
    """Make a reader of numbers above 0 and below a limit, for ``type=`` of ``argparse``."""

    def number(text: str) -> float:
        read = float(text)
        if not 0 < read < below:
            raise argparse.ArgumentTypeError(f"must be above 0 and below {below:,.0f}")
        return read

    return number
