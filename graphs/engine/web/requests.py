"""Reads what a request carries, and asks whoever answers its address; what is wrong is a ``Refused``."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from nodes.patience import BODY_S
from nodes.phrases import phrase, said_by
from nodes.refused import Refused
from nodes.services import Json

if TYPE_CHECKING:
    from aiohttp.web import Request

T = TypeVar("T")


async def asked(answer: Callable[[T], Json | Awaitable[Json]], given: T) -> Json:
    """Return the answer, now or when it is ready; a ``ValueError`` becomes a ``Refused``."""
    try:
        content = answer(given)
        return await content if isinstance(content, Awaitable) else content
    except Refused:
        raise
    except ValueError as error:
        raise Refused(said_by(error)) from error


async def body(request: "Request") -> Mapping[str, Any]:
    """Read the JSON object that a request carries."""
    if request.content_type != "application/json":
        raise Refused(phrase("send application/json"), 415)
    try:
        async with asyncio.timeout(BODY_S):
            said = json.loads(await request.read())
    except TimeoutError:
        raise Refused(phrase("the body did not come in time"), 408) from None
    except UnicodeDecodeError:
        text = phrase("this is not UTF-8; save the body in a UTF-8 file and send that (curl -d @FILE)")
        raise Refused(text) from None
    except (ValueError, RecursionError):
        raise Refused(phrase("this is not JSON")) from None
    if not isinstance(said, dict):
        raise Refused(phrase("send a JSON object"))
    return cast(dict[str, Any], said)
