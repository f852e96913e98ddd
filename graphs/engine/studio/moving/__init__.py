"""Moves in what another program left: ``aischoco.py init --from FOLDER``, and a card of the page ``/start``."""
