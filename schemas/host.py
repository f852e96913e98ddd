"""Defines what the streamer says: whose turn it is to speak, the sound of what was said, and what was not taken."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from schemas.event import Event, Moment, Overflow

UTTERANCE_RATE = 16_000
"""Samples a second of an utterance: what every recogniser takes."""
HostState = Literal["speaking", "holding", "yielded"]
"""``holding``: silent for a moment, but most likely not done; ``yielded``: done."""
IgnoredWhy = Literal["name", "noise", "echo", "failed"]
"""``name``: the character was not called; ``noise``: nobody spoke, or nothing was understood; ``echo``: it was our own
voice; ``failed``: no recogniser answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTurn(Event):
    """Whether the streamer is speaking; repeated every second while she is."""

    state: HostState
    at: Moment
    """When it became so, in seconds since the run started (``Clock.now``)."""
    utterance: str = ""
    """With ``yielded``: the utterance whose words are still to come; empty if there is none."""

    overflow: ClassVar[Overflow] = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance(Event):
    """What the streamer said in one go, from a moment before its first sound on."""

    id: str
    samples: NDArray[np.int16] = field(repr=False)
    """Mono, at ``UTTERANCE_RATE``."""
    began: Moment
    """When its first sound was heard, in seconds since the run started."""
    ended: Moment
    voiced_s: float = 0.0
    """Seconds in it that sound like a voice."""
    overlapped_s: float = 0.0
    """Seconds of it during which the character was heard, too."""
    called: bool = True
    """Whether it is meant for the character whatever its words are: the key was held, or every word is."""
    saying: str = ""
    """What the character said meanwhile, by which an echo of it is known."""
    follows: str = ""
    """The utterance before it, of which it is the next part: she speaks on for long; empty for any other."""

    capacity: ClassVar[int] = 4

    @property
    def seconds(self) -> float:
        return len(self.samples) / UTTERANCE_RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored(Event):
    """Something that was heard and not taken for the streamer speaking to the character."""

    utterance: str
    """``Utterance.id``; empty if it never became one."""
    why: IgnoredWhy
    at: Moment
    """In seconds since the run started."""
    text: str = ""
    """What was understood, if anything."""

    capacity: ClassVar[int] = 32


MicMode = Literal["off", "hold", "name", "open"]
"""``off``: nothing is heard, and the device is closed; ``hold``: while a key is held; ``name``: what calls the
character by name; ``open``: everything."""
MIC_MODES: tuple[MicMode, ...] = ("off", "hold", "name", "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class MicOrder(Event):
    """What the operator wants of the microphone; None leaves it as it is."""

    mode: MicMode | None = None
    held: bool | None = None
    """Whether the key is held."""
    for_s: float | None = None
    """The key is released by itself after this long unless it is ordered again to be held; None: as ``listen.mic`` is
    set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MicState(Event):
    """How it is with the microphone now, for the operator."""

    mode: MicMode
    device: str = ""
    """Its name; empty while none is open."""
    rms: float = 0.0
    """Its loudness, 0..1."""
    threshold: float = 0.0
    """What is not louder than this is not taken for the streamer: our own sound may reach the microphone."""
    voice: float = 0.0
    """How sure it is that somebody speaks, 0..1."""
    state: HostState = "yielded"
    held: bool = False
    """Whether the key is held."""
    recorded: bool = False
    """Whether what she says is written to disk."""
    trouble: str = ""
    """What is wrong, for the operator; empty if nothing is."""

    overflow: ClassVar[Overflow] = "latest"
