"""The environment that ``${NAME}`` reads: the process's own variables, then the file ``.env``."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from schemas.graph import GraphError, Problem

_REMEDY = "메모장에서 .env를 열어 'UTF-8'로 다시 저장하세요 (save it as UTF-8)"


def environment(root: Path) -> Mapping[str, str]:
    """All variables by name; a variable of the process wins over the line of the same name in ``root/.env``.

    Values of ``.env`` are taken as they are written: ``$`` and ``${...}`` in them mean nothing.

    Raises:
        GraphError: the file cannot be read.
    """
    path = root / ".env"
    try:
        found = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except OSError as error:
        raise GraphError([Problem(str(path), 1, 1, f".env cannot be read: {error.strerror}", "")]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise GraphError([Problem(str(path), line, 1, ".env is not UTF-8 text", _REMEDY)]) from None
    return {name: value for name, value in found.items() if value is not None} | dict(os.environ)
