"""Settings of ``overlay.web``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from nodes.particles import CHARACTER
from schemas.settings import Settings

Layout = Literal["auto", "wide", "vertical", "caption", "chat", "answer"]

ChannelNames = Annotated[
    dict[str, str],
    Field(
        description="채팅을 여러 채널에서 받을 때 시청자 옆에 보일 채널 이름. {채널 ID: 이름}. "
        "안 적은 채널은 ID의 앞 여섯 자리로 보입니다.",
    ),
]


class Overlay(Settings):
    title: str = Field(CHARACTER, description="대답 옆에 보이는 이름. 없으면 캐릭터의 이름.")
    theme: str = Field(
        "default",
        pattern="^[a-z][a-z0-9-]{0,30}$",
        description="겉모습: default, pastel, dark-glass, outline. 주소에 ?theme=pastel을 붙이면 그 페이지만 바뀝니다.",
    )
    layout: Layout = Field(
        "auto",
        description="배치: auto(비율대로), wide(가로), vertical(세로), caption(자막만), chat(채팅만), answer(대답만). "
        "주소의 ?layout=이 앞섭니다.",
    )
    avatar: bool = Field(
        False,
        description="avatar.stage가 있는 그래프에서 내장 아바타를 같은 페이지에 보일지. ?avatar=off면 숨깁니다.",
    )
    max_lines: int = Field(50, ge=1, le=500, description="남겨 둘 채팅 줄 수. 대답도 같은 수만큼 남깁니다.")
    fade_s: float = Field(600.0, gt=0, description="몇 초가 지난 줄을 흐려지게 할지. 새로고침해도 그대로입니다.")
    caption_s: float = Field(3.0, ge=0, description="말이 끝난 뒤 자막을 몇 초 더 보여 줄지.")
    clear_words: tuple[str, ...] = Field(
        ("!!클리어", "!!clear"), description="방장이나 매니저가 채팅에 쓰면 화면을 비우는 말. 화면에는 보이지 않습니다."
    )
    channels: ChannelNames = Field(default_factory=dict[str, str])
    emote_hosts: tuple[str, ...] = Field(
        ("*.pstatic.net",),
        description="이모티콘과 배지 그림을 받아 올 호스트. []이면 그림 없이 이름만 보입니다.",
    )
    saved: Path | None = Field(
        None, description="화면을 저장할 파일. 프로그램이 꺼졌다 켜져도 같은 줄이 보입니다. null이면 안 합니다."
    )
    folder: Path = Field(
        Path("assets/overlay"), description="페이지 파일이 있는 폴더. 직접 만든 페이지를 쓸 때 바꿉니다."
    )
