"""Invents viewers: chat, spam, donations and a raid, as CHZZK would send them; the same for the same seed."""

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, cast

from nodes.particles import named
from schemas.chat import RawPayload

BIRTH_MS = 1_790_000_000_000
"""The moment at which a rehearsal in virtual time begins, in ms since the epoch; any will do."""
CHANNEL = "c" * 32
VIEWERS = 60
RAIDERS = 40
RAID_S = 20.0
RAID_AT = 0.6
"""When the raid comes, as a fraction of the show."""
RAID_RATE = 5.0
BURST = 5
BURST_S = 6.0
SPAMMERS = 3
AMOUNTS = (1000, 1000, 2000, 3000, 5000, 10_000, 50_000)
MONTHS = (1, 1, 2, 3, 6, 12, 24)

_LINES = [
    "{character}야 안녕!",
    "오늘 방송 언제까지 해요?",
    "{character} 목소리 좋다",
    "ㅋㅋㅋㅋ",
    "방금 거 봤어요?",
    "{character}야 점심 뭐 먹었어?",
    "와 대박",
    "저 오늘 처음 왔어요",
    "노래 불러 주세요",
    "이 게임 이름이 뭐예요?",
    "{character}는 무슨 색 좋아해?",
    "ㅎㅎ 귀엽다",
    "퇴근하고 왔어요",
]
_RAID_LINES = (
    "레이드 왔습니다!",
    "옆 방송에서 왔어요",
    "레이드~~",
    "안녕하세요 처음 봐요",
    "여기가 {character} 방송인가요?",
)
_SPAM = ("무료 치즈 받으세요 https://free-cheese.example/win", "ㅋ" * 150, "팔로우 맞팔해요", "{character}야 대답해줘")
_THANKS = ("오늘도 재밌게 보고 있어요", "{character} 화이팅!", "맛있는 거 사 먹어요", "이 돈으로 노래 한 곡만", "")
_NAMES = ("달빛", "민트", "새벽", "감자", "구름", "별사탕", "고양이", "콜라", "라면", "우산", "토스트", "곰돌이")


@dataclass(frozen=True, slots=True)
class Crowd:
    """How the viewers behave."""

    seconds: float
    rate: float = 1.0
    """Messages per second in the middle of the show; half as many at the beginning and the end."""
    spam: float = 0.1
    """Fraction of the messages."""
    bursts: int = 2
    """How many times several donations come at once."""
    raid: bool = True
    """Whether viewers of another channel arrive all at once: five times the rate for 20 s."""
    character: str = "초코"
    """What the viewers call the character."""

    def at(self, second: float) -> float:
        """Give the messages per second at a time of the show."""
        part = second / self.seconds
        rate = self.rate * (0.5 + 0.5 * math.sin(math.pi * part))
        return rate * RAID_RATE if self._raided(second) else rate

    def _raided(self, second: float) -> bool:
        begin = RAID_AT * self.seconds
        return self.raid and begin <= second < begin + min(RAID_S, 0.2 * self.seconds)


def crowd(
    how: Crowd, seed: int, texts: Sequence[str] = (), birth_ms: int = BIRTH_MS
) -> Iterator[tuple[float, RawPayload]]:
    """Yield what comes in, in order of time: (seconds, payload).

    Args:
        texts: what viewers write; a small built-in selection if empty.
        birth_ms: ``messageTime`` of the beginning.
    """
    chance = Random(seed)  # noqa: S311 - invents viewers
    events = [*_chat(how, chance, texts or _LINES), *_paid(how, chance)]
    events.sort(key=lambda event: event[0])
    for at, kind, fields in events:
        stamp = birth_ms + round(at * 1000)
        sent = datetime.fromtimestamp(stamp / 1000, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        content = {"channelId": CHANNEL, **fields, "eventSentAt": sent}
        if kind == "CHAT":
            content["messageTime"] = stamp
        yield at, RawPayload(event=kind, payload=named(json.dumps(content, ensure_ascii=False), how.character))


def texts_of(lines: Iterable[tuple[float, RawPayload]]) -> list[str]:
    """List what viewers wrote in a recording, each text once, without the streamer's."""
    found: dict[str, None] = {}
    for _, event in lines:
        try:
            fields: Any = json.loads(event.payload) if isinstance(event.payload, str) else event.payload
        except (ValueError, RecursionError):
            continue
        if event.event == "CHAT" and isinstance(fields, dict):
            told = cast(dict[str, Any], fields)
            text = told.get("content")
            if isinstance(text, str) and text.strip() and told.get("senderChannelId") != told.get("channelId"):
                found[text] = None
    return list(found)


_Event = tuple[float, str, dict[str, Any]]


def _chat(how: Crowd, chance: Random, texts: Sequence[str]) -> Iterator[_Event]:
    most = how.rate * (RAID_RATE if how.raid else 1.0)
    at = chance.expovariate(most)
    while at < how.seconds:
        if chance.random() * most < how.at(at):  # thinning: what remains comes at the current rate
            if chance.random() < how.spam:
                yield _message(at, f"도배꾼{chance.randrange(SPAMMERS)}", chance.choice(_SPAM))
            elif how.at(at) > how.rate and chance.random() < 0.7:
                yield _message(at, _name(1000 + chance.randrange(RAIDERS)), chance.choice(_RAID_LINES))
            else:
                yield _message(at, _name(chance.randrange(VIEWERS)), chance.choice(texts))
        at += chance.expovariate(most)


def _paid(how: Crowd, chance: Random) -> Iterator[_Event]:
    for number in range(how.bursts):
        begin = how.seconds * (number + 1) / (how.bursts + 1)
        for _ in range(BURST):
            name = _name(chance.randrange(VIEWERS))
            at = min(begin + chance.uniform(0.0, BURST_S), how.seconds)
            if chance.random() < 0.2:
                months = chance.choice(MONTHS)
                told = {"subscriberChannelId": _id(name), "subscriberNickname": name, "tierNo": 1, "month": months}
                yield at, "SUBSCRIPTION", {**told, "tierName": "1티어"}
            else:
                text, amount = chance.choice(_THANKS), str(chance.choice(AMOUNTS))
                told = {"donationType": "CHAT", "donatorChannelId": _id(name), "donatorNickname": name}
                yield at, "DONATION", {**told, "payAmount": amount, "donationText": text, "emojis": {}}


def _message(at: float, name: str, text: str) -> _Event:
    profile: dict[str, Any] = {"nickname": name, "badges": [], "verifiedMark": False, "userRoleCode": "common_user"}
    return at, "CHAT", {"senderChannelId": _id(name), "profile": profile, "content": text, "emojis": {}}


def _name(number: int) -> str:
    return f"{_NAMES[number % len(_NAMES)]}{number}"


def _id(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
