"""Requests to CHZZK's API: the envelope of its answers, and typed errors whose messages name the remedy.

Source of the status codes and the envelope ``{code, message, content}``: the page Tips of CHZZK's API documents.
"""

import contextlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

from nodes.chat._chzzk.scopes import BLIND, CHAT_SETTINGS, NOTICE, RESTRICT, SESSION, scope
from nodes.loopback import is_confidential
from nodes.phrases import phrase

if TYPE_CHECKING:
    import aiohttp

TIMEOUT_S = 10.0
RETRY_AFTER_S = 30.0
"""How long to leave a busy service alone if it does not specify a time."""

LARGEST = 256 * 1024
"""More bytes than any documented answer has; no more of one is read, compressed or not."""

TOKEN, REVOKE = "/auth/v1/token", "/auth/v1/token/revoke"

_EMPTY = frozenset({NOTICE, CHAT_SETTINGS, BLIND, RESTRICT})
"""Documented as answers without a body, so that one is as good as an empty envelope."""
_SHORTEST_SECRET = 6


class ChzzkError(Exception):
    """A request to CHZZK that failed; the message names the remedy and holds no secret."""


class LoginNeeded(ChzzkError):
    """Nobody is logged in, or the login has ended; retrying is useless until a person logs in."""

    def __init__(self, told: str = "") -> None:
        super().__init__(
            told or phrase("Nobody is logged in to CHZZK. Run this in a terminal: python aischoco.py login")
        )


class Forbidden(ChzzkError):
    """The application has no permission for this; retrying is useless."""


class NotApproved(ChzzkError):
    """There is no session address: the application's permissions may not be approved yet."""


class Busy(ChzzkError):
    """Too many requests."""

    def __init__(self, text: str, retry_after_s: float) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class ServiceError(ChzzkError):
    """The answer is missing or wrong; a later attempt may succeed."""


class BadRequest(ServiceError):
    """CHZZK does not accept what was sent; sending it again is useless."""


class NotFound(ServiceError):
    """CHZZK has nothing at this address."""


def secure_url(url: str) -> str:
    """Return the address without a trailing slash.

    Raises:
        ValueError: tokens would be sent unencrypted over a network.
    """
    if not is_confidential(url):
        raise ValueError(phrase("must begin with https:// (http:// only on this machine)"))
    return url.rstrip("/")


class Rest:
    """Requests to one address, without a proxy, cookies or redirects: the tokens must not go anywhere else."""

    def __init__(self, api_url: str, headers: Mapping[str, str] | None = None) -> None:
        """
        Args:
            headers: sent with every request.
        """
        self._api_url = secure_url(api_url)
        self._headers = headers
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        token: str = "",
    ) -> Mapping[str, Any]:
        """Return the ``content`` of the answer, within 10 s.

        Raises:
            LoginNeeded: 401, and every refusal to exchange a code or token.
            Forbidden: 403.
            BadRequest: 400.
            NotFound: 404.
            Busy: 429.
            NotApproved: 500 for a session address.
            ServiceError: no connection, another status, an answer that is not JSON.
        """
        import aiohttp

        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            if self._session is None:
                self._session = aiohttp.ClientSession(
                    trust_env=False,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    headers=self._headers,
                    timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                )
            async with self._session.request(
                method, self._api_url + path, json=body, params=query, headers=headers, allow_redirects=False
            ) as response:
                raw = await _beginning(response)
                status, retry_after = response.status, response.headers.get("Retry-After", "")
        except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
            problem = type(error).__name__
        else:
            code, message, content = _envelope(status, raw)
            if not raw and method != "GET" and path in _EMPTY:
                content = dict[str, Any]()
            if 200 <= code < 300 and content is not None:
                return content
            sent = [token, *(body or {}).values(), *(query or {}).values()]
            raise _error(path, code, _told(message, sent), seconds(retry_after, RETRY_AFTER_S), method)
        # Raised out here, so that its context is not aiohttp's error, which holds the request with its headers.
        raise ServiceError(
            phrase(
                "There is no connection to CHZZK at {host} ({problem}). Check the internet connection.",
                host=urlsplit(self._api_url).hostname,
                problem=problem,
            )
        )

    async def close(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()


async def _beginning(response: "aiohttp.ClientResponse") -> bytes:
    found = bytearray()
    async for part in response.content.iter_any():  # it is decompressed in small steps
        found += part[: LARGEST - len(found)]
        if len(found) == LARGEST:
            break
    return bytes(found)


def unreadable() -> ServiceError:
    """Return the error for an answer that lacks the data it should contain."""
    return ServiceError(phrase("CHZZK's answer lacks its fields. Try again in a while."))


def seconds(value: Any, default: float) -> float:
    """Read a positive number of seconds from a number or a string, else return ``default``."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        number = float(value)
        if 0 < number < 1e9:
            return number
    return default


def _envelope(status: int, raw: bytes) -> tuple[int, str, Mapping[str, Any] | None]:
    """Return (status, message, content): its error code replaces a 2xx status; content is None if not an envelope."""
    envelope: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        envelope = json.loads(raw)
    if not isinstance(envelope, dict):
        return status, "", None
    fields = cast(dict[str, Any], envelope)
    content, message, code = fields.get("content"), fields.get("message"), fields.get("code")
    if 200 <= status < 300 and isinstance(code, int) and 400 <= code < 600:
        status = code
    inside = cast(dict[str, Any], content) if isinstance(content, dict) else {}
    return status, message if isinstance(message, str) else "", inside


def _told(message: str, sent: Iterable[object]) -> str:
    """Return the service's message with the values sent to it masked: it may repeat a secret."""
    for value in sent:
        if isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
            message = message.replace(value, "***").replace(quote(value, safe=""), "***")
    message = " ".join(message.split())[:200]
    return f" ({message})" if message else ""


def _error(path: str, status: int, told: str, retry_after_s: float, method: str = "GET") -> ChzzkError:
    if status == 401 or (path == TOKEN and status in (400, 403)):
        return LoginNeeded(
            phrase(
                "CHZZK does not take the login{told}. Log in again, at /start or with python aischoco.py login. If "
                "that does not help, check the client ID and the client secret (CHZZK_CLIENT_ID, CHZZK_CLIENT_SECRET).",
                told=told,
            )
        )
    if status == 403:
        return Forbidden(
            phrase(
                "CHZZK does not allow this application to do that{told}. In its developer centre, add the API scope "
                "'{scope}', and log in again.",
                told=told,
                scope=needed,
            )
            if (needed := scope(path, method))
            else phrase(
                "CHZZK does not allow this application to do that{told}. Check its API scopes in the developer centre, "
                "and log in again.",
                told=told,
            )
        )
    if status == 429:
        return Busy(
            phrase("CHZZK was asked too often{told}. Try again in a while.", told=told),
            retry_after_s,
        )
    if status == 500 and path == SESSION:
        return NotApproved(
            phrase(
                "CHZZK gives no session address{told}. The application's API scopes may not be approved yet: look in "
                "CHZZK's developer centre.",
                told=told,
            )
        )
    kind = {400: BadRequest, 404: NotFound}.get(status, ServiceError)
    return kind(
        phrase("CHZZK answered {status} to {path}{told}. Try again in a while.", status=status, path=path, told=told)
    )
