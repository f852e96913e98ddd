"""The settings of ``chat.batch``, which decide when a turn opens and what is in it."""

from typing import Annotated, Literal

from pydantic import Field

from nodes.particles import CHARACTER
from schemas.settings import Live, Settings


class Batch(Settings):
    """Settings of ``chat.batch``."""

    quiet_s: Annotated[float, Live()] = Field(
        default=0.4,
        ge=0,
        title="Quiet before an answer",
        description="A batch closes after this long without a message.",
    )
    max_wait_s: Annotated[float, Live()] = Field(
        default=2.0, ge=0, title="Longest collecting", description="The first message waits no longer than this."
    )
    max_items: Annotated[int, Live()] = Field(
        default=10, ge=1, title="Messages per answer", description="Most messages in one batch."
    )
    names: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Live()] = Field(
        default=(CHARACTER,),
        title="Names of the character",
        description="What the character is called; a message with one of these names goes before other chat.",
    )
    only_mentions: Annotated[bool, Live()] = Field(
        default=False,
        title="Answer only when called",
        description="Chat without one of the names is not answered; donations and subscriptions are.",
    )
    ttl_s: Annotated[float, Live()] = Field(
        default=30.0, gt=0, title="Chat is skipped after", description="Chat that waits longer is dropped as stale."
    )
    max_waiting: Annotated[int, Live()] = Field(
        default=100,
        ge=1,
        title="Waiting messages",
        description="Most chat messages that wait; the oldest beyond are dropped as flood.",
    )
    paid_alone: Annotated[bool, Live()] = Field(
        default=True,
        title="Thank donors one by one",
        description="Donations, and subscriptions, get a turn of their own, so that the thanks are clear.",
    )
    channel_alone: Annotated[bool, Live()] = Field(
        default=False,
        title="One channel at a time",
        description="Each turn answers viewers of one channel; the channels take turns.",
    )
    yield_after_s: Annotated[float | None, Field(ge=0), Live()] = Field(
        default=5.0,
        title="A donation interrupts after",
        description="A donation or subscription that has waited this long goes on while chat is still being answered, "
        "whose answer ends after the sentence that is being heard, where an overlay.dock is. null: never, for a guest "
        "neither.",
    )
    ahead_s: Annotated[Annotated[float, Field(ge=0, le=10)] | Literal["auto"], Live()] = Field(
        default="auto",
        title="Next answer prepared ahead",
        description="The next turn opens this long before the one that is being heard is over, so that its first sound "
        "is ready then. auto: as long as nine of ten turns lately took from opening to sound, at most 2 s. 0: when the "
        "voice is free.",
    )
    turn_timeout_s: Annotated[float, Live()] = Field(
        default=60.0,
        gt=0,
        title="Answer given up after",
        description="A turn whose end the voice never reports is given up after this long.",
    )
    after_host_s: Annotated[float, Live()] = Field(
        default=0.6,
        ge=0,
        le=10,
        title="Pause after the streamer",
        description="No other turn than the answer to the streamer opens until this long after she has stopped "
        "speaking.",
    )
    host_line_s: Annotated[float, Live()] = Field(
        default=3.0,
        ge=0,
        le=30,
        title="Wait for the streamer's words",
        description="Chat waits at most this long for the words of what the streamer said, so that she is answered "
        "first.",
    )
    make_up_below: Annotated[float, Live()] = Field(
        default=0.6,
        ge=0,
        le=1,
        title="Make up for thanks below",
        description="Thanks for a donation or subscription that the streamer's voice cut off before this share of them "
        "was heard are made up for once, briefly. 0: never.",
    )
    make_up_within_s: Annotated[float, Live()] = Field(
        default=12.0,
        gt=0,
        le=120,
        title="Make up within",
        description="Such thanks are left out if there is no moment for them within this long after the streamer's "
        "last word, or after the answer to it.",
    )
