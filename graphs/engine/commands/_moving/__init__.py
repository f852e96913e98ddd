"""Moves in what another program left: ``aischoco.py init --from FOLDER``."""
