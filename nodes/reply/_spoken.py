"""Computes what a voice should say for written Korean, by small named rules applied one after the other.

No maintained library does this: ``kornorm`` has no free licence, ``brighto-norm4tts`` is proprietary,
``nemo_text_processing`` needs pynini, which has no wheels for Windows, and ``ko-speech-tools`` and ``hangeul`` read
only bare numbers. Numerals come from ``hangulpy``, English words from the CMU dictionary through ``ko-speech-tools``.
"""

import re
import unicodedata
from functools import lru_cache

from nodes.particles import after
from nodes.reply._reading import amounts, bracketed, calendar, calls, foreign, latin, sums, unsaid
from nodes.reply._reading.counters import COUNTER
from nodes.reply._reading.faces import FACES
from nodes.reply._reading.numerals import sino
from nodes.reply._reading.plain import plain
from nodes.reply._reading.pronunciation import NONE, Pronunciations
from nodes.reply._reading.rule import Rule, Stage, final, rule
from nodes.reply._reading.units import SQUARE
from schemas.language import KOREAN, Language

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_ONE_FOR_ONE = {"…": "...", "㈜": "주식회사 ", "№": "넘버 ", "‐": "-", "‑": "-"} | dict(
    zip("。、，！？～〜∼⁓〰￦￥￡￠−﹣’‘“”˚º₀₁₂₃₄₅₆₇₈₉", ".,,!?~~~~~₩¥£¢--''\"\"°°0123456789", strict=True)
)
_ROMAN = {chr(0x2160 + number): str(number + 1) for number in range(12)} | {
    chr(0x2170 + number): str(number + 1) for number in range(12)
}
_VULGAR = {
    character: unicodedata.normalize("NFKC", character).replace("\u2044", "/") for character in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅐⅑⅒"
}
_VOLUME = re.compile(rf"[\u2160-\u216b\u2170-\u217b](?=\s?(?:{COUNTER}))")
"""A Roman numeral says which one, never how many."""
_SIGNS = _WIDE | {ord(sign): text for sign, text in (_ONE_FOR_ONE | SQUARE | _ROMAN).items()}
_MIXED = re.compile(rf"(\d)?([{''.join(_VULGAR)}])")
_POWER = re.compile(r"(?<=\d)(?![²³](?![⁰¹²³⁴-⁹]))⁻?[⁰¹²³⁴-⁹]+")
_CIRCLED = re.compile("[①-⑳⓪❶-❿]")
_CIRCLED_ROW = re.compile("[①-⑳⓪❶-❿](?=[①-⑳⓪❶-❿])")
_FANCY = re.compile("[\u24b6-\u24e9\U0001d400-\U0001d7ff]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0e\ufe0f\ufeff]")
_HALVES = re.compile("[\u1100-\u11ff]")
_JAMO = "\u3131-\u318e"
_UNSAID = re.compile("[^가-힣 .,!?~]")
_MARKS = re.compile("[.,!?~][.,!?~]+")
_CLOSE = re.compile("[.,!?~](?=[.,!?~가-힣])")
_GLUED = re.compile("[.,!?](?=[가-힣])")
_BLANK_AND_MARK = (" .", " ,", " !", " ?", " ~")
_SYLLABLE = re.compile("[가-힣]")
_NAME_OF_MARKS = re.compile(r"(?:(?<=\s)|^)[.,!?~]+님(?=[\s,.!?~]|[이은의도과께을한]|$)")
_TWICE_SIR = re.compile(r"(?<=[가-힣]님)님(?=[\s,.!?~]|[이은의도과께을한]|$)")
"""What is added to a name that says it already."""
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_UNUSUAL = re.compile(f"[^ -~가-힣{_JAMO}]")
_NOT_HANGUL = re.compile("[^가-힣 .,!?]")
_ANY = re.compile("")
_WORD = re.compile(rf"({latin.WORD.pattern})((?:으로|로|을|를|이|가|은|는|과|와)(?=[\s.,!?~]|$))?")
"""A word and the particle behind it, which fits how the writer reads the word: DPS가, but 딜이."""
_FITS = (
    "이라고|라고|이라면|라면|이라도|라도|이라니|라니|이라는|라는|이라서|라서|"
    "이에요|예요|이란|란|이랑|랑|이나|으로|로|은|는|이|가|을|를|와|과"
)
_REST = "에게|에서|에|의|도|만|까지|부터|처럼|보다|서|는|입니다|이다|하고"
_BEHIND = (
    rf"([가-힣])[\"'”’」』》〉)\]}}>]{{1,3}}(?:({_FITS})(?=(?:{_REST})*(?![가-힣]))"
    rf"|(?=(?:{_REST}|이?래요|이?라며|나|야)+(?![가-힣])))"
)
"""A particle behind a quotation or brackets: ``"사과"를``."""
_POWERS = {"2": "", "²": "", "3": "세", "³": "세"}
_DIGIT = re.compile("[0-9]")
_LETTER = re.compile("[A-Za-z]")


def _signs(text: str) -> str:
    text = _VOLUME.sub(lambda match: sino(_ROMAN[match[0]]) + " ", _UNSEEN.sub("", text)).translate(_SIGNS)
    if text.isascii():
        return text
    if _HALVES.search(text) is not None:
        text = unicodedata.normalize("NFC", text)
    text = _FANCY.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    text = _MIXED.sub(lambda match: (f"{match[1]}과 " if match[1] else "") + _VULGAR[match[2]], text)
    text = _POWER.sub(lambda match: "^" + unicodedata.normalize("NFKC", match[0]).replace("\u2212", "-"), text)
    text = _CIRCLED_ROW.sub(r"\g<0> ", text)
    return _CIRCLED.sub(
        lambda match: f"{unicodedata.digit(match[0], None) or int(unicodedata.numeric(match[0]))}", text
    )


def _words(text: str, words: Pronunciations) -> str:
    def said(match: re.Match[str]) -> str:
        word, particle = match[1], match[2] or ""
        known = words.words.get(word.lower()) or latin.latin(word)
        return known + (after(known, particle) if particle else "")

    return _WORD.sub(said, text)


def _one_mark(match: re.Match[str]) -> str:
    return next(mark for mark in "?!~.," if mark in match[0])


def _punctuation(text: str) -> str:
    if "님" in text:
        text = _NAME_OF_MARKS.sub("시청자님", text)
        text = _TWICE_SIR.sub("", text)
    text = " ".join(_UNSAID.sub(" ", text).split())
    for mark in _BLANK_AND_MARK:
        text = text.replace(mark, mark[1])
    if _CLOSE.search(text) is not None:
        text = _GLUED.sub(r"\g<0> ", _MARKS.sub(_one_mark, text))
    text = text.lstrip(".,!?~ ")
    return text if _SYLLABLE.search(text) else ""


def _is(match: re.Match[str]) -> str:
    return f"{match[1]}{'은' if final(match[1]) else '는'} "


def _power(match: re.Match[str]) -> str:
    letters, power, particle = match[1] or match[2], match[3] or match[4], match[5]
    said = _POWERS[power] if power in _POWERS else sino(power)
    return f"{letters.upper()} {said}제곱" + (after("제곱", particle) if particle else "")


def _key(match: re.Match[str]) -> str:
    return match[0].rstrip("+ ") + " "


def _fitted(match: re.Match[str]) -> str:
    return match[1] + (after(match[1], match[2]) if match[2] else "")


def _without_accents(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKD", match[0])[0]


_FACES = Stage(FACES, _NOT_HANGUL)
_SIGNED = Stage((Rule("signs", _signs),), _UNUSUAL)
_MARKUP = Stage(unsaid.RULES, _NOT_HANGUL)
_FOREIGN = Stage(
    (
        rule("kana", foreign.KANA.pattern, lambda match: foreign.kana(match[0])),
        rule("greek", foreign.GREEK.pattern, lambda match: foreign.greek(match[0])),
        rule("hanja", foreign.HANJA.pattern, lambda match: foreign.hanja(match[0])),
        rule("accents", "[\u00c0-\u024f\u1e00-\u1eff]", _without_accents),
    ),
    _UNUSUAL,
)
_WORDS = (
    rule(
        "nameless",
        r"(?:(?<=\s)|^)[^가-힣A-Za-z0-9\s.,!?~\"'(]+\s?님(?=[\s,.!?~]|[이은의도과께을한]|$)",
        "시청자님",
        needs="님",
    ),
    rule(
        "span",
        r"(?<![가-힣])([일이삼사오육칠팔구십백천만억]*[백천만억조]\s?(?:원|명|달러|개))\s?~\s?"
        r"(?=[일이삼사오육칠팔구십백천만억]+\s?(?:원|명|달러|개))",
        r"\1에서 ",
        needs="~",
        near=r"[원명러개]\s?~",
    ),
    rule("laughs", f"[{_JAMO}][{_JAMO}]*", " "),
    rule(
        "weekdays",
        r"(?<![가-힣])([월화수목금토일])(?:요일)?\s?[~-]\s?([월화수목금토일])(?:요일)?(?=[은는에이가의,.!?\s]|$)",
        r"\1요일부터 \2요일",
        needs="~-",
        near="[~-]\\s?[월화수목금토일]",
    ),
    rule(
        "power",
        r"(?<![A-Za-z/])(?:(?<!\d)(?![ckm]m)([A-Za-z]{1,2})|(?<=\d)([xyabn]))(?:\^\{?(\d{1,2})\}?|([²³]))(을|를|은|는|이|가|과|와)?",
        _power,
        needs="^²³",
    ),
    rule("keys", r"(?:ctrl|alt|shift|cmd|command|win)\s?\+\s?(?=\w)", _key, re.IGNORECASE, needs="+"),
    rule("letters", r"(?<![A-Za-z])([A-Z])\s?~\s?(?=[A-Z](?![A-Za-z]))", r"\1부터 ", needs="~", near=r"[A-Z]\s?~"),
    rule("more", r"(?<=[\d가-힣])\s?([↑↓])", lambda match: " 이상" if match[1] == "↑" else " 이하", needs="↑↓"),
    rule(
        "mark",
        r"(?<![A-Za-z])([A-DF])-(?=[\s.,!?를가는도나만로면라인의학]|$)",
        r"\1 마이너스 ",
        needs="-",
        near="[A-DF]-",
    ),
    rule("company", r"\(주\)(?<![가-힣]\(주\))\s?(?=[가-힣A-Za-z]{2})", "주식회사 ", needs="("),
    Rule("roman", latin.roman, frozenset("IVX")),
    rule("numbered", latin.NUMBERED, latin.numbered, needs="123456789", near="[A-Z][1-9]"),
    rule("page", r"[pP](?<![A-Za-z].)[pP]?\.\s?(?=\d)", "페이지 ", needs="pP"),
    rule(
        "title",
        latin.TITLE,
        lambda match: latin.TITLES[match[1].lower()] + " ",
        re.IGNORECASE,
        needs=".",
        near=r"[A-Za-z]\.",
    ),
    rule("initials", latin.INITIALS, latin.initials, needs=".", near=r"[A-Za-z]\.[A-Za-z]"),
)
_NUMBERS = (
    Stage(calls.RULES, _DIGIT),
    Stage((*bracketed.RULES, *calendar.DATES), calendar.DATED),
    Stage((*calendar.TIMES, *sums.RULES, *amounts.RULES), _DIGIT),
)
_AT_LAST = Stage(
    (
        rule("plus", r"\+", " 플러스 ", needs="+"),
        rule("and", r"&", " 앤 ", needs="&"),
        rule("equals", r"([가-힣])\s?=\s?(?=[가-힣])", _is, needs="="),
        rule("behind", _BEHIND, _fitted, needs="\"'”’」』》〉)]}>"),
        rule(
            "behind",
            r"(?<=[일이삼사오육칠팔구십백천만억영공한두세네곱] )(시|초|달러|유로|리터|미터|도)이에요",
            r"\1예요",
            near="[시초러로터도]이에요",
        ),
        rule("marks", "[;:·]", ",", needs=";:·"),
        Rule("punctuation", _punctuation),
    ),
    _ANY,
)


@lru_cache(maxsize=512)
def spoken(text: str, words: Pronunciations = NONE) -> str:
    """Return what to say for ``text``: only Hangul syllables, spaces and ``.,!?~``; empty if nothing can be said.

    Counters take the numerals that Korean requires (``5개`` 다섯 개, ``1번`` 일 번), capitals are spelled (``AI``),
    and other English words come from the CMU pronouncing dictionary by the rules of loan-word spelling.

    Args:
        words: how the streamer wants words to be said; they take precedence over everything known here.
    """
    if words.needs.search(text) is None:
        return _punctuation(text)
    characters, known = frozenset(text), text
    for stage in _stages(words):
        if text != known:
            characters, known = frozenset(text), text
        for each in stage.rules_for(text, characters):
            text = each.apply(text)
    return text


def said(text: str, words: Pronunciations, language: Language) -> str:
    """Return what a voice of a language should say for ``text``."""
    return spoken(text, words) if language == KOREAN else plain(text, words)


def explained(text: str, words: Pronunciations = NONE) -> tuple[str, list[str]]:
    """Return ``spoken`` and the names of the rules that changed the text, in their order."""
    changed: list[str] = []
    for stage in _stages(words):
        for each in stage.rules_for(text):
            before, text = text, each.apply(text)
            if text != before and each.name not in changed:
                changed.append(each.name)
    return text, changed


def rules_for(words: Pronunciations) -> tuple[Rule, ...]:
    return tuple(each for stage in _stages(words) for each in stage.rules)


@lru_cache(maxsize=4)
def _stages(words: Pronunciations) -> tuple[Stage, ...]:
    return (
        _FACES,
        _SIGNED,
        _MARKUP,
        Stage((Rule("pronunciation", words.read),), words.needs),
        _FOREIGN,
        Stage(_WORDS, _NOT_HANGUL),
        *_NUMBERS,
        Stage((Rule("words", lambda text: _words(text, words)),), _LETTER),
        _AT_LAST,
    )


PATTERNS = tuple(pattern for each in rules_for(NONE) for pattern in each.patterns)
"""What is compiled when a text that needs it is first read."""
