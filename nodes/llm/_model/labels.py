"""Whose words a line is, by the label in front of it: ``User:``, ``시청자 하늘:``, ``### Instruction``. Pure."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal

Whose = Literal["", "theirs", "own", "perhaps"]
"""``perhaps``: more is needed to tell."""

_PEOPLE = (
    "user", "users", "viewer", "viewers", "chatter", "human", "audience", "subscriber", "donor",
    "시청자", "시청자들", "시청자분", "사용자", "유저", "손님", "청취자", "구독자", "후원자", "채팅창",
)  # fmt: skip
_THEIRS = (
    *_PEOPLE, "chat", "system", "developer", "tool", "instruction", "instructions", "input", "question", "prompt",
    "context", "message", "comment", "익명", "메시지", "댓글",
    "채팅", "시스템", "질문", "지시", "명령", "입력", "q", "h", "用户", "ユーザー", "指令",
    "視聴者", "リスナー", "コメント",
    "thinking", "thought", "thoughts", "thought process", "thinking process", "chain of thought",
    "internal thought", "internal thoughts", "internal monologue", "inner thought", "inner thoughts", "inner monologue",
    "속마음", "생각 과정", "사고 과정", "ooc", "system note", "author's note", "internal",
    "reasoning", "analysis", "explanation", "생각", "추론", "분석", "설명",
)  # fmt: skip
_OWN = (
    "assistant", "ai", "bot", "model", "response", "answer", "final answer", "output", "reply", "streamer", "host",
    "답변", "대답", "응답", "출력", "방송인", "스트리머", "진행자", "a", "you", "me", "나",
)  # fmt: skip
PEOPLE = re.compile(
    rf"[-*#• ]{{0,6}}(?:방송인|스트리머|진행자|{'|'.join(each for each in _PEOPLE if each[0] >= '가')})"
)
"""Who a line of a summary is about: ``- 시청자 하늘: 라면을 좋아함``."""
_ROLES = ("user", "human", "system", "assistant", "model", "tool")
"""What a chat template leaves on a line of its own when its marks are removed."""
_WORDS = sorted({*_THEIRS, *_OWN}, key=len, reverse=True)
LONGEST = 64
HANGUL, LATIN = re.compile("[가-힣]"), re.compile("[A-Za-z]")
_TELLS = (
    r"(?:[^\S\n]sa(?:ys|id)|(?:이|가)[^\S\n]물(?:어요|었어요|었습니다|어보셨어요))"
    r"|(?:이|가|의)?[^\S\n]?(?:말|질문|채팅|메시지|이야기)(?:을|를)?[^\S\n]?"
    r"(?:해요|합니다|했다|했어요|했습니다|하셨어요|하길|함|하며|하는 말)?"
)
_OPEN_TELLS = (
    r"(?:[^\S\n]s(?:a(?:ys?|id?)?)?|(?:이|가)[^\S\n]물(?:어(?:요|보(?:셨(?:어요?)?)?)?|었(?:어요?|습(?:니다?)?)?)?"
    r"|(?:이|가|의)?[^\S\n]?(?:말|질|질문|채|채팅|메|메시|메시지|이야|이야기)(?:을|를)?[^\S\n]?"
    r"(?:해|해요|합|합니|합니다|했|했다|했어|했어요|했습|했습니|했습니다"
    r"|하셨|하셨어|하셨어요|하|하길|함|하며|하는|하는 말?)?|(?:이|가|의)[^\S\n]?)?"
)
_TIME = r"(?:[\[(]?(?:오[전후][^\S\n]?)?\d{1,2}:\d{2}(?::\d{2})?[\])]?[^\S\n]{1,2})?"
_BEFORE = rf"(?:[\[(]?\d{{1,2}}[.)\]][^\S\n]?)?{_TIME}[-*#>\[(<\"'`「『“‘@–—•💬🗨👤 \ufe0f]{{0,8}}"
_ONE_MORE = (
    "next ",
    "new ",
    "another ",
    "다음 ",
    "새 ",
    "새로운 ",
    "또 다른 ",
    "다른 ",
    "익명 ",
    "익명의 ",
    "gpt4 correct ",
)
"""How a model announces one more turn of somebody."""
_OTHER_ONE = rf"(?:{'|'.join(_ONE_MORE)})?"
_NAME = r"(?!여러분|분들|분들께|님들)[^\s:：>.,!?…\n\"'()\[\]]{1,20}"
_NUMBER = (
    r"[^\S\n]?(?:\d{1,3}|[A-Za-z](?![A-Za-z])|님|said|says|\([^()\n:：>.,!?…]{0,20}\)"
    r"|[\"'\[「][^\"'\[\]「」\n:：>.,!?…]{0,20}[\"'\]」])"
)
_AFTER = r"[ *\])\"'`」』”’>]{0,4}"
_SOON = r"(?=[^:：.,!?…\n]{0,24}[:：>])"
_WHOSE = rf"(?:의[^\S\n]?(?:질문|채팅|말|메시지)|[^\S\n](?!수[^\S\n]?[:：]){_NAME}(?:[^\S\n]?님)?)?"
_PERSON = rf"(?P<person>{'|'.join(_PEOPLE)})(?![a-z]{{2}}){_SOON}(?:{_NUMBER}){{0,2}}{_WHOSE}"
_OTHER = rf"(?P<word>{'|'.join(map(re.escape, _WORDS))})(?![a-z가-힣]){_SOON}(?:{_NUMBER})?"
_LABEL = re.compile(
    rf"{_BEFORE}(?P<dashed>{'|'.join(_PEOPLE)})(?:{_NUMBER}){{0,2}}[-–—](?=[ \t])"
    rf"|{_BEFORE}{_OTHER_ONE}(?:{_PERSON}|{_OTHER}){_AFTER}(?:[:：]|[^\S\n]?>(?=\s))"
    rf"|\*\*(?P<bold>{'|'.join(map(re.escape, _WORDS))})\*\*[ \t]*\n"
    r"|\*\*(?P<strong>thinking(?: process)?|thoughts?(?: process)?|reasoning|analysis|(?:final )?answer|response|reply)"
    r"\*\*(?=[ \t]+\S)"
    rf"|#{{1,6}}[^\S\n]?\**(?P<head>{'|'.join(map(re.escape, _WORDS))})\**[ \t]*\n"
    rf"|[\[<(](?P<bracket>{'|'.join((*_PEOPLE, 'assistant', 'system', '시스템', 'chat', '채팅'))})[\]>)]\s"
    rf"|(?P<role>{'|'.join(_ROLES)})[ \t]*\n",
    re.IGNORECASE,
)
_OPEN = re.compile(
    rf"{_BEFORE}{_OTHER_ONE}(?:(?:{'|'.join(_PEOPLE)})(?![a-z]{{2}})(?:{_NUMBER}){{0,2}}[^:：.,!?…\n]{{0,24}}"
    rf"|(?:{'|'.join(map(re.escape, _WORDS))})(?![a-z가-힣])[^:：.,!?…\n]{{0,24}}|\d{{1,2}}[.)\]]?[^\S\n]?)"
    r"|[\[(]?(?:오(?:[전후][^\S\n]?)?)?\d{0,2}(?::\d{0,2}){0,2}[\])]?[^\S\n]{0,2}",
    re.IGNORECASE,
)
_DECORATION = re.compile(_BEFORE)
_SOMEBODY = "\ue000"
"""Stands for a viewer's name, so that one pattern serves for all: making one takes 1 ms, and there are many."""
_NAMED = re.compile(
    rf"{_BEFORE}{_SOMEBODY}(?:[^\S\n]?님)?(?:[^\S\n]?\([^()\n:：>.,!?…]{{0,20}}\))?(?:{_TELLS}[^\S\n]?)?"
    rf"{_AFTER}(?:[:：]|[^\S\n]?[>|»](?=\s)|[^\S\n][-–—](?=[^\S\n]))"
    rf"|[\[<]{_SOMEBODY}[\]>]\s|#{{1,6}}[^\S\n]?{_SOMEBODY}[^\S\n]*\n"
)
_OPEN_NAMED = re.compile(
    rf"{_BEFORE}{_SOMEBODY}(?:[^\S\n]?님?)(?:[^\S\n]?\([^()\n]{{0,20}}\)?)?{_OPEN_TELLS}{_AFTER}(?:[^\S\n]?[|»]|[^\S\n][-–—]?)?"
)
"""A line that is said by this viewer, and its beginning."""
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "『": "』"}
_SELF = re.compile(r"(?:나|a|me|you)[^\S\n]?[:：]", re.IGNORECASE)
_POLITE = re.compile(r"[^\s:：]{1,20}[^\S\n]?님[^\S\n]?[:：]")
_ANNOUNCED = re.compile(
    r"(?:읽어[^\S\n]?(?:볼|드릴|줄)게요|(?:분씩|[두세네][^\S\n]?분)[^.!?\n]*(?:할|드릴|볼)게요"
    r"|(?:역할|배역|팀|순위|점수|대화|카톡)[^.!?\n]{0,12}(?:[은는]요|예요|이에요|했어요|나눌게요|볼게요))[.!~:：…]*$"
)
"""What the character says before it reads or lists what belongs to whom."""
_ASKS = 12
_ASKED = re.compile(rf"[^\W\d][^\s:：.,!?…]{{0,{_ASKS - 1}}}(?:[:：][^\n]*)?")
"""A line that somebody may say of whom nothing is known, or its beginning."""
_LABELLED = re.compile("[:：]")
QUOTING = re.compile(
    r"(?:시청자|구독자|후원자)(?:들|분들?|님)?(?:의[^\S\n]?|[^\S\n])(?:질문|의견|반응|요청|사연|이름)[^\S\n]?[:：]"
    r"|(?:질문|설명|메시지|댓글|채팅|명령|지시|입력|q|question|message|chat)[^\S\n]?[:：]",
    re.IGNORECASE,
)
"""A label that a character writes too: the words are its own if nothing else comes."""
_POINTS = r"[^\S\n]?\d[\d,.]{0,9}[천만]?[^\S\n]?"
_SCORE = re.compile(rf"{_POINTS}(?:점|표|승|위|등|킬|골|명|개|원|번|%)(?:[^\S\n]?(?:돌파|달성))?[.!~]*[^\S\n]*\n")
_OPEN_SCORE = re.compile(
    rf"[^\S\n]?(?:{_POINTS}(?:[점표승위등킬골명개원번%](?:[^\S\n]?(?:돌파?|달성?)?)[.!~]*[^\S\n]*)?)?"
)


def _begun(*words: str) -> str:
    """Return a pattern for every beginning of one of the words."""
    each = ("".join(f"(?:{re.escape(letter)}" for letter in word) + ")?" * len(word) for word in words)
    return f"(?:{'|'.join(each)})"


_FOR = ("for", "about")
_DID = ("thought", "reasoned", "worked")
MUSES = re.compile(
    r"(?:Okay|OK|Alright|Hmm+|So|Well|Let me|Let's|We|The|I|First|Now|Got it)\b[^\n가-힣]{0,300}"
    r"\b(?:the (?:user|viewer|persona|system prompt)|(?:respond|reply|answer) (?:as|in|with|to the))\b[^\n]*"
    r"(?<![요죠다까네])(?<![요죠다까네][.!?~])\n"
)
OPEN_MUSES = re.compile(r"(?:Okay|OK|Alright|Hmm+|So|Well|Let me|Let's|We|The|I|First|Now|Got it)\b[^\n가-힣]{0,400}")
"""Thoughts without a mark: about whom to answer, and how."""
_MARKED = r"[>*_(💭🤔🧠▸▶ ]{0,6}"
TIMED = re.compile(
    rf"{_MARKED}(?:(?:thought|reasoned|worked) (?:for|about)[^\n.!?]{{1,40}}|thinking(?:\.\.\.|…)"
    r"|\d{1,3}\s?초\s?(?:동안|간)\s?(?:생각|추론)함)"
    r"[.)*_]{0,3}[ \t]*(?:\n|$)",
    re.IGNORECASE,
)
OPEN_TIMED = re.compile(
    rf"{_MARKED}(?:{_begun(*(f'{did} {what}' for did in _DID for what in _FOR), 'thinking...', 'thinking…')}"
    r"[.)*_]{0,3}[ \t]*"
    r"|(?:thought|reasoned|worked) (?:for|about)[^\n.!?]{0,40}[.)*_]{0,3}[ \t]*"
    r"|\d{1,3}\s?(?:초\s?(?:동안?|간)?\s?(?:생각?|추론?)?함?[.)*_]{0,3}[ \t]*)?)",
    re.IGNORECASE,
)
"""How long the model thought, on a line of its own before the answer."""
_NOTES = ("참고 사항", "참고", "비고", "번역")
_NOTED = "Notes?|Translation|OOC|System note"
_REMARK = r" ?[:：](?=[^.!?~…\n]{0,60}(?<![요죠야지어])[.!?~…\n]|[^.!?~…\n]{61})"
"""Behind such a word in Korean; the character itself says ``참고: 내일은 쉬어요!``"""
_OPEN_NOTED = _begun("Notes", "Translation", "OOC", "System note", *_NOTES)
_OPEN_REMARK = rf"(?:{'|'.join(_NOTES)}) ?[:：][^.!?~…\n]{{0,60}}"
NOTE = re.compile(
    rf"[-*#>(\[_（【※ ]{{0,6}}(?:{_NOTED}|(?<=[(\[（【])(?:{'|'.join(_NOTES)}))[*_]{{0,2}} ?[:：]"
    rf"|[-*#>_※ ]{{0,6}}(?:{'|'.join(_NOTES)})[*_]{{0,2}}{_REMARK}"
    r"|[#*_ ]{0,6}(?:(?:turn|example|예시|대화) ?\d{1,3}|(?:다음|새로운) 대화)[:：*_]{0,3}[ \t]*\n"
    r"|[\[(](?:(?:새로운|새|다음) (?:메시지|채팅|질문)[가-힣 ]{0,16}|(?:대화 ?)?(?:끝|종료))[\])]"
    r"|end of (?:response|answer|conversation)",
    re.IGNORECASE,
)
OPEN_NOTE = re.compile(
    rf"[-*#>(\[_（【※ ]{{0,6}}(?:{_OPEN_NOTED}[*_]{{0,2}} ?|{_OPEN_REMARK})"
    rf"|[#*_ ]{{0,6}}(?:{_begun('turn', 'example', '예시', '대화')} ?\d{{0,3}}|{_begun('다음 대화', '새로운 대화')})"
    r"[:：*_]{0,3}[ \t]*|[\[(][가-힣 ]{0,26}"
    rf"|{_begun('end of response', 'end of answer', 'end of conversation')}",
    re.IGNORECASE,
)
"""What a model says about its answer, behind it."""
BOLD_OWN = re.compile(
    r"\*\*(?:(?:final )?(?:answer|response|reply|답변|대답|응답)|final)(?:\*\*[:：]?|[:：]\*\*)"
    r"|(?<=[.!?…~。？！] )(?:ASSISTANT|Assistant)[:：]",
    re.IGNORECASE,
)
OPEN_BOLD = re.compile(
    r"\*{1,2}(?:[A-Za-z ]{0,14}|[가-힣]{0,2})[*:：]{0,3}$|(?:[.!?…~。？！] ?|(?<=[.!?…~。？！] ))[A-Za-z]{0,9}$"
)
"""Where the answer begins behind thoughts on the same line."""
_BEHIND = r"(?:(?<=[.!?…~。？！][ \t])[(\[*_（【]{0,3}|(?<=[.!?…~。？！])[(\[（【])"
INLINE = re.compile(
    r"(?<=[.!?…~。？！][ \t])(?:User|Human|Viewer|Assistant|System|USER|HUMAN|ASSISTANT|SYSTEM)[ \t]?\d{0,2}[:：]"
    rf"|{_BEHIND}(?:{_NOTED}|(?<=[(\[（【])(?:{'|'.join(_NOTES)}))[*_]{{0,2}}[:：]"
    rf"|(?<=[.!?…~。？！][ \t])[*_]{{0,3}}(?:{'|'.join(_NOTES)})[*_]{{0,2}}{_REMARK}"
)
OPEN_INLINE = re.compile(
    r"(?<=[.!?…~。？！][ \t])[A-Z](?:[a-z]{0,8}|[A-Z]{0,8})[ \t]?\d{0,2}$"
    rf"|{_BEHIND}(?:{_OPEN_NOTED}[*_]{{0,2}}|{_OPEN_REMARK})$"
)
"""Somebody's turn, or a remark, behind a sentence on the same line."""

NAMELESS = re.compile(r"[:：][ \t]+(?=[^\W\d_]{2})")
"""A label without its name, as a template leaves it: another turn, if something was said before it."""
OPEN_NAMELESS = re.compile(r"[:：](?:[ \t]+[^\W\d_]?)?")
GLUED = re.compile(r"(?<=[^\sA-Za-z])(?:assistant|user|system|model)$")
OPEN_GLUED = re.compile(r"(?<=[^\sA-Za-z])[a-z]{1,9}$")
THINKS = re.compile("think|inner|internal|속마음|thought|reason|analys|생각|추론|사고|분석", re.IGNORECASE)


def whose(line: str, names: tuple[str, ...], own: tuple[str, ...] = ()) -> tuple[Whose, int]:
    """Return (whose words begin here, the length of the label).

    Args:
        names: of the viewers who are answered.
        own: what the character is called.
    """
    found = _LABEL.match(line)
    if found and not _quoted(line, found.end()):
        word = found[str(found.lastgroup)].lower()
        return ("own" if word in _OWN else "theirs"), found.end()
    here = [(name, line.replace(name, _SOMEBODY)) for name in (*own, *names) if name in line]
    for name, marked in here:
        if (found := _NAMED.match(marked)) is not None:
            end = found.end() + found[0].count(_SOMEBODY) * (len(name) - len(_SOMEBODY))
            if not _quoted(line, end):
                return ("own" if name in own else "theirs"), end
    if len(line) >= LONGEST or "\n" in line:
        return "", 0
    before = _DECORATION.match(line)
    word = line[before.end() if before else 0 :].lower()
    more = next((each for each in _ONE_MORE if word.startswith(each)), "")
    begins = any(each.startswith(word.removeprefix(more)) for each in _WORDS) or any(
        each.lower().startswith(word) for each in (*own, *names, *_ONE_MORE)
    )
    if begins or _OPEN.fullmatch(line) or any(_OPEN_NAMED.fullmatch(marked) for _, marked in here):
        return "perhaps", 0
    return "", 0


def points(line: str, end: int) -> Literal["", "points", "perhaps"]:
    """Return whether points or a number stand behind a label, which nobody says: ``하늘: 3점``, ``구독자: 100명``."""
    if _SCORE.match(line, end):
        return "points"
    return "perhaps" if _OPEN_SCORE.fullmatch(line, end) else ""


def told(label: str, before: str) -> bool:
    """Return whether the character itself gives the words of others, or of two, line by line.

    Args:
        before: its line in front of this label.
    """
    polite = _POLITE.match(before) and _POLITE.match(label)
    if _SELF.match(label):
        return label[0] in "aA" or asked(before, over=True) or _ANNOUNCED.search(before) is not None
    return _LABEL.match(label) is None and bool(polite or _ANNOUNCED.search(before))


def asked(line: str, *, over: bool) -> bool:
    """Return whether somebody of whom nothing is known may say this line, or one that begins so if it is not over."""
    begin = line[: 2 * _ASKS].rstrip()
    return _ASKED.fullmatch(begin) is not None and not (over and _LABELLED.search(begin) is None)


def _quoted(line: str, end: int) -> bool:
    """Return whether the label stands within a quotation that goes on behind it."""
    return line[0] in _QUOTES and _QUOTES[line[0]] not in line[1:end]


@cache
def tag(emotions: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, emotions)) or "(?!)"
    return re.compile(rf"[\[<(]/?(?:{names})[\]>)]|</(?:emotion|mood)>", re.IGNORECASE)


def fit(names: Iterable[str], least: int) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(map(str.strip, names)) if least <= len(name) < LONGEST)


def korean(text: str) -> bool:
    """Return whether at least half of the letters are Hangul; False without a text."""
    return text != "" and len(HANGUL.findall(text)) >= len(LATIN.findall(text))
