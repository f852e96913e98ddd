"""Gives the recording what was heard, where there is one."""

from nodes.audio._recorder import Recorder
from nodes.audio._track import Track
from nodes.services import Clock
from schemas.playback import Heard, Speaking


class Tape:
    """Follows the playing position: sound, pauses and captions go where they were heard."""

    def __init__(self, recorder: Recorder | None, track: Track, clock: Clock) -> None:
        self._recorder = recorder
        self._track = track
        self._clock = clock
        self._idle_since: float | None = None

    def heard(self, before: int, now: int) -> None:
        """Record the samples that were heard from position ``before`` up to ``now``."""
        if self._recorder is not None and now > before:
            if self._idle_since is not None:
                self._recorder.pause(self._clock.now() - self._idle_since)
                self._idle_since = None
            self._recorder.sound(self._track.cut(before, now))

    def idle(self) -> None:
        """Note that nothing is heard from now on."""
        self._idle_since = self._clock.now()

    def told(self, position: int, event: Heard | Speaking) -> None:
        """Begin or end a caption at a position."""
        if self._recorder is not None and isinstance(event, Heard):
            if event.ended:
                self._recorder.end(position, event.text)
            elif event.fraction == 0.0:
                self._recorder.begin(position)

    async def tend(self) -> None:
        if self._recorder is not None:
            await self._recorder.tend()

    async def close(self, position: int, saying: str | None) -> None:
        """Close the files; the caption of what is being said ends here, although more of it is to come."""
        if self._recorder is not None:
            if saying is not None:
                self._recorder.end(position, saying)
            await self._recorder.close()
