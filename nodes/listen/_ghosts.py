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
LEAST_OF_SAMPLE = 8
"""Letters that the end of a sample has at least, to be known."""
WITHIN = 1.35
"""A known ghost may be longer than its entry by this factor: another name of a station, another ending."""

GHOSTS = (
    "시청해주셔서 감사합니다",
    "시청해 주셔서 고맙습니다",
    "재미있게 보셨다면 구독과 좋아요",
    "다음 영상에서 만나요",
    "다음 영상에서 또 만나요",
    "다음 영상에서 뵙겠습니다",
    "다음 영상에서 뵐게요",
    "다음 시간에 만나요",
    "다음 시간에 뵙겠습니다",
    "영상 시청해주셔서 감사합니다",
    "끝까지 시청해주셔서 감사합니다",
    "오늘도 영상 시청해주셔서 감사합니다",
    "자막 제공 및 자막을 사용하였습니다",
    "자막 제공 배달의민족",
    "한국어 자막 제공",
    "이 영상은 유료광고를 포함하고 있습니다",
    "유료광고가 포함되어 있습니다",
    "thank you for watching",
    "thank you so much for watching",
    "thanks for watching",
    "please subscribe",
    "like and subscribe",
    "see you in the next video",
    "subtitles by the amara.org community",
    "ご視聴ありがとうございました",
    "チャンネル登録お願いします",
    "謝謝觀看",
    "谢谢观看",
    "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
    "請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目",
    "продолжение следует",
    "субтитры сделал DimaTorzok",
)
_NEWS = re.compile(
    r"^(?:지금까지|이상)?(?:(?:mbc|kbs|sbs|jtbc|ytn|mbn|obs|ebs|연합)(?:뉴스)?|뉴스|채널a뉴스|tv조선뉴스)"
    r"(?:[가-힣]{2,6}(?:입니다|이었습니다|였습니다)|입니다|였습니다)$|^(?:mbc|kbs|sbs|jtbc|ytn)뉴스.{0,8}$"
    r"|^(?:날씨|이시각세계|(?:지금까지|이상)뉴스[가-힣]{1,3})(?:이었|였)습니다$"
)
_SUBTITLES = re.compile(r"^(?:배달의민족)?(?:한글|한국어)?자막by[가-힣a-z]{2,12}$")
_PLEASE = re.compile(
    r"^(?=.*구독)(?=.*좋아요)(?:구독|좋아요|알림|설정|버튼|[과와도은는]|까지|그리고|한번|많은|많이|[씩꼭네]|여러분|오늘도"
    r"|부탁(?:드립니다|드려요|드릴게요|드리겠습니다|합니다|해요)|눌러주(?:세요|시면)|큰힘이됩니다|감사(?:하겠습|합)니다)+$"
)
"""A text of nothing but such words."""
_SENTENCE = re.compile(r"[.!?…。！？\n]+")
_POLITE = re.compile(r"^(?:네|예|그럼|여러분|감사합니다|고맙습니다|안녕|안녕히계세요|bye|byebye|thankyou)?$")
"""What a made-up sentence may stand beside."""
_NOTE = re.compile(r"[\[(（［{*♪♬][^\])）］}*♪♬]*(?:[\])）］}*♪♬]|$)")
"""What a recogniser writes of sounds: ``[음악]``, ``(박수)``, ``♪``."""
_AGAIN = re.compile(r"(.{2,4}?)\1{5,}|(.{5,40}?)\2{2,}|(.)\3{7,}")
"""A syllable eight times in a row, a word six times, or a sentence three times."""
_OWN_SCRIPTS = re.compile(r"[가-힣ㄱ-ㅣA-Za-z0-9]")
"""What Korean is written in."""


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
    language: str = ""
    """The language that it was told to hear, as ISO 639-1; empty if it found out by itself."""
    rest_s: float = 0.0
    """How long the recogniser must not be asked again, as its server says with the answer."""


def is_ghost(heard: Transcript, voiced_s: float, sample: str = "") -> bool:
    """Whether nobody said this.

    Args:
        voiced_s: seconds in the sound in which somebody seems to speak.
        sample: what the recogniser was given as a sample of style: it may answer noise with the end of it.
    """
    letters = _letters(_NOTE.sub("", heard.text))
    if not letters or voiced_s < LEAST_VOICED_S or len(letters) > FASTEST * max(voiced_s, LEAST_VOICED_S):
        return True
    unsure = heard.logprob is not None and heard.logprob < UNSURE
    if heard.logprob is not None and heard.logprob < GUESS:
        return True
    if heard.no_speech is not None and heard.no_speech > NO_SPEECH and (unsure or heard.logprob is None):
        return True
    if (heard.compression is not None and heard.compression > REPEATED) or _goes_round(letters):
        return True
    if heard.language == "ko" and 2 * len(_OWN_SCRIPTS.findall(letters)) < len(letters):
        return True
    sentences = [_letters(each) for each in _SENTENCE.split(_NOTE.sub("", heard.text))]
    telling = [each for each in sentences if not _POLITE.match(each)]
    if _is_known(letters) or (telling and all(map(_is_known, telling))):
        return True
    return len(letters) >= LEAST_OF_SAMPLE and _letters(sample).endswith(letters)


def _goes_round(letters: str) -> bool:
    """Whether most of a text is the same again and again."""
    return any(2 * len(again[0]) > len(letters) for again in _AGAIN.finditer(letters))


def _is_known(letters: str) -> bool:
    if _NEWS.match(letters) or _SUBTITLES.match(letters) or _PLEASE.match(letters):
        return True
    return any(ghost in letters and len(letters) <= WITHIN * len(ghost) for ghost in map(_letters, GHOSTS))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
