"""What was given out for a turn."""

import re
from dataclasses import dataclass

from nodes.llm._model.answer import Piece
from schemas.reply import EMOTIONS, AIResponse

_TAG = re.compile(rf"\[(?:{'|'.join(EMOTIONS)})\]\s?")


@dataclass(slots=True)
class Said:
    """Text, feeling, and how sure it is."""

    text: str = ""
    """With the tags where the feeling changes."""
    emotion: str = "neutral"
    confidence: float = 0.0

    def take(self, piece: Piece) -> None:
        self.text += piece.text
        self.emotion = piece.emotion or self.emotion

    @property
    def plain(self) -> str:
        """The text without tags."""
        return _TAG.sub("", self.text)

    def response(self, turn: str, seconds: float) -> AIResponse:
        return AIResponse(
            turn=turn,
            response=self.plain.strip(),
            emotion=self.emotion,
            confidence=self.confidence,
            processing_time=seconds,
        )
