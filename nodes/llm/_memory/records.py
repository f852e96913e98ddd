"""The JSON form of what is remembered in the files, checked when it is read."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from nodes.llm._memory.history import Source, Turn
from nodes.llm._memory.summary import Piece
from nodes.llm._memory.viewers import Note

_Source = tuple[str, float | None]
"""(author_id, sent_at): the time of receipt by the clock of one run means nothing to the next run."""


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _written(sources: tuple[Source, ...]) -> list[_Source]:
    return [(source.author_id, source.sent_at) for source in sources]


def _read(sources: list[_Source]) -> tuple[Source, ...]:
    return tuple(Source(author_id, sent_at) for author_id, sent_at in sources)


class _Answer(BaseModel):
    emotion: str
    response: str


class TurnRecord(_Record):
    """A turn of the window."""

    serial: int
    user: str
    assistant: str
    sources: list[_Source]

    @field_validator("assistant")
    @classmethod
    def _is_an_answer(cls, text: str) -> str:
        _Answer.model_validate_json(text)
        return text

    @classmethod
    def of(cls, turn: Turn) -> "TurnRecord":
        return cls(serial=turn.serial, user=turn.user, assistant=turn.assistant, sources=_written(turn.sources))

    def turn(self) -> Turn:
        """Its tokens are 0 until they are counted."""
        return Turn(self.serial, self.user, self.assistant, 0, _read(self.sources))


class PieceRecord(_Record):
    """A piece of the summary."""

    number: int
    level: int
    text: str
    sources: list[_Source]
    messages: int | None = None

    @classmethod
    def of(cls, piece: Piece) -> "PieceRecord":
        sources = _written(piece.sources)
        return cls(number=piece.number, level=piece.level, text=piece.text, sources=sources, messages=piece.messages)

    def piece(self) -> Piece:
        """Its tokens are 0 until they are counted."""
        messages = len(self.sources) if self.messages is None else self.messages
        return Piece(self.number, self.level, self.text, 0, _read(self.sources), messages)


class NoteRecord(_Record):
    """What is known of a viewer."""

    author: str
    said: str
    told: str
    serial: int
    source: _Source

    @classmethod
    def of(cls, note: Note) -> "NoteRecord":
        source = (note.source.author_id, note.source.sent_at)
        return cls(author=note.author, said=note.said, told=note.told, serial=note.serial, source=source)

    def note(self) -> Note:
        return Note(self.author, self.said, self.told, self.serial, Source(*self.source))


class SummaryFile(_Record):
    """summary.json."""

    version: Literal[1] = 1
    summary: str = ""
    """For a person and other programs to read; not read back."""
    timestamp: str = ""
    """When it was made: ISO 8601, UTC."""
    message_count: int = 0
    """Messages of viewers that it tells of."""
    through: int = 0
    pieces: list[PieceRecord] = []


class PlainSummary(BaseModel):
    """summary.json as other programs write it: a text, when it was made, and of how many messages."""

    model_config = ConfigDict(frozen=True)

    summary: str
    timestamp: Any = None
    message_count: Any = 0

    def pieces(self) -> tuple[Piece, ...]:
        """Return it as one piece of unknown viewers; none if it is empty."""
        count = self.message_count
        messages = count if isinstance(count, int) and count > 0 else 0
        return (Piece(1, 0, self.summary.strip(), 0, (), messages),) if self.summary.strip() else ()


class RecentFile(_Record):
    """recent.json."""

    version: Literal[1] = 1
    turns: list[TurnRecord] = []


class ViewersFile(_Record):
    """viewers.json."""

    version: Literal[1] = 1
    viewers: list[NoteRecord] = []
