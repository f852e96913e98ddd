"""``avatar.vts``: moves an avatar that speaks the VTube Studio API: VTube Studio itself or the built-in stage."""

import asyncio
from contextlib import suppress
from importlib import import_module
from math import inf
from pathlib import Path
from random import Random
from typing import Never, Self

import reactivex
from pydantic import Field, model_validator
from reactivex import Observable
from reactivex import operators as ops
from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from nodes import UNWIRED, Feedback, node
from nodes.avatar._vts import find as vts_find
from nodes.avatar._vts.faces import Faces
from nodes.avatar._vts.feed import RESEND_S, Feed
from nodes.avatar._vts.hotkeys import Hotkey, Shown, open_page
from nodes.avatar._vts.inputs import OURS, CustomInput, Name
from nodes.avatar._vts.link import Connect, websockets
from nodes.avatar._vts.session import ApiOff, Custom, Denied, Plugin, Session
from nodes.avatar._vts.tokens import TokenFile
from nodes.in_turn import InTurn
from nodes.loopback import is_loopback
from nodes.phrases import Phrase, phrase
from nodes.services import Clock, Jobs, Log, Web
from nodes.streams import silent, together
from nodes.websocket import Lost
from schemas.playback import Speaking
from schemas.pose import PoseFrame
from schemas.reply import TRIED_OUT, Emotion
from schemas.settings import Settings

BACKOFF_S = 0.25, 2.5
SEARCH_AFTER = 3
"""After this many failed attempts, listen for the broadcast of VTube Studio."""
PATIENCE_S = 2.0
"""An avatar that is back this soon does not count as away: it is starting or ending together with the show."""


class Vts(Settings):
    """Where the avatar is and what it can do."""

    host: str = Field(
        "127.0.0.1",
        title="Where VTube Studio is",
        description="Where VTube Studio is; for another computer turn on 'On another computer' (remote) too.",
    )
    port: int = Field(
        8001, ge=1, le=65535, title="Port of VTube Studio", description="Port of the API of VTube Studio."
    )
    remote: bool = Field(
        False,
        title="On another computer",
        description="Whether a VTube Studio on another computer may be connected to. The connection is not encrypted.",
    )
    discover: bool = Field(
        True,
        title="Look for it",
        description="Look for the VTube Studio of this computer when its port is another. The stage of another show is "
        "only offered.",
    )
    plugin_name: str = Field(
        "AIsChoco", min_length=3, max_length=32, title="Name of the plugin", description="Name that VTube Studio shows."
    )
    developer: str = Field(
        "AIsChoco",
        min_length=3,
        max_length=32,
        title="Developer of the plugin",
        description="Developer that VTube Studio shows.",
    )
    token_file: Path = Field(
        Path("config/vts_token.txt"),
        title="File of permissions",
        description="File of the permission that VTube Studio gave.",
    )
    hotkeys: dict[str, str] = Field(
        {},
        title="Hotkeys by emotion",
        description="Name of the hotkey to press for each feeling, such as {happy: smile}",
    )
    expressions: dict[str, str] = Field(
        {},
        title="Expressions by emotion",
        description="Expression file to switch on for each feeling, such as {sad: cry.exp3.json}",
    )
    cooldown_s: float = Field(
        2.0,
        ge=0.1,
        le=600.0,
        title="Time between expressions",
        description="Seconds after a change of expression before the next one.",
    )
    custom: dict[Name, CustomInput] = Field(
        OURS, title="Inputs of our own", description="Inputs to create in VTube Studio: min, max, rest, explanation."
    )

    @model_validator(mode="after")
    def _stays_here(self) -> Self:
        if not self.remote and not is_loopback(self.host):
            raise ValueError(phrase("host {host} is not this computer; to allow it, set remote: true", host=self.host))
        return self


def api_is_off() -> Phrase:
    """Tell that VTube Studio takes no connections, and what to do."""
    return phrase("The API of VTube Studio is off. Switch on 'Start API' in its settings.")


@node("avatar.vts", exclusive=True, light="avatar")
def vts(
    config: Vts,
    pose: Observable[PoseFrame],
    emotion: Observable[Emotion] = UNWIRED,
    speaking: Feedback[Speaking] = UNWIRED,
    *,
    jobs: Jobs,
    clock: Clock,
    web: Web,
    log: Log,
) -> Observable[Never]:
    """Move the avatar in VTube Studio, or in the built-in stage, as the frames say.

    Several sources may be merged into ``pose``; each sets its own inputs and the newest value of an input counts. With
    ``emotion`` it also switches expressions and hotkeys of the model, with ``speaking`` not before the turn that they
    belong to is heard. It never ends, fails or waits by itself: while
    there is no VTube Studio it tries again after 0.25 to 2.5 s, and after a restart it continues without a new prompt.
    A person can try the hotkeys of the model in the dock; of several avatars in a graph, those of the first.
    """

    def moving(_: object) -> Observable[Never]:
        avatar = _Avatar(config, jobs, clock, log, web)
        return together(
            jobs.beside(avatar.connect),
            jobs.beside(avatar.send),
            jobs.beside(avatar.repeat),
            silent(pose.pipe(ops.do_action(avatar.take))),
            silent(emotion.pipe(ops.do_action(avatar.feel))),
            silent(speaking.pipe(ops.do_action(avatar.feelings.spoke))),
        ).pipe(ops.finally_action(avatar.shown().dispose))

    return reactivex.defer(moving)


class _Avatar:
    """The latest values to send, and the connection they go over."""

    def __init__(self, config: Vts, jobs: Jobs, clock: Clock, log: Log, web: Web) -> None:
        self._web = web
        self._config = config
        self._jobs = jobs
        self._clock = clock
        self._log = log
        self._feed = Feed(log.warning)
        self._faces = Faces(config.hotkeys, config.expressions, config.cooldown_s, log.warning)
        self.feelings = InTurn(self._show)
        self._wake = asyncio.Event()
        self._session: Session | None = None
        self._failures = 0
        self._chance = Random()  # noqa: S311
        self._port = config.port
        self._sent_at = -inf
        self._alone_since = clock.now()
        """When it started, or last had a connection."""

    def take(self, frame: PoseFrame) -> None:
        now, session = self._clock.now(), self._session
        gap_s = 0.0 if session is None else session.drawn.gap_s
        if self._feed.take(frame, now) and now - self._sent_at >= gap_s:
            self._wake.set()

    def feel(self, emotion: Emotion) -> None:
        if emotion.turn == TRIED_OUT:
            self._show(emotion)
        else:
            self.feelings.came(emotion.turn, emotion)

    def _show(self, emotion: Emotion) -> None:
        self._faces.feel(emotion.emotion)
        self._wake.set()

    def shown(self) -> DisposableBase:
        """Show the hotkeys of the model in the dock, unless another avatar does."""

        def now() -> Shown:
            session = self._session
            connected = session is not None and session.ready
            return Shown(connected, self._faces.known if connected else (), self._config.hotkeys)

        def press(hotkey: Hotkey) -> None:
            self._faces.press(hotkey)
            self._wake.set()

        try:
            return open_page(self._web, now, press)
        except ValueError:
            return Disposable()

    async def send(self) -> Never:
        """Send whenever there is something new to send."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            session = self._session
            if session is not None and session.ready:
                self._sent_at = self._clock.now()
                with suppress(Lost):  # the reader notices it too
                    await session.send()

    async def repeat(self) -> Never:
        """Make sure that unchanged inputs are sent again in time; between frames this sends nothing."""
        while True:
            await self._jobs.sleep(RESEND_S / 2)
            if self._clock.now() - self._sent_at >= RESEND_S / 2:
                self._wake.set()

    async def connect(self) -> Never:
        """Open one connection after another."""
        await self._jobs.thread(import_module, "aiohttp")  # takes 0.3 s, which would block the loop
        async with websockets() as connect:
            while True:
                try:
                    await self._session_with(connect)
                except ApiOff:
                    self._tell(api_is_off())
                except Lost as lost:
                    if self._clock.now() - self._alone_since >= PATIENCE_S:
                        where = f"{self._config.host}:{self._port}"
                        text = phrase("Waiting for the avatar ({place}). The show goes on.", place=where)
                        self._tell(text, str(lost))
                self._failures += 1
                await self._pause()

    async def _session_with(self, connect: Connect) -> None:
        config = self._config
        link = await connect(config.host, self._port)
        customs = {
            name: Custom(each.explanation, each.min, each.max, each.rest) for name, each in config.custom.items()
        }
        session = Session(
            link,
            f"{config.host}:{self._port}",
            Plugin(config.plugin_name, config.developer, customs),
            self._feed,
            self._faces,
            TokenFile(config.token_file),
            jobs=self._jobs,
            clock=self._clock,
            log=self._log,
        )
        self._session = session
        try:
            await session.run()
        except Denied:
            self._tell(
                phrase(
                    "The avatar did not allow it. To be asked again, start VTube Studio again or save the settings of "
                    "this node."
                )
            )
            await session.linger()
        finally:
            if session.connected:
                self._alone_since = self._clock.now()
                self._failures = 0
                self._log.awaited("avatar")
            self._session = None
            await link.close()

    async def _pause(self) -> None:
        least, most = BACKOFF_S
        seconds = min(most, least * 2.0 ** min(self._failures - 1, 8)) * self._chance.uniform(0.8, 1.0)
        if self._failures < SEARCH_AFTER or not (self._config.discover and is_loopback(self._config.host)):
            await self._jobs.sleep(seconds)
            return
        self._port = self._config.port
        found = await vts_find.find(seconds, vts_find.instance(self._web.url))
        if found is not None and not found.active:
            self._tell(api_is_off())
            await self._jobs.sleep(seconds)
        elif found is not None and found.others:
            self._tell(
                phrase(
                    "At port {port} is the stage of another show, which is left alone. To share that stage, set port "
                    "in the graph to {port}.",
                    port=found.port,
                )
            )
        elif found is not None and found.port != self._port:
            self._port = found.port
            self._tell(phrase("VTube Studio was found at port {port}. Change port in the graph too.", port=found.port))

    def _tell(self, text: str, why: str = "") -> None:
        """Log this only once between two connections."""
        self._log.trouble("avatar", text, why=why)
