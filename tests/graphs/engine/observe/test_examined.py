"""graphs/engine/observe/examined.py: an exam says what it found, also when it fails or hangs, and keeps no secret."""

import asyncio

from graphs.engine.log.redact import Redactor
from graphs.engine.observe.examined import examined
from nodes.exams import Exam, Finding
from schemas.graph import Graph, NodeEntry
from schemas.settings import Settings

ENTRY = NodeEntry("voice", "speech.x", Settings(), "", 1)
GRAPH = Graph("x", "x.yaml", {"voice": ENTRY}, (), "")


def found(look, redact=None, within_s=0.05, **given):
    exam = Exam(look, within_s)
    return asyncio.run(examined(exam, ENTRY, GRAPH, redact or Redactor(), within_s=within_s, **given))


def test_what_an_exam_finds_is_returned_and_its_lent_things_work():
    redact, dates = Redactor(), []

    async def look(config, probe):
        assert config is ENTRY.settings
        assert probe.graph == (ENTRY.settings,)
        began = probe.clock.now()
        await probe.worker.sleep(0.001)
        assert probe.clock.now() > began
        probe.log.hide("MARK-secret-key-9")
        probe.dated("today")
        return [Finding(await probe.worker.thread(lambda: True), "voice")]

    assert found(look, redact, 20.0, dated=dates.append) == [Finding(True, "voice")]
    assert redact.text("MARK-secret-key-9") != "MARK-secret-key-9"
    assert dates == ["today"]


def test_an_exam_that_hangs_or_fails_is_a_finding_with_a_remedy():
    async def hangs(config, probe):
        await asyncio.sleep(60)

    async def fails(config, probe):
        raise KeyError("x")

    for look, what in ((hangs, "0.05초 안에 대답이 없음"), (fails, "점검하지 못함: KeyError: 'x'")):
        (finding,) = found(look)
        assert not finding.ok
        assert what in finding.what
        assert finding.remedy
