"""Writes English words as Korean writes loan words: by their letters where English only says a schwa."""

import re

_VOWELS = re.compile("[aeiouy]+w?")
_SOFT = ("AH0", "IH0")
_O_OR_A = ("AA0", "AA1", "AA2")
_STOPS = {"P": ("프", 17), "T": ("트", 19), "K": ("크", 1)}
"""The syllable that the rules write for a stop, and the final consonant that takes its place after a short o."""
_YOTTED = re.compile("([프트크브드그])([야-얗여-옇요-욯유-윻])")
_SPELT = (
    ("sch", "SH"), ("tch", "CH"), ("sh", "SH"), ("ch", "CH"), ("zh", "JH"), ("th", "TH"), ("ph", "F"), ("kh", "K"),
    ("gh", "G"), ("ck", "K"), ("qu", "K W"), ("ng", "NG"), ("wh", "W"), ("oo", "UW1"), ("ee", "IY1"), ("eo", "AH1"),
    ("ou", "UW1"), ("au", "AW1"), ("ai", "EY1"), ("ay", "EY1"), ("ei", "EY1"), ("ey", "IY1"), ("oy", "OY1"),
    ("oi", "OY1"), ("b", "B"), ("c", "K"), ("d", "D"), ("f", "F"), ("g", "G"), ("h", "HH"), ("j", "JH"), ("k", "K"),
    ("l", "L"), ("m", "M"), ("n", "N"), ("p", "P"), ("q", "K"), ("r", "R"), ("s", "S"), ("t", "T"), ("v", "V"),
    ("w", "W"), ("x", "K S"), ("z", "Z"), ("Y", "Y"), ("C", "S"), ("I", "AY1"), ("a", "AA1"), ("e", "EH1"),
    ("i", "IY1"), ("o", "OW1"), ("u", "UW1"), ("y", "IY1"),
)  # fmt: skip
"""What letters sound like in a word that no dictionary has, which is mostly a name."""
_UNSAYABLE = re.compile(r"(.)\1\1|q[^aeiou]")
_CLUSTER = re.compile(r"(?:(?:^| )[A-Z]+){3}$|(?:(?: |^)[A-Z]+){4}")
_SOUNDS = dict(_SPELT)
_LETTERS = re.compile("|".join(letters for letters, _ in _SPELT))
_REWRITTEN = (
    (re.compile(r"([bcdfgklmnprstvz])\1"), r"\1"),
    (re.compile("^x"), "z"),
    (re.compile("c(?=[eiy])"), "C"),
    (re.compile("y(?=[aeiou])"), "Y"),
    (re.compile("(?<=[aeiou])h(?![aeiou])"), ""),
    (re.compile("^([^aeiouy]*)i([^aeiouy])e$"), r"\1I\2"),
    (re.compile("ie$"), "i"),
    (re.compile("(?<=[^aeiou])e$"), ""),
)


def fitted(word: str, phones: str) -> str:
    """Return the ARPAbet of a word as Korean writes it: ``item`` with 에, ``open`` 오픈, ``store`` 스토어."""
    sounds = phones.split()
    if sounds[-2:] == ["AO1", "R"] and word.endswith(("ore", "oor")):
        sounds[-1] = "AH0"
    elif sounds[-2:] == ["AH0", "L"] and re.search("[^aeiouy]le$", word):
        del sounds[-2]  # 배틀
    elif sounds[-1] == "IY0" and word.endswith("day"):
        sounds[-1] = "EY1"
    heard = [at for at, sound in enumerate(sounds) if sound[-1].isdigit()]
    written = list(_VOWELS.finditer(re.sub("(?<=[^aeiouy])e$", "", word)))
    alone = len(heard) == 1 and not word.endswith("le")
    if len(heard) == len(written):
        for at, letters in reversed(list(zip(heard, written, strict=True))):
            sound = _sound(sounds, at, letters[0], first=letters.start() == 0, alone=alone)
            sounds[at : at + 1] = sound.split()
    return " ".join(sounds)


def _sound(sounds: list[str], at: int, letters: str, *, first: bool, alone: bool) -> str:
    """Return the sound of a vowel as its letters suggest; empty if only 으 is written."""
    sound = sounds[at]
    before = sounds[at - 1] if at else ""
    after = [*sounds[at + 1 : at + 3], "", ""]
    last, open_ = after[1] == "", after[1][-1:].isdigit()
    if sound[:2] == "UW" and letters in ("u", "ue", "ew", "eu") and before in ("T", "D", "N"):
        return f"Y {sound}"  # 뉴, 스튜디오
    if sound in _O_OR_A and letters == "o" and not (last and after[0] in _STOPS):
        short = alone and (after[0] not in ("M", "N") or (last and after[0] == "M"))
        return sound if short else "AO1"  # 모델, 콤보, 브론즈, 온
    if alone or sound not in _SOFT or (sound == "IH0" and letters != "e"):
        return sound
    match letters:
        case "a" if not after[0] or (not first and open_) or (before == "T" and last and after[0] in "LN"):
            return "AA1"  # 알파, 캐나다, 메탈, 타이탄
        case "e" if last and sound == "AH0" and after[0] == "N":
            return ""  # 오픈
        case "e" if last and after[0] == "S":
            return "IH0"  # 해피니스
        case "e" if last and after[0] in ("L", "M", "T") and before != "N":
            return "EH1"  # 레벨, 아이템, 마켓
        case "o" if last and after[0] == "N":
            return "" if before in ("S", "Z", "T", "D") else "OW1"  # 시즌, 드래곤
        case "o" if first or open_ or (last and after[0] == "L"):
            return "OW1"  # 오피셜, 폴리스, 아이돌
        case "i" | "ai":
            return "IH0"  # 패밀리, 캡틴
        case "u" if last and after[0] == "L":
            return "UH1"  # 뷰티풀
        case _:
            return sound


def closed(said: str, phones: str) -> str:
    """Write stops after a short o as final consonants, 탑 and 옵션 for 타프 and 오프션, and 퓨 for 프유."""
    said = _YOTTED.sub(_one_syllable, said)
    sounds = phones.split()
    for at, sound in enumerate(sounds[:-1]):
        syllable, consonant = _STOPS.get(sounds[at + 1], ("", 0))
        if sound[:2] not in ("AA", "AO") or not syllable:
            continue
        follows = sounds[at + 2] if at + 2 < len(sounds) else ""
        if follows[-1:].isdigit() or follows in ("L", "R", "M", "N", "W", "Y") or (sound[:2] == "AO" and not follows):
            continue
        said = re.sub(f"([가-힣]){syllable}", lambda found, final=consonant: _with_final(found, final), said, count=1)
    return said


def _one_syllable(found: re.Match[str]) -> str:
    first, second = (ord(each) - 0xAC00 for each in found.groups())
    return chr(0xAC00 + first // 588 * 588 + second % 588)


def _with_final(found: re.Match[str], consonant: int) -> str:
    code = ord(found[1]) - 0xAC00
    short = code % 28 == 0 and code // 28 % 21 in (0, 2, 8)
    return chr(ord(found[1]) + consonant) if short else found[0]


def guessed(word: str) -> str:
    """Return the ARPAbet of a word that no dictionary has, by its letters; empty if it cannot be said as a word."""
    for pattern, put in _REWRITTEN:
        word = pattern.sub(put, word)
    if not 0.2 <= len(re.findall("[aeiouyI]", word)) / len(word) <= 0.85 or _UNSAYABLE.search(word):
        return ""
    sounds = " ".join(_SOUNDS[each] for each in _LETTERS.findall(word))
    if _CLUSTER.search(sounds):
        return ""
    return re.sub(r"\bEH1 R$", "ER0", re.sub(r"\bN (?=[KG]\b)", "NG ", sounds))
