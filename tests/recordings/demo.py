"""Writes assets/recordings/demo.jsonl: the ninety seconds of chat that the demonstration plays again and again.

``python -m tests.recordings.demo``. The same bytes every time; nobody in it is real. ``{character}`` is the name of
the character, and the pictures of the emotes are in assets/overlay/emotes.
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.harness import ROOT
from tests.recordings.seven_minutes import STREAMER, Line, chat, donation, subscription

FILE = ROOT / "assets" / "recordings" / "demo.jsonl"
EMOTES = ("choco_hi", "choco_heart", "choco_lol", "choco_clap", "choco_cry")
STREAMER_ROLE, MANAGER_ROLE = "streamer", "streaming_channel_manager"

# seconds, who, what: a line a viewer; the streamer and a manager among them
CHAT: tuple[tuple[float, str, str], ...] = (
    (0.6, "달빛토스트", "{character}야 안녕! 오늘 첫방문이에요"),
    (1.4, "민트곰돌이", "안녕하세요~ {:choco_hi:}"),
    (6.2, "우주먼지7", "와 진짜 대답하네 ㅋㅋㅋㅋ {:choco_lol:}"),
    (7.0, "라떼는말이야요", "ㅋㅋㅋㅋㅋ"),
    (10.5, STREAMER, "다들 어서 와요! 오늘은 {character}랑 같이 해요"),
    (12.0, "새벽세시라면", "{character} 너 AI야? 누가 말하는 거야?"),
    (13.1, "뽀짝수달", "{character}는 밥 먹었어?"),
    (14.0, "구름위우동", "목소리 귀엽다 {:choco_heart:}"),
    (18.4, "도도한감자", "{character}야 몇 살이야?"),
    (19.6, "느긋한펭귄", "입 움직이는 거 신기하다"),
    (24.3, "졸린다람쥐", "오늘 저녁 뭐 먹지 추천 좀"),
    (25.0, "파란우산", "저는 떡볶이 {:choco_hi:}"),
    (25.8, "귤까먹는중", "귤 5개째 먹는 중"),
    (30.2, "한강오리배", "오늘 생일인데 축하해줘!"),
    (31.0, "소금빵러버", "헐 축하해요 {:choco_clap:}{:choco_clap:}"),
    (31.6, "무지개떡", "생일 축하해요~"),
    (37.4, "벼락치기왕", "{character}야 오늘 시험 망했어 ㅠㅠ {:choco_cry:}"),
    (38.5, "두부한모", "괜찮아 다음에 잘하면 되지"),
    (43.0, "밤샘매니저", "스포일러는 참아 주세요!"),
    (44.2, "별똥별수집가", "{character} 취미가 뭐야?"),
    (45.1, "탄산빠진콜라", "가위바위보 할래?"),
    (50.6, "야식요정", "보스 체력 10%밖에 안 남았어"),
    (51.2, "고구마형사", "제발 제발"),
    (51.9, "눈사람단장", "이번엔 깬다"),
    (53.0, "겜알못", "깼다!!!!!"),
    (53.2, "콩나물국밥", "와아아아 {:choco_clap:}"),
    (53.5, "감자탕사리", "드디어 클리어 ㅠㅠㅠㅠ"),
    (53.8, "숲속도서관", "나이스!!"),
    (54.1, "양말한짝", "GG"),
    (54.6, STREAMER, "와 진짜 깼다 손 떨려"),
    (60.3, "하품대장", "{character}야 방금 봤어?"),
    (61.2, "마늘바게트", "{character} 덕분에 웃는다 고마워 {:choco_heart:}"),
    (66.8, "수박씨발라먹기", "우리 강아지도 같이 보는 중"),
    (67.5, "딸기우유단", "강아지 보여 주세요!"),
    (72.0, "돌고래통신", "{character}야 노래 한 곡만 불러줘!"),
    (73.3, "꿀잠연구원", "오 듣고 싶다"),
    (79.0, "반숙계란", "{character} 사랑해 {:choco_heart:}{:choco_heart:}"),
    (80.2, "달빛토스트", "첫방문인데 재밌어요. 팔로우 눌렀어요!"),
    (85.5, "민트곰돌이", "{character} 안녕 나 이제 자러 갈게"),
    (86.6, "퇴근하고싶다", "잘 자요 {:choco_hi:}"),
)
DONATIONS: tuple[tuple[float, str, int, str, str], ...] = (
    (4.0, "소금빵러버", 5000, "CHAT", "{character}야 저녁 맛있는 거 먹어!"),
    (34.0, "", 1000, "CHAT", "익명으로 응원해요"),
    (54.4, "치즈폭포", 50000, "CHAT", "클리어 축하해요!!! {:choco_clap:}"),
    (76.0, "야식요정", 10000, "VIDEO", "이 영상 꼭 봐 주세요 ㅋㅋ"),
)
SUBSCRIPTIONS: tuple[tuple[float, str, int, int], ...] = ((21.5, "달고나두개", 1, 1), (58.0, "은하철도우", 1, 12))


def _chat(at: float, name: str, text: str) -> Line:
    role = {STREAMER: STREAMER_ROLE, "밤샘매니저": MANAGER_ROLE}.get(name, "common_user")
    at, event, payload = chat(at, name, text, role=role)
    payload["profile"]["badges"] = []
    return at, event, {**payload, "emojis": _pictures(text)}


def _donation(at: float, name: str, amount: int, kind: str, text: str) -> Line:
    at, event, payload = donation(at, name, str(amount), kind, text)
    return at, event, {**payload, "emojis": _pictures(text)}


def _pictures(text: str) -> dict[str, str]:
    return {key: f"/emotes/{key}.svg" for key in EMOTES if f"{{:{key}:}}" in text}


def _lines() -> Iterator[Line]:
    yield from (_chat(*each) for each in CHAT)
    yield from (_donation(*each) for each in DONATIONS)
    yield from (subscription(*each) for each in SUBSCRIPTIONS)


def show() -> list[str]:
    """Return the lines of the recording in order of time."""
    told: list[dict[str, Any]] = [
        {"t": at, "event": event, "payload": json.dumps(payload, ensure_ascii=False)}
        for at, event, payload in sorted(_lines(), key=lambda line: line[0])
    ]
    return [json.dumps(line, ensure_ascii=False) for line in told]


if __name__ == "__main__":
    FILE.write_text("\n".join(show()) + "\n", encoding="utf-8", newline="\n")
