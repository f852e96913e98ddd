"""The lights that tell the operator, before and during a show, whether what it depends on is there."""

from dataclasses import dataclass
from typing import Literal

Light = Literal["chat", "reply", "voice", "avatar", "obs"]
LIGHTS: tuple[Light, ...] = ("chat", "reply", "voice", "avatar", "obs")
"""In the order in which pages show them."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How it is with one thing that a node depends on."""

    state: Literal["good", "waiting", "bad", "none"]
    """``none``: the graph does without it."""
    text: str = ""
    """What is so, and what to do about it; empty where the state says everything."""
