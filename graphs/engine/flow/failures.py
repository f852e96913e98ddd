"""What counts as a failure of a node: also its wish to end the program."""

FAILURES = (Exception, SystemExit, KeyboardInterrupt)
"""What a node may raise."""


def failure(error: BaseException) -> Exception:
    """The failure as the show takes it: a node that asks the program to end has failed, and nothing else ends."""
    return error if isinstance(error, Exception) else RuntimeError(f"it tried to end the program: {error!r}")
