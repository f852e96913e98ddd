"""Settings of ``overlay.web``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from nodes.particles import CHARACTER
from schemas.settings import Settings

Layout = Literal["auto", "wide", "vertical", "caption", "chat", "answer", "show"]

ChannelNames = Annotated[
    dict[str, str],
    Field(
        description="Names of channels to show beside viewers when chat comes from several: {channel ID: name}. Others "
        "show the first six characters of their ID.",
    ),
]


class Overlay(Settings):
    title: str = Field(
        CHARACTER,
        title="Name on the screen",
        description="Name beside the answers; without one, that of the character.",
    )
    theme: str = Field(
        "default",
        pattern="^[a-z][a-z0-9-]{0,30}$",
        title="Look",
        description="Look: default, pastel, dark-glass, outline. ?theme=pastel in the address changes that page alone.",
    )
    layout: Layout = Field(
        "auto",
        title="Layout",
        description="Layout: auto (by its proportions), wide, vertical, caption, chat, answer, show (that part alone). "
        "?layout= in the address goes before it.",
    )
    avatar: bool = Field(
        False,
        title="Avatar on the same page",
        description="Whether the built-in avatar of a graph with avatar.stage is on the same page. ?avatar=off hides "
        "it.",
    )
    max_lines: int = Field(
        50, ge=1, le=500, title="Lines kept", description="Lines of chat that are kept, and as many answers."
    )
    fade_s: float = Field(
        600.0,
        gt=0,
        title="Lines fade after",
        description="Seconds after which a line fades, also after the page is loaded again.",
    )
    caption_s: float = Field(
        3.0, ge=0, title="Caption stays for", description="Seconds that a caption stays after its last word."
    )
    host_s: float = Field(
        6.0,
        ge=0,
        le=60,
        title="Streamer's words stay for",
        description="Seconds that what the streamer said into the microphone stays on the screen; 0: it is not shown. "
        "?host=off in the address hides it on that page alone.",
    )
    clear_words: tuple[str, ...] = Field(
        ("!!클리어", "!!clear"),
        title="Words that clear the screen",
        description="What clears the screen when the streamer or a manager writes it in the chat; it is not shown.",
    )
    channels: ChannelNames = Field(default_factory=dict[str, str], title="Names of channels")
    emote_hosts: tuple[str, ...] = Field(
        ("*.pstatic.net",),
        title="Hosts of emotes",
        description="Hosts from which pictures of emotes and badges are fetched; []: names instead of pictures.",
    )
    saved: Path | None = Field(
        None,
        title="File of the screen",
        description="File of what is on screen, so that the same lines are there after a restart; null for none.",
    )
    folder: Path = Field(
        Path("assets/overlay"), title="Folder of the page", description="Folder of the page; for a page of your own."
    )
