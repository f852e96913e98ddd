"""The exam of ``llm.reply``: the key, how each model answers, and how much may still be asked.

For each model it reports when the first words come, how long it took to load, whether it thinks before it answers, and
which parameters its server does not accept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodes import keys
from nodes.exams import Finding, Probe, exam
from nodes.llm import _words as words
from nodes.llm._loading import AGAIN_S
from nodes.llm._memory.prompt import Message, Prompt
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Refused
from nodes.llm._model.traits import Traits
from nodes.llm._model.visible import Visible
from nodes.llm._settings import OPTIONAL, Reply
from nodes.phrases import phrase, said_by

ASKED = Prompt((Message("system", "한 단어로 대답한다."), Message("user", "안녕")), 40)
ANSWER_TOKENS = 64
"""A model that thinks before it speaks needs some for that."""
LOAD_S = 60.0
"""How long the doctor waits for a model to be loaded; on air the wait is ``load_s``."""
FEW = 0.1
"""Share of what the server allows, below which a show will soon be without answers."""


async def key(config: Reply, probe: Probe) -> Sequence[Finding]:  # noqa: ARG001
    """Look at the key, without asking anybody."""
    if config.needs_key and not config.key:
        return [Finding(False, phrase("API key of the language model"), words.no_key())]
    if wrong := keys.wrong(config.key):
        return [Finding(False, phrase("API key of the language model"), words.bad_key(wrong))]
    return []


@exam("llm.reply", within_s=LOAD_S + 30.0, live=key)
async def reply(config: Reply, probe: Probe) -> Sequence[Finding]:
    """Ask each model for one word; the first text must come within ``first_s``."""
    if lacking := await key(config, probe):
        return lacking
    headers: dict[str, Mapping[str, str]] = {}

    def heard(model: str, told: Mapping[str, str]) -> None:
        headers[model] = told
        probe.dated(told.get("date", ""))

    api = ChatApi(config.url, config.key, thread=probe.worker.thread, heard=heard)
    found: list[Finding] = []
    try:
        for rung in config.rungs:
            one = await _asked(api, config, rung.model, probe)
            found.append(one)
            if not one.ok and (one.remedy == words.why("unauthorised") or rung.model not in headers):
                return found  # the next model would say the same
    finally:
        await api.close()
    return [*found, *_quota(headers)]


async def _asked(api: ChatApi, config: Reply, model: str, probe: Probe) -> Finding:
    what, seen = phrase("language model {model}", model=model), _Seen()
    try:
        first_s = await _loaded(api, config, model, probe, seen)
        if first_s is not None and first_s > config.first_s and config.loads:  # it may have been loaded just now
            seen.loaded_s += first_s
            first_s = await _first(api, config, model, probe, seen, config.first_s)
    except Refused as refused:
        if refused.kind == "unauthorised":
            return Finding(False, phrase("API key of the language model"), words.why("unauthorised"))
        if refused.kind == "slow":
            within = f"{config.first_s:g}"
            late = phrase(
                "{what}: no first token within {seconds} s{seen}", what=what, seconds=within, seen=seen.told()
            )
            return Finding(False, late, words.why("slow"))
        failed = phrase("{what}: {why}{seen}", what=what, why=said_by(refused), seen=seen.told())
        return Finding(False, failed, words.why(refused.kind, own=config.own))
    if first_s is None:
        return Finding(True, phrase("{what}: an answer without text{seen}", what=what, seen=seen.told()))
    took = f"{first_s:.2f}"
    good = phrase("{what}: first token after {seconds} s{seen}", what=what, seconds=took, seen=seen.told())
    return Finding(True, good, measured={"first_token_s": first_s})


@dataclass(slots=True)
class _Seen:
    """What was seen of a model besides its answer."""

    traits: Traits = field(default_factory=Traits)
    loaded_s: float = 0.0

    def told(self) -> str:
        """Tell all of it, to stand behind a finding; empty if there was nothing."""
        known = self.traits
        refused = dict.fromkeys((*known.left_out, *known.values, *(OPTIONAL if known.bare else ())))
        loaded, thinks, without = "", "", ""
        if self.loaded_s:
            loaded = phrase(", loading took {seconds} s", seconds=max(1, round(self.loaded_s)))
        if known.thinks:
            thinks = phrase(", it thinks first")
        if refused:
            without = phrase(", values that it does not take: {names}", names=", ".join(refused))
        return phrase("{loaded}{thinks}{without}", loaded=loaded, thinks=thinks, without=without)


async def _loaded(api: ChatApi, config: Reply, model: str, probe: Probe, seen: _Seen) -> float | None:
    """Return the seconds to the first text; wait for a server that says that it is loading the model.

    Raises:
        Refused: there is no answer, or not in time.
    """
    began = probe.clock.now()
    while True:
        try:
            left_s = max(config.first_s, began + LOAD_S - probe.clock.now())
            return await _first(api, config, model, probe, seen, left_s if config.loads else config.first_s)
        except Refused as refused:
            if refused.kind != "loading" or not config.loads or probe.clock.now() > began + LOAD_S:
                raise
            await probe.worker.sleep(AGAIN_S)
            seen.loaded_s = probe.clock.now() - began


async def _first(api: ChatApi, config: Reply, model: str, probe: Probe, seen: _Seen, patience_s: float) -> float | None:
    """Return the seconds to the first text that is not a thought; None for an answer without one.

    It reads on to the end: that the first text was a thought may only show where the thought ends.

    Raises:
        Refused: there is no answer, or not in time.
    """
    traits = seen.traits
    while True:
        body = {**config.body(model, ASKED, schema=False), "stream": True, **config.also}
        body |= {name: ANSWER_TOKENS for name in ("max_tokens", "max_completion_tokens") if name in body}
        body = traits.fitted(body, config.less(model), OPTIONAL)
        began = probe.clock.now()
        upto, first_s, visible, blank = began + patience_s, None, Visible(), True
        try:
            async with api.ask(body) as reading:
                while (delta := await reading.next(max(0.0, upto - probe.clock.now()))) is not None:
                    now = probe.clock.now()
                    stretches = visible.push(delta.text)
                    first_s = first_s if len(stretches) == 1 else None
                    blank = blank and not delta.text.strip()
                    hidden = delta.usage.thoughts > 0 if delta.usage else blank and delta.finish == "length"
                    traits.thinks = traits.thinks or delta.thought or visible.thoughts or hidden
                    if stretches[-1].strip():
                        first_s = now - began if first_s is None else first_s
                        upto = min(now, began + patience_s) + config.think_s
                    elif traits.thinks:
                        upto = max(upto, now + config.think_s)
            rest = visible.end()[-1].strip()
            return probe.clock.now() - began if first_s is None and rest else first_s
        except Refused as refused:
            if first_s is not None:
                return first_s
            if not traits.learn(refused, body, OPTIONAL):
                raise


def _quota(headers: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Report how much may still be asked, by the headers of the answers; nothing if a server says nothing."""
    found: list[Finding] = []
    for model, told in headers.items():
        for name in ("requests", "tokens"):
            limit, left = told.get(f"x-ratelimit-limit-{name}", ""), told.get(f"x-ratelimit-remaining-{name}", "")
            if limit.isdecimal() and left.isdecimal():
                ok = int(left) >= FEW * int(limit)
                remedy = "" if ok else phrase("wait for the limit to fill up, use second_model, or pay for more")
                measured = {"requests_a_day": float(limit)} if name == "requests" else {}
                share = f"{left}/{limit}"
                if name == "requests":
                    what = phrase("{model}: requests left {share}", model=model, share=share)
                else:
                    what = phrase("{model}: tokens left {share}", model=model, share=share)
                found.append(Finding(ok, what, remedy, measured))
    return found
