"""The exam of ``avatar.vts``: checks that VTube Studio is there, its API is on, and we are allowed in."""

import asyncio
from collections.abc import Sequence
from importlib import import_module

from nodes.avatar._stage.parts import HOTKEYS
from nodes.avatar._vts import find as vts_find
from nodes.avatar._vts.calls import Answer, ApiError, Calls, Data, ranges
from nodes.avatar._vts.hotkeys import Hotkey, names, read
from nodes.avatar._vts.link import Link, Lost, websockets
from nodes.avatar._vts.session import API_OFF
from nodes.avatar._vts.tokens import TokenFile
from nodes.avatar.stage import Stage
from nodes.avatar.vts import API_IS_OFF, Vts
from nodes.exams import Finding, Probe, exam
from nodes.loopback import is_loopback

OFF = f"{API_IS_OFF} (switch its API on)"
AGAIN = "VTube Studio를 다시 켜세요 (start it again)"
INPUTS = ("MouthOpen", "FaceAngleX", "FaceAngleY")
"""Without these the character does not move at all; any other input is left out if it is missing."""
ANSWER_S = 2.0
SEARCH_S = 2.5
"""How long to listen for the broadcast, which comes every 2 s."""


@exam("avatar.vts", within_s=10.0, live=True)
async def vts(config: Vts, probe: Probe) -> Sequence[Finding]:
    """Connect, log in with the saved permission, and look for the hotkeys and inputs that are used."""
    what = f"아바타 {config.host}:{config.port} / VTube Studio"
    if any(isinstance(other, Stage) and other.port == config.port for other in probe.graph):
        built_in = tuple(Hotkey(each.id, each.name, each.action) for each in HOTKEYS.values())
        return [
            Finding(True, f"{what}: 내장 무대가 방송과 함께 뜹니다 (the built-in stage)"),
            _listed(config, built_in),
        ]
    await probe.worker.thread(import_module, "aiohttp")
    async with websockets() as connect:
        try:
            link = await connect(config.host, config.port)
        except Lost:
            return [Finding(False, f"{what}: 연결되지 않음 (not reachable)", await _why(config))]
        try:
            return await _looked_at(what, _Asking(link, probe), config, probe)
        except Lost as lost:
            return [Finding(False, f"{what}: {lost}", AGAIN)]
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
            raise Lost(f"no answer to {kind} in {ANSWER_S:g} s") from None
        return answers[0]


async def _looked_at(what: str, asking: _Asking, config: Vts, probe: Probe) -> list[Finding]:
    state = await asking.ask("APIState", {})
    if isinstance(state, ApiError):
        return [Finding(False, f"{what}: {state}", OFF if state.id == API_OFF else AGAIN)]
    token = await probe.worker.thread(TokenFile(config.token_file).get, f"{config.host}:{config.port}")
    if token is not None:
        probe.log.hide(token)
    identity = {"pluginName": config.plugin_name, "pluginDeveloper": config.developer}
    login = await asking.ask("Authentication", {**identity, "authenticationToken": token}) if token else {}
    if isinstance(login, ApiError) or login.get("authenticated") is not True:
        remedy = f"방송을 시작하고 VTube Studio 화면에서 {config.plugin_name}의 '허용'을 누르세요 (press Allow once)"
        return [Finding(False, f"{what}: 아직 허용하지 않음 (not allowed yet)", remedy)]
    model = await asking.ask("CurrentModel", {})
    if isinstance(model, ApiError) or model.get("modelLoaded") is not True:
        return [Finding(False, f"{what}: 모델 없음 (no model)", "VTube Studio에서 모델을 불러오세요 (load a model)")]
    answer = await asking.ask("HotkeysInCurrentModel", {})
    hotkeys = _listed(config, read({} if isinstance(answer, ApiError) else answer))
    if not hotkeys.ok:
        return [hotkeys]
    listed = await asking.ask("InputParameterList", {})
    known = {} if isinstance(listed, ApiError) else ranges(listed)
    missing = [name for name in INPUTS if name not in known]
    if missing:
        remedy = "VTube Studio를 최신 판으로 올리고 다시 켜세요 (update VTube Studio and start it again)"
        return [Finding(False, f"{what}: 없는 입력 (no such input): {', '.join(missing)}", remedy)]
    return [Finding(True, f"{what}: {model.get('modelName')} ({len(known)} inputs)"), hotkeys]


def _listed(config: Vts, hotkeys: tuple[Hotkey, ...]) -> Finding:
    """Name the hotkeys that an emotion can have, or those in the settings that the model lacks."""
    there = names(hotkeys) or "없음 (none)"
    unknown = [name for name in config.hotkeys.values() if not any(each.called(name) for each in hotkeys)]
    if unknown:
        remedy = f"hotkeys에는 이 이름들을 쓸 수 있습니다 (write one of these): {there}"
        return Finding(False, f"아바타의 단축키 / hotkeys: 없는 단축키 (no such hotkey): {', '.join(unknown)}", remedy)
    return Finding(True, f"아바타의 단축키 / hotkeys: {there}")


async def _why(config: Vts) -> str:
    """Return what to do when there is no connection; VTube Studio's own broadcast may say."""
    if config.discover and is_loopback(config.host):
        found = await vts_find.find(SEARCH_S)
        if found is not None and not found.active:
            return OFF
        if found is not None and not found.others:
            return f"VTube Studio의 포트는 {found.port}입니다. VTS_PORT(또는 port)를 그렇게 바꾸세요 (set the port)"
    return (
        "VTube Studio를 켜고 설정에서 'Start API'를 켜세요. 포트가 다르면 VTS_PORT(또는 port)를 바꾸세요 "
        "(start VTube Studio and its API)"
    )
