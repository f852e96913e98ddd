"""What the engine lends to a node: protocols, which the engine's own and the tests' stand-ins all keep."""

import inspect
import re
from typing import Any, Protocol

import pytest

from graphs.engine.books.budget import TurnBudget, TurnPace
from graphs.engine.books.ledger import Ledger
from graphs.engine.flow import runtime
from graphs.engine.flow.files import Content, ProjectFiles
from graphs.engine.flow.host import Keeping
from graphs.engine.flow.jobs import InstanceJobs
from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.redact import Redactor
from graphs.engine.log.run_log import NodeLog, RunLog
from graphs.engine.web.server import LocalWeb
from graphs.engine.web.sockets import PageChannel
from nodes import load_all, services
from tests import harness
from tests.fakes import FakeChannel, FakeWeb

PROTOCOLS = {value for value in vars(services).values() if isinstance(value, type) and Protocol in value.__bases__}
KEPT_BY = [
    (services.Clock, Runtime),
    (services.Clock, harness.LoopClock),
    (services.Budget, TurnBudget),
    (services.Pace, TurnPace),
    (services.Pace, harness.NoPace),
    (services.Worker, InstanceJobs),
    (services.Jobs, InstanceJobs),
    (services.Preparation, InstanceJobs),
    (services.Verdicts, Ledger),
    (services.Files, ProjectFiles),
    (services.Alarms, RunLog),
    (services.Alarms, harness._Alarms),
    (services.Secrets, Redactor),
    (services.Secrets, harness.NoSecrets),
    (services.Spoken, runtime.LanguageOf),
    (services.Spoken, harness.InKorean),
    (services.WatchedText, Content),
    (services.Channel, PageChannel),
    (services.Channel, FakeChannel),
    (services.Web, LocalWeb),
    (services.Web, FakeWeb),
    (services.Kept, Keeping),
    (services.Preparation, InstanceJobs),
    (services.Log, NodeLog),
    (services.Log, harness._Log),
]


def asked_of(protocol: type) -> dict[str, Any]:
    """The members of a protocol, also those of the protocols that it extends."""
    bases = [base for base in protocol.__mro__ if base in PROTOCOLS]
    return {name: value for base in bases for name, value in vars(base).items() if not name.startswith("_")}


def names(function: Any) -> list[tuple[str, Any]]:
    """The parameters that a caller may name, and how."""
    return [(each.name, each.kind) for each in inspect.signature(function).parameters.values()][1:]


def beyond(function: Any, asked: list[str]) -> list[Any]:
    """How the parameters are given that a protocol does not ask for; one without a default is never given."""
    return [
        each.kind if each.default is not inspect.Parameter.empty else each.name
        for each in inspect.signature(function).parameters.values()
        if each.name not in asked
    ]


@pytest.mark.parametrize(("protocol", "by"), KEPT_BY, ids=lambda each: each.__name__)
def test_whoever_is_lent_takes_what_the_protocol_says(protocol: type, by: type) -> None:
    members = asked_of(protocol)
    assert members
    for name, member in members.items():
        if isinstance(member, property):
            given = rf"def {name}\(self\)|self\.{name} = |^    {name}(: | = )"
            assert re.search(given, inspect.getsource(by), re.MULTILINE), name
        elif protocol is not services.Log:
            more = [each.name for each in inspect.signature(member).parameters.values()]
            assert [each for each in names(getattr(by, name)) if each[0] in more] == names(member), name
            assert set(beyond(getattr(by, name), more)) <= {inspect.Parameter.KEYWORD_ONLY}, name
        else:
            assert [kind for _, kind in names(getattr(by, name))] == [kind for _, kind in names(member)], name


def test_every_protocol_is_kept_by_something_here() -> None:
    assert {protocol for protocol, _ in KEPT_BY} == PROTOCOLS


def test_a_node_asks_for_nothing_that_is_not_in_this_file() -> None:
    asked = {service for spec in load_all().values() for service in spec.services.values()}
    assert asked
    assert asked <= PROTOCOLS
