"""Defines what every command of ``aischoco.py`` shares, whether it belongs to the engine or to a family of nodes."""

OK, FAILED, USAGE = 0, 1, 2
"""Exit codes: it succeeded, it failed, it was called incorrectly."""
