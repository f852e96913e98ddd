"""Reads numbers digit by digit: phone numbers, accounts, cards, codes."""

import re

from nodes.reply._reading.numerals import digits, sino
from nodes.reply._reading.rule import Rule, rule

_NOT_WITHIN = r"(?<![\w.,:/+-])"
_NO_MORE = r"(?![\d]|[-.:/,]\d)"
_SEPARATOR = r"[-. ]"
_PHONE = (
    rf"(?:\(?\d{{2,4}}\){_SEPARATOR}?|\d{{2,4}}[-.])\d{{3,4}}[-.]\d{{4}}"
    rf"|(?:\(0\d{{1,3}}\)|0\d{{1,3}}) ?\d{{3,4}}[- ]\d{{4}}"
    r"|01[016789]\d{7,8}"
    r"|(?:15|16|18)\d\d[-. ]\d{4}"
    r"|(?:15(?:22|33|44|66|77|88|99)|16(?:00|33|44|55|61|66|68|70|77|88)|18(?:00|11|22|33|44|55|66|77|88|99))\d{4}(?!\s?[원명뷰개점])"
)
_EMERGENCY = "110|111|112|113|114|117|118|119|120|182|911|1301|1330|1332|1339|1345|1350|1355|1366|1377|1388|1393|1399"
_KNOWN = "112|113|119|911"
"""Numbers that mean the emergency service even if nothing nearby says so."""
_CALLING = r"(?:신고|전화|번호|콜센터|상담|문의|연락|민원|긴급|구급|호출|문자|물어|걸어|걸었|걸면|눌러|다산|콜)"
_CODED = (
    "(?:번호|계좌|연락처|전화|카드|끝자리|뒷자리|앞자리|비번|인증|코드|송장|운송장|학번|군번|사번|핀|PIN|OTP|CVC"
    "|아이디|ID)"
)


def _groups(match: re.Match[str]) -> str:
    return " ".join(digits(part) for part in re.findall(r"\d+", match[0]))


def _abroad(match: re.Match[str]) -> str:
    country, rest = match["country"], match["rest"]
    return f"국가번호 {digits(country)} " + " ".join(digits(part) for part in re.findall(r"\d+", rest))


def _mobile(match: re.Match[str]) -> str:
    whole = match[0]
    return " ".join(digits(part) for part in (whole[:3], whole[3:-4], whole[-4:]))


def _eights(match: re.Match[str]) -> str:
    """Split ``15881588``, a number of a call centre, in two."""
    found = re.findall(r"\d+", match[0])
    return " ".join(digits(part) for part in ([found[0][:4], found[0][4:]] if len(found) == 1 else found))


def _code(match: re.Match[str]) -> str:
    found = re.findall(r"\d+", match["number"])
    if len(found) == 1 and len(found[0]) < 3:
        return match["before"] + sino(found[0])
    return match["before"] + " ".join(digits(part) for part in found)


def _lap(match: re.Match[str]) -> str:
    """Read ``1:23.456``, a time of a race, to its thousandths."""
    return f"{sino(str(int(match[1])))} 분 {sino(str(int(match[2])))} 초 {digits(match[3])}"


RULES: tuple[Rule, ...] = (
    rule("lap", r"(?<![\w.:])(\d{1,2}):([0-5]\d)\.(\d{2,3})(?![\d:])", _lap, needs=":", near=r":\d\d\."),
    rule(
        "formation",
        r"(?<![\w.-])[1-6](?:-[1-6]){2,3}(?![\w-]|\.\d)",
        lambda match: " ".join(map(digits, match[0].split("-"))),
        needs="-",
        near=r"\d-\d-",
    ),
    rule("dashes", r"(?<!\d)(\d{2,4})[–—](\d{3,4})[–—](?=\d{4}(?!\d))", r"\1-\2-", needs="–—"),
    rule(
        "country_code",
        rf"(?<![\w.])\+(?P<country>\d{{1,3}})[- ]?(?P<rest>\(?\d{{1,4}}\)?(?:[-. ]\d{{2,4}}){{1,3}}){_NO_MORE}",
        _abroad,
        needs="+",
    ),
    rule(
        "card",
        rf"{_NOT_WITHIN}\d{{4}}([- ])\d{{4}}\1\d{{4}}\1\d{{4}}{_NO_MORE}",
        _groups,
        needs="- ",
        near=r"\d{4}[- ]\d{4}",
    ),
    rule("mobile", rf"{_NOT_WITHIN}01[016789]\d{{7,8}}{_NO_MORE}", _mobile, near=r"01[016789]\d\d\d"),
    rule(
        "telephone", rf"(?<![\w.,:/+-])(?:{_PHONE}){_NO_MORE}", _eights, needs="-.)( 1", near=r"\d(?:[-. ]\d{4}|\d{7})"
    ),
    rule("school_year", r"(?<!\d)(\d\d)\s?(?=학번)", lambda match: f"{digits(match[1])} ", needs="학"),
    rule("digit_name", r"(?<![\w.,])(?!1004님)\d{4,}(?=님)", _groups, needs="님"),
    rule(
        "generation",
        r"(?<!\d)(?:1020|2030|3040|4050|5060|6070|7080|8090)(?=\s?(?:세대|노래|가요|감성|음악|남|여|직장|청년|팬|시청"
        r"|연령)|(?<=7080)(?:[\s.,!?]|$))",
        _groups,
        needs="0",
        near=r"\d0[2-9]0",
    ),
    rule(
        "generation",
        r"(?<!\d)(?:86|88|02)(?=\s?(?:서울\s?|한일\s?)?(?:올림픽|아시안|월드컵))",
        _groups,
        needs="82",
        near=r"\d\d\s?[서한올아월]",
    ),
    rule("resident_number", rf"{_NOT_WITHIN}\d{{6}}-[1-8]\d{{6}}{_NO_MORE}", _groups, needs="-"),
    rule(
        "account",
        rf"{_NOT_WITHIN}(?!\d{{4}}-\d{{1,2}}-\d{{1,2}}(?!\d))\d{{2,6}}-\d{{2,6}}-\d{{2,8}}(?:-\d{{1,6}}){{0,2}}{_NO_MORE}",
        _groups,
        needs="-",
    ),
    rule(
        "code_number",
        rf"(?P<before>{_CODED}(?:\s?(?:끝자리|끝|마지막|뒤|앞))?(?:\s?(?:\d|[네여다]섯?)\s?자리)?(?:은|는|이|가|을|를|로|:|=)?\s?:?\s?)"
        rf"(?P<number>\d+(?:[-. ]\d{{2,}})*)(?![\d]*(?:번째|자리|개|장|통|대|건|곳|명|년|월|시|분|원|회|차|점|등|%"
        rf"|,\d))",
        _code,
        needs="호좌처화드리번증장핀PC디I",
        near=_CODED,
    ),
    rule("service_number", r"(국번\s?없이\s?)(\d{3,4})", lambda match: match[1] + digits(match[2]), needs="국"),
    rule(
        "service_number",
        rf"{_NOT_WITHIN}(?:(?:{_EMERGENCY})(?=(?:번?(?:에|으로|에다)|로|한테|을|를)?\s?{_CALLING})"
        rf"|(?:{_KNOWN})(?=에?(?:서)?(?:[은는이가을를도로]|구급|대원|센터|[\s.,!?~]|$)))"
        r"(?!\s?(?:개|명|원|장|점|회|위|등|%|cm|kg|km|[-.:/,]?\d))",
        _groups,
        needs="19",
        near=r"[19][1238]\d",
    ),
)
