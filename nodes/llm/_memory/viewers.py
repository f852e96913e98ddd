"""Keeps what each viewer last said and was answered, for when they come back after the window has moved on."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nodes.llm._memory.history import Source
from nodes.llm._memory.prompt import clean, viewer_line
from schemas.chat import Donation, ViewerEvent, Withdrawn

LONGEST = 100
"""Keep at most this many characters of each of the two texts."""
SHOWN = 5
"""A prompt describes at most this many viewers."""


@dataclass(frozen=True, slots=True)
class Note:
    """A viewer's last message and the answer that was heard."""

    author: str
    said: str
    told: str
    serial: int
    """``Turn.serial`` of the turn."""
    source: Source


class Viewers:
    """Notes by viewer, least recently noted first; bounded; a limit of 0 keeps no notes."""

    def __init__(self, most: int = 0) -> None:
        self._most = most
        self._notes: OrderedDict[str, Note] = OrderedDict()

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(self._notes.values())

    def limit(self, most: int) -> None:
        """Keep at most this many from now on."""
        self._most = most
        while len(self._notes) > most:
            self._notes.popitem(last=False)

    def take(self, notes: Iterable[Note]) -> None:
        """Add notes after those already there; a newer note on a viewer replaces the older one."""
        for note in notes:
            self._notes.pop(note.source.author_id, None)
            self._notes[note.source.author_id] = note
        self.limit(self._most)

    def note(self, events: Iterable[ViewerEvent], told: str, serial: int) -> None:
        """Record a turn that was heard. Anonymous donors and viewers without an id are not noted."""
        self.take(
            Note(clean(event.author, 40), clean(event.text, LONGEST), clean(told, LONGEST), serial, Source.of(event))
            for event in events
            if self._most and event.author_id and not _anonymous(event)
        )

    def lines(self, events: Iterable[ViewerEvent], before: int) -> Sequence[str]:
        """Return notes on the viewers who wrote, as JSON lines, for turns before ``before``: not in the window."""
        authors = dict.fromkeys(event.author_id for event in events if not _anonymous(event))
        notes = [self._notes[author] for author in authors if author in self._notes]
        return [viewer_line(note.author, note.said, note.told) for note in notes if note.serial < before][:SHOWN]

    def shifted(self, by: int) -> tuple[Note, ...]:
        """Return the notes with every turn counted ``by`` higher."""
        return tuple(replace(note, serial=note.serial + by) for note in self._notes.values())

    def forget(self, withdrawn: Withdrawn) -> bool:
        """Drop the viewer's note if the message it is about was withdrawn; True if it was."""
        note = self._notes.get(withdrawn.author_id)
        if note is None or not note.source.covered(withdrawn):
            return False
        del self._notes[withdrawn.author_id]
        return True


def _anonymous(event: ViewerEvent) -> bool:
    return isinstance(event, Donation) and event.anonymous
