"""Reads and writes marbles: a line of text in which a letter is an event and its position is its time, ``-a--(bc)``.

A character is ``TICK_S``; ``-`` is no event, ``(bc)`` are events at one time (the group takes one character of time),
spaces are ignored.
"""

from collections.abc import Iterable

from nodes.phrases import phrase

TICK_S = 0.1
SIGNS = "-()"

Beat = tuple[int, str]
"""(tick from 0, letter)"""


def read(text: str) -> list[Beat]:
    """Read the letters of a line with their ticks.

    Raises:
        ValueError: a parenthesis has no match.
    """
    found: list[Beat] = []
    tick, inside = 0, False
    for sign in text:
        if sign.isspace():
            continue
        if sign in "()":
            if inside == (sign == "("):
                raise ValueError(phrase("{sign} without its other half in {text}", sign=repr(sign), text=repr(text)))
            inside = sign == "("
        elif sign != "-":
            found.append((tick, sign))
        tick += not inside
    if inside:
        raise ValueError(phrase("{sign} without its other half in {text}", sign="'('", text=repr(text)))
    return found


def length(text: str) -> int:
    """Count the ticks of a line that ``read`` accepts."""
    inside, ticks = False, 0
    for sign in text:
        if not sign.isspace():
            inside = sign == "(" or (inside and sign != ")")
            ticks += not inside
    return ticks


def write(beats: Iterable[Beat]) -> str:
    """Write the shortest line for which ``read`` gives these beats, in order of time."""
    groups: dict[int, str] = {}
    for tick, letter in beats:
        groups[tick] = groups.get(tick, "") + letter
    line, at = "", 0
    for tick in sorted(groups):
        letters = groups[tick]
        line += "-" * (tick - at) + (letters if len(letters) == 1 else f"({letters})")
        at = tick + 1
    return line
