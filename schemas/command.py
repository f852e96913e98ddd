"""Defines how every command of ``aischoco.py`` ends, whether it belongs to the engine or to a family of nodes."""

OK, FAILED, USAGE = 0, 1, 2
"""Exit codes: it succeeded, it failed, it was called incorrectly."""
