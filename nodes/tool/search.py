"""``tool.search``: looks up on the web what a question asks, for the model to read."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, SecretStr
from reactivex import Observable

from nodes import UNWIRED, Feedback, node
from nodes.fetching import certificates
from nodes.particles import CHARACTER
from nodes.phrases import phrase, said_by
from nodes.services import Budget, Jobs, Log
from nodes.tool import _naver
from nodes.tool._question import question
from schemas.chat import ChatBatch
from schemas.playback import Stop
from schemas.settings import Live, Settings

if TYPE_CHECKING:
    import ssl


ANSWER_S = 2.0
"""The part of a turn's budget that the answer and the voice take after the search."""
LEAST_S = 0.2
"""A search with less time than this is not made."""


class Search(Settings):
    client_id: str = Field(
        default="",
        title="Client ID",
        description=("Client ID of the NAVER developer centre: ${NAVER_SEARCH_ID:-}. Empty: nothing is searched."),
    )
    client_secret: SecretStr = Field(
        default=SecretStr(""),
        title="Client secret",
        description="Client secret of the NAVER developer centre: ${NAVER_SEARCH_SECRET:-}",
    )
    api_url: Annotated[str, AfterValidator(_naver.secure_url)] = Field(
        default=_naver.API_URL,
        title="Address of the API",
        description="Address of the search API; end it with news.json for news alone.",
    )
    deadline_s: Annotated[float, Live()] = Field(
        default=0.8,
        gt=0,
        le=5,
        title="Search within",
        description="Seconds to wait for a search; a later one is left out of the answer.",
    )
    names: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Live()] = Field(
        default=(CHARACTER,),
        title="Names of the character",
        description="What the character is called. Questions about the character itself are not searched.",
    )
    results: Annotated[int, Live()] = Field(
        default=3, ge=1, le=5, title="Search results", description="Search results to show the model."
    )


@node("tool.search")
def search(
    config: Search,
    batch: Observable[ChatBatch],
    stop: Feedback[Stop] = UNWIRED,
    *,
    jobs: Jobs,
    budget: Budget,
    log: Log,
) -> Observable[ChatBatch]:
    """Search the web (Naver) for what a batch asks and add the results as notes for the model.

    A batch that asks nothing passes at once. So does every batch if no key is set. If a search is late or fails, its
    batch passes unchanged after at most ``deadline_s``, or sooner if the graph's ``budget_s`` leaves less time; if it
    leaves none, nothing is searched. The results are data from outside: they are put in ``notes``, shortened and
    without tags, and nothing in them is followed.
    """
    seeker = _Seeker(config, jobs, budget, log)

    async def work(event: ChatBatch) -> AsyncIterator[ChatBatch]:
        found = await seeker.notes(event)
        yield replace(event, notes=(*event.notes, *found)) if found else event

    return batch.pipe(jobs.each(work, stop))


class _Seeker:
    def __init__(self, config: Search, jobs: Jobs, budget: Budget, log: Log) -> None:
        self._config = config
        self._jobs = jobs
        self._budget = budget
        self._log = log
        self._context: ssl.SSLContext | None = None

    async def notes(self, batch: ChatBatch) -> tuple[str, ...]:
        config = self._config
        query = question(batch.events, config.names)
        if not query:
            return ()
        if not config.client_id or not config.client_secret.get_secret_value():
            self._trouble(phrase("NAVER_SEARCH_ID and NAVER_SEARCH_SECRET are empty. Write them into .env."))
            return ()
        seconds = self._seconds(batch.turn)
        if seconds < LEAST_S:
            return ()
        try:
            async with asyncio.timeout(seconds):
                found = await self._ask(query)
        except TimeoutError:
            self._trouble(phrase("There was no answer in time."))
        except _naver.SearchError as error:
            self._trouble(said_by(error))
        else:
            self._log.well("search")
            return tuple(f"검색 결과 ({query}) {line}" for line in found)
        return ()

    def _seconds(self, turn: str) -> float:
        """Return how long a search for the turn may take."""
        left = self._budget.left(turn)
        most = self._config.deadline_s
        return most if left is None else min(most, left - ANSWER_S)

    async def _ask(self, query: str) -> tuple[str, ...]:
        config = self._config
        if self._context is None:
            self._context = await self._jobs.thread(certificates)
        return await _naver.search(
            config.api_url,
            config.client_id,
            config.client_secret.get_secret_value(),
            query,
            config.results,
            self._context,
        )

    def _trouble(self, text: str) -> None:
        self._log.trouble("search", phrase("Answered without a search. {why}", why=text))
