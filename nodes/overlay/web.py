"""``overlay.web``: shows chat, answers and captions on a page."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Never, TypeVar, cast

import reactivex
from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import DisposableBase, SchedulerBase
from reactivex.disposable import Disposable

from nodes import UNWIRED, node
from nodes.overlay import _saved as saved
from nodes.overlay import _state as state
from nodes.overlay._emotes_http import images
from nodes.overlay._page import Known, Page
from nodes.overlay._settings import Overlay
from nodes.phrases import phrase
from nodes.services import Clock, Jobs, Json, Kept, Log, Web
from nodes.streams import silent, together
from schemas.chat import ChatBatch, HostLine, ViewerEvent, Withdrawn
from schemas.event import Event
from schemas.playback import Heard
from schemas.reply import Sentence
from schemas.show import ShowState

E = TypeVar("E", bound=Event)

_FETCHERS = 2
"""How many pictures are fetched at a time, so that a slow one does not keep the others waiting."""
_SAVE_S = 0.2
"""Changes this recent may be lost when the program is killed."""
_SAVE_AGAIN_S = 1.0


@node("overlay.web", exclusive=True, once=True, light="obs")
def web(
    config: Overlay,
    chat: Observable[ViewerEvent] = UNWIRED,
    reply: Observable[Sentence] = UNWIRED,
    heard: Observable[Heard] = UNWIRED,
    withdrawn: Observable[Withdrawn] = UNWIRED,
    batch: Observable[ChatBatch] = UNWIRED,
    command: Observable[ViewerEvent] = UNWIRED,
    host: Observable[HostLine] = UNWIRED,
    show: Observable[ShowState] = UNWIRED,
    *,
    clock: Clock,
    web: Web,
    kept: Kept,
    jobs: Jobs,
    log: Log,
) -> Observable[Never]:
    """Show viewers' lines, the character's answers and a caption on a page for OBS.

    A caption is revealed in time with the voice. Without ``heard`` an answer and its caption appear with the sentence;
    with ``batch`` an answer names whom it is for. What the streamer said (``host``) is a caption of its own above it,
    for ``host_s``. The page is at ``/`` (``/?obs`` in OBS), its changes come over
    ``/ws/overlay``, ``GET /api/state`` returns what it shows (``viewer_messages``, ``assistant_messages``; times in
    seconds since the run started, like ``now``) and how many ``pages`` are connected, ``POST /api/clear`` empties it
    (and with ``{"undo": true}``, for a minute, brings back what was there), ``POST /api/toggle_streamer_chat`` hides or
    shows the streamer's lines (with ``{"hidden": bool}`` as it says), and ``GET /api/screen`` returns what these two
    can do. Pictures of emotes are fetched beside the show and served at ``/emote/KEY``.
    What is ``withdrawn`` leaves every page at once; a page that connects later never gets it. From ``command`` only
    the words that clear the page are used: wire it to what comes before the filter, which may drop the streamer's
    lines or a word that came twice. ``show`` is the state of ``chat.show``: title, category, time on air and followers,
    as a line that only a page with ``&show=on`` or ``&layout=show`` in its address has.
    """

    def shown(scheduler: SchedulerBase | None) -> Observable[Never]:
        page = Page(config, clock, kept.keep("page", Known), batches=batch is not UNWIRED, told=command is not UNWIRED)
        screen = _Screen(page, clock, jobs, log)
        screen.restore(config.saved)
        opened = screen.open(web, config.folder)
        if show is UNWIRED:
            screen.change(page.about(None))  # the node that said it has left the graph

        def changed(events: Observable[E], changes: Callable[[E], Iterable[state.Change]]) -> Observable[Never]:
            return silent(events.pipe(ops.map(changes), ops.do_action(screen.change)))

        voice = cast("Observable[Event]", reply if heard is UNWIRED else heard)
        return together(
            changed(batch, page.opened),
            changed(command, page.told),
            changed(show, page.about),
            changed(chat, page.said),
            changed(withdrawn, page.withdrew),
            changed(reply, partial(page.came, voice=heard is not UNWIRED)),
            changed(heard, page.heard),
            changed(host, page.spoke),
            changed(voice.pipe(ops.debounce(config.caption_s, scheduler)), lambda _: page.silent()),
            *(jobs.beside(screen.fetch) for _ in range(_FETCHERS)),
            *([jobs.beside(partial(screen.save, config.saved))] if config.saved else []),
        ).pipe(ops.finally_action(opened.dispose))

    return reactivex.defer(shown)


class _Screen:
    """Sends the changes of a page to every browser that shows it, and saves them to its file."""

    def __init__(self, page: Page, clock: Clock, jobs: Jobs, log: Log) -> None:
        self._page = page
        self._clock = clock
        self._jobs = jobs
        self._log = log
        self._dirty = asyncio.Event()
        self._on_air: set[str] = set()
        """The pages that viewers see: those in OBS."""

    def restore(self, path: Path | None) -> None:
        """Show the page as it was when the program ended or was killed; only once per run."""
        if self._page.known.restored:
            return
        self._page.known.restored = True
        if path is None:
            return
        try:
            self._page.load(path.read_text(encoding="utf-8"), _wall())
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            text = phrase("The saved screen cannot be read, so it begins empty: {file} ({why})", file=path, why=error)
            self._log.warning(text)

    def open(self, web: Web, folder: Path) -> DisposableBase:
        """Register the addresses of the page.

        Raises:
            ValueError: another node already has one of them.
        """
        with ExitStack() as opened:
            opened.callback(web.folder("/", folder).dispose)
            opened.callback(web.data("/emote", self._page.known.images.find).dispose)
            opened.callback(web.get("/api/state", self._state).dispose)
            opened.callback(web.get("/api/screen", self._what).dispose)
            opened.callback(web.post("/api/clear", self._clear).dispose)
            opened.callback(web.post("/api/toggle_streamer_chat", self._toggle).dispose)
            self._channel = web.channel("/ws/overlay", hello=self._page.hello, received=self._received, gone=self._gone)
            opened.callback(self._channel.dispose)
            return Disposable(opened.pop_all().close)

    def _state(self, _: Mapping[str, str]) -> Json:
        return {**self._page.answer(), "pages": self._channel.clients}

    def change(self, changes: Iterable[state.Change]) -> None:
        for one in changes:
            self._channel.send(self._page.apply(one))
            self._dirty.set()

    async def fetch(self) -> None:
        """Fetch pictures of emotes and notify the browsers of each."""

        def tell(key: str) -> None:
            self._channel.send({"type": "image", "id": key, "now": self._clock.now()})

        pictures = self._page.known.images
        await pictures.wanted.wait()
        async with images(self._jobs) as get:
            await pictures.fetch(get, self._clock, tell)

    async def save(self, path: Path) -> None:
        """Write the page to its file, soon after each change and at the end."""
        try:
            while True:
                await self._dirty.wait()
                await self._jobs.sleep(_SAVE_S)
                self._dirty.clear()
                if not await self._saved(path):
                    self._dirty.set()  # withdrawn lines must not be back after a restart
                    await self._jobs.sleep(_SAVE_AGAIN_S)
        finally:
            if self._dirty.is_set():
                await self._saved(path)

    def _what(self, _: Mapping[str, Any]) -> Json:
        hidden = self._page.known.shown["streamer_hidden"]
        return {"clear": self._page.clearable, "undo": self._page.restorable, "streamer_hidden": hidden}

    def _received(self, client: str, message: Mapping[str, Any]) -> None:
        if message.get("on_air") is True:
            self._on_air.add(client)
            self._log.well("obs")

    def _gone(self, client: str) -> None:
        self._on_air.discard(client)
        if not self._on_air:
            self._log.awaited("obs")

    def _clear(self, said: Mapping[str, Any]) -> Json:
        self.change(self._page.restore() if said.get("undo") is True else self._page.clear())
        return {"ok": True}

    def _toggle(self, said: Mapping[str, Any]) -> Json:
        hidden = said.get("hidden")
        if not isinstance(hidden, bool | None):
            raise ValueError(phrase("{field}: it must be true or false.", field="hidden"))
        self.change(self._page.hide_streamer(hidden))
        return {"ok": True, "ignore_streamer_chat": self._page.known.shown["streamer_hidden"]}

    async def _saved(self, path: Path) -> bool:
        """Write the page and return whether that worked."""
        try:
            await self._jobs.thread(saved.write, path, self._page.dump(_wall()))
        except OSError as error:
            text = phrase(
                "The screen could not be saved: {file} ({why}). Look at the folder and the free space.",
                file=path,
                why=error,
            )
            self._log.trouble("file", text)
            return False
        self._log.well("file")
        return True


def _wall() -> float:
    """Return seconds since the epoch, the only time that two runs share."""
    return datetime.now(UTC).timestamp()
