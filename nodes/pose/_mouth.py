"""Opens the mouth with the loudness and shapes vowels, smoothly at any frame rate."""

import math
from dataclasses import dataclass, field
from typing import Protocol

from schemas.pose import MouthShape

VOWELS = "AIUEO"
_WIDE = {"A": 0.55, "I": 0.9, "U": 0.15, "E": 0.75, "O": 0.2}
"""How wide each vowel pulls the mouth, 0..1; a resting mouth is in the middle."""
_REST = 0.5
_OPENS = {"A": 1.0, "I": 0.55, "U": 0.5, "E": 0.75, "O": 0.8}
"""How far each vowel lets the mouth open at the same loudness."""
CLOSED = 0.004


class Config(Protocol):
    """The settings of the mouth; they may change at any time."""

    @property
    def attack_ms(self) -> float: ...
    @property
    def release_ms(self) -> float: ...
    @property
    def vowel_ms(self) -> float: ...
    @property
    def floor_db(self) -> float: ...
    @property
    def ceil_db(self) -> float: ...


def opening(rms: float, floor_db: float, ceil_db: float) -> float:
    """Return 0..1 for a loudness between two levels in dB relative to full scale."""
    if rms <= 0:
        return 0.0
    return min(1.0, max(0.0, (20 * math.log10(rms) - floor_db) / (ceil_db - floor_db)))


@dataclass(slots=True)
class Mouth:
    """Follows its target with attack and release; each is the time in which 63 % of a change is made."""

    open: float = 0.0
    form: float = _REST
    shares: dict[str, float] = field(default_factory=lambda: dict.fromkeys(VOWELS, 0.0))

    def move(self, config: Config, rms: float, vowel: str | None, seconds: float) -> MouthShape:
        """Move one step of ``seconds`` towards a loudness and a vowel (None: open by loudness alone, no vowel)."""
        wanted = opening(rms, config.floor_db, config.ceil_db) * (_OPENS[vowel] if vowel else 0.85)
        self.open += (wanted - self.open) * _part(
            seconds, config.attack_ms if wanted > self.open else config.release_ms
        )
        part = _part(seconds, config.vowel_ms)
        self.form += ((_WIDE[vowel] if vowel else _REST) - self.form) * part
        for name in VOWELS:
            share = min(1.0, 1.3 * self.open) if name == vowel else 0.0
            self.shares[name] += (share - self.shares[name]) * part
        if not rms and self.open < CLOSED:
            self.open, self.form, self.shares = 0.0, _REST, dict.fromkeys(VOWELS, 0.0)
        shares = {name.lower(): share for name, share in self.shares.items()}
        return MouthShape(open=self.open, form=self.form, **shares)


def _part(seconds: float, ms: float) -> float:
    return 1.0 - math.exp(-1000 * seconds / ms) if ms > 0 else 1.0
