"""The aiohttp application: resolves addresses by a table that changes, refuses what is not allowed, words the errors.

aiohttp freezes its routes when it starts, and ours come and go with the graph; so one resource stands for all of them,
as ``AbstractResource`` provides for.
"""

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from aiohttp import web
from aiohttp.web_urldispatcher import AbstractResource, AbstractRoute, ResourceRoute, UrlMappingMatchInfo

from graphs.engine.web import answers
from graphs.engine.web.table import Around, Handler, Table
from nodes.patience import is_gone
from nodes.phrases import described, noted, phrase, said_by
from nodes.refused import Refused

_WORDS = {404: noted("nothing takes this here"), 405: noted("not with this method")}
"""Status -> what is said when aiohttp finds no handler."""


def application(
    table: Table,
    refuse: Callable[[web.Request], web.StreamResponse | None],
    failed: Callable[[web.Request, Exception], object],
    around: Around,
    body_bytes: int,
) -> web.Application:
    """Build the application.

    Args:
        refuse: returns the response to a request that must not reach its handler; None if it may.
        failed: called with a request whose handler raised what it should not.
        around: runs the coroutine of each request.
        body_bytes: the longest body of a request.
    """

    @web.middleware
    async def enclosed(request: web.Request, handler: Handler) -> web.StreamResponse:
        async def asked() -> web.StreamResponse:
            return await handler(request)

        return await around(asked())

    @web.middleware
    async def worded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Refused as refused:
            response = answers.as_json(refused.status, {"error": said_by(refused), **refused.more}, request.query)
        except web.HTTPException as error:  # raised by aiohttp itself, for example for a body that is too large
            response = answers.plain(error.status, described(_WORDS.get(error.status, error.reason)))
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
        except Exception as error:
            if isinstance(error, ConnectionError) and is_gone(request):
                raise
            failed(request, error)
            response = answers.plain(500, phrase("the server failed on this request; its log says why"))
        return answers.for_a_person(request, response)

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        return refuse(request) or await handler(request)

    async def secured(_: web.Request, response: web.StreamResponse) -> None:
        answers.secure(response)

    app = web.Application(middlewares=[enclosed, worded, guarded], client_max_size=body_bytes)
    app.on_response_prepare.append(secured)
    app.router.register_resource(_Resource(table))
    return app


class _Resource(AbstractResource):
    """Every address, whoever has it at the moment."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table

    @property
    def canonical(self) -> str:
        return "/"

    async def resolve(self, request: web.Request) -> tuple[UrlMappingMatchInfo | None, set[str]]:
        methods = self._table.methods(request.path)
        handler = self._table.find(request.path, request.method)
        if handler is None:
            return None, methods
        return UrlMappingMatchInfo({}, ResourceRoute(request.method, handler, self)), methods

    def raw_match(self, path: str) -> bool:  # noqa: ARG002 - the name is that of aiohttp
        return True

    def url_for(self, **kwargs: str) -> NoReturn:
        raise NotImplementedError

    def add_prefix(self, prefix: str) -> NoReturn:
        raise NotImplementedError

    def get_info(self) -> Any:
        return {}

    def __iter__(self) -> Iterator[AbstractRoute]:
        return iter(())

    def __len__(self) -> int:
        return 0
