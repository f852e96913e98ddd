"""One request to a server of the OpenAI chat API: a stream of text that can be broken off at any time."""

import asyncio
import ipaddress
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from nodes.bodies import PLAIN, beginning
from nodes.llm._model.chat_wire import Delta, Refused, error
from nodes.llm._model.stream import Queue, Thread, read_answer
from nodes.phrases import phrase

if TYPE_CHECKING:
    import httpx

KEEP_S = 120.0
"""How long a quiet connection is kept; httpx's own 5 s would cost a handshake (0.35 s from Korea) after each pause."""
CONNECT_S, POOL_S, WARM_S = 2.0, 0.5, 5.0
END_S = 0.1
"""How long to wait for the end of a body after the end of its answer, so that the connection can be reused."""
_USUAL, _NO_SUCH_PATH = "/v1", (404, 405)
"""An address without a path means this one, if there is nothing without it."""
_LONGEST_ERROR = 20_000
_LONGEST_LIST = 1024 * 1024
"""Read at most this many bytes of the list of models: only at its end can the connection be reused."""


class Reading:
    """An answer that is being read."""

    def __init__(self) -> None:
        self.queue: Queue = asyncio.Queue()

    async def next(self, within_s: float) -> Delta | None:
        """Return the next piece; None when the server said that the answer is complete.

        Raises:
            Refused: ``slow`` if none came within this many seconds; otherwise whatever went wrong with the request.
        """
        if self.queue.empty():
            try:
                async with asyncio.timeout(within_s):
                    item = await self.queue.get()
            except TimeoutError:
                raise Refused("slow", phrase("nothing came within {seconds} s", seconds=f"{within_s:.1f}")) from None
        else:
            item = self.queue.get_nowait()
        if isinstance(item, Refused):
            raise item
        return item


class ChatApi:
    """A server of the OpenAI chat API and the connections to it.

    Args:
        base_url: for example ``https://api.groq.com/openai/v1``.
        thread: runs a blocking call elsewhere: making the client takes 0.2 s, and parsing long JSON takes time too.
        heard: receives the headers of every answer, with the name of its model.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        thread: Thread,
        heard: Callable[[str, Mapping[str, str]], object] = lambda _model, _headers: None,
    ) -> None:
        self._base = urlsplit(base_url)
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._thread = thread
        self._heard = heard
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self.loopback = is_loopback(base_url)

    async def open(self) -> "httpx.AsyncClient":
        """Return the client; it is made when first needed."""
        async with self._opening:
            client = self._client
            if client is None:
                client = self._client = await self._thread(lambda: new_client(trust_env=not self.loopback))
            return client

    async def warm(self) -> None:
        """Have a connection ready, by asking for the list of models.

        Raises:
            Refused: ``unauthorised``. Anything else that goes wrong is left for the next request to find.
        """
        import httpx

        status = 0
        # ValueError, ImportError: from a proxy that httpx cannot use
        with suppress(httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError):
            client = await self.open()
            request = client.stream("GET", _at(self._base, "/models"), headers=self._headers)
            async with asyncio.timeout(WARM_S), request as response:
                status = response.status_code
                await beginning(response, _LONGEST_LIST)
        if status == 401:
            raise Refused("unauthorised", "401")

    @asynccontextmanager
    async def ask(self, body: Mapping[str, Any]) -> AsyncGenerator[Reading]:
        """Send a request; its answer is read, streamed or not, until the body of the ``async with`` is left."""
        reading = Reading()
        async with _beside(self._read(dict(body), reading.queue)):
            yield reading

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _bases(self) -> tuple[SplitResult, ...]:
        """Return under which addresses the API may be; the first one that has it is kept."""
        base = self._base
        return (base,) if base.path.strip("/") else (base, base._replace(path=_USUAL))

    async def _post(
        self, client: "httpx.AsyncClient", base: SplitResult, body: dict[str, Any], queue: Queue
    ) -> Refused | None:
        """Read the answer of one address; return how it was refused."""
        url = _at(base, "/chat/completions")
        async with client.stream("POST", url, json=body, headers=self._headers) as response:
            self._heard(str(body.get("model", "")), response.headers)
            if response.status_code not in _NO_SUCH_PATH:
                self._base = base
            if response.is_success:  # also 201, as some frameworks answer any POST
                await read_answer(response, queue, self._thread)
                return None
            told = (await beginning(response, _LONGEST_ERROR)).decode("utf-8", "replace")
            return error(response.status_code, response.headers, told)

    async def _read(self, body: dict[str, Any], queue: Queue) -> None:
        import httpx

        try:
            client = await self.open()
            bases = self._bases()
            for base in bases:
                wrong = await self._post(client, base, body, queue)
                if wrong and (wrong.status not in _NO_SUCH_PATH or base is bases[-1]):
                    raise wrong
                if wrong is None:
                    return
        except Refused as refused:
            queue.put_nowait(refused)
        except httpx.PoolTimeout:
            await self.close()  # every connection is taken: one that leaks is never returned
            queue.put_nowait(Refused("broken", phrase("no free connection")))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, ValueError, ImportError) as problem:
            queue.put_nowait(Refused("broken", f"{type(problem).__name__}: {problem}"))


def _at(base: SplitResult, path: str) -> str:
    """Return the address of a part of the API; what the operator's address asks for (``?api-version=``) stays."""
    return urlunsplit(base._replace(path=base.path.rstrip("/") + path, fragment=""))


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Run ``work``, which does not raise, beside the body; the end of the body ends it, at once if it is an error.

    It is cancelled exactly once, however often the caller is: a second cancel would hit httpx while it gives a
    connection back, and the connection would be lost to its pool (encode/httpx issue 3782).
    """
    task = asyncio.current_task()
    cancels = task.cancelling() if task else 0
    problem: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            working = group.create_task(work)
            try:
                yield
                await asyncio.wait([working], timeout=END_S)
            except BaseException as error:
                problem = error
            raise asyncio.CancelledError  # a group that is left this way cancels its tasks, once, and waits for them
    except asyncio.CancelledError:
        if task and task.cancelling() > cancels and not isinstance(problem, asyncio.CancelledError):
            raise
    if problem is not None:
        raise problem


def new_client(*, trust_env: bool) -> "httpx.AsyncClient":
    """Make an HTTP client for one server. Blocks for about 0.2 s the first time: httpx, the system's certificates.

    Timeouts are the caller's, except for connecting. HTTP/1.1: with HTTP/2 the first request after the server closed
    a quiet connection fails, and one request at a time gains nothing from it.
    """
    import httpx

    return httpx.AsyncClient(
        timeout=httpx.Timeout(None, connect=CONNECT_S, pool=POOL_S),
        limits=httpx.Limits(max_connections=4, max_keepalive_connections=4, keepalive_expiry=KEEP_S),
        headers=PLAIN,
        trust_env=trust_env,
        follow_redirects=False,
    )


def is_loopback(url: str) -> bool:
    """Return whether the server runs on this machine, where no proxy is used."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False
