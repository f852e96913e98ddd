"""Names the settings that the player reads."""

from typing import Literal, Protocol

from nodes.audio._loudness import Config as LoudnessConfig


class Config(LoudnessConfig, Protocol):
    """The settings that the player reads."""

    @property
    def device(self) -> str: ...
    @property
    def prebuffer_ms(self) -> int | Literal["auto"]: ...
    @property
    def caption_s_per_char(self) -> float: ...
    @property
    def silence_timeout_s(self) -> float: ...
    @property
    def turn_pause_s(self) -> float: ...
    @property
    def record(self) -> bool: ...
    @property
    def lead_ms(self) -> int: ...
