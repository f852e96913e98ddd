"""Keeps permissions of VTube Studio in a file: a line ``host:port token`` for each avatar.

A line with only a token, as other programs write it, is tried with any avatar that has no line of its own.
"""

from pathlib import Path

from nodes.phrases import phrase
from nodes.shared_file import replace


class TokenFile:
    """Holds permissions by address; blocking, for use by one node at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, address: str) -> str | None:
        try:
            lines = self._lines()
        except OSError:
            return None
        return lines.get(address) or lines.get("")

    def put(self, address: str, token: str) -> None:
        """Save the token for an address.

        Raises:
            OSError: the file could not be written, or could not be read first: the other permissions would be lost.
        """
        self._write({**self._lines(), address: token})

    def drop(self, address: str, token: str) -> None:
        """Forget a token that was refused.

        Raises:
            OSError: the file could not be written.
        """
        lines = self._lines()
        left = {to: kept for to, kept in lines.items() if not (kept == token and to in (address, ""))}
        if left != lines:
            self._write(left)

    def _lines(self) -> dict[str, str]:
        try:
            text = self._path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return {}
        except UnicodeDecodeError:
            raise OSError(phrase("{file} is not UTF-8 text", file=self._path)) from None
        found: dict[str, str] = {}
        for line in text.splitlines():
            words = line.split()
            if len(words) in (1, 2):
                found["" if len(words) == 1 else words[0]] = words[-1]
        return found

    def _write(self, lines: dict[str, str]) -> None:
        text = "".join(f"{address} {token}\n" if address else f"{token}\n" for address, token in lines.items())
        replace(self._path, text.encode())
