"""The exam of ``avatar.vts``: checks that VTube Studio is there, its API is on, and we are allowed in."""

import asyncio
from collections.abc import Sequence
from importlib import import_module

from nodes.avatar._stage.parts import HOTKEYS
from nodes.avatar._vts import find as vts_find
from nodes.avatar._vts.calls import Answer, ApiError, Calls, Data, ranges
from nodes.avatar._vts.hotkeys import Hotkey, names, read
from nodes.avatar._vts.link import websockets
from nodes.avatar._vts.session import API_OFF
from nodes.avatar._vts.tokens import TokenFile
from nodes.avatar.stage import Stage
from nodes.avatar.vts import Vts, api_is_off
from nodes.exams import Finding, Mend, Probe, exam
from nodes.loopback import is_loopback
from nodes.phrases import Phrase, phrase, said_by
from nodes.websocket import Link, Lost

INPUTS = ("MouthOpen", "FaceAngleX", "FaceAngleY")
"""Without these the character does not move at all; any other input is left out if it is missing."""
ANSWER_S = 2.0
SEARCH_S = 2.5
"""How long to listen for the broadcast, which comes every 2 s."""


@exam("avatar.vts", within_s=10.0, live=True)
async def vts(config: Vts, probe: Probe) -> Sequence[Finding]:
    """Connect, log in with the saved permission, and look for the hotkeys and inputs that are used."""
    what = phrase("avatar {place} (VTube Studio)", place=f"{config.host}:{config.port}")
    if any(isinstance(other, Stage) and other.port == config.port for other in probe.graph):
        built_in = tuple(Hotkey(each.id, each.name, each.action) for each in HOTKEYS.values())
        return [
            Finding(True, phrase("{what}: the built-in stage, which begins with the show", what=what)),
            _listed(config, built_in),
        ]
    await probe.worker.thread(import_module, "aiohttp")
    async with websockets() as connect:
        try:
            link = await connect(config.host, config.port)
        except Lost:
            remedy, mend = await _why(config, probe)
            return [Finding(False, phrase("{what}: not reachable", what=what), remedy, mend=mend)]
        try:
            return await _looked_at(what, _Asking(link, probe), config, probe)
        except Lost as lost:
            return [Finding(False, phrase("{what}: {why}", what=what, why=said_by(lost)), _again())]
        finally:
            await link.close()


class _Asking:
    """Makes one request after another."""

    def __init__(self, link: Link, probe: Probe) -> None:
        self._link = link
        self._probe = probe
        self._calls = Calls()

    async def ask(self, kind: str, data: Data) -> Answer:
        answers: list[Answer] = []
        await self._link.send(self._calls.open(kind, data, self._probe.clock.now(), answers.append))
        try:
            async with asyncio.timeout(ANSWER_S):
                while not answers:
                    self._calls.receive(await self._link.receive())
        except TimeoutError:
            none = phrase("no answer to {kind} in {seconds} s", kind=kind, seconds=f"{ANSWER_S:g}")
            raise Lost(none) from None
        return answers[0]


def _again() -> Phrase:
    return phrase("start VTube Studio again")


async def _looked_at(what: str, asking: _Asking, config: Vts, probe: Probe) -> list[Finding]:
    state = await asking.ask("APIState", {})
    if isinstance(state, ApiError):
        told = phrase("{what}: {why}", what=what, why=said_by(state))
        return [Finding(False, told, api_is_off() if state.id == API_OFF else _again())]
    token = await probe.worker.thread(TokenFile(config.token_file).get, f"{config.host}:{config.port}")
    if token is not None:
        probe.log.hide(token)
    identity = {"pluginName": config.plugin_name, "pluginDeveloper": config.developer}
    login = await asking.ask("Authentication", {**identity, "authenticationToken": token}) if token else {}
    if isinstance(login, ApiError) or login.get("authenticated") is not True:
        remedy = phrase("start the show, and in VTube Studio press Allow for {name}", name=config.plugin_name)
        return [Finding(False, phrase("{what}: not allowed yet", what=what), remedy)]
    model = await asking.ask("CurrentModel", {})
    if isinstance(model, ApiError) or model.get("modelLoaded") is not True:
        return [Finding(False, phrase("{what}: no model", what=what), phrase("load a model in VTube Studio"))]
    answer = await asking.ask("HotkeysInCurrentModel", {})
    hotkeys = _listed(config, read({} if isinstance(answer, ApiError) else answer))
    if not hotkeys.ok:
        return [hotkeys]
    listed = await asking.ask("InputParameterList", {})
    known = {} if isinstance(listed, ApiError) else ranges(listed)
    missing = [name for name in INPUTS if name not in known]
    if missing:
        remedy = phrase("update VTube Studio and start it again")
        without = phrase("{what}: no such input: {names}", what=what, names=", ".join(missing))
        return [Finding(False, without, remedy)]
    name = model.get("modelName")
    return [Finding(True, phrase("{what}: {model}, inputs: {count}", what=what, model=name, count=len(known))), hotkeys]


def _listed(config: Vts, hotkeys: tuple[Hotkey, ...]) -> Finding:
    """Name the hotkeys that an emotion can have, or those in the settings that the model lacks."""
    there = names(hotkeys) or phrase("none")
    unknown = [name for name in config.hotkeys.values() if not any(each.called(name) for each in hotkeys)]
    if unknown:
        remedy = phrase("write one of these as hotkeys: {there}", there=there)
        return Finding(False, phrase("hotkeys of the avatar: none is called {names}", names=", ".join(unknown)), remedy)
    return Finding(True, phrase("hotkeys of the avatar: {there}", there=there))


async def _why(config: Vts, probe: Probe) -> tuple[str, Mend | None]:
    """Return what to do when there is no connection; the broadcast of VTube Studio, or of a stage, may say."""
    found = await vts_find.find(SEARCH_S) if config.discover and is_loopback(config.host) else None
    if found is not None and not found.active:
        return api_is_off(), None
    if found is not None and not any(isinstance(own, Stage) and own.port == found.port for own in probe.graph):
        mend = Mend(phrase("Connect to port {port}", port=found.port), {"port": found.port})
        if not found.others:
            return phrase("VTube Studio is at port {port}: set VTS_PORT (or port) to that", port=found.port), mend
        return phrase(
            "start VTube Studio and switch on 'Start API' in its settings; or share the stage of another show, which "
            "is at port {port}",
            port=found.port,
        ), mend
    return phrase(
        "start VTube Studio and switch on 'Start API' in its settings; if its port is another, set VTS_PORT (or port)"
    ), None
