"""Shows what a list stopped of viewers and of the character (``/api/stopped``), and lets it pass (``/api/allow``)."""

from collections.abc import Mapping
from typing import Any

from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.books.ledger import Ledger
from graphs.engine.web.server import LocalWeb
from nodes.phrases import phrase, reason_of, said_by
from nodes.services import Stopped

SHOWN = 5
LONGEST = 300
"""Show at most this many characters of a text."""


def serve_stopped(ledger: Ledger, web: LocalWeb) -> DisposableBase:
    """Serve both addresses until disposed; what viewers wrote is shown on this machine only."""

    def shown(_: Mapping[str, str]) -> list[dict[str, Any]]:
        return stopped(ledger, SHOWN) if web.local else []

    return CompositeDisposable(
        web.get("/api/stopped", shown), web.post("/api/allow", lambda said: allow(ledger, said.get("id")))
    )


def stopped(ledger: Ledger, most: int) -> list[dict[str, Any]]:
    """List what a list stopped last, newest first: viewer events that were not withdrawn, and sentences of answers.

    The ``author`` of a sentence of the character is None.
    """
    found: list[dict[str, Any]] = []
    for id_, by in reversed(ledger.stops.items()):
        said = _said(ledger, id_)
        if said is not None and len(found) < most:
            author, text = said
            found.append({"id": id_, "author": author, "text": text[:LONGEST], **reported(by)})
    return found


def _said(ledger: Ledger, id_: str) -> tuple[str | None, str] | None:
    """Return who said what, None for the character; None if it was withdrawn or is too old."""
    if (text := ledger.unsaid.get(id_)) is not None:
        return None, text
    came = ledger.recent.get(id_)
    return (came.event.author, came.event.text) if came is not None else None


def reported(by: Stopped) -> dict[str, Any]:
    """Return the word, the list it is in, and whether one click can allow what was said."""
    return {"word": by.word, "by": by.by, "can_allow": by.allow is not None}


def allow(ledger: Ledger, event_id: object) -> dict[str, Any]:
    """Add what was said to the list of what passes.

    Raises:
        ValueError: ``event_id`` is not text.
    """
    if not isinstance(event_id, str):
        raise ValueError(phrase("{field}: it must be text.", field="id"))
    by = ledger.stops.get(event_id)
    if by is None or _said(ledger, event_id) is None:
        return {"done": False, "note": phrase("That is too old, or was deleted.")}
    if by.allow is None:
        note = phrase("This filter has no list. Write a file as banned_words into the graph.")
        return {"done": False, "note": note}
    try:
        return {"done": True, "said": list(by.allow())}
    except OSError as error:
        return {"done": False, "note": phrase("The list could not be written: {why}", why=reason_of(error))}
    except ValueError as error:
        return {"done": False, "note": said_by(error)}
