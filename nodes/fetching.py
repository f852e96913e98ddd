"""One HTTP request whose whole answer is read, for nodes that ask a service now and then."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nodes.bodies import PLAIN, pieces
from nodes.loopback import is_loopback

if TYPE_CHECKING:
    import ssl

TIMEOUT_S = 10.0


def certificates() -> "ssl.SSLContext":
    """Return the context that checks certificates; making it takes about 0.1 s, including loading its library."""
    import httpx

    return httpx.create_ssl_context()


async def fetch(
    method: str,
    url: str,
    most: int,
    verify: "ssl.SSLContext",
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    body: Any = None,
) -> tuple[int, bytes]:
    """Return the status and the body of the answer; the body of a status other than 200 is not read.

    The proxy of the environment is used for other machines only.

    Args:
        most: the limit of the body in bytes, both compressed and decompressed.
        body: sent as JSON.

    Raises:
        httpx.HTTPError, httpx.InvalidURL, OSError: there is no answer.
        BadBody: the body is larger, or cannot be decompressed.
    """
    import httpx

    outside = not is_loopback(urlsplit(url).hostname)
    async with (
        httpx.AsyncClient(verify=verify, trust_env=outside, timeout=TIMEOUT_S) as client,
        client.stream(method, url, params=params, json=body, headers={**PLAIN, **headers}) as answer,
    ):
        if answer.status_code != 200:
            return answer.status_code, b""
        return 200, b"".join([part async for part in pieces(answer, most)])
