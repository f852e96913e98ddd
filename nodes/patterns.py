"""Regular expressions that are compiled when they are first used.

Compiling the large ones takes a tenth of a start, and many commands and graphs never use them.
"""

import re
import threading
from collections.abc import Iterable

_ONE_AT_A_TIME = threading.Lock()


class Pattern:
    """A regular expression that is not compiled yet."""

    def __init__(self, text: str, flags: int = 0) -> None:
        self._text = text
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self._text, self._flags)
        return self._compiled


def compile_all(patterns: Iterable[Pattern]) -> None:
    """Compile the patterns in the calling thread; a second thread with the same ones finds them compiled.

    A node that uses them passes this to its ``Preparation``, so that its first event does not hold the event loop.
    """
    with _ONE_AT_A_TIME:
        for pattern in patterns:
            _ = pattern.compiled
