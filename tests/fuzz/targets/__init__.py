"""Lists what is fuzzed: each target takes any bytes, and raises if the code that reads them breaks a law.

A law is one of: nothing is raised but what the reader declares; the output is bounded and can be written to a file; the
same input, cut or given differently, gives the same output; what was written is read back unchanged. The caller
measures how long an input takes.
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
    "answers": Target("answers of a language model: events, whole answers, errors; each twice", 0.1),
    "sound": Target("speech over HTTP: PCM, WAV, events; and requests to our voice server", 0.05),
    "stage": Target("messages of plugins to the stage", 0.05),
    "strangers": Target("whoever connects to the stage without being allowed: pages, programs, their questions", 0.1),
    "avatar": Target("messages of VTube Studio to us", 0.05),
    "vts": Target("a whole connection to VTube Studio: login, inputs, movements, its end", 0.1),
    "pages": Target("what the overlay and the dock show, and what their pages say", 0.1),
    "saved": Target("files of the program's own: overlay, journal, memory, logins", 0.1),
    "config": Target("files that a person writes: .env, persona, replies, topics, words, poses", 0.2),
    "recording": Target("recordings of a chat", 0.1),
    "sample": Target("recordings of a voice", 0.2),
    "rest": Target("answers of CHZZK and of a web search to our requests, and datagrams of VTube Studio", 0.05),
}


def load(name: str) -> Check:
    """Return the check of a target; imports the code that it fuzzes."""
    return importlib.import_module(f"tests.fuzz.targets.{name}").check
