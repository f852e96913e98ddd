"""Reads what a query of the API asks for; what is wrong with it is a ``ValueError`` for the client."""

from collections.abc import Mapping

from graphs.engine.web.server import LocalWeb
from nodes.phrases import phrase


def only_here(web: LocalWeb) -> None:
    """Refuse where another machine can reach the server."""
    if not web.local:
        text = phrase(
            "what viewers wrote and the settings are shown on this machine only; set OVERLAY_HOST to 127.0.0.1 to see "
            "them"
        )
        raise ValueError(text)


def word(query: Mapping[str, str], name: str) -> str:
    """Return a value that must be given."""
    found = query.get(name, "")
    if not found:
        raise ValueError(phrase("give {name}, as in ?{name}=...", name=name))
    return found


def number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return a whole number, at most ``most``."""
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise ValueError(phrase("{name} must be a whole number, not {value}", name=name, value=repr(text)))
    return min(int(text), most)
