"""Reads the environment for ``${NAME}``: the process's own variables, then the file ``.env``."""

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from nodes.phrases import phrase
from nodes.written import NotText, contents, written
from schemas.graph import GraphError, Problem

_UNSEEN = re.compile("[\u00a0\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Zero-width characters and the no-break space, which get copied along with text from a web page."""
_CURLY = (("\u201c\u201d\u201e\uff02", "\u201c\u201d\uff02"), ("\u2018\u2019\uff07", "\u2018\u2019\uff07"))
"""Curly quotes, which word processors and messengers put in place of straight ones."""


def environment(root: Path) -> Mapping[str, str]:
    """Give all variables by name; a variable of the process wins over the line of the same name in ``root/.env``.

    Values of ``.env`` are taken as they are written: ``$`` and ``${...}`` have no meaning in them. Curly quotes
    around a value and zero-width characters, which come along when a key is copied, are removed.

    Raises:
        GraphError: the file cannot be read.
    """
    path = root / ".env"
    try:
        found = env_of(contents(path))
    except FileNotFoundError:
        found = {}
    except OSError as error:
        raise GraphError(
            [Problem(str(path), 1, 1, phrase("{file} cannot be read: {why}", file=".env", why=error.strerror), "")]
        ) from None
    except NotText as error:
        what = phrase("{file} is not UTF-8 text", file=".env")
        raise GraphError([Problem(str(path), error.line, 1, what, error.remedy)]) from None
    return found | dict(os.environ)


def env_of(raw: bytes) -> dict[str, str]:
    """Read what the bytes of ``.env`` say.

    Raises:
        NotText: the bytes are not text.
    """
    found = dotenv_values(stream=io.StringIO(written(raw).text), interpolate=False)
    return {_UNSEEN.sub("", name): _meant(value) for name, value in found.items() if value is not None}


def _meant(value: str) -> str:
    value = value.strip(" \t\u00a0\u200b\u200c\u200d\u2060\ufeff")
    if any(value[:1] in left and value[-1:] in right for left, right in _CURLY if len(value) > 1):
        value = value[1:-1]
    plain = _UNSEEN.sub("", value)
    return plain if plain.isascii() else value  # in a name or a sentence they may be intended
