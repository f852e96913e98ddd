"""What is fuzzed: each target takes any bytes, and raises where what reads them breaks a law.

A law is one of: nothing is raised but what the reader declares; what comes out is bounded and can be written down; the
same input, cut or given another way, gives the same; what was written is read back as it was. How long an input may
take is measured by who calls.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

Check = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Target:
    """One reader of foreign bytes."""

    what: str
    longest_s: float
    """CPU seconds that an input of up to ``MOST_BYTES`` may take."""


MOST_BYTES = 16 * 1024
TARGETS = {
    "graph": Target("the loader and checker of graphs", 0.1),
    "chzzk": Target("CHZZK sessions: engine.io frames, and what chat.parse and chat.filter make of them", 0.05),
    "web_chat": Target("CHZZK's web chat, up to viewer events", 0.05),
    "answers": Target("answers of a language model: events, whole answers, errors", 0.05),
    "sound": Target("speech over HTTP: PCM, WAV, events; and requests to our voice server", 0.05),
    "stage": Target("messages of plugins to the stage", 0.05),
    "avatar": Target("messages of VTube Studio to us", 0.05),
}


def load(name: str) -> Check:
    """The check of a target; imports what it fuzzes."""
    return importlib.import_module(f"tests.fuzz.targets.{name}").check
