"""Turns that are being answered: what was asked, and how much of the answer was heard so far."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nodes.llm._memory.history import Source, Turn
from nodes.llm._memory.prompt import ASSISTANT, USER, answer_line, cut
from schemas.chat import ViewerEvent, Withdrawn
from schemas.playback import Heard

OPEN = 8
"""Turns that may be open at once; a turn that is never heard is dropped when this many newer ones are open."""
WHOLE = 0.99
"""A sentence that ended here was heard: a player that is stopped at its last sample reports a little less than 1."""

Count = Callable[[str], int]


@dataclass(slots=True)
class Open:
    """A turn whose answer is being made or heard."""

    serial: int
    turn: str
    events: tuple[ViewerEvent, ...]
    user: str
    user_tokens: int
    emotion: str = "neutral"
    sentences: dict[int, str] = field(default_factory=dict[int, str])
    """Number of the sentence -> what was heard of it."""
    written: str = ""
    """All of the answer, if it is known."""
    cut_off: bool = False
    """Whether some of what was written will not be heard."""
    forgotten: bool = False
    """A message of it was withdrawn: what is heard of it from now on is not remembered."""

    def hear(self, heard: Heard) -> None:
        """Record how much of a sentence has been heard so far."""
        self.cut_off |= heard.ended and heard.fraction < WHOLE
        if heard.fraction >= 1 or (heard.ended and heard.fraction >= WHOLE):
            self.sentences[heard.sentence] = heard.text
        elif heard.fraction > 0:
            part = heard.text[: round(len(heard.text) * heard.fraction)].rstrip()
            self.sentences[heard.sentence] = f"{part}…" if part else ""

    @property
    def said(self) -> str:
        """All that was heard, in order."""
        return " ".join(text for _, text in sorted(self.sentences.items()) if text)

    def closed(self, count: Count, most: int, *, whole: bool = False) -> Turn | None:
        """Return the turn as it is remembered, with at most ``most`` tokens of answer; None if nothing was heard.

        Args:
            whole: as it will be remembered if it is said to its end.
        """
        said = self.said
        if not said or self.forgotten:
            return None
        if whole and self.written and not self.cut_off:
            said = self.written
        answer = answer_line(self.emotion, cut(said, count, most))
        tokens = self.user_tokens + count(answer) + USER + ASSISTANT
        return Turn(self.serial, self.user, answer, tokens, tuple(Source.of(event) for event in self.events))


class OpenTurns:
    """The open turns, oldest first."""

    def __init__(self) -> None:
        self._turns: dict[str, Open] = {}

    def __iter__(self) -> Iterator[Open]:
        return iter(self._turns.values())

    def get(self, turn: str) -> Open | None:
        return self._turns.get(turn)

    def add(self, turn: Open) -> list[Open]:
        """Open a turn, replacing an older one of the same id; return those that have to leave for it."""
        self._turns.pop(turn.turn, None)
        self._turns[turn.turn] = turn
        return [self._turns.pop(next(iter(self._turns))) for _ in range(len(self._turns) - OPEN)]

    def before(self, turn: str) -> list[Open]:
        """Remove and return the turns that are older than this one: the voice has reached it, so they are over."""
        if turn not in self._turns:
            return []
        over: list[Open] = []
        for name in list(self._turns):
            if name == turn:
                break
            over.append(self._turns.pop(name))
        return over

    def take(self, turn: str) -> list[Open]:
        """Remove and return the turns up to and including this one."""
        return [*self.before(turn), self._turns.pop(turn)]

    def cut_off(self, turn: str) -> None:
        """Note that some of what was written for a turn will not be heard."""
        if turn in self._turns:
            self._turns[turn].cut_off = True

    def forget(self, withdrawn: Withdrawn) -> bool:
        """Mark every turn that contains a withdrawn message; True if there was one."""
        found = [turn for turn in self if any(withdrawn.covers(event) for event in turn.events)]
        for turn in found:
            turn.forgotten = True
            turn.sentences.clear()
            turn.written = ""
        return bool(found)
