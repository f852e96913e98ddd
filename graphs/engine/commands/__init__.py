"""The commands of ``aischoco.py``: a public file is a command, ``_x`` a part of one."""
