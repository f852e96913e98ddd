"""Reads what a person at the dock orders for the chat of CHZZK, and makes what the page shows: without I/O."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nodes.chat._chzzk.wire import readable
from nodes.chat._chzzk.writes import NOTICE_LIMIT
from nodes.phrases import phrase
from nodes.services import Json
from nodes.text import clean
from schemas.chat import ChatMessage

SHOWN = 8
"""How many lines a page shows."""
LONGEST, LONGEST_NAME = 200, 40


@dataclass(slots=True)
class Order:
    """What a person wants, and the answer to the page."""

    name: str
    """``notice``, ``shield``, ``hide`` or ``rest``."""
    answer: "asyncio.Future[Json]"
    text: str = ""
    to: bool = False
    line: ChatMessage | None = None

    def tell(self, *, done: bool, note: str = "") -> None:
        """Answer the page, unless it was answered already or is gone."""
        if not self.answer.done():
            self.answer.set_result({"done": done, **({"note": note} if note else {})})


def read(said: Mapping[str, Any], lines: Sequence[ChatMessage]) -> Order:
    """Read an order strictly, on a running loop.

    Args:
        lines: those that can be meant.

    Raises:
        ValueError: it is not one; the text says what it must be.
    """
    order = Order(str(said.get("order")), asyncio.get_running_loop().create_future())
    match order.name:
        case "notice":
            order.text = " ".join(readable(said.get("text"), NOTICE_LIMIT + 1).split())
            if not 0 < len(order.text) <= NOTICE_LIMIT:
                raise ValueError(phrase("text: write 1 to {most} characters.", most=NOTICE_LIMIT))
        case "shield":
            if not isinstance(said.get("to"), bool):
                raise ValueError(phrase("to: must be true or false."))
            order.to = said["to"] is True
        case "hide" | "rest":
            order.line = next((line for line in lines if line.id == said.get("id")), None)
            if order.line is None:
                raise ValueError(phrase("This line is not in the chat any more."))
        case _:
            raise ValueError(phrase("order: must be notice, shield, hide or rest."))
    return order


def shown(lines: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """Return the newest lines for a page, the newest first; a manager cannot be made to rest."""
    return [
        {
            "id": line.id,
            "user": clean(line.author)[:LONGEST_NAME],
            "message": clean(line.text)[:LONGEST],
            "manager": line.role == "manager",
        }
        for line in [*lines][: -SHOWN - 1 : -1]
    ]
