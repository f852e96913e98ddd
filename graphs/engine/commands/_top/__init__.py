"""Parts of ``aischoco.py top``."""
