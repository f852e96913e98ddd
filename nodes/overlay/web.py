"""``overlay.web``: chat, answers and captions on a page."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Never, cast

import reactivex
from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import SchedulerBase
from reactivex.disposable import CompositeDisposable, Disposable

from nodes import UNWIRED, node
from nodes.overlay import _saved as saved
from nodes.overlay import _state as state
from nodes.overlay._emotes_http import images
from nodes.overlay._page import Known, Page
from nodes.overlay._settings import Overlay
from nodes.services import Channel, Clock, Jobs, Json, Kept, Log, Web
from nodes.streams import together
from schemas.chat import ChatBatch, ViewerEvent, Withdrawn
from schemas.playback import Heard
from schemas.reply import Sentence

_FETCHERS = 2
"""A picture that is slow does not keep the others waiting."""
_SAVE_S = 0.2
"""How long a change may be lost by a kill."""
_SAVE_AGAIN_S = 1.0


@node("overlay.web", exclusive=True)
def web(
    config: Overlay,
    chat: Observable[ViewerEvent] = UNWIRED,
    reply: Observable[Sentence] = UNWIRED,
    heard: Observable[Heard] = UNWIRED,
    withdrawn: Observable[Withdrawn] = UNWIRED,
    batch: Observable[ChatBatch] = UNWIRED,
    command: Observable[ViewerEvent] = UNWIRED,
    *,
    clock: Clock,
    web: Web,
    kept: Kept,
    jobs: Jobs,
    log: Log,
) -> Observable[Never]:
    """Show viewers' lines, the character's answers and a caption on a page for OBS.

    A caption is revealed with the voice. Without ``heard`` an answer and its caption appear with the sentence; with
    ``batch`` an answer names whom it is for. The page is at ``/`` (``/?obs`` in OBS), its changes come over
    ``/ws/overlay``, ``GET /api/state`` gives what it shows (``viewer_messages``, ``assistant_messages``; times in
    seconds since the run started, as ``now``) and how many ``pages`` are connected, ``POST /api/clear`` empties it and
    ``POST /api/toggle_streamer_chat`` hides or shows the streamer's lines. Pictures of emotes are fetched beside the
    show and served at ``/emote/KEY``.
    What is ``withdrawn`` leaves every page at once; a page that connects later never gets it. Of ``command`` only the
    words that clear the page are taken: wire it to what comes before the filter, which may drop the streamer's lines,
    or a word that came twice.
    """

    def show(scheduler: SchedulerBase | None) -> Observable[Never]:
        page = Page(config, clock, kept.keep("page", Known), batches=batch is not UNWIRED, told=command is not UNWIRED)
        known = page.known
        dirty = asyncio.Event()
        if not known.restored:
            known.restored = True
            _restore(config.saved, page, log)

        def change(changes: Iterator[state.Change]) -> None:
            for one in changes:
                channel.send(page.apply(one))
                dirty.set()

        def clear(_: Mapping[str, Any]) -> Json:
            change(page.clear())
            return {"ok": True}

        def toggle(_: Mapping[str, Any]) -> Json:
            change(page.toggle_streamer())
            return {"ok": True, "ignore_streamer_chat": known.shown["streamer_hidden"]}

        def came(sentence: Sentence) -> Iterator[state.Change]:
            return page.came(sentence, voice=heard is not UNWIRED)

        def tell(key: str) -> None:
            channel.send({"type": "image", "id": key, "now": clock.now()})

        async def fetch() -> None:
            await known.images.wanted.wait()
            async with images(jobs) as get:
                await known.images.fetch(get, clock, tell)

        async def save(path: Path) -> None:
            keeper = _Keeper(path, page, jobs, log)
            try:
                while True:
                    await dirty.wait()
                    await jobs.sleep(_SAVE_S)
                    dirty.clear()
                    if not await keeper.save():
                        dirty.set()  # what was withdrawn must not be back after a restart
                        await jobs.sleep(_SAVE_AGAIN_S)
            finally:
                if dirty.is_set():
                    await keeper.save()

        opened = CompositeDisposable()
        try:
            opened.add(web.folder("/", config.folder))
            opened.add(web.data("/emote", known.images.find))
            opened.add(web.get("/api/state", lambda _: {**page.answer(), "pages": channel.clients}))
            opened.add(web.post("/api/clear", clear))
            opened.add(web.post("/api/toggle_streamer_chat", toggle))
            channel = _channel(web, page)
            opened.add(Disposable(channel.dispose))
        except ValueError:
            opened.dispose()
            raise
        voice = reply if heard is UNWIRED else heard
        steps: list[Observable[Any]] = [
            batch.pipe(ops.map(page.opened), ops.do_action(change)),
            command.pipe(ops.map(page.told), ops.do_action(change)),
            chat.pipe(ops.map(page.said), ops.do_action(change)),
            withdrawn.pipe(ops.map(page.withdrew), ops.do_action(change)),
            reply.pipe(ops.map(came), ops.do_action(change)),
            heard.pipe(ops.map(page.heard), ops.do_action(change)),
            voice.pipe(ops.debounce(config.caption_s, scheduler), ops.do_action(lambda _: change(page.silent()))),
            *(jobs.beside(fetch) for _ in range(_FETCHERS)),
            *([jobs.beside(partial(save, config.saved))] if config.saved else []),
        ]
        done = together(*steps).pipe(ops.ignore_elements(), ops.finally_action(opened.dispose))
        return cast(Observable[Never], done)

    return reactivex.defer(show)


def _channel(web: Web, page: Page) -> Channel:
    def ignore(*_: object) -> None:
        """The page only shows: what it says, and that it left, is nothing to this node."""

    return web.channel("/ws/overlay", hello=page.hello, received=ignore, gone=ignore)


def _restore(path: Path | None, page: Page, log: Log) -> None:
    """The page as it was when the program ended, by itself or by force."""
    if path is None:
        return
    try:
        page.load(path.read_text(encoding="utf-8"), _wall())
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        log.warning(f"저장된 화면을 읽지 못해 빈 화면으로 시작합니다: {path} ({error})")


class _Keeper:
    """Writes the page to its file."""

    def __init__(self, path: Path, page: Page, jobs: Jobs, log: Log) -> None:
        self._path = path
        self._page = page
        self._jobs = jobs
        self._log = log
        self._told = False

    async def save(self) -> bool:
        """Whether it could be written."""
        try:
            await self._jobs.thread(saved.write, self._path, self._page.dump(_wall()))
        except OSError as error:
            if not self._told:
                self._log.warning(f"화면을 저장하지 못했습니다: {self._path} ({error}). 폴더와 용량을 확인해 주세요.")
            self._told = True
            return False
        self._told = False
        return True


def _wall() -> float:
    """Seconds since the epoch: the one time that two runs share."""
    return datetime.now(UTC).timestamp()
