"""What the operator should hear of, even away from the screen."""

from dataclasses import dataclass
from typing import Literal

AlarmKind = Literal["node", "chat", "quota"]
"""A node that fails again and again; the chat, which is not received; a day's quota, of which little is left."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that began, or is over."""

    kind: AlarmKind
    node: str
    text: str
    """In the operator's language, without secrets."""
    over: bool = False
