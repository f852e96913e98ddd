"""Defines how the character is posed: the frames that move an avatar, and what they are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from schemas.event import Event, Moment, Overflow

_UNIT = (0.0, 1.0)
_SIGNED = (-1.0, 1.0)
VTS_INPUTS: Mapping[str, tuple[float, float]] = {
    "FacePositionX": (-15.0, 15.0),
    "FacePositionY": (-15.0, 15.0),
    "FacePositionZ": (-10.0, 10.0),
    "FaceAngleX": (-30.0, 30.0),
    "FaceAngleY": (-30.0, 30.0),
    "FaceAngleZ": (-90.0, 90.0),
    "MouthSmile": _UNIT,
    "MouthOpen": _UNIT,
    "Brows": _UNIT,
    "TongueOut": _UNIT,
    "CheekPuff": _UNIT,
    "FaceAngry": _UNIT,
    "BrowLeftY": _UNIT,
    "BrowRightY": _UNIT,
    "EyeOpenLeft": _UNIT,
    "EyeOpenRight": _UNIT,
    "EyeLeftX": _SIGNED,
    "EyeLeftY": _SIGNED,
    "EyeRightX": _SIGNED,
    "EyeRightY": _SIGNED,
    "MousePositionX": _SIGNED,
    "MousePositionY": _SIGNED,
    "VoiceVolume": _UNIT,
    "VoiceFrequency": _UNIT,
    "VoiceVolumePlusMouthOpen": _UNIT,
    "VoiceFrequencyPlusMouthSmile": _UNIT,
    "MouthX": _SIGNED,
    "VoiceA": _UNIT,
    "VoiceI": _UNIT,
    "VoiceU": _UNIT,
    "VoiceE": _UNIT,
    "VoiceO": _UNIT,
    "VoiceSilence": _UNIT,
}
"""Default input of VTube Studio -> lowest and highest value; all rest at 0. Source: its InputParameterListResponse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseFrame(Event):
    """Values for inputs of the avatar at one moment; a source of frames sets only its own inputs."""

    values: Mapping[str, float] = field(repr=False)
    """VTube Studio input parameter (``FaceAngleX``, ``MouthOpen`` ...) -> value in the unit of that input."""
    at: Moment
    """Seconds since the run started (``Clock.now``)."""
    offsets: Mapping[str, float] = field(default_factory=dict[str, float], repr=False)
    """Input -> what is added to the value that another source sets, until the next frame with an offset for it."""

    overflow: ClassVar[Overflow] = "latest"


@dataclass(frozen=True, slots=True)
class CharacterParameters:
    """A still pose: inputs of the avatar -> value in the unit of that input."""

    values: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseCalculation:
    """Where the body is heading: the pose of a feeling, and how fast it gets there."""

    emotion: str
    target: CharacterParameters
    timestamp: Moment
    """When it began to move there, in seconds since the run started."""
    interpolation_time: float
    """How many seconds it takes until every input is there."""
    together: bool = False
    """Whether every input takes that long; otherwise each takes its own time, the slowest this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MouthShape:
    """The shape of the mouth; every value is 0..1."""

    open: float = 0.0
    form: float = 0.5
    """0 narrow or pouting, 0.5 as the face sets it, 1 wide or smiling."""
    a: float = 0.0
    i: float = 0.0
    u: float = 0.0
    e: float = 0.0
    o: float = 0.0

    def inputs(self) -> dict[str, float]:
        """Give the values for VTube Studio; vowels and silence sum to at most 1, as its manual promises to models."""
        vowels = {"VoiceA": self.a, "VoiceI": self.i, "VoiceU": self.u, "VoiceE": self.e, "VoiceO": self.o}
        whole = sum(vowels.values())
        scale = 1.0 / max(1.0, whole)
        return {
            "MouthOpen": self.open,
            **{name: value * scale for name, value in vowels.items()},
            "VoiceSilence": max(0.0, 1.0 - whole),
        }

    def frame(self, at: float) -> PoseFrame:
        """Make a frame of the mouth. Its form is added to the smile of the face, which belongs to the feeling."""
        return PoseFrame(values=self.inputs(), offsets={"MouthSmile": 0.6 * (self.form - 0.5)}, at=at)
