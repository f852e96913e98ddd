"""Korean text as it is pronounced: Hangul -> surface Hangul -> IPA.

The rules are those of the Standard Pronunciation (표준 발음법); numbers in brackets name its articles. What cannot be
seen from the letters (물고기 is 물꼬기 but 불고기 stays) is in a word list.
"""

import re
from itertools import pairwise

ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
NO_CODA = " "
_FIRST, _LAST = 0xAC00, 0xD7A3

_CLUSTER = {
    "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ",
    "ㄶ": "ㄴㅎ",
    "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ",
    "ㅄ": "ㅂㅅ",
}
"""Coda of two letters -> the letters."""
_NEUTRAL = {
    **dict.fromkeys("ㄱㄲㅋㄳㄺ", "ㄱ"),
    **dict.fromkeys("ㄷㅌㅅㅆㅈㅊㅎ", "ㄷ"),
    **dict.fromkeys("ㅂㅍㅄㄿ", "ㅂ"),
    **dict.fromkeys("ㄴㄵㄶ", "ㄴ"),
    **dict.fromkeys("ㄹㄼㄽㄾㅀ", "ㄹ"),
    **dict.fromkeys("ㅁㄻ", "ㅁ"),
    "ㅇ": "ㅇ",
    NO_CODA: NO_CODA,
}
"""Any coda -> one of the seven that can be heard (8-11)."""
_TENSE = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ"}
_ASPIRATED = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}
_PALATAL = {"ㄷ": "ㅈ", "ㅌ": "ㅊ"}
_TENSING_CLUSTERS = {"ㄵ": "ㄴ", "ㄻ": "ㅁ", "ㄼ": "ㄹ", "ㄾ": "ㄹ"}
"""Codas that are voiced when heard but still make the next sound tense (24, 25): 앉고, 닮다, 넓다, 핥다."""
_H_REST = {"ㅎ": NO_CODA, "ㄶ": "ㄴ", "ㅀ": "ㄹ"}
"""Coda with ㅎ -> what is left when ㅎ melts into the next sound (12)."""
_PLAIN_Y = {"ㅑ": "ㅏ", "ㅕ": "ㅓ", "ㅛ": "ㅗ", "ㅠ": "ㅜ", "ㅒ": "ㅐ", "ㅖ": "ㅔ"}

_LEXICAL_TABLE = """
ㄴ between the parts of a compound (29): 꽃잎 꼰닙, 깻잎 깬닙, 나뭇잎 나문닙, 담요 담뇨, 솜이불 솜니불, 맨입 맨닙
ㄴ between the parts of a compound (29): 한여름 한녀름, 색연필 생년필, 식용유 시굥뉴, 눈요기 눈뇨기, 두통약 두통냑
ㄴ between the parts of a compound (29): 서울역 서울력, 물약 물략, 알약 알략, 볼일 볼릴, 할일 할릴, 별일 별릴
ㄴ between the parts of a compound (29): 웬일 웬닐, 집안일 지반닐, 부산역 부산녁, 강남역 강남녁
the coda of a part stays neutral (15): 맛없 마덦, 멋없 머덦, 첫인상 처딘상, 헛웃음 허두슴, 몇월 며둴
the coda of a part stays neutral (15): 겉옷 거돋, 맏형 마텽
tense after ㄹ of Chinese words (26): 발전 발쩐, 갈등 갈뜽, 갈증 갈쯩, 발달 발딸, 절대 절때, 결정 결쩡, 열정 열쩡
tense after ㄹ of Chinese words (26): 열심 열씸, 일정 일쩡, 설정 설쩡, 일상 일쌍, 출신 출씬, 실수 실쑤, 실제 실쩨
tense after ㄹ of Chinese words (26): 활동 활똥, 출동 출똥, 발생 발쌩, 철저 철쩌, 설득 설뜩, 물질 물찔
tense after ㄹ of Chinese words (26): 결승 결씅, 일등 일뜽
tense by custom (28): 글자 글짜, 한자 한짜, 한자리 한자리, 문자 문짜, 숫자 숟짜, 문법 문뻡, 인기 인끼, 인기척 인기척
tense by custom (28): 조건 조껀, 사건 사껀, 성격 성껵, 장점 장쩜, 단점 단쩜, 점수 점쑤, 만점 만쩜, 치과 치꽈, 내과 내꽈
tense between the parts of a compound (28): 용돈 용똔, 비빔밥 비빔빱, 아침밥 아침빱, 점심밥 점심빱, 김밥 김빱
tense between the parts of a compound (28): 물고기 물꼬기, 손가락 손까락, 발가락 발까락, 눈동자 눈똥자, 눈빛 눈삗
tense between the parts of a compound (28): 달빛 달삗, 별빛 별삗, 눈길 눈낄, 손길 손낄, 밤길 밤낄, 술집 술찝
tense between the parts of a compound (28): 강가 강까, 등불 등뿔, 산불 산뿔, 보름달 보름딸, 아침잠 아침짬
ㄴ that does not yield to ㄹ (20): 의견란 의견난, 생산량 생산냥, 결단력 결딴녁, 판단력 판단녁, 공권력 공꿘녁
ㄴ that does not yield to ㄹ (20): 음운론 으문논, 이원론 이원논, 상견례 상견녜, 입원료 이붠뇨
ㄼ heard as ㅂ; ㄺ and ㄻ of nouns (10, 11): 넓적 넙쩍, 넓죽 넙쭉, 닭고기 닥꼬기, 닭갈비 닥깔비, 닭과 닥꽈, 흙과 흑꽈
ㄼ heard as ㅂ; ㄺ and ㄻ of nouns (10, 11): 삶도 삼도, 삶과 삼과
"""
_LEXICAL = {
    written: heard
    for line in _LEXICAL_TABLE.strip().splitlines()
    for written, heard in (pair.split() for pair in line.partition(": ")[2].split(", "))
}
"""Beginning of a word -> a spelling from which the rules give its pronunciation."""
_LEXICAL_WORDS = re.compile("|".join(sorted(_LEXICAL, key=len, reverse=True)))
_TREAD = re.compile("밟(?=[가-앃자-핗])")
"""밟 before a consonant other than ㅎ, where its ㄼ is heard as ㅂ (10)."""

_AFTER_L = re.compile(
    r"(?:거(?:야|예요|에요|죠|지|니|라|든|나|고|면)?|것(?:이|은|을|도|만|이다|입니다|같아|같아요)?|겁니다|걸(?:요|로)?|게요?|"
    r"건(?:가|가요|데|데요|지)?|수(?:가|는|도|만|밖에|록)?|줄(?:은|을|도)?|데(?:가|는|도)?)"
)
"""Dependent nouns that begin tense after a modifier in -ㄹ (27): 할 거예요, 갈 수, 쉴 데."""
_FUTURE_ENDING = re.compile(r"(?:게|게요|걸|걸요|수록|지|지도|지요)")
"""The same in one word: 할게요, 갈걸, 할수록, 할지."""


_NOUNS_IN_UI = frozenset(
    (
        "문의",
        "논의",
        "편의",
        "합의",
        "협의",
        "결의",
        "열의",
        "혐의",
        "본의",
        "신의",
        "한의",
        "적의",
        "선의",
        "악의",
        "발의",
    )
)
"""Words whose last syllable is not the particle 의."""


def split(syllable: str) -> tuple[str, str, str]:
    """Split one Hangul syllable into onset, vowel, coda (``NO_CODA`` for none)."""
    code = ord(syllable) - _FIRST
    return ONSETS[code // 588], VOWELS[code % 588 // 28], CODAS[code % 28]


def join(onset: str, vowel: str, coda: str) -> str:
    """Return the syllable: the inverse of ``split``."""
    return chr(_FIRST + ONSETS.index(onset) * 588 + VOWELS.index(vowel) * 28 + CODAS.index(coda))


def surface(word: str) -> str:
    """Return a word of Hangul as it is heard, in Hangul of the same number of syllables: 국물 -> 궁물, 같이 -> 가치.

    Pure. The result has only the codas ㄱㄴㄷㄹㅁㅂㅇ.

    Raises:
        ValueError: a character is not a Hangul syllable.
    """
    if not all(_FIRST <= ord(letter) <= _LAST for letter in word):
        raise ValueError(f"not Hangul: {word!r}")
    if found := _LEXICAL_WORDS.match(word):
        word = _LEXICAL[found.group()] + word[found.end() :]
    word = _TREAD.sub("밥", word)
    word = _tense_after_future(word)
    heard = [list(split(syllable)) for syllable in word]
    for this, following in pairwise(heard):
        this[2], following[0] = _meet(this[2], following[0], following[1])
    if heard:
        heard[-1][2] = _NEUTRAL[heard[-1][2]]
        if word[1:].endswith("의") and heard[-1][0] != "ㅇ" and word[-2:] not in _NOUNS_IN_UI:
            heard[-1][1] = "ㅔ"  # the particle, which may be said so (5): 삼분의 삼부네
    return "".join(
        join(onset, _vowel(onset, vowel, at, len(heard)), coda) for at, (onset, vowel, coda) in enumerate(heard)
    )


def _tense_after_future(word: str) -> str:
    for at in range(1, len(word)):
        if split(word[at - 1])[2] == "ㄹ" and _FUTURE_ENDING.fullmatch(word[at:]):
            return word[:at] + _tensed(word[at]) + word[at + 1 :]
    return word


def _tensed(syllable: str) -> str:
    onset, vowel, coda = split(syllable)
    return join(_TENSE.get(onset, onset), vowel, coda)


def _meet(coda: str, onset: str, vowel: str) -> tuple[str, str]:
    """Return what becomes of a coda and the onset after it; ``vowel`` follows the onset."""
    if coda == NO_CODA:
        return coda, onset
    if onset == "ㅇ":
        return _link(coda, vowel)
    if coda in _H_REST:
        return _melt(coda, onset)
    if onset == "ㅎ":
        return _aspirate(coda, vowel)
    return _touch(coda, onset)


def _link(coda: str, vowel: str) -> tuple[str, str]:
    """Liaison (13, 14), with ㅎ silent (12.4) and palatalisation (17)."""
    if coda == "ㅇ":
        return "ㅇ", "ㅇ"
    if coda == "ㅎ":
        return NO_CODA, "ㅇ"
    rest, moving = _CLUSTER.get(coda, NO_CODA + coda)
    if moving == "ㅎ":
        return NO_CODA, rest
    if vowel in "ㅣㅕ":
        moving = _PALATAL.get(moving, moving)
    if rest != NO_CODA and moving == "ㅅ":
        moving = "ㅆ"
    return rest, moving


def _melt(coda: str, onset: str) -> tuple[str, str]:
    """ㅎ, ㄶ, ㅀ before a consonant (12)."""
    rest = _H_REST[coda]
    if onset in _ASPIRATED:
        return rest, _ASPIRATED[onset]
    if onset == "ㅅ":
        return rest, "ㅆ"
    if rest == NO_CODA:
        return _touch("ㄷ", onset)
    return _touch(rest, onset)


def _aspirate(coda: str, vowel: str) -> tuple[str, str]:
    """A coda before ㅎ (12.1, 17): 축하, 밝혀, 닫혀."""
    rest, last = _CLUSTER.get(coda, NO_CODA + coda)
    if last in "ㄷㅌ" and vowel in "ㅣㅕ":
        return rest, "ㅊ"
    if last == "ㅈ":
        return rest, "ㅊ"
    heard = _NEUTRAL[last]
    if heard in _ASPIRATED:
        return rest, _ASPIRATED[heard]
    return _NEUTRAL[coda], "ㅎ"


def _touch(coda: str, onset: str) -> tuple[str, str]:
    """Two consonants that meet: tensing (23-25), nasals (18, 19), liquids (20)."""
    if coda == "ㄺ" and onset == "ㄱ":
        return "ㄹ", "ㄲ"
    if coda in _TENSING_CLUSTERS and onset in _TENSE:
        return _TENSING_CLUSTERS[coda], _TENSE[onset]
    heard = _NEUTRAL[coda]
    if heard in _NASAL:
        if onset in "ㄴㅁㄹ":
            return _NASAL[heard], "ㄴ" if onset == "ㄹ" else onset
        return heard, _TENSE.get(onset, onset)
    if heard in "ㅁㅇ" and onset == "ㄹ":
        return heard, "ㄴ"
    if heard + onset in ("ㄴㄹ", "ㄹㄴ"):
        return "ㄹ", "ㄹ"
    return heard, onset


def _vowel(onset: str, vowel: str, at: int, length: int) -> str:
    """Vowels that are simplified (5): 희망, 시계, 가져, 회의실; 의 at the end may be a particle and stays."""
    if vowel == "ㅢ" and (onset != "ㅇ" or 0 < at < length - 1):
        return "ㅣ"
    if onset in "ㅈㅉㅊ":
        return _PLAIN_Y.get(vowel, vowel)
    if vowel == "ㅖ" and onset not in "ㅇㄹ":
        return "ㅔ"
    return vowel


_VOWEL_SIGNS = "a,e,ja,je,ʌ,e,jʌ,je,o,wa,we,we,jo,u,wʌ,we,wi,ju,ɯ,ɯi,i"
_ONSET_SIGNS = "k,k,n,t,t,ɾ,m,p,p,s,s,,ʨ,ʨ,ʨʰ,kʰ,tʰ,pʰ,h"
_VOWEL_IPA = dict(zip(VOWELS, _VOWEL_SIGNS.split(","), strict=True))
_ONSET_IPA = dict(zip(ONSETS, _ONSET_SIGNS.split(","), strict=True))
"""Tense sounds have no sign in the model's alphabet: unaspirated and voiceless is the nearest."""
_VOICED_IPA = {"ㄱ": "ɡ", "ㄷ": "d", "ㅂ": "b", "ㅈ": "ʥ"}
_CODA_IPA = {NO_CODA: "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ŋ"}
_PIECE = re.compile(r"[가-힣]+|\s+|[,.!?…]")


def ipa(text: str) -> str:
    """Return Korean text in IPA; of everything but Hangul only spaces and ``, . ! ? …`` are kept."""
    out: list[str] = []
    before = ""
    for piece in _PIECE.findall(text):
        if not _FIRST <= ord(piece[0]) <= _LAST:
            out.append(" " if piece.isspace() else piece)
            before = before if piece.isspace() else ""
            continue
        after_l = before and split(before[-1])[2] == "ㄹ" and _AFTER_L.fullmatch(piece)
        out.append(_word_ipa(surface(_tensed(piece[0]) + piece[1:] if after_l else piece)))
        before = piece
    return "".join(out).strip()


def _word_ipa(heard: str) -> str:
    out: list[str] = []
    coda: str | None = None
    for onset, vowel, next_coda in map(split, heard):
        sound = _ONSET_IPA[onset]
        if onset in _VOICED_IPA and coda is not None and coda in " ㄴㄹㅁㅇ":
            sound = _VOICED_IPA[onset]
        elif onset in "ㅅㅆ" and (_VOWEL_IPA[vowel][0] in "ij" or vowel == "ㅟ"):
            sound = "ɕ"
        elif onset == "ㄹ" and coda == "ㄹ":
            sound = "l"
        out.append(sound + _VOWEL_IPA[vowel] + _CODA_IPA[next_coda])
        coda = next_coda
    return "".join(out)
