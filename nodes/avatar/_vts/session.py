"""One connection to VTube Studio: log in, look at what there is, then receive until the connection is lost.

The reader drives everything: a request made by the session itself keeps reading until its answer is there, so answers
to injections and events are handled meanwhile, and no message waits.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nodes.avatar._stage.parts import ID as BUILT_IN
from nodes.avatar._vts.calls import Answer, ApiError, Calls, Data, ranges
from nodes.avatar._vts.drawn import Drawn
from nodes.avatar._vts.faces import Faces
from nodes.avatar._vts.feed import Feed
from nodes.avatar._vts.tokens import TokenFile
from nodes.phrases import phrase
from nodes.services import Clock, Jobs, Log
from nodes.websocket import Link, Lost

ANSWER_S = 5.0
"""If an answer takes longer than this, the connection is dead."""
PROMPT_S = 300.0
"""How long a person may take to allow the plugin in VTube Studio."""
ANSWERED_S = 1.0
"""A prompt that takes longer than this waits for a person; the built-in stage may be set to answer by itself."""
PROMPT_AGAIN_S = 5.0
"""Wait before requesting the prompt again while another one is open."""
API_OFF, NOT_LOGGED_IN, DENIED, PROMPT_OPEN = 1, 8, 50, 51


class ApiOff(Lost):
    """Raised when VTube Studio runs but its API is switched off."""


class Denied(Exception):
    """Raised when a person refused the plugin."""


@dataclass(frozen=True, slots=True)
class Custom:
    """An input that VTube Studio does not provide by itself."""

    explanation: str
    """Shown in the list of inputs in VTube Studio; shorter than 256 characters."""
    low: float
    high: float
    rest: float


@dataclass(frozen=True, slots=True)
class Plugin:
    """Our identity for VTube Studio."""

    name: str
    developer: str
    customs: Mapping[str, Custom]


class Session:
    """Runs a connection from its login to its end."""

    def __init__(
        self,
        link: Link,
        address: str,
        plugin: Plugin,
        feed: Feed,
        faces: Faces,
        tokens: TokenFile,
        *,
        jobs: Jobs,
        clock: Clock,
        log: Log,
    ) -> None:
        self.ready = False
        """Whether the avatar accepts movements now."""
        self.connected = False
        """Whether it has ever been ready."""
        self._link = link
        self._address = address
        self._plugin = plugin
        self._feed = feed
        self._faces = faces
        self._tokens = tokens
        self._jobs = jobs
        self._clock = clock
        self._log = log
        self._calls = Calls()
        self._model_changed = False
        self._prompted = False
        self._built_in = False
        """Whether the model is that of the built-in stage, which every input of ours moves."""
        self._broken: Lost | None = None
        self.drawn = Drawn()

    async def run(self) -> None:
        """Log in and receive until the connection ends.

        Raises:
            Lost: the connection ended or is of no use.
            Denied: a person does not allow the plugin; the connection is still open (see ``linger``).
        """
        await self._need("APIState", {})
        await self._log_in()
        ranges = await self._inputs()
        created = await self._create_customs(ranges)
        if created:
            ranges = await self._inputs()
        for event in ("ModelLoadedEvent", "ModelConfigChangedEvent"):
            await self._ask("EventSubscription", {"eventName": event, "subscribe": True, "config": {}})
        model = await self._model()
        if created and not self._built_in:
            text = phrase(
                "New inputs were made. They move once the model is set to them: {names}", names=", ".join(created)
            )
            self._log.info(text)
        self._feed.begin(ranges, self._clock.now())
        self.ready = self.connected = True
        self._log.well("avatar")
        text = phrase("The avatar is connected ({place}, {model})", place=self._address, model=model)
        self._log.info(text, inputs=len(ranges))
        try:
            while True:
                await self._read()
                if self._model_changed:
                    self._model_changed = False
                    self._feed.know(await self._inputs())
                    await self._model()
        finally:
            self.ready = False
            self._feed.end()

    async def linger(self) -> None:
        """Only listen: VTube Studio must not be asked again until it has been closed."""
        while True:
            await self._link.receive()

    async def send(self) -> None:
        """Send the movements and expressions that are due; waits for the socket but never for an answer.

        Raises:
            Lost: the connection is gone.
        """
        now = self._clock.now()
        if self._calls.waiting_s(now) > ANSWER_S:
            await self._link.close()
            raise Lost(phrase("no answer for {seconds} s", seconds=f"{ANSWER_S:g}"))
        if self._built_in and self.drawn.ask(now):
            await self._link.send(self._calls.open("Statistics", {}, now, self.drawn.told))
        for kind, data, then in self._faces.due(now):
            await self._link.send(self._calls.open(kind, data, now, self._watching(then)))
        for data, then in self._feed.due(now):
            await self._link.send(self._calls.open("InjectParameterData", data, now, self._watching(then)))

    def _watching(self, then: Any) -> Any:
        def answered(answer: Answer) -> None:
            if isinstance(answer, ApiError) and answer.id in (API_OFF, NOT_LOGGED_IN):
                self._broken = self._useless(answer)
            then(answer)

        return answered

    async def _read(self) -> None:
        event = self._calls.receive(await self._link.receive())
        if self._broken is not None:
            raise self._broken
        if event is not None and event[0] in ("ModelLoadedEvent", "ModelConfigChangedEvent"):
            self._model_changed = True
            if event[0] == "ModelLoadedEvent":
                self._faces.loaded()

    async def _ask(
        self,
        kind: str,
        data: Mapping[str, Any],
        timeout_s: float = ANSWER_S,
        slow: Callable[[], object] | None = None,
    ) -> Answer:
        """Return the answer to a request; ``slow`` is called once if it takes longer than ``ANSWERED_S``."""
        answers: list[Answer] = []
        await self._link.send(self._calls.open(kind, data, self._clock.now(), answers.append))
        if slow is not None and not await self._read_until(answers, ANSWERED_S):
            slow()
        if not await self._read_until(answers, timeout_s):
            raise Lost(phrase("no answer to {kind} in {seconds} s", kind=kind, seconds=f"{timeout_s:g}"))
        answer = answers[0]
        if isinstance(answer, ApiError) and answer.id == API_OFF:
            raise self._useless(answer)
        return answer

    async def _read_until(self, answers: Sequence[Answer], timeout_s: float) -> bool:
        """Read until there is an answer; return False if there is none in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while not answers:
                    await self._read()
        except TimeoutError:
            return False
        return True

    async def _need(self, kind: str, data: Mapping[str, Any]) -> Data:
        """Return the answer to a request that has to succeed."""
        answer = await self._ask(kind, data)
        if isinstance(answer, ApiError):
            raise self._useless(answer)
        return answer

    def _useless(self, answer: ApiError) -> Lost:
        return ApiOff(str(answer)) if answer.id == API_OFF else Lost(str(answer))

    async def _log_in(self) -> None:
        token = await self._jobs.thread(self._tokens.get, self._address)
        if token is not None:
            if await self._authenticated(token):
                return
            text = phrase("The avatar forgot that it allowed this ({place}). It is asked again.", place=self._address)
            self._log.warning(text)
            await self._keep(self._tokens.drop, token)
        token = await self._new_token()
        await self._keep(self._tokens.put, token)
        if not await self._authenticated(token):
            raise Denied

    async def _authenticated(self, token: str) -> bool:
        answer = await self._need("Authentication", {**self._identity(), "authenticationToken": token})
        return answer.get("authenticated") is True

    async def _new_token(self) -> str:
        while True:
            answer = await self._ask("AuthenticationToken", self._identity(), PROMPT_S, self._await_permission)
            if not isinstance(answer, ApiError):
                token = answer.get("authenticationToken")
                if isinstance(token, str) and token.isprintable() and len(token.split()) == 1:
                    return token
                raise Lost(phrase("no token in AuthenticationTokenResponse"))
            if answer.id != PROMPT_OPEN:
                raise Denied if answer.id == DENIED else self._useless(answer)
            self._await_permission()
            await self._rest(PROMPT_AGAIN_S)

    def _await_permission(self) -> None:
        """Ask the person for the click, once."""
        if not self._prompted:
            self._prompted = True
            text = phrase(
                "Please allow {name} where the avatar is ({place}).", name=self._plugin.name, place=self._address
            )
            self._log.info(text)
            self._log.awaited("avatar", text)

    def _identity(self) -> Data:
        return {"pluginName": self._plugin.name, "pluginDeveloper": self._plugin.developer}

    async def _rest(self, seconds: float) -> None:
        await self._read_until((), seconds)

    async def _keep(self, change: Any, token: str) -> None:
        try:
            await self._jobs.thread(change, self._address, token)
        except OSError as error:
            text = phrase("What the avatar allowed could not be kept, so it is asked again next time: {why}", why=error)
            self._log.warning(text)

    async def _inputs(self) -> dict[str, tuple[float, float]]:
        """Return every input of VTube Studio with its lowest and highest value."""
        return ranges(await self._need("InputParameterList", {}))

    async def _create_customs(self, known: Mapping[str, tuple[float, float]]) -> list[str]:
        """Create those of our inputs that are missing, and return their names."""
        created: list[str] = []
        for name, custom in self._plugin.customs.items():
            if name in known:
                continue
            data = {
                "parameterName": name,
                "explanation": custom.explanation,
                "min": custom.low,
                "max": custom.high,
                "defaultValue": custom.rest,
            }
            answer = await self._ask("ParameterCreation", data)
            if isinstance(answer, ApiError):
                self._log.warning(phrase("The input {name} could not be made: {why}", name=name, why=answer))
            else:
                created.append(name)
        return created

    async def _model(self) -> object:
        """Return the name of the model, and pass the list of its hotkeys to the faces."""
        model = await self._ask("CurrentModel", {})
        hotkeys = await self._ask("HotkeysInCurrentModel", {})
        self._faces.listed({} if isinstance(hotkeys, ApiError) else hotkeys)
        if isinstance(model, ApiError) or model.get("modelLoaded") is not True:
            return phrase("no model")
        self._built_in = model.get("modelID") == BUILT_IN
        return str(model.get("modelName"))
