"""What was given out for a turn."""

from dataclasses import dataclass

from nodes.llm._model.answer import Piece
from schemas.reply import AIResponse


@dataclass(slots=True)
class Said:
    """Text, feeling, and how sure it is."""

    text: str = ""
    emotion: str = "neutral"
    confidence: float = 0.0

    def take(self, piece: Piece) -> None:
        self.text += piece.text
        self.emotion = piece.emotion or self.emotion

    def response(self, turn: str, seconds: float) -> AIResponse:
        return AIResponse(
            turn=turn,
            response=self.text.strip(),
            emotion=self.emotion,
            confidence=self.confidence,
            processing_time=seconds,
        )
