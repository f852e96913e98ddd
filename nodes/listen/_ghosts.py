"""Recognises what a recogniser made up: Whisper answers silence and noise with sentences of its training.

Sources: PocketShell-io/pocketshell#452, speaches-ai/speaches#133; the thresholds of openai/whisper, ``transcribe.py``.
"""

import re
from dataclasses import dataclass

LEAST_VOICED_S = 0.3
NO_SPEECH = 0.6
"""Whisper is that sure that nobody spoke."""
UNSURE = -1.0
"""Mean log probability of a token below which an answer is a guess, if it is not sure that somebody spoke either."""
GUESS = -1.6
"""... and below which it is one in any case."""
REPEATED = 2.4
"""Text that can be compressed so far repeats itself."""
FASTEST = 14.0
"""Nobody speaks more letters than this in a second of voice."""
WITHIN = 1.35
"""A known ghost may be longer than its entry by this factor: another name of a station, another ending."""

GHOSTS = (
    "시청해주셔서 감사합니다",
    "시청해 주셔서 고맙습니다",
    "구독과 좋아요 부탁드립니다",
    "좋아요와 구독 알림설정 부탁드립니다",
    "다음 영상에서 만나요",
    "다음 영상에서 뵙겠습니다",
    "다음 시간에 만나요",
    "영상 시청해주셔서 감사합니다",
    "끝까지 시청해주셔서 감사합니다",
    "한글자막 by 한효정",
    "자막 제공 및 자막을 사용하였습니다",
    "자막 제공 배달의민족",
    "이 영상은 유료광고를 포함하고 있습니다",
    "MBC 뉴스 이덕영입니다",
    "KBS 뉴스입니다",
    "SBS 뉴스입니다",
    "YTN 뉴스입니다",
    "thank you for watching",
    "thanks for watching",
    "please subscribe",
    "subtitles by the amara.org community",
)
_NEWS = re.compile(r"^(?:mbc|kbs|sbs|jtbc|ytn)뉴스.{0,8}(?:입니다|이었습니다|였습니다)?$")


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser understood."""

    text: str
    no_speech: float | None = None
    """How sure it is that nobody spoke, 0..1; None where it does not tell."""
    logprob: float | None = None
    """Mean log probability of its tokens."""
    compression: float | None = None
    """How far the text can be compressed."""
    rest_s: float = 0.0
    """How long the recogniser must not be asked again, as its server says with the answer."""


def is_ghost(heard: Transcript, voiced_s: float) -> bool:
    """Whether nobody said this.

    Args:
        voiced_s: seconds in the sound in which somebody seems to speak.
    """
    letters = _letters(heard.text)
    if not letters or voiced_s < LEAST_VOICED_S or len(letters) > FASTEST * max(voiced_s, LEAST_VOICED_S):
        return True
    unsure = heard.logprob is not None and heard.logprob < UNSURE
    if heard.logprob is not None and heard.logprob < GUESS:
        return True
    if heard.no_speech is not None and heard.no_speech > NO_SPEECH and (unsure or heard.logprob is None):
        return True
    if heard.compression is not None and heard.compression > REPEATED:
        return True
    return _is_known(letters)


def _is_known(letters: str) -> bool:
    if _NEWS.match(letters):
        return True
    return any(ghost in letters and len(letters) <= WITHIN * len(ghost) for ghost in map(_letters, GHOSTS))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
