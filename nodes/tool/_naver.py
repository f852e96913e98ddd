"""Calls Naver's search API: one request, with its results as plain text.

Source: https://developers.naver.com/docs/serviceapi/search/web/web.md (``webkr.json``: ``query``, ``display``; headers
``X-Naver-Client-Id`` and ``X-Naver-Client-Secret``; ``items`` of ``title``, ``link``, ``description`` with ``<b>``
marks and HTML entities; errors with 4xx and 5xx).
"""

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from nodes.bodies import BadBody
from nodes.fetching import fetch
from nodes.loopback import is_confidential
from nodes.phrases import Phrase, phrase

if TYPE_CHECKING:
    import ssl

API_URL = "https://openapi.naver.com/v1/search/webkr.json"
LONGEST_TITLE, LONGEST_TEXT = 60, 160
"""Pass on at most this many characters of a result's title and of its text."""
_LONGEST_ANSWER = 200_000
_TAG = re.compile(r"<[^<>]{0,200}>")


class SearchError(Exception):
    """Raised when the search failed; the text names the remedy and contains no secret."""


def secure_url(url: str) -> str:
    """Return the address if it does not expose the keys.

    Raises:
        ValueError: it would send them unencrypted over a network.
    """
    if not is_confidential(url):
        raise ValueError(phrase("it must be an address that begins with https://"))
    return url


async def search(
    url: str, client_id: str, client_secret: str, query: str, results: int, verify: "ssl.SSLContext"
) -> tuple[str, ...]:
    """Search, and return at most ``results`` lines ``title: description``, each plain text on one line.

    Raises:
        SearchError: there is no answer, or it is not a list of results.
    """
    import httpx

    headers = {"X-Naver-Client-Id": client_id, "X-Naver-Client-Secret": client_secret}
    params = {"query": query, "display": str(results)}
    try:
        status, body = await fetch("GET", url, _LONGEST_ANSWER, verify, headers=headers, params=params)
    except BadBody:
        raise SearchError(phrase("The answer is too long. Look at api_url.")) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        text = phrase("There is no connection ({why}). Look at that of the Internet.", why=type(error).__name__)
        raise SearchError(text) from None
    if status != 200:
        raise SearchError(_refusal(status))
    return read(body, results)


def read(body: bytes, results: int) -> tuple[str, ...]:
    """Read the results of an answer.

    Raises:
        SearchError: it is not a list of results.
    """
    import json

    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    items = cast(Mapping[str, Any], answer).get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise SearchError(phrase("The results cannot be read. Look at api_url."))
    lines = (_line(cast(Mapping[str, Any], item)) for item in cast(list[object], items) if isinstance(item, dict))
    return tuple(line for line in lines if line)[:results]


def _line(item: Mapping[str, Any]) -> str:
    parts = (plain(item.get("title"), LONGEST_TITLE), plain(item.get("description"), LONGEST_TEXT))
    return ": ".join(part for part in parts if part)


def plain(value: object, longest: int) -> str:
    """Return one line of text without tags, entities and control characters; empty if the value is not text."""
    if not isinstance(value, str):
        return ""
    text = html.unescape(_TAG.sub("", value[:2000]))
    text = _TAG.sub("", text).replace("<", " ").replace(">", " ")
    text = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _refusal(status: int) -> Phrase:
    if status in (401, 403):
        return phrase(
            "Naver did not take the keys ({status}). Look at NAVER_SEARCH_ID, NAVER_SEARCH_SECRET and whether the "
            "search API is switched on.",
            status=status,
        )
    if status == 429:
        return phrase("The searches of today are used up (429).")
    return phrase("Naver answered {status}.", status=status)
