"""How every command of ``aischoco.py`` ends, whether it belongs to the engine or to a family of nodes."""

OK, FAILED, USAGE = 0, 1, 2
"""Exit codes: it went well, it failed, it was not called right."""
