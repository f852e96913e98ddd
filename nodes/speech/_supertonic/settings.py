"""What a person can set about the Supertonic voice."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field

from nodes.speech._speaking.speak import LANGUAGE, Speaking
from schemas.language import Language, Speaks

FOLDER = Path("cache/supertonic3")


class Supertonic(Speaking):
    """Settings of the Supertonic voice."""

    model: Path = Field(
        FOLDER, title="Folder of the model", description="Folder of the model, which `voice pull supertonic` downloads."
    )
    voice: str = Field(
        "F1",
        min_length=1,
        title="Voice",
        description="Voice: F1 to F5 are female, M1 to M5 male; or the file of another one (.json).",
    )
    language: Annotated[Language | None, Speaks()] = Field(None, title="Language", description=LANGUAGE)
    steps: int = Field(
        8,
        ge=1,
        le=32,
        title="Steps",
        description="Steps in which the sound is made. Fewer are faster and less clear: 5 is fast.",
    )
    threads: int = Field(
        default_factory=lambda: min(2, os.cpu_count() or 1),
        ge=1,
        le=16,
        title="Threads",
        description="Processor threads for the voice.",
    )
