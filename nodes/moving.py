"""``@takes_over``: registers how a file of the original AIsChoco becomes one of this program (``init --from``)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The text of a file as this program reads it."""

    text: str
    lines: tuple[str, ...] = ()
    """What a person should know of it, in Korean; never a secret."""


TakeOver = Callable[[str, str], TakenOver]
"""Makes the new text of (text of the other program, text here or empty); ValueError: it is no such file."""
takers: dict[str, TakeOver] = {}
"""Path of the file here -> what makes it; complete after ``load_all``. Other files are copied as they are."""
Taking = TypeVar("Taking", bound=TakeOver)


def takes_over(path: str) -> Callable[[Taking], Taking]:
    """Register a function as what makes the file at ``path``, relative to the project folder."""

    def register(make: Taking) -> Taking:
        takers[path] = make
        return make

    return register
