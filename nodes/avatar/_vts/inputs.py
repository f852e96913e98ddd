"""The inputs that ``avatar.vts`` creates in VTube Studio: what the body does beyond the inputs that are built in."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class CustomInput(BaseModel):
    """An input that VTube Studio does not have by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: float
    max: float
    rest: float = 0.0
    explanation: str = Field("", max_length=255)


OURS = {
    "AIsChocoBreath": CustomInput(min=0, max=1, rest=0.5, explanation="AIsChoco: breath of the character"),
    "AIsChocoBrowLAngle": CustomInput(min=-1, max=1, explanation="AIsChoco: angle of the left brow"),
    "AIsChocoBrowRAngle": CustomInput(min=-1, max=1, explanation="AIsChoco: angle of the right brow"),
    "AIsChocoLegL": CustomInput(min=-30, max=30, explanation="AIsChoco: left leg, degrees"),
    "AIsChocoLegR": CustomInput(min=-30, max=30, explanation="AIsChoco: right leg, degrees"),
}

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{4,32}$")]
