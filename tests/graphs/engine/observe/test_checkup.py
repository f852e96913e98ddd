"""graphs/engine/observe/checkup.py: the doctor is asked during a show only about what is not good, and now and then."""

import asyncio
from types import SimpleNamespace

import nodes.exams
from graphs.engine.log.redact import Redactor
from graphs.engine.observe.checkup import AGAIN_S, Checkup
from nodes import load_all
from nodes.exams import Exam, Finding
from schemas.graph import Graph, NodeEntry
from schemas.settings import Settings
from tests.fakes import Quiet

RED = Finding(False, "avatar", "start it")


class Show:
    """A running graph of one node with a light."""

    def __init__(self, *, finding=RED, live=True):
        self.asked, self.time, self.finding = 0, 0.0, finding
        self.station = SimpleNamespace(
            name="avatar", spec=SimpleNamespace(light="avatar"), log=Quiet(), entry=entry("a"), state="running"
        )
        graph = Graph("x", "x.yaml", {"avatar": self.station.entry}, (), "")
        log = SimpleNamespace(redact=Redactor())
        runtime = SimpleNamespace(stations={"avatar": self.station}, graph=graph, log=log, now=lambda: self.time)
        self.checkup = Checkup(runtime, {"avatar.x": Exam(self.refused, 1.0, self.look if live else None)}.get)

    async def refused(self, config, probe):
        raise AssertionError("the whole exam is for the doctor alone")

    async def look(self, config, probe):
        self.asked += 1
        return [Finding(True, "something else"), self.finding]

    def looked(self, at=0.0):
        self.time = at
        asyncio.run(self.checkup.look())
        return self.remedy()

    def remedy(self):
        wrong = self.checkup.wrong(self.station)
        return "" if wrong is None else wrong.remedy


def entry(print_):
    return NodeEntry("avatar", "avatar.x", Settings(), print_, 1)


def test_what_is_not_good_has_the_remedy_of_the_doctor():
    assert Show().looked() == "start it"
    assert Show(finding=Finding(True, "avatar")).looked() == ""


def test_what_is_good_or_has_no_part_that_costs_nothing_is_not_asked_about():
    good = Show()
    good.station.log.well("avatar")
    assert (good.looked(), good.asked) == ("", 0)
    assert Show(live=False).looked() == ""


def test_it_is_asked_again_after_a_while_and_at_once_when_the_node_changed():
    show = Show()
    show.looked()
    show.looked(AGAIN_S - 0.1)
    assert show.asked == 1
    show.finding = Finding(True, "avatar")
    assert show.looked(AGAIN_S) == ""
    show.finding = Finding(False, "avatar", "another address")
    show.station.entry = entry("b")
    assert show.remedy() == ""
    assert show.looked(AGAIN_S + 0.1) == "another address"
    assert show.asked == 3


def test_a_remedy_is_forgotten_once_the_light_is_good():
    show = Show()
    show.looked()
    show.station.log.well("avatar")
    assert show.looked(1.0) == ""


def test_what_is_asked_during_a_show_asks_no_service_and_opens_no_device():
    load_all()
    live = {type_ for type_, exam in nodes.exams.exams.items() if exam.live is not None}
    assert live == {"avatar.vts", "llm.reply"}
