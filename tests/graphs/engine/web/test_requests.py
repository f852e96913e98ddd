"""graphs/engine/web/requests.py: who answers may take time and may say no; the rest of it test_server.py asks for."""

import asyncio
from typing import Any

import pytest

from graphs.engine.web.requests import asked, body
from nodes.refused import Refused


async def later(given: Any) -> Any:
    await asyncio.sleep(0)
    return {"late": given}


def no(given: Any) -> Any:
    raise ValueError(f"not {given}")


async def never(given: Any) -> Any:
    raise Refused(f"gone {given}", 409, text="a")


def test_an_answer_is_there_at_once_or_later_or_is_a_refusal() -> None:
    assert asyncio.run(asked(lambda given: {"now": given}, 1)) == {"now": 1}
    assert asyncio.run(asked(later, 1)) == {"late": 1}
    with pytest.raises(Refused, match="not 1") as plain:
        asyncio.run(asked(no, 1))
    with pytest.raises(Refused, match="gone 1") as full:
        asyncio.run(asked(never, 1))
    assert [(one.value.status, one.value.more) for one in (plain, full)] == [(400, {}), (409, {"text": "a"})]


@pytest.mark.parametrize(
    ("type_", "sent", "status"),
    [
        ("text/plain", b"{}", 415),
        ("application/json", b"[]", 400),
        ("application/json", b"{", 400),
        ("application/json", "가".encode("cp949"), 400),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(type_: str, sent: bytes, status: int) -> None:
    class Request:
        content_type = type_

        async def read(self) -> bytes:
            return sent

    with pytest.raises(Refused) as refused:
        asyncio.run(body(Request()))  # type: ignore[arg-type]
    assert refused.value.status == status
