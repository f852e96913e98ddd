"""What the body of an error says, in whatever shape a server gives it, and of which kind it is. Pure.

OpenAI, Groq: ``{"error": {"message", "type", "code", "param"}}``; vLLM: ``{"object": "error", "message", "code"}``;
Mistral: ``message`` holds an object with ``detail``, or JSON in a string; FastAPI: ``{"detail": [{"loc", "msg"}]}``;
Gemini: the same as OpenAI inside a list; Ollama, xAI: ``{"error": "text"}``; proxies: the JSON of another error in a
text; in front of them all: a page of HTML, or plain text. DashScope sends the object in an event.
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, cast

Kind = Literal[
    "broken",
    "slow",
    "thinking",
    "loading",
    "unloaded",
    "server",
    "busy",
    "too_large",
    "bad_output",
    "filtered",
    "unauthorised",
    "unpaid",
    "refused",
]
"""``broken``: no connection, or one that ended or sent what cannot be read; ``slow``: one of the clocks ran out;
``thinking``: the model spent its time or its tokens on thoughts; ``loading``: the server is loading the model;
``unloaded``: it waits until somebody loads one there; ``server``: 5xx and 498; ``busy``: 429; ``too_large``: 413, or a
message about too many tokens; ``bad_output``: the model wrote what does not fit the schema, or nothing; ``filtered``: a
filter let this chat or its answer not through; ``unauthorised``: 401; ``unpaid``: 402, or there is no money left;
``refused``: every other status."""

MOST = 2_000
"""Keep at most this many characters of a message."""
_DEEP = 6
_INSIDE = (
    "error", "errors", "detail", "details", "message", "msg", "description", "error_message", "reason", "title",
    "metadata", "raw", "status_msg", "issues", "status", "violations", "quotaId",
)  # fmt: skip
"""Fields that may hold a text; the first ones say most."""
_CODES = ("code", "type", "status", "reason", "status_code")
_PARAMS = ("param", "field", "loc", "path", "keys")
_WAIT = re.compile(r"\d{1,9}(?:\.\d{1,9})?[a-z]{0,2}")
_WAITS = ("retryDelay", "retry_after", "retryAfter", "retry_after_seconds", "estimated_time")
_HTML = re.compile(r"<(?:script|style|head)\b.*?</(?:script|style|head)>|<[^>]{0,200}>", re.DOTALL | re.IGNORECASE)

_STATUS = {
    "unauthenticated": 401,
    "authentication_error": 401,
    "permission_denied": 403,
    "not_found": 404,
    "not_found_error": 404,
    "resource_exhausted": 429,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "unavailable": 503,
    "unavailable_error": 503,
    "overloaded_error": 503,
    "internal": 500,
    "server_error": 500,
    "internal_server_error": 500,
    "invalid_argument": 400,
    "invalid_request_error": 400,
    "badrequesterror": 400,
}
"""Words that imply a status if an error comes inside a stream."""


@dataclass(slots=True)
class Told:
    """What an error says."""

    message: str = ""
    codes: list[str] = field(default_factory=list[str])
    """Codes and types, as they are written there."""
    params: list[str] = field(default_factory=list[str])
    """Which part of the request it is about."""
    limit: int | None = None
    """Tokens that the model has room for, if stated."""
    generation: str | None = None
    """What the model wrote, if the server did not accept it."""

    @property
    def status(self) -> int | None:
        """The status that the body itself names."""
        numbers = [int(code) for code in self.codes if code.isascii() and code.isdigit() and len(code) == 3]
        words = [_STATUS[code.lower()] for code in self.codes if code.lower() in _STATUS]
        return next((number for number in (*numbers, *words) if 400 <= number < 600), None)


def told(body: Any) -> Told:
    """Read a body: text, or JSON that was already parsed."""
    found, texts = Told(), list[str]()
    _walk(_read(body) if isinstance(body, str) else body, found, texts, 0)
    found.message = " ".join(dict.fromkeys(filter(None, (" ".join(text.split()) for text in texts))))[:MOST]
    return found


def _read(text: str) -> Any:
    """Return the JSON of a text, else the text."""
    begins = text.lstrip("\ufeff \t\r\n")
    if begins[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            return json.loads(begins)
    if begins[:1] == "<":
        return _HTML.sub(" ", begins[: 10 * MOST])
    return text


def _split(text: str) -> tuple[str, Any]:
    """Return a text without the object in it, and that: behind the words of a proxy, or in an event."""
    at = text.find("{")
    if at >= 0:
        with suppress(ValueError, RecursionError):
            inner, _ = json.JSONDecoder(strict=False).raw_decode(text, at)
            if any(name in inner for name in _INSIDE):
                return text[:at], inner
    return text, None


def _walk(value: Any, found: Told, texts: list[str], depth: int) -> None:
    if depth > _DEEP or len(texts) > 20:
        return
    if isinstance(value, str):
        inner = _read(value[: 10 * MOST])
        if isinstance(inner, str):
            before, inner = _split(inner)
            texts.append(before[:MOST])
        _walk(inner, found, texts, depth + 1)
    elif isinstance(value, list):
        for each in cast(list[Any], value)[:10]:
            _walk(each, found, texts, depth + 1)
    elif isinstance(value, dict):
        _fields(cast(dict[str, Any], value), found, texts, depth)


def _fields(fields: dict[str, Any], found: Told, texts: list[str], depth: int) -> None:
    found.codes += [str(fields[name]) for name in _CODES if isinstance(fields.get(name), str | int)]
    found.params += [text for name in _PARAMS for text in _words(fields.get(name))]
    if isinstance(fields.get("n_ctx"), int):
        found.limit = fields["n_ctx"]
    for wait in (str(fields[name]) for name in _WAITS if name in fields):
        if _WAIT.fullmatch(wait):
            texts.append(f"retry in {wait}{'s' * wait[-1].isdigit()}")
    if isinstance(fields.get("failed_generation"), str):
        found.generation = fields["failed_generation"]
    for name in _INSIDE:
        if fields.get(name) and not (name == "status" and not isinstance(fields[name], dict)):
            _walk(fields[name], found, texts, depth + 1)
    if isinstance(fields.get("fieldViolations"), list):  # Google's, inside details
        _walk(fields["fieldViolations"], found, texts, depth + 1)


def _words(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [str(each) for each in cast(list[Any], value)[:8]] if isinstance(value, list) else []


_TOO_LONG = re.compile(
    r"context[ _]?(?:length|size|window|limit)|exceed_context_size|reduce the length"
    r"|(?:prompt|input|request|text|messages?) (?:is |are )?too long|too many (?:input )?tokens"
    r"|longer than the (?:model'?s )?(?:maximum|context)"
    r"|max(?:imum)? (?:input|prompt|sequence) length|exceeds? (?:the )?maximum length"
    r"|string_above_max_length|max_new_tokens. must be"
    r"|(?:input|prompt|total|requested) tokens?(?: count)? .{0,40}exceed|token limit (?:was |has been )?exceeded"
    r"|(?:input|sequence|prompt) length\b.{0,40}(?:exceed|should be)"
    r"|context is full|exceeds? (?:the )?(?:available |maximum )?context|has \d+ tokens,? but the limit"
    r"|greater than (?:the )?max_seq_len|input is too large to process|must have less than \d+ tokens"
    r"|current length is \d+ while limit"
    r"|컨텍스트 길이.{0,20}(?:초과|넘)|(?:입력|프롬프트).{0,20}너무 (?:길|깁)|입력 토큰.{0,30}(?:초과|넘)"
    r"|输入.{0,10}(?:过长|超)",
    re.IGNORECASE,
)
_ROOMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"n_ctx[ =:]+(\d{2,9})",
        r"context limit.{0,40}> ?(\d{2,9})",
        r"context (?:length|size|window|limit)(?: (?:of|is))?\D{0,12}(\d{2,9})(?! \+)",
        r"(\d{2,9}) (?:maximum )?context (?:length|size|window)",
        r"max_seq_len\D{0,4}(\d{2,9})|less than (\d{2,9}) tokens|limit is (\d{2,9})",
        r"tokens allowed\D{0,4}(\d{2,9})|max_new_tokens. must be <= (\d{2,9})|length should be \[\d+, ?(\d{2,9})\]",
    )
)
"""Where a message has the tokens that the model has room for; the first that fits counts."""
_LOADING = re.compile(
    r"\bload(?:ing)?\b.{0,40}\bmodel|\bmodel\b.{0,80}\b(?:loading|being loaded|warming"
    r"|not (?:yet |currently )?(?:loaded|ready))"
    r"|\bloading model|warming up|cold[ -]start|runner process is starting|\bdownload(?:ing)? (?:the )?model"
    r"|\b(?:server|service|model|engine|application)\b.{0,20}\b(?:initiali[sz]ing|starting|booting|loading"
    r"|not (?:yet )?ready)|모델.{0,10}(?:불러오는|로딩|로드하는|적재|준비) ?중",
    re.IGNORECASE,
)
_BY_HAND = re.compile(r"\bno models? (?:is |are )?(?:currently )?loaded|please load a model", re.IGNORECASE)
_RELOADED = re.compile(r"\bmodel\b.{0,80}\b(?:un|re)load(?:ed|ing)\b", re.IGNORECASE)
_NOT_LOADED = re.compile(
    r"(?:fail|unable|error|could ?n[o']t|can(?:no|')t)\w*\b.{0,30}\b(?:down)?load|\b(?:down)?load\w*\b.{0,30}\bfail",
    re.IGNORECASE,
)
"""It tried, and will not succeed by trying again."""
_KEY = re.compile(
    r"api[ _-]?key.{0,20}(?:not valid|invalid|incorrect|missing|required|expired|disabled|revoked|leaked)"
    r"|(?:in|not a )?valid.{0,10}api[ _-]?key|\b(?:incorrect|missing|no) .{0,10}api[ _-]?key|provide an api[ _-]?key"
    r"|(?:missing|invalid).{0,12}authori[sz]ation|unregistered callers"
    r"|API ?키.{0,12}(?:올바르지|유효하지|잘못|없|만료)|(?:올바르|유효하)지 않은 API|인증에 실패",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?:invalid|expired|missing|wrong) (?:access |auth\w* |bearer )?(?:token|credentials)|authentication failed",
    re.IGNORECASE,
)
_TOO_MUCH = re.compile(r"request too large", re.IGNORECASE)
_BUSY = re.compile(r"rate[ _-]?limit|throttl|too many requests|요청이 너무 많|요청 한도", re.IGNORECASE)
DAILY = re.compile(r"per[ -]?day\b|PerDay|\bdaily\b|하루|일일 |每天|每日", re.IGNORECASE)
"""In the words of a limit: it is one of a day."""
_UNPAID = re.compile(
    r"insufficient[ _](?:account )?(?:quota|balance|credits?|funds|user_quota)|credit balance is too low"
    r"|spend(?:ing)? (?:limit|cap)|balance is (?:insufficient|not enough)|\bbudget(?:_| has been )exceeded"
    r"|ExceededBudget|billing_(?:not_active|hard_limit)|(?:out of|used all) (?:your |available |prepaid )*credits"
    r"|blocked_api_access|not enough credits|credits (?:are|have been) (?:depleted|exhausted)|exceeded_current_quota"
    r"|\bkey limit exceeded|\barrearage|\bin arrears|free ?tier.{0,40}(?:exhausted|used up)|\brecharge\b"
    r"|(?:잔액|크레딧|잔고).{0,6}(?:부족|소진|없)|余额不足|欠费|充值",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"content[ _]?(?:filter|management policy|policy_?violation|exists risk|violates)|data_inspection_failed"
    r"|responsible ?ai ?polic|inappropriate content|safety (?:system|policy|filter)|violat\w* (?:our |the )?usage"
    r"|flagged (?:for|as|by)|considered high risk|prompt (?:was )?blocked|prohibited_content|SAFETY_CHECK"
    r"|부적절한 (?:내용|표현|콘텐츠)|(?:유해|민감)한 (?:내용|표현|콘텐츠)|敏感内容|不当内容|内容.{0,6}违规",
    re.IGNORECASE,
)
_KINDS: dict[int, Kind] = {
    401: "unauthorised", 402: "unpaid", 408: "server", 409: "server", 413: "too_large", 429: "busy",
}  # fmt: skip
_SAYS_ENOUGH = (401, 413, 429)
_EARLY = (400, 404, 425)
"""Statuses with which a server may also say that it is loading its model (LM Studio: 400, or 404 until somebody has one
loaded)."""


def room_of(told: Told) -> int | None:
    """Return how many tokens the model has room for."""
    found = next(filter(None, (pattern.search(told.message) for pattern in _ROOMS)), None)
    return told.limit or (int(found[found.lastindex or 1]) if found else None)


def kind_of(status: int, told: Told) -> Kind:
    """Return the kind of an error: the status says less than the words, where servers disagree about it.

    No money left: OpenAI, Anthropic, DeepSeek, Groq and xAI say so with statuses of a wrong key, of a refusal or of a
    minute's wait. A wrong key: Gemini says so with 400, others with 403. A request with more tokens than a minute
    allows: OpenAI says so with 429, but no wait helps.
    """
    kind: Kind = _KINDS.get(status, "server" if status >= 500 or status == 498 else "refused")
    words = f"{' '.join(told.codes)} {told.message}"
    if _UNPAID.search(words):
        return "unpaid"
    if status == 429 and _TOO_MUCH.search(told.message):
        return "too_large"
    if status in _SAYS_ENOUGH:
        return kind
    if status == 400 and ("json_validate_failed" in told.codes or told.generation is not None):
        return "bad_output"
    if _FILTERED.search(words):
        return "filtered"
    if _TOO_LONG.search(words):
        return "too_large"
    if _KEY.search(told.message) or "API_KEY_INVALID" in told.codes:
        return "unauthorised"
    if status == 403 and _TOKEN.search(told.message):
        return "unauthorised"
    if kind == "refused" and _BUSY.search(words):
        return "busy"
    if status in _EARLY and _RELOADED.search(told.message):
        return "server"
    if (kind == "server" or status in _EARLY) and _BY_HAND.search(told.message):
        return "unloaded"
    loading = _LOADING.search(told.message) and not _NOT_LOADED.search(told.message)
    return "loading" if loading and (kind == "server" or status in _EARLY) else kind
