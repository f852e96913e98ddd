"""Reads the environment for ``${NAME}``: the process's own variables, then the file ``.env``."""

import io
import logging
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dotenv import dotenv_values

from nodes.phrases import phrase, reason_of
from nodes.vault import SERVICE, system_vault
from nodes.written import NotText, contents, written
from schemas.graph import GraphError, Problem

_UNSEEN = re.compile("[\u00a0\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Zero-width characters and the no-break space, which get copied along with text from a web page."""
_CURLY = (("\u201c\u201d\u201e\uff02", "\u201c\u201d\uff02"), ("\u2018\u2019\uff07", "\u2018\u2019\uff07"))
"""Curly quotes, which word processors and messengers put in place of straight ones."""

PLACE = re.compile(r"keyring:[0-9a-f]{16}")
"""What stands in ``.env`` for a secret that is in the system's keyring: the name under which it is there."""


def _told(record: logging.LogRecord) -> bool:
    """Say in our words what python-dotenv logs of a line that it passes over."""
    match record.args:
        case (int(line),):
            record.msg = phrase("{file}: line {line} is passed over: it is not NAME=value", file=".env", line=line)
            record.args = None
        case _:
            pass
    return True


logging.getLogger("dotenv.main").addFilter(_told)


def environment(root: Path) -> Mapping[str, str]:
    """Give all variables by name; a variable of the process wins over the line of the same name in ``root/.env``.

    Values of ``.env`` are taken as they are written: ``$`` and ``${...}`` have no meaning in them. Curly quotes
    around a value and zero-width characters, which come along when a key is copied, are removed. A secret that is in
    the system's keyring is read there.

    Raises:
        GraphError: the file or the keyring cannot be read.
    """
    path = root / ".env"
    try:
        found = env_of(contents(path))
    except FileNotFoundError:
        found = {}
    except OSError as error:
        raise GraphError(
            [Problem(str(path), 1, 1, phrase("{file} cannot be read: {why}", file=".env", why=reason_of(error)), "")]
        ) from None
    except NotText as error:
        what = phrase("{file} is not UTF-8 text", file=".env")
        raise GraphError([Problem(str(path), error.line, 1, what, error.remedy)]) from None
    secrets = {name: value for name, value in found.items() if PLACE.fullmatch(value) and name not in os.environ}
    return found | {name: _unlocked(path, name, place) for name, place in secrets.items()} | dict(os.environ)


def _unlocked(path: Path, name: str, place: str) -> str:
    try:
        return _secret(place)
    except Exception as error:
        what = phrase("{name} is in the system's store of passwords, which does not give it", name=name)
        remedy = phrase("unlock it, install requirements-keyring.txt, or enter {name} again", name=name)
        raise GraphError([Problem(str(path), 1, 1, what, remedy)]) from error


@cache
def _secret(place: str) -> str:
    """Read a secret, once a run: what is kept under a name never changes."""
    vault = system_vault()
    secret = None if vault is None else vault.get_password(SERVICE, place)
    if secret is None:
        raise LookupError(place)
    return secret


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
