"""The environment that ``${NAME}`` reads: the process's own variables, then the file ``.env``."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values


def environment(root: Path) -> Mapping[str, str]:
    """All variables by name; a variable of the process wins over the line of the same name in ``root/.env``.

    Values of ``.env`` are taken as they are written: ``$`` and ``${...}`` in them mean nothing.
    """
    found = dotenv_values(root / ".env", interpolate=False, encoding="utf-8-sig")
    return {name: value for name, value in found.items() if value is not None} | dict(os.environ)
