"""The player behind ``audio.play``: queues speech, feeds the output, reports what was heard."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator

import numpy as np
from numpy.typing import NDArray

from nodes.audio._cushion import Cushion
from nodes.audio._ladder import OutputLadder
from nodes.audio._loudness import Loudness, level
from nodes.audio._outputs import AHEAD_S, RATE
from nodes.audio._rate import Rate
from nodes.audio._recorder import Recorder
from nodes.audio._settings import Play
from nodes.audio._tape import Tape
from nodes.audio._timeline import Timeline
from nodes.audio._track import Track
from nodes.phrases import phrase
from nodes.services import Clock, Files, Jobs, Log, Web
from schemas.chat import Donation, ViewerEvent
from schemas.event import Event
from schemas.playback import Heard, Level, Muted, Stop
from schemas.speech import Speech, SpeechChunk, SpeechEnded, SpeechStarted

TICK_S = 1 / 60
"""The same interval as the movements of the mouth."""
TEND_S = 0.5
LEVEL_FRAMES = RATE // 50
SHORTEST_CAPTION_S = 1.0


class Player:
    """Plays one voice. ``feed`` takes speech, ``play`` advances it, ``tend`` does what may block.

    Positions count samples at ``RATE`` since the start: ``_heard`` <= ``_sent`` <= ``_track.end``.
    """

    def __init__(
        self,
        config: Play,
        track: Track,
        timeline: Timeline,
        clock: Clock,
        jobs: Jobs,
        web: Web,
        files: Files,
        log: Log,
    ) -> None:
        """
        Args:
            track: the sound that is queued; with ``timeline``, which says what it means, it survives a reload.
        """
        self._config = config
        self._clock = clock
        self._jobs = jobs
        self._log = log
        self._cushion = Cushion(config.prebuffer_ms)
        self._ladder = OutputLadder(config.device, self._cushion.floor_ms, clock, jobs, web, log)
        self._track = track
        self._timeline = timeline
        self._heard = self._sent = self._base = timeline.played
        recorder = Recorder(files.session, RATE, clock, jobs, log, self._heard) if config.record else None
        self._tape = Tape(recorder, track, clock)
        self._outbox: deque[Event] = deque()
        self._awake = asyncio.Event()
        self._gain = 1.0
        self._loudness = Loudness(config, clock)
        self._boundary = True
        self._loud = False
        self._last = clock.now()
        self._rate = Rate(RATE)
        self._completing = False
        self._fed = False

    async def feed(self, event: Speech) -> AsyncIterator[Event]:
        """Queue one event of speech; waits while enough is queued."""
        if event.turn in self._timeline.yielded:
            return
        self._last = self._clock.now()
        match event:
            case SpeechStarted():
                self._flush()
                if self._timeline.follows(event.turn):
                    self._pause(event.turn)
                self._timeline.begin(event.turn, event.sentence, event.text)
                self._cushion.begin()
            case SpeechChunk():
                self._timeline.turn(event.turn)
                self._append(self._rate.take(event.samples, event.rate))
            case SpeechEnded():
                self._timeline.turn(event.turn)
                self._flush()
                text = self._timeline.silent(event.turn, event.sentence)
                if text:
                    seconds = max(SHORTEST_CAPTION_S, len(text) * self._config.caption_s_per_char)
                    self._append(np.zeros(int(seconds * RATE), np.float32))
                self._timeline.end()
                self._cushion.end(self._clock.now())
                if event.last:
                    self._timeline.end_turn()
            case _:
                raise TypeError(f"not speech: {event!r}")
        self._advance()
        self._awake.set()
        for out in self._publish():
            yield out
        while self._track.end - self._heard > AHEAD_S * RATE:
            await self._jobs.sleep(TICK_S)

    async def play(self) -> AsyncIterator[Event]:
        """Advance until the inputs have completed and everything queued was heard, then close everything.

        A turn of which more is to come is not over: the node that takes this one's place goes on with it.
        """
        try:
            while True:
                self._awake.clear()
                self._advance()
                for event in self._publish():
                    yield event
                if self._fed and self._heard == self._track.end:
                    return
                if self._timeline.busy:
                    await self._jobs.sleep(TICK_S)
                else:
                    await self._awake.wait()
        finally:
            await self._close()

    async def tend(self) -> AsyncIterator[Event]:
        """Open devices and write the recording until the inputs complete; every call that may block is here."""
        while not self._completing:
            await self._ladder.tend(idle=not self._timeline.busy)
            await self._tape.tend()
            for event in self._publish():
                yield event
            await self._jobs.sleep(TEND_S)

    def complete(self) -> None:
        """Note that no more events will come; those that came are still being fed."""
        self._completing = True
        self._awake.set()

    def fed(self) -> None:
        """Note that the last event that this node gets is queued."""
        self._flush()
        self._cushion.end(self._clock.now())
        self._fed = True
        self._awake.set()

    def alert(self, event: ViewerEvent) -> None:
        """Note that the sound of a donation alert is about to be heard from elsewhere."""
        if isinstance(event, Donation):
            self._loudness.alert()

    def mute(self, muted: Muted) -> None:
        """Mute at once, or unmute; time goes on as if nothing had happened."""
        self._loudness.mute(muted.muted)
        self._awake.set()

    def stop(self, stop: Stop) -> None:
        """Cut off a turn, whether it is being heard, queued or still to come: at once, or after its sentence."""
        self._advance()
        if stop.after_sentence:
            self._timeline.make_room(stop.turn, by_host=stop.by_host)
            self._make_room()
        else:
            self._cut(stop.turn, by_host=stop.by_host)
        self._awake.set()

    def _make_room(self) -> None:
        """Cut off a turn whose sentence has ended, if it was to make room for another one."""
        if (turn := self._timeline.due) is not None:
            self._cut(turn, yielded=True)

    def _cut(self, turn: str, *, yielded: bool = False, by_host: bool = False) -> None:
        if self._timeline.turn_arriving == turn:
            self._rate.drop()
        told, gone = self._timeline.stop(turn, self._heard, yielded=yielded, by_host=by_host)
        self._outbox += told
        if len(gone):
            self._track.remove(gone.start, gone.stop)
            if self._sent > gone.start:
                self._ladder.cut(self._gain)
                self._base = self._heard - self._ladder.output.played()
                self._sent = self._heard
            self._cushion.cut(self._clock.now(), (self._track.end - self._heard) / RATE)
        for event in told:
            self._tape.told(self._heard, event)

    def dispose(self) -> None:
        self._ladder.dispose()

    def _publish(self) -> Iterator[Event]:
        """Emit from one queue, which keeps the order: several jobs emit, and any of them may have to wait."""
        while self._outbox:
            yield self._outbox.popleft()

    def _advance(self) -> None:
        """Bring everything up to date; never waits."""
        before = self._heard
        self._heard = max(self._heard, min(self._sent, self._base + self._ladder.output.played()))
        self._tape.heard(before, self._heard)
        self._measure(before)
        happened = self._timeline.advance(self._heard)
        ended = any(isinstance(event, Heard) and event.ended for _, event in happened)
        self._boundary = ended or not self._timeline.within
        for position, event in happened:
            self._tape.told(position, event)
            self._outbox.append(event)
        self._make_room()
        self._shut(before)
        self._give_up(before)
        if self._timeline.busy:
            self._send()
        self._track.forget(self._heard - LEVEL_FRAMES)

    def _measure(self, before: int) -> None:
        if self._heard > before:
            at = self._heard + self._config.lead_ms * RATE // 1000
            samples = self._track.cut(at - LEVEL_FRAMES, at)
            self._outbox.append(level(samples, self._gain, self._timeline.where(at)))
            self._loud = True

    def _shut(self, before: int) -> None:
        """Report once that nothing is heard any more."""
        waiting = self._heard == before or not self._timeline.arriving
        if self._loud and waiting and self._heard == self._track.end:
            self._outbox.append(Level(rms=0.0))
            self._loud = False
            self._tape.idle()
            self._ladder.tell_underruns()

    def _give_up(self, before: int) -> None:
        """End a turn that has received nothing for long: its source is gone, and the show is waiting for its end."""
        if self._heard > before:
            self._last = self._clock.now()
        silent = self._clock.now() - self._last
        if self._timeline.open and self._heard == self._track.end and silent >= self._config.silence_timeout_s:
            waited = f"{silent:.0f}"
            self._log.warning(phrase("No voice came for {seconds} s: the answer ends here.", seconds=waited))
            self._flush()
            self._timeline.end_turn()

    def _send(self) -> None:
        """Send the current output what it has room for, including what another output did not play."""
        self._gain = self._loudness.gain()
        changed = self._ladder.choose(self._boundary, self._gain)
        output = self._ladder.output
        if changed:
            self._base = self._heard - output.played()
            self._sent = self._heard
        output.set_gain(self._gain)
        room = output.room
        begun = self._cushion.open(self._clock.now())
        end = self._track.end if begun else self._timeline.settled
        if room > 0 and self._sent < end:
            self._sent += output.write(self._track.cut(self._sent, min(end, self._sent + room)))
        if self._sent == end and not (begun and self._timeline.arriving and not self._fed):
            output.finish()

    def _append(self, samples: NDArray[np.float32]) -> None:
        if len(samples):
            self._cushion.add(self._clock.now(), len(samples) / RATE, (self._track.end - self._heard) / RATE)
            self._track.append(samples)
            self._timeline.add(len(samples))

    def _pause(self, turn: str) -> None:
        """Queue the silence between two turns."""
        silence = np.zeros(int(self._config.turn_pause_s * RATE), np.float32)
        self._cushion.pause(self._clock.now(), self._config.turn_pause_s)
        self._track.append(silence)
        self._timeline.pause(turn, len(silence))

    def _flush(self) -> None:
        self._append(self._rate.rest())

    async def _close(self) -> None:
        await self._ladder.close()
        await self._tape.close(self._heard, self._timeline.saying)
