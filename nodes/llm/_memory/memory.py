"""What the character remembers: the turns that were heard, a summary of older ones, and notes about viewers.

How the node uses it; everything runs on the loop except the two blocking calls::

    memory = kept.keep("memory", Memory)
    memory.configure(MemorySettings(limits=PRESETS["paid"], viewers=200))
    if not memory.ready:  # until then it works with an estimate of the tokens; 0.6 s
        for line in memory.begin(await jobs.thread(open_memory, Path("history"))): log.warning(line)

    rest = memory.spared(batch)                    # None: all of it was withdrawn
    prompt = memory.prompt(rest, persona)          # may be called again for the same batch, with less room
    memory.heard(heard)                            # whenever it comes, also long after answered()
    memory.answered(rest, emotion)                 # where ``heard`` is not wired: answered(rest, emotion, said=text)

    request = memory.to_summarise()                # after a turn; plain text comes back, not streamed, no hurry
    if request: memory.summarised(text)            # once for each request, also when it failed or was cancelled (None)

    changes = memory.changed()                     # after a turn and a withdrawal, every 10 s or so, at the end
    for line in await jobs.thread(memory.store.save, changes): log.info(line)    # also for None: DO_BACKUP
    memory.saved(changes)                          # not where save raised OSError: all of it comes again
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nodes.llm._memory.history import PRESETS, Limits, Source, Turn, Window
from nodes.llm._memory.opened import Opened, open_memory
from nodes.llm._memory.prompt import ASSISTANT, USER, Message, Parts, Prompt, batch_text, compose, data_line
from nodes.llm._memory.rules import has_speech, make_up, system_text
from nodes.llm._memory.store import Changes, State, Store
from nodes.llm._memory.summary import Piece, Summary
from nodes.llm._memory.tokens import TokenCounter
from nodes.llm._memory.turns import Open, OpenTurns
from nodes.llm._memory.viewers import Viewers
from schemas.chat import ChatBatch, Withdrawn
from schemas.language import KOREAN, Language
from schemas.playback import Heard
from schemas.reply import EMOTIONS

__all__ = ["PRESETS", "Changes", "Limits", "Memory", "MemorySettings", "Message", "Opened", "Prompt", "open_memory"]

WITHDRAWALS = 256
"""Remember this many withdrawals, for batches that are still on their way."""
UNSAVED = 256
"""Keep at most this many pieces, and this many withdrawals, waiting to be written while the disk is full."""
NOTES = 5
"""Show the model at most this many notes of a batch."""
LEAST_RATIO, MOST_RATIO, STEP = 0.5, 2.0, 0.3
"""Another model has another tokenizer: how far its counts may be from ours, and how fast that is learnt."""


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """What a graph sets."""

    limits: Limits = PRESETS["groq_free"]
    emotions: tuple[str, ...] = EMOTIONS
    viewers: int = 0
    """Remember at most this many viewers with what they last said and were answered; 0 for none."""


class Memory:
    """Everything that is remembered across turns and reloads; not thread-safe."""

    def __init__(self) -> None:
        self.ready = False
        """``begin`` was called."""
        self.language: Language = KOREAN
        """The language in which the model answers."""
        self.store = Store()
        self._settings = MemorySettings()
        self._counter = TokenCounter()
        self._window = Window()
        self._open = OpenTurns()
        self._summary = Summary()
        self._viewers = Viewers()
        self._withdrawn: deque[Withdrawn] = deque(maxlen=WITHDRAWALS)
        self._serial = 0
        self._ratio = 1.0
        self._system = ("", 0)
        self._spoken = False
        """What the streamer said is in what the model reads."""
        self._told: tuple[tuple[Piece, ...], str, int] = ((), "", 0)
        self._made: deque[Piece] = deque(maxlen=UNSAVED)
        self._forget: deque[Withdrawn] = deque(maxlen=UNSAVED)
        self._version = self._saved = 0

    @property
    def tokens(self) -> int:
        """Tokens of the history: the summary, and all turns of which something was heard."""
        return self._told_summary()[1] + self._window.tokens + sum(turn.tokens for turn in self._heard())

    def configure(self, settings: MemorySettings) -> None:
        """Apply the settings, at the start or after a reload."""
        self._settings = settings
        self._told = ((), "", 0)
        self._viewers.limit(settings.viewers)

    def begin(self, opened: Opened) -> tuple[str, ...]:
        """Take what ``open_memory`` read, as older than what was said since the start; return lines to log."""
        self.ready, self.store, self._counter = True, opened.store, opened.counter
        state = opened.found.state
        first = max([state.through, *(turn.serial for turn in state.turns), *(note.serial for note in state.viewers)])
        self._window = Window(
            self._counted(turn)
            for turn in (*state.turns, *(replace(turn, serial=turn.serial + first) for turn in self._window.turns))
        )
        for turn in self._open:
            turn.serial += first
            turn.user_tokens = self._count(turn.user)
        self._serial += first
        new = self._viewers.shifted(first)
        self._viewers = Viewers(self._settings.viewers)
        self._viewers.take((*state.viewers, *new))
        self._spoken |= any(has_speech(turn.user) for turn in self._window.turns)
        self._summary.through, self._summary.next = state.through, opened.found.next_piece
        self._summary.take(state.pieces, self._limits(), self._count)
        self._system = ("", 0)
        self._told = ((), "", 0)
        for withdrawn in self._forget:
            self._let_go(withdrawn)
        return opened.lines

    def spared(self, batch: ChatBatch) -> ChatBatch | None:
        """Return the batch without the withdrawn messages; None if nothing is left."""
        left = tuple(event for event in batch.events if not any(each.covers(event) for each in self._withdrawn))
        if len(left) == len(batch.events):
            return batch
        return replace(batch, events=left) if left else None

    def prompt(self, batch: ChatBatch, persona: str, *, room: int | None = None) -> Prompt:
        """Return the request for a turn, as it should be sent now.

        Args:
            room: most tokens it may have (a rate limit, a 413): older turns, then the summary and what is known of
                viewers, are left out of this prompt, not of the memory. The system text, the batch and its notes are
                never left out, so the prompt can still exceed it.
        """
        mine = self._opened(batch)
        self._trim()
        turns = [*self._window.turns, *self._heard(but=batch.turn, whole=True)]
        parts = Parts(
            system=self._told_system(persona),
            summary=self._told_summary(),
            turns=turns,
            newest=(mine.user, mine.user_tokens),
            viewers=self._viewers.lines(batch.events, turns[0].serial if turns else mine.serial),
            notes=[data_line("note", note) for note in (*make_up(batch, self.language), *batch.notes[:NOTES])],
        )
        made = compose(
            parts, self._count, self._limits().hard, room if room is None else math.floor(room / self._ratio)
        )
        return replace(made, tokens=math.floor(made.tokens * self._ratio))

    def heard(self, heard: Heard) -> None:
        """Record what was heard of a turn; a sentence that was cut off is remembered as far as it was heard."""
        turn = self._open.get(heard.turn)
        if turn is None:
            return
        self._close(self._open.before(heard.turn))
        if not turn.forgotten:
            turn.hear(heard)
            self._trim()
            self._version += 1

    def answered(self, batch: ChatBatch, emotion: str, said: str | None = None, written: str = "") -> None:
        """Record that the turn's text is complete or broken off, whichever rung gave it; what is *heard* is remembered.

        ``written`` is all of it, for the prompt of the next turn; ``said`` too, if nothing reports what is heard.
        """
        self._summary.turn()
        turn = self._open.get(batch.turn) or self._opened(batch)
        turn.emotion, turn.written = emotion, " ".join(written.split())
        if said is not None and not turn.forgotten:
            turn.sentences = {0: " ".join(said.split())}
            self._close(self._open.take(batch.turn))
            self._version += 1

    def stopped(self, turn: str) -> None:
        """Note that no more of a turn is heard than the sentence that is being heard."""
        self._open.cut_off(turn)

    def withdraw(self, withdrawn: Withdrawn) -> None:
        """Forget a message, with every turn, note and piece of the summary that may quote it, here and in the files."""
        if not math.isinf(withdrawn.received_at):  # else it would cover what the viewer writes later, too
            self._withdrawn.append(withdrawn)
        self._let_go(withdrawn)
        self._forget.append(withdrawn)
        self._version += 1

    def calibrate(self, estimated: int, real: int) -> None:
        """Learn from a request's ``Prompt.tokens`` and the ``prompt_tokens`` that the server counted for it."""
        if estimated > 0 and real > 0:
            ratio = self._ratio * (real / estimated) ** STEP
            self._ratio = min(max(ratio, LEAST_RATIO), MOST_RATIO)

    def to_summarise(self) -> Prompt | None:
        """Return what to ask if a summary is due; None if it is not, or one is under way."""
        if not self.ready:
            return None
        return self._summary.ask(self._window, self._limits(), self.tokens, self._count)

    def summarised(self, text: str | None) -> None:
        """Take the answer to ``to_summarise``; None: it failed, the turns stay, and a later turn tries it again."""
        piece = self._summary.answer(text, self._window, self._limits(), self._count)
        if piece is not None:
            self._made.append(piece)
            self._version += 1

    def changed(self) -> Changes | None:
        """Return everything that the files do not have yet, or None. Cheap, and safe to hand to a thread."""
        if not self.ready or self._version == self._saved:
            return None
        state = State(
            turns=(*self._window.turns, *self._heard()),
            pieces=self._summary.pieces,
            through=self._summary.through,
            viewers=self._viewers.notes,
        )
        return Changes(self._version, state, tuple(self._made), tuple(self._forget))

    def saved(self, changes: Changes | None) -> None:
        """Note that ``store.save(changes)`` has returned."""
        if changes is not None and changes.version > self._saved:
            self._saved = changes.version
            self._made = deque((each for each in self._made if each not in changes.made), UNSAVED)
            self._forget = deque((each for each in self._forget if each not in changes.forget), UNSAVED)

    def _opened(self, batch: ChatBatch) -> Open:
        turn = self._open.get(batch.turn)
        if turn is None or turn.events != batch.events:
            user = batch_text(batch.events, self._count, self._limits().part, batch.topic)
            self._serial += 1
            self._spoken |= has_speech(user)
            turn = Open(self._serial, batch.turn, batch.events, user, self._count(user))
            self._close(self._open.add(turn))
        return turn

    def _close(self, over: Iterable[Open]) -> None:
        for each in over:
            turn = each.closed(self._count, self._limits().part)
            if turn is not None:
                self._window.add(turn)
                self._viewers.note(each.events, each.said, each.serial)
        self._trim()

    def _heard(self, but: str = "", *, whole: bool = False) -> list[Turn]:
        """Return the open turns of which something was heard; the ``whole`` of what is still being said."""
        most = self._limits().part
        closed = [each.closed(self._count, most, whole=whole) for each in self._open if each.turn != but]
        return [turn for turn in closed if turn is not None]

    def _trim(self) -> None:
        """Drop the oldest turns, many at a time, once the history has reached its hard limit."""
        limits, tokens = self._limits(), self.tokens
        if tokens > limits.hard:
            others = tokens - self._window.tokens
            gone = self._window.beyond(max(0, min(limits.keep, limits.hard - others)))
            if gone:
                self._window.drop_through(gone[-1].serial)
                self._version += 1

    def _told_system(self, persona: str) -> tuple[str, int]:
        text = system_text(persona, self._settings.emotions, self.language, spoken=self._spoken)
        if text != self._system[0]:
            self._system = (text, self._count(text))
        return self._system

    def _told_summary(self) -> tuple[str, int]:
        if self._told[0] is not self._summary.pieces:
            line = self._summary.text(self._limits().part)
            self._told = (self._summary.pieces, line, self._count(line))
        return self._told[1:]

    def _let_go(self, withdrawn: Withdrawn) -> None:
        def covered(source: Source) -> bool:
            return source.covered(withdrawn)

        self._open.forget(withdrawn)
        self._window.forget(withdrawn)
        self._viewers.forget(withdrawn)
        self._summary.forget(covered)
        self._made = deque((piece for piece in self._made if not any(map(covered, piece.sources))), UNSAVED)

    def _counted(self, turn: Turn) -> Turn:
        return replace(turn, tokens=self._count(turn.user) + self._count(turn.assistant) + USER + ASSISTANT)

    def _count(self, text: str) -> int:
        return self._counter.count(text)

    def _limits(self) -> Limits:
        """Return the limits in tokens as they are counted here."""
        return self._settings.limits.divided(self._ratio)
