"""The marks of a block of code around an answer, left out of it."""

import re

_FENCE = re.compile(r"```[A-Za-z]*\s?")
_OPEN = re.compile(r"(?:`{1,2}|```[A-Za-z]*)\Z")


class Fences:
    """Takes text as it comes and gives it back without the marks of blocks of code."""

    def __init__(self) -> None:
        self._held = ""
        """What may become such a mark."""

    def push(self, text: str, *, ended: bool = False) -> str:
        """Return what is certain.

        Args:
            ended: nothing more comes.
        """
        data, self._held = self._held + text, ""
        if "`" not in data:
            return data
        open_ = None if ended else _OPEN.search(data)
        if open_:
            data, self._held = data[: open_.start()], open_[0]
        return unfenced(data)


def unfenced(text: str) -> str:
    """Remove these marks from a whole text."""
    return _FENCE.sub("", text)
