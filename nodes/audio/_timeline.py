"""Maps played samples to what a listener has heard: pure bookkeeping, without a clock or a device."""

from collections import deque
from dataclasses import dataclass

from schemas.playback import Heard, Speaking

SECONDS_PER_CHARACTER = 0.13
"""Estimates the length of Korean speech while a sentence is still arriving: 6 to 8 syllables a second, and pauses."""

YIELDED = 64
UNNOTICED_S = 0.25
"""A turn of which no more than this was heard was not understood."""


@dataclass(slots=True)
class _Sentence:
    turn: str
    index: int
    text: str
    begin: int
    lead: int = 0
    """Silence before it that belongs to it."""
    frames: int = 0
    complete: bool = False
    shown: bool = False
    reported: int = 0
    fraction: float = 0.0

    def heard(self, fraction: float, ended: bool = False) -> Heard:
        self.fraction = max(self.fraction, fraction)
        return Heard(turn=self.turn, sentence=self.index, text=self.text, fraction=self.fraction, ended=ended)


class Timeline:
    """Remembers where sentences and turns begin and end, and says what a playing position means.

    Positions count samples since the start, also beyond a reload of the node: a turn that was being said goes on then.
    Turns never overlap: a turn's ``Speaking`` True comes after the False of the previous turn, although its sound may
    already be queued.
    """

    def __init__(self, rate: int, report_s: float = 0.1) -> None:
        self._rate = rate
        self._report = int(rate * report_s)
        self._marks: deque[_Sentence | Speaking] = deque()
        self._turn: str | None = None
        self._arriving: _Sentence | None = None
        self._told = 0
        self._lead = 0
        self._on: str | None = None
        """The turn that is on and of which it was not told how much is left."""
        self._sounded: str | None = None
        """The turn of which a sentence was last heard."""
        self._yielding: str | None = None
        self._by_host = False
        """Whether that turn makes room because the streamer speaks."""
        self._past = 0
        """Samples of the sentences of the turn that is on which are over."""
        self.yielded: deque[str] = deque(maxlen=YIELDED)
        """The turns that made room lately: what still comes of them is not said."""
        self.queued = 0
        """Total samples queued, which is the position of the next one."""
        self.played = 0
        """How many samples were heard when it last advanced."""

    @property
    def busy(self) -> bool:
        """Whether a turn is active: it speaks, or more of it is expected."""
        return self.open or bool(self._marks)

    @property
    def open(self) -> bool:
        """Whether a turn has begun and is not known to have all its sentences."""
        return self._turn is not None

    @property
    def arriving(self) -> bool:
        """Whether a sentence has begun and more of its sound may come."""
        return self._arriving is not None

    @property
    def turn_arriving(self) -> str | None:
        """The turn whose sentence has begun and may still get more sound."""
        return None if self._arriving is None else self._arriving.turn

    @property
    def settled(self) -> int:
        """The position where the arriving sentence begins, or else where the next one will."""
        return self._arriving.begin if self._arriving is not None else self.queued

    @property
    def within(self) -> bool:
        """Whether a sentence is being heard right now."""
        head = self._marks[0] if self._marks else None
        return isinstance(head, _Sentence) and head.shown

    @property
    def saying(self) -> str | None:
        """The text of the sentence that is being heard right now."""
        head = self._marks[0] if self._marks else None
        return head.text if isinstance(head, _Sentence) and head.shown else None

    def follows(self, turn: str) -> bool:
        """Whether a turn that begins now comes right behind one that is still being said."""
        return self._turn != turn and any(mark.turn != turn for mark in self._marks)

    @property
    def due(self) -> str | None:
        """The turn that makes room, once its sentence is over and there would be more of it; None until then."""
        turn, head = self._yielding, self._marks[0] if self._marks else None
        if turn is None or turn != self._sounded or self.within:
            return None
        more = isinstance(head, _Sentence) and head.turn == turn
        return turn if more or (head is None and self._turn == turn) else None

    def make_room(self, turn: str, *, by_host: bool = False) -> None:
        """Let a turn be ``due`` after the sentence that is being heard, or its first one if none was heard yet."""
        self._yielding, self._by_host = turn, by_host

    def turn(self, turn: str) -> None:
        """Note an event of a turn; a previous turn that never ended ends here."""
        if self._turn != turn:
            self.end_turn()
            self._turn = turn
            self._marks.append(Speaking(turn=turn, speaking=True))

    def begin(self, turn: str, index: int, text: str) -> None:
        """Begin a sentence."""
        self.turn(turn)
        self.end()
        self._arriving = _Sentence(turn, index, text, self.queued, self._lead, reported=self.queued)
        self._lead = 0
        self._marks.append(self._arriving)

    def pause(self, turn: str, frames: int) -> None:
        """Note that this much silence was queued before the first sentence of a turn."""
        self.turn(turn)
        self._lead = frames
        self.queued += frames

    def add(self, frames: int) -> None:
        """Note that this much sound of the sentence was queued."""
        if self._arriving is not None:
            self._arriving.frames += frames
        self.queued += frames

    def silent(self, turn: str, index: int) -> str | None:
        """Return the text of the sentence if it is arriving and has no sound so far."""
        now = self._arriving
        return now.text if now and (now.turn, now.index) == (turn, index) and not now.frames else None

    def end(self) -> None:
        """Note that the sentence has all its sound. One that got none, because its voice went away, leaves no trace."""
        sentence, self._arriving = self._arriving, None
        if sentence is not None:
            sentence.complete = True
            if not sentence.frames:
                self._marks.remove(sentence)

    def end_turn(self) -> None:
        """Note that the turn has all its sentences."""
        self.end()
        if self._turn is not None:
            self._marks.append(Speaking(turn=self._turn, speaking=False))
            self._turn = None

    def where(self, position: int) -> tuple[str, int, float] | None:
        """Return the turn, the sentence and the seconds within it of the sound at a position."""
        for mark in self._marks:
            if isinstance(mark, _Sentence) and mark.begin < position <= mark.begin + mark.frames:
                return mark.turn, mark.index, (position - mark.begin) / self._rate
        return None

    def stop(
        self, turn: str, played: int, *, yielded: bool = False, by_host: bool = False
    ) -> tuple[list[Speaking | Heard], range]:
        """Cut off a turn; return what to report to its listeners, and which samples must no longer be played.

        It may have ``yielded`` to another one, or the streamer speaks. ``played`` samples were heard, and ``advance``
        was called with that number. The samples are removed: positions behind them move up.
        """
        mine = [mark for mark in self._marks if mark.turn == turn]
        if not mine and self._turn != turn:
            return [Speaking(turn=turn, speaking=False)], range(0)
        by_host |= yielded and self._by_host
        share = self._share(turn, played) if by_host else None
        sentences = [mark for mark in mine if isinstance(mark, _Sentence)]
        told: list[Speaking | Heard] = [
            mark.heard(min(self._fraction(mark, played - mark.begin), 0.999), ended=True)
            for mark in sentences
            if mark.shown
        ]
        told.append(Speaking(turn=turn, speaking=False, yielded=yielded and not by_host, heard=share))
        if yielded:
            self.yielded.append(turn)
        if self._turn == turn:
            self._turn = self._arriving = None
        self._marks = deque(mark for mark in self._marks if mark.turn != turn)
        if not sentences:
            return told, range(0)
        begin = max(played, sentences[0].begin - sentences[0].lead)
        gone = range(begin, max(begin, sentences[-1].begin + sentences[-1].frames))
        for mark in self._marks:
            if isinstance(mark, _Sentence) and mark.begin >= gone.stop:
                mark.begin -= len(gone)
                mark.reported -= len(gone)
        self.queued -= len(gone)
        return told, gone

    def advance(self, played: int) -> list[tuple[int, Speaking | Heard]]:
        """Return what became true by the time ``played`` samples were heard, each with the position where it did."""
        self.played = played
        found: list[tuple[int, Speaking | Heard]] = []
        while self._marks and self.due is None:
            head = self._marks[0]
            if isinstance(head, Speaking):
                self._marks.popleft()
                self._on = head.turn if head.speaking else None
                self._past = 0
                found.append((self._told, head))
                continue
            end = head.begin + head.frames
            if not head.shown:
                if played <= head.begin and not (head.complete and not head.frames):
                    break
                head.shown = True
                self._sounded = head.turn
                self._told = head.begin
                found.append((self._told, head.heard(0.0)))
            if head.complete and played >= end:
                self._marks.popleft()
                self._told = end
                self._past += head.frames
                found.append((self._told, head.heard(1.0, ended=True)))
                continue
            if played - head.reported >= self._report:
                head.reported = self._told = played
                found.append((played, head.heard(self._fraction(head, played - head.begin))))
            break
        if (ending := self._ending(played)) is not None:
            found.append((played, ending))
        return found

    def _ending(self, played: int) -> Speaking | None:
        """Return how much is left of the turn that is on, once: when all its sound is there."""
        mine = [mark for mark in self._marks if mark.turn == self._on]
        if not mine or not isinstance(mine[-1], Speaking):
            return None
        end = max((mark.begin + mark.frames for mark in mine if isinstance(mark, _Sentence)), default=played)
        turn, self._on = mine[-1].turn, None
        return Speaking(turn=turn, speaking=True, left_s=max(0, end - played) / self._rate)

    def _share(self, turn: str, played: int) -> float:
        """Return what share of a turn was heard; of one that is still being made, one more sentence is expected."""
        sentences = [mark for mark in self._marks if isinstance(mark, _Sentence) and mark.turn == turn]
        heard = self._past + sum(max(0, min(mark.frames, played - mark.begin)) for mark in sentences if mark.shown)
        if heard <= UNNOTICED_S * self._rate:
            return 0.0
        whole = float(self._past)
        for mark in sentences:
            guess = 0.0 if mark.complete else len(mark.text) * SECONDS_PER_CHARACTER * self._rate
            whole += max(mark.frames, guess)
        if self._turn == turn and not (sentences and not sentences[-1].complete):
            whole += whole / max(1, len(sentences) + (self._past > 0))
        return round(min(1.0, heard / whole), 3)

    def _fraction(self, sentence: _Sentence, played: int) -> float:
        if sentence.complete:
            return played / sentence.frames
        guess = len(sentence.text) * SECONDS_PER_CHARACTER * self._rate
        return min(0.99, played / max(guess, sentence.frames))
