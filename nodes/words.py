"""Words that are not let through: a list of one's own, and what is rude in Korean."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nodes.text import clean, without_emotes


@dataclass(frozen=True, slots=True)
class _Word:
    letters: str
    """Letters and digits only: a quick test before the exact one."""
    pattern: re.Pattern[str]


class BannedWords:
    """A list of words; punctuation between the letters of a word never hides it, and blanks only rarely.

    Blanks are gaps only where the word begins on its own, and, for a word of two letters, ends on its own too: "시 발"
    is found, "다시 발표" is not.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = [_word(word) for word in words]
        self._any = re.compile("|".join(re.escape(word.letters) for word in self._words))
        """Finds the letters of any word: almost no line holds one, and this is quicker than one word at a time."""

    @classmethod
    def parse(cls, text: str) -> "BannedWords":
        """One word a line; ``#`` begins a comment."""
        lines = (clean(re.split(r"(?:^|\s)#", line, maxsplit=1)[0]).lower() for line in text.splitlines())
        return cls([line for line in dict.fromkeys(lines) if line])

    def __contains__(self, text: str) -> bool:
        """Whether the text, which ``clean`` has given, holds one of the words."""
        if not self._words:
            return False
        lowered = without_emotes(text.lower())
        letters = _letters(lowered)
        if self._any.search(letters) is None:
            return False
        return any(word.letters in letters and word.pattern.search(lowered) for word in self._words)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _word(word: str) -> _Word:
    letters = _letters(word)
    if not letters:
        return _Word("", re.compile(re.escape(word)))
    characters = [re.escape(letter) for letter in letters]
    dense = r"(?:[^\w\s]|_)*".join(characters)
    spaced = r"[\W_]*".join(characters)
    end = r"(?![^\W_])" if len(characters) == 2 else ""
    return _Word(letters, re.compile(rf"{dense}|(?<![^\W_]){spaced}{end}"))


NO_WORDS = BannedWords(())

_RUDE_WORDS = """
    시발 씨발 씨빨 쒸발 시바알 씨바알 시이발 씨이발 시1발 씨1발 시2발 씨2발 시bal 씨bal tlqkf ㅅㅂ ㅆㅂ 씹새 썅
    병신 븅신 병쉰 병1신 ㅂㅅ ㅄ 개새끼 개색기 개새1끼 개지랄 지랄 ㅈㄹ 염병하 육시랄 니미럴 존나 졸라게 ㅈㄴ 좆 젓같
    미친놈 미친년 미친새끼 니애미 느금마 느그엄마 쌍년 쌍놈 엠창 엠뒤 창녀 걸레년 호로새끼 십팔놈 18놈 18년아
    ㅈ같 뒤져라 나가뒤져 나가죽어 자살해라 강간 빨통 따먹고싶
    맘충 틀딱 틀니딱딱 김치녀 한남충 짱깨 쪽바리 깜둥이 홍어새끼
    fuck bitch nigger nigga faggot
"""
_RUDE = BannedWords(_RUDE_WORDS.split())
"""What must be found whatever the library knows; it misses some of the commonest."""
_HARMLESS = re.compile(
    r"시발(?:점|역|택시|자동차|차|유|음)"
    r"|\d\s*시\s*발|역시\s*발라|시\s*발(?=표|송|매|견|생|언|령|행|화|전|동|포|사|목|상|열|걸음|등|끝)"
    r"|(?:아저|아가|날|글|솜|말|불|맘)씨\s*발|시방"
    r"|새끼(?=\s?(?:손가락|발가락|손톱|발톱|고양이|강아지|곰|사자|호랑이|양|새|오리|펭귄|돼지|염소|거북|토끼|다람쥐|여우))"
    r"|새끼(?=(?:를|도|들을)?\s?(?:\S{1,3}\s?마리\s?)?(?:낳|뱄|배서|키우))|(?:고양이|강아지|제비|호랑이|모기|벌레|쥐)\s?새끼"
    r"|(?:삼시|하루(?:에)?)\s?세\s?끼|세\s?끼(?=[를씩만는도나]|\s(?:다|먹|챙|꼬박|모두|밥))"
    r"|병신년|병신도|지랄탄|전염병|essex|sussex"
    r"|(?:불|화면|컴|컴퓨터|모니터|핸드폰|폰|전원|tv|티비|소리|조명|노트북|게임|앱|방송|마이크|캠|카메라)\S{0,2}"
    r"\s?(?:\S{1,3}\s)?꺼져"
    r"|(?<!나가)뒤져\s?(?=보|봐|봤|볼|본)|야\s+스|(?<=[오호로])ㅗ+|ㅁㅊ(?!\s?[놈년새])"
)
"""What only looks rude: it is cut out before anything is judged."""
_KINDS = ("general", "minor", "sexual", "belittle", "race", "parent")
"""The library's lists that are asked; those for politics and foreign languages stop too much that is harmless."""
_SINGLES = re.compile(r"(?<!\S)\S(?:\s+\S(?!\S))+")


class Profanity:
    """Rude Korean: a list of ours, what only looks like it left out, and the library korcen (Apache-2.0).

    It finds slurs and curses, not malice in plain words. Making one loads the library (once, about 60 ms); judging
    takes about 0.1 ms for a line of chat.
    """

    def __init__(self) -> None:
        self._judge = _library()

    def __contains__(self, text: str) -> bool:
        """Whether the text, which ``clean`` has given, is rude."""
        return _rude(self._judge, text)


@lru_cache(maxsize=2048)  # chat repeats itself
def _rude(judge: Callable[[str, str], object], text: str) -> bool:
    parts = [part for part in _HARMLESS.split(without_emotes(text.lower(), " ")) if any(map(str.isalnum, part))]
    return any(part in _RUDE for part in parts) or any(_judged(judge, part) for part in parts)


def _judged(judge: Callable[[str, str], object], text: str) -> bool:
    """The library joins all words; believed only if one word, or single letters in a row, are rude as well."""
    kinds = [kind for kind in _KINDS if judge(text, kind)]
    words = _SINGLES.sub(lambda singles: "".join(singles[0].split()), text).split() if kinds else []
    return any(judge(word, kind) for kind in kinds for word in words)


@lru_cache(maxsize=1)
def _library() -> Callable[[str, str], object]:
    """korcen without what its import does to the program.

    It puts a colouring stream in the place of stdout, and where it was not compiled when it was installed (uv) Python
    warns of three backslashes in its source.
    """
    import atexit
    import warnings

    import colorama
    from colorama import initialise

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"(?i).*invalid escape sequence")
        from korcen import korcen

    colorama.deinit()
    atexit.unregister(initialise.reset_all)
    library: Any = korcen
    return library.check_and_report_profanity_pattern
