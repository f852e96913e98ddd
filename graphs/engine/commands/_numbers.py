"""Reads numbers from a command line, for ``type=`` of ``argparse``."""

import argparse
from collections.abc import Callable


def positive(below: float = 1e9) -> Callable[[str], float]:
    """Make a reader of a number above 0 and below a limit."""

    def number(text: str) -> float:
        read = float(text)
        if not 0 < read < below:
            raise argparse.ArgumentTypeError(f"must be above 0 and below {below:,.0f}")
        return read

    return number
