"""Defines what counts as a failure of a node; a node's attempt to end the program does too."""

from nodes.phrases import phrase

FAILURES = (Exception, SystemExit, KeyboardInterrupt)
"""The exceptions that count as a failure of a node."""


def failure(error: BaseException) -> Exception:
    """Turn what a node raised into an ordinary failure: a node that tries to end the program only fails itself."""
    return (
        error
        if isinstance(error, Exception)
        else RuntimeError(phrase("it tried to end the program: {why}", why=repr(error)))
    )
