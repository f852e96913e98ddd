"""Adds the variables of another ``.env`` to this one, without showing any value."""

import re
from collections.abc import Collection, Mapping

from graphs.engine.language.env import env_of
from nodes.phrases import phrase

DAY = "CHZZK_ACCESS_TOKEN"
"""A token that is used instead of the login, and lasts a day: it is added as a comment."""
LOGIN = "python aischoco.py login"
_UNREAD = "# ---- 아직"
"""Where .env.example begins to list the names that nothing reads yet."""


def merged(here: str, theirs: Mapping[str, str], known: Collection[str]) -> tuple[str, list[str]]:
    """Return the text of ``.env`` with the variables that it lacks or has no value for, and what to say of it.

    Args:
        theirs: the variables of the other file.
        known: the names that this program reads.
    """
    mine = env_of(here.encode())
    new = {name: value for name, value in theirs.items() if value and name != DAY and not mine.get(name)}
    text = here
    for name, value in new.items():
        line = f"{name}={_quoted(value)}"
        text, found = re.subn(rf"(?m)^(?:export )?{re.escape(name)}[ \t]*=[ \t]*$", lambda _, line=line: line, text)
        text = text if found else _with(text, line)
    told: list[str] = [phrase("Added: {names}.", names=", ".join(new)) if new else phrase("There is no new name.")]
    if theirs.get(DAY) and DAY not in text:
        text = _with(text, "# 하루면 끝나는 토큰입니다. 대신 python aischoco.py login 을 쓰세요")
        text = _with(text, f"#{DAY}={_quoted(theirs[DAY])}")
        told.append(
            phrase("{name}: lasts a day, so it is kept as a comment. Please log in: {command}", name=DAY, command=LOGIN)
        )
    if kept := [name for name, value in theirs.items() if mine.get(name) and value and mine[name] != value]:
        told.append(phrase("Left as they are, with other values: {names}.", names=", ".join(kept)))
    if unread := [name for name in new if name not in known]:
        told.append(phrase("Not read by this program yet: {names}.", names=", ".join(unread)))
    return text, told


def names_read(example: str) -> set[str]:
    """Return the names that ``.env.example`` explains as read."""
    return set(re.findall(r"(?m)^#?([A-Z][A-Z0-9_]*)=", example.partition(_UNREAD)[0]))


def _with(text: str, line: str) -> str:
    return text + ("\n" if text and not text.endswith("\n") else "") + line + "\n"


def _quoted(value: str) -> str:
    """Write a value so that reading the file gives the same one."""
    if re.fullmatch(r"[\w./:@%+,~-]+", value, re.ASCII):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
