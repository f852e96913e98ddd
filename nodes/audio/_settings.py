"""The settings of ``audio.play``."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.settings import Live, Settings


class Play(Settings):
    """Where the voice goes and how loud it is."""

    device: str = Field(
        "auto",
        title="Sound device",
        description="auto: the default device, else a page, else none. page: the overlay page. none: no sound, same "
        "timing. Anything else: (a part of) the name of a sound device; until it is there, as with auto.",
    )
    prebuffer_ms: Annotated[int, Field(ge=0, le=1000)] | Literal["auto"] = Field(
        "auto",
        title="Sound collected first",
        description="Sound that is collected before a sentence is begun. auto: 120, and as much later as the parts of "
        "this voice lately came too late, at most 0.8 s.",
    )
    volume: Annotated[float, Live()] = Field(
        1.0, ge=0.0, le=1.5, title="Volume", description="1 leaves the voice as it is."
    )
    mute: Annotated[bool, Live()] = Field(False, title="Mute", description="No sound; captions and timing go on.")
    caption_s_per_char: float = Field(
        0.09,
        ge=0.0,
        le=1.0,
        title="Reading time per letter",
        description="Reading time of a sentence without sound, for each character; at least 1 s.",
    )
    silence_timeout_s: float = Field(
        15.0,
        gt=0,
        le=600,
        title="Answer given up after",
        description="An answer ends when its next part is this late after the last one ended.",
    )
    turn_pause_s: Annotated[float, Live()] = Field(
        0.25,
        ge=0,
        le=5,
        title="Pause between answers",
        description="Silence between two answers, if the second one is ready in time.",
    )
    lead_ms: Annotated[int, Live()] = Field(
        30,
        ge=0,
        le=500,
        title="Mouth ahead of sound",
        description="Report the level this much ahead, as smoothing delays the mouth; raise it for a slow avatar.",
    )
    duck_s: Annotated[float, Live()] = Field(
        0.0,
        ge=0,
        le=60,
        title="Lowered at an alert for",
        description="How long the voice is lowered for a donation alert; 0 for never.",
    )
    duck_delay_s: Annotated[float, Live()] = Field(
        0.5,
        ge=0,
        le=60,
        title="Alert sounds after",
        description="How long after the donation its alert begins to sound.",
    )
    duck_db: Annotated[float, Live()] = Field(
        -12.0, ge=-60, le=0, title="Lowered at an alert by", description="How much the voice is lowered for an alert."
    )
    record: bool = Field(
        True, title="Record the voice", description="Write session.wav and session.srt into the folder of the run."
    )
