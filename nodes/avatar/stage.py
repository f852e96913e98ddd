"""``avatar.stage``: shows the built-in avatar, which plugins move as they move a model in VTube Studio."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from importlib import import_module
from math import inf
from pathlib import Path
from typing import Any, Never

import reactivex
from pydantic import Field, field_validator
from reactivex import Observable
from reactivex import operators as ops

from nodes import node
from nodes.avatar._stage.api import FRAMERATE, Api
from nodes.avatar._stage.grants import Grants
from nodes.avatar._stage.server import Broadcast, Server
from nodes.avatar._vts.find import instance
from nodes.loopback import is_loopback
from nodes.particles import CHARACTER
from nodes.phrases import phrase
from nodes.services import Channel, Clock, Jobs, Json, Log, Web
from nodes.streams import together
from schemas.settings import Settings

FRAME_S = 1 / 60
SAVE_AGAIN_S = 30.0
"""Wait this long after a failed save before trying again."""
PAGES_AGAIN_S = 600.0
"""Minimum time between two log lines about web pages that were turned away."""
IDLE_S = 0.25
"""How often to look for released inputs while no plugin sends anything."""


class Stage(Settings):
    """Where plugins find the stage and what it shows."""

    name: str = Field(
        CHARACTER, title="Name of the avatar", description="Name of the avatar; without one, that of the character."
    )
    host: str = Field(
        "127.0.0.1",
        title="Address for plugins",
        description="Address for plugins to connect to. Usually left as it is.",
    )
    port: int = Field(
        8011,
        ge=0,
        le=65535,
        title="Port for plugins",
        description="Port for plugins to connect to; 0 for any free one.",
    )
    allow: bool = Field(
        False,
        title="Allow without asking",
        description=("Let programs of this machine in without asking. Web pages and other machines always ask."),
    )
    broadcast: bool = Field(
        True,
        title="Let plugins find it",
        description="Announce the port, so that plugins find it by themselves (UDP 47779).",
    )
    token_file: Path = Field(
        Path("config/stage_tokens.json"),
        title="File of permissions",
        description="File of the plugins that were let in.",
    )
    fps: int = Field(
        0,
        ge=0,
        le=240,
        title="Pictures a second",
        description="Most pictures a second; 0: as many as OBS, or the browser, asks for.",
    )
    folder: Path = Field(
        Path("assets/stage"),
        title="Folder of the page",
        description="Folder of the avatar's page; a page of your own can take its place.",
    )

    @field_validator("allow", mode="before")
    @classmethod
    def _empty_is_no(cls, value: object) -> object:
        return False if value == "" else value


@node("avatar.stage", exclusive=True, once=True)
def stage(config: Stage, *, jobs: Jobs, clock: Clock, web: Web, log: Log) -> Observable[Never]:
    """Show an avatar of our own at ``/stage``, moved by whoever speaks the VTube Studio API.

    ``avatar.vts`` moves it as it moves VTube Studio: only host and port differ. A new plugin is allowed in the page
    (not in ``/stage?obs``, which is for OBS) and is remembered. What plugins set goes to every page over
    ``/ws/stage``, at most 60 times a second; without a plugin the avatar breathes and blinks by itself. A page draws as
    often as OBS asks for, at most ``fps`` times a second and never while it is hidden, and ``avatar.vts`` sends no more
    movements than are drawn.
    """

    def show(_: object) -> Observable[Never]:
        scene = _Scene(config, jobs, clock, log, web)
        with ExitStack() as opened:
            opened.callback(web.folder("/stage", config.folder).dispose)
            opened.callback(web.post("/api/stage/allow", scene.decide).dispose)
            scene.channel = web.channel("/ws/stage", hello=scene.hello, received=scene.told, gone=scene.gone)
            opened.callback(scene.channel.dispose)
            close = opened.pop_all().close
        return together(jobs.beside(scene.serve), jobs.beside(scene.feed)).pipe(ops.finally_action(close))

    return reactivex.defer(show)


class _Scene:
    """Connects the API, its server and the pages."""

    def __init__(self, config: Stage, jobs: Jobs, clock: Clock, log: Log, web: Web) -> None:
        self.channel: Channel | None = None
        self._config = config
        self._jobs = jobs
        self._clock = clock
        self._log = log
        self._web = web
        self._grants = Grants(config.token_file)
        self._api = Api(self._grants, clock.now(), allow=config.allow, name=config.name)
        self._wake = asyncio.Event()
        self._asked: str | None = None
        self._save_from = 0.0
        self._page_told, self._page_told_at = "", -inf
        self._paces: dict[str, int] = {}
        """Page -> how often it draws, a second."""

    def hello(self) -> list[Json]:
        return [{**self._api.shown(self._clock.now()), "fps": self._config.fps}]

    def told(self, page: str, message: Mapping[str, Any]) -> None:
        """Take ``{"type": "pace", "hz": 30}`` from a page: it draws so often, not at all while it is hidden."""
        hz = message.get("hz")
        if message.get("type") == "pace" and isinstance(hz, int) and 0 <= hz <= 1000:
            self._paces[page] = hz
            self._pace()

    def gone(self, page: str) -> None:
        """Note that a page was closed."""
        self._paces.pop(page, None)
        self._pace()

    def _pace(self) -> None:
        paces = list(self._paces.values())
        if self.channel is None or self.channel.clients > len(paces):  # a page of another kind does not tell
            paces.append(FRAMERATE)
        self._api.framerate = max(paces, default=FRAMERATE)

    def decide(self, body: Mapping[str, Any]) -> Json:
        """Take ``{"id", "allow": true | false}`` from the page."""
        allowed = body.get("allow")
        if not isinstance(allowed, bool):
            raise ValueError(phrase("allow: it must be true or false."))
        done = self._api.decide(str(body.get("id")), allowed, self._clock.now())
        self._wake.set()
        return {"ok": done}

    async def serve(self) -> None:
        """Serve plugins until the node ends."""
        if not await self._jobs.thread(self._grants.load):
            text = phrase("{file}: cannot be read, so plugins have to be allowed again.", file=self._config.token_file)
            self._log.warning(text)
        await self._jobs.thread(import_module, "aiohttp.web")  # takes 0.3 s, which would block the loop
        server = Server(self._api, self._clock, self._wake.set, sleep=self._jobs.sleep, shut_out=self._shut_out)
        async with server.listening(self._config.host, self._config.port) as port:
            host = self._config.host
            page, plugins = f"{self._web.url}/stage", f"ws://{host}:{port}"
            self._log.info(phrase("stage of the avatar: {page} (for plugins {plugins})", page=page, plugins=plugins))
            if not is_loopback(host):
                text = phrase(
                    "Other computers can connect to the stage of the avatar too (STAGE_HOST={host})", host=host
                )
                self._log.warning(text)
            if self._config.broadcast:
                await Broadcast(host, port, instance(self._web.url)).run(self._jobs.sleep)
            else:
                await asyncio.Event().wait()

    async def feed(self) -> None:
        """Send the pages what is new, at most once a frame; the newest value of an input counts."""
        sent: dict[str, float] = {}
        due = self._clock.now()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(FRAME_S if self._api.ticking else IDLE_S):
                    await self._wake.wait()
            self._wake.clear()
            now = self._clock.now()
            self._api.step(now)
            for change in self._api.changes():
                self._send(change)
            sent = self._values(sent, now)
            self._tell_prompt()
            if self._grants.unsaved and self._clock.now() >= self._save_from:
                await self._save()
            due = max(now, due + FRAME_S)
            await self._jobs.sleep(max(0.0, due - self._clock.now()))

    def _values(self, sent: dict[str, float], now: float) -> dict[str, float]:
        """Send what differs from what was sent; return what the pages know afterwards."""
        values = self._api.inputs.driven(now)
        if values != sent:
            new = {name: value for name, value in values.items() if sent.get(name) != value}
            free = [name for name in sent if name not in values]
            self._send({"type": "values", "values": new, "free": free})
        return values

    def _send(self, change: Json) -> None:
        if self.channel is not None:
            self.channel.send(change)

    def _tell_prompt(self) -> None:
        prompt = self._api.prompt
        if prompt is not None and prompt.id != self._asked:
            self._asked = prompt.id
            question = phrase(
                "May {name} move the avatar? Please decide at {page}",
                name=prompt.plugin[0],
                page=f"{self._web.url}/stage",
            )
            page = prompt.guest.page
            if page:
                if page == self._page_told and self._clock.now() - self._page_told_at <= PAGES_AGAIN_S:
                    return  # one line is enough; the page of the stage asks
                self._page_told, self._page_told_at = page, self._clock.now()
                question = phrase(
                    "The web page {page} asks: {question} If you did not open that page yourself, refuse.",
                    page=page,
                    question=question,
                )
            self._log.info(question)

    def _shut_out(self, page: str) -> None:
        """Log this only once in a while, however often and under however many names pages try."""
        now = self._clock.now()
        if now - self._page_told_at > PAGES_AGAIN_S:
            self._page_told, self._page_told_at = page, now
            text = phrase(
                "The web page {page} connected to the stage of the avatar too often or sent too much, and was shut "
                "out. The show goes on.",
                page=page,
            )
            self._log.warning(text)

    async def _save(self) -> None:
        try:
            await self._jobs.thread(self._grants.save)
        except OSError as error:
            self._save_from = self._clock.now() + SAVE_AGAIN_S
            text = phrase(
                "{file}: which plugins are allowed could not be kept, so it is asked again next time: {why}",
                file=self._config.token_file,
                why=error,
            )
            self._log.trouble("file", text)
        else:
            self._log.well("file")
