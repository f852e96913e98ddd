"""Recognizes faces drawn with signs and letters, which are seen but not said: ``:)``, ``T_T``, ``(^_^)``, ``XD``."""

import re

from nodes.reply._reading.rule import Rule, rule

_EYES = r"\^≧≦▽∀´｀`・･°□╥﹏<>@•ωДд๑ᴗ⌒◡ᵔ¬ʘ◕‿ಠツ益皿■;≖◉⊙✿♡♥ˇ˘❛ㅂㅅㅁㅇㅠㅜㅡ="
_ARMS = r"[ヽヾ٩\\/╯╰ﾉノو✧و︵┻━┳~～ﾟ*:.・。゜♡♥☆★oOσᕕᕗᕙ୨୧ｍm]"


def _left(match: re.Match[str]) -> str:
    """Return what remains of a face: nothing, unless it is a viewer's name."""
    named = match.string.startswith("님", match.end()) and not match.string[: match.start()].rstrip(" ")[-1:].isalnum()
    return "시청자" if named else " "


FACES: tuple[Rule, ...] = (
    rule(
        "faces",
        # a face in brackets, with its arms: no syllable, no word and no number stands in it
        rf"(?<![가-힣A-Za-z0-9]){_ARMS}{{0,4}}[(（](?<!\\\()(?=[^()（）]*[{_EYES}_])(?![^()（）]*(?:[A-Za-z]{{3}}|[0-9]{{2}}|\d\s?[%℃]))"
        rf"[^()（）가-힣\n]{{2,16}}[)）](?:{_ARMS}{{1,6}}(?![A-Za-z0-9]))?|[(（][^()（）가-힣A-Za-z0-9\n]{{0,6}}[{_EYES}_]"
        r"[^()（）가-힣A-Za-z0-9\n]{0,8}[)）]|¯\\?_\(ツ\)_/¯",
        _left,
        needs="(（",
    ),
    rule(
        "faces",
        r"(?<![A-Za-z0-9:])(?:[:;][-'^]?(?:\)+|\(+|[DPpOo3*|](?![\w:])|/(?![/\w])|\\(?!\w))|=[)D(](?!\w))|(?<!\w)(?:[xX]D+|</?3+|D:|OTL|otl|[Oo][Rr][Zz])(?!\w)",
        _left,
        needs=":;=<DLlZz",
    ),
    rule(
        "faces",
        r"(?<![A-Za-z0-9가-힣])(?:([TtOoUuXxQqPp0ㅇㅠㅜㅡㅍ@^=+;*'\-~.])[_]+\1|([TtOoUuQq])\.\2|([TtQqㅠㅜ;])\^+\3|>[_.ㅅㅁ]*<|\^[_.ㅁㅇ0oO]?\^)[;a]*(?![A-Za-z0-9])",
        _left,
        needs="_.<^",
        near=r"_|<|\^|\.[TtOoUuQq]",
    ),
)
