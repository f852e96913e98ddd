"""Bytes that are no HTTP."""

import asyncio
import logging
from types import TracebackType

import pytest
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError

from nodes import bad_requests

Info = tuple[type[BaseException], BaseException, TracebackType | None]


def record(error: BaseException | None) -> logging.LogRecord:
    info: Info | None = None if error is None else (type(error), error, None)
    return logging.LogRecord("aiohttp.server", logging.ERROR, "", 0, "Error handling request", None, info)


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (BadHttpMessage("no HTTP"), False),
        (HttpProcessingError(code=500, message="ours"), True),
        (RuntimeError("ours"), True),
        (None, True),
    ],
)
def test_only_what_is_the_senders_fault_is_left_out(error: BaseException | None, kept: bool) -> None:
    assert bad_requests.keep(record(error)) == kept


def test_a_real_server_refuses_them_and_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("tests.bad_requests")
    log.addFilter(bad_requests.keep)

    async def refused() -> bytes:
        runner = web.AppRunner(web.Application(), logger=log, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await runner.cleanup()
        return answer

    assert b" 400 " in asyncio.run(refused())
    assert caplog.records == []
    log.removeFilter(bad_requests.keep)
