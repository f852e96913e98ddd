"""graphs/engine/language/plan.py: what a reload has to do, and no more."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.language.check import check
from graphs.engine.language.plan import Diff, plan
from schemas.graph import Graph, Wire
from tests.graphs.small import SHOW, registry


def graph(text: str, **env: str) -> Graph:
    return check(text, "show.yaml", registry, env)


def diff(old: str, new: str) -> Diff:
    return plan(graph(old), graph(new))


def groups(of: Diff) -> dict[str, tuple[str, ...]]:
    names = ("kept", "live", "rewired", "replaced", "added", "removed")
    return {name: getattr(of, name) for name in names if getattr(of, name)}


FILTERS = "nodes:\n  s: {type: chat.source}\n"


def filters(**sources: str) -> str:
    return FILTERS + "".join(f"  {name}: {{type: chat.filter, in: {source}}}\n" for name, source in sources.items())


def test_a_comment_or_another_layout_changes_nothing() -> None:
    found = diff(SHOW, "# hello\n" + SHOW.replace("channel: a", "channel:   'a'").replace("speaking:", "speaking:  "))
    assert found.empty
    assert found.summary == "nothing changed"
    assert found.kept == tuple(graph(SHOW).nodes)


def test_without_an_old_graph_everything_is_added() -> None:
    found = plan(None, graph(SHOW))
    assert groups(found) == {"added": tuple(graph(SHOW).nodes)}
    assert found.wires_added == graph(SHOW).wires
    assert found.region == frozenset()
    assert found.summary.startswith("source added; filter added; ")


def test_a_change_of_live_settings_alone_keeps_the_instance() -> None:
    found = diff(SHOW, SHOW.replace("quiet_s: 0.4", "quiet_s: 0.8, max_wait_s: 3"))
    assert groups(found)["live"] == ("batch",)
    assert not found.empty
    assert found.summary == "batch: quiet_s 0.4 -> 0.8, max_wait_s 2.0 -> 3.0 (live)"


def test_another_budget_is_a_change_that_touches_no_node() -> None:
    one, two = (replace(graph(SHOW), budget_s=seconds) for seconds in (4.0, 2.5))
    assert not plan(one, two).empty
    assert plan(one, two).kept == tuple(graph(SHOW).nodes)
    assert plan(one, two).summary == "budget_s 4.0 -> 2.5"
    assert plan(replace(one, budget_s=None), two).summary == "budget_s none -> 2.5"
    assert plan(None, one).summary == plan(None, graph(SHOW)).summary


def test_a_change_of_another_setting_replaces_the_node() -> None:
    found = diff(SHOW, SHOW.replace("min_length: 2", "min_length: 3, mode: mask"))
    assert groups(found)["replaced"] == ("filter",)
    assert found.summary == "filter: min_length 2 -> 3, mode drop -> mask"
    assert found.wires_added == found.wires_removed == ()
    assert found.region == frozenset()


def test_another_type_or_place_replaces_the_node() -> None:
    assert diff(SHOW, SHOW.replace("chat.filter, in: source, min_length: 2", "chat.echo, in: source")).summary == (
        "filter: chat.filter -> chat.echo"
    )
    found = diff(SHOW, SHOW.replace("channel: a", "channel: a, at: gpu"))
    assert found.replaced == ("source",)
    assert found.summary == "source: at here -> gpu"


def test_no_secret_stands_in_the_summary() -> None:
    text = 'nodes: {a: {type: chat.source, channel: b, token: "${KEY:-}"}}'
    found = plan(graph(text, KEY="old"), graph(text, KEY="new"))
    assert found.replaced == ("a",)
    assert found.summary == "a: token *** -> ***"
    long = plan(graph(text), graph(text.replace("channel: b", "channel: " + "x" * 99)))
    assert len(long.summary) < 60


def test_an_inserted_node_changes_wires_and_leaves_its_neighbours_alone() -> None:
    found = diff(filters(a="s", b="a"), filters(a="s", c="a", b="c"))
    assert groups(found) == {"kept": ("s", "a", "b"), "added": ("c",)}
    assert list(map(str, found.wires_removed)) == ["a.out -> b.chat"]
    assert found.region == frozenset()
    assert found.summary == "c added; a.out -> b.chat disconnected"
    assert found.changes == ("c added", "a.out -> b.chat disconnected")


def test_a_node_that_loses_an_input_and_changes_its_outputs_is_rewired() -> None:
    found = diff(filters(a="s", b="a", c="b"), filters(b="s", a="b", c="a"))
    assert set(found.rewired) == {"a", "b"}
    assert found.kept == ("s", "c")


def test_nodes_that_change_places_must_run_dry_first() -> None:
    found = diff(filters(a="s", b="a", c="b"), filters(b="s", a="b", c="a"))
    assert found.region == {"a", "b"}


def test_a_longer_circle_of_old_and_new_wires_must_run_dry_too() -> None:
    found = diff(filters(a="s", b="a", c="b", d="c"), filters(c="s", d="c", a="d", b="a"))
    assert found.region == {"a", "b", "c", "d"}


def test_a_cycle_through_a_feedback_port_need_not_run_dry() -> None:
    with_echo = SHOW.replace("in: batch, model", "in: batch2, model") + (
        "  batch2: {type: chat.batch, in: filter, speaking: voice.speaking}\n"
    )
    found = diff(SHOW, with_echo)
    assert found.wires_added
    assert found.wires_removed
    assert found.region == frozenset()


def test_another_set_of_connected_inputs_needs_a_new_instance() -> None:
    found = diff(SHOW, SHOW.replace(", sentence: reply.sentence", ""))
    assert groups(found)["rewired"] == ("lips",)
    assert found.summary == "reply.sentence -> lips.sentence disconnected"
    back = diff(SHOW.replace(", sentence: reply.sentence", ""), SHOW)
    assert back.rewired == ("lips",)
    assert back.summary == "reply.sentence -> lips.sentence connected"


def test_a_live_change_of_a_rewired_node_is_part_of_its_new_generation() -> None:
    found = diff(SHOW, SHOW.replace("speaking: voice.speaking, quiet_s: 0.4", "quiet_s: 0.5"))
    assert groups(found)["rewired"] == ("batch",)
    assert "(live)" not in found.summary


def test_a_change_of_an_edges_policy_alone_touches_no_node() -> None:
    found = diff(SHOW, SHOW.replace("in: filter", "in: {from: filter, capacity: 9, max_age_s: null}"))
    assert groups(found) == {"kept": tuple(graph(SHOW).nodes)}
    assert [wire.policy.capacity for wire in found.wires_changed] == [9]
    assert not found.empty
    assert found.summary == "filter.out -> batch.chat: capacity 256 -> 9, max_age_s 30.0 -> none"


def test_a_port_that_became_feedback_is_a_change_of_the_edge() -> None:
    old = graph(SHOW)
    wires = tuple(Wire(*wire.ends, wire.policy, not wire.feedback) for wire in old.wires[:1])
    found = plan(old, Graph(old.name, old.file, old.nodes, wires + old.wires[1:], old.text))
    assert found.summary == "source.out -> filter.chat: another kind of port"


def test_a_removed_node_takes_its_wires_along() -> None:
    found = diff(SHOW, SHOW.partition("  lips:")[0])
    assert found.removed == ("lips",)
    assert len(found.wires_removed) == 2
    assert found.summary == "lips removed"


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A chain or tree of filters behind a source, with random names, settings and policies."""
    names = draw(st.lists(st.sampled_from("abcdefg"), unique=True))
    lines = ["nodes:", "  s: {type: chat.source}"]
    for number, name in enumerate(names):
        sources = draw(st.lists(st.sampled_from(["s", *names[:number]]), min_size=1, max_size=2, unique=True))
        capacity = draw(st.integers(1, 2))
        wires = ", ".join(f"{{from: {source}, capacity: {capacity}}}" for source in sources)
        mode, least = draw(st.sampled_from(["drop", "mask"])), draw(st.integers(0, 1))
        lines.append(f"  {name}: {{type: chat.filter, in: [{wires}], mode: {mode}, min_length: {least}}}")
    return graph("\n".join(lines))


def applied(old: Graph, found: Diff, new: Graph) -> tuple[Mapping[str, str], dict[tuple[str, ...], Wire]]:
    """Nodes (name -> fingerprint) and wires that result when only what the diff names is taken from the new graph."""
    nodes = {name: entry.fingerprint for name, entry in old.nodes.items() if name not in found.removed}
    taken = found.added + found.replaced + found.live + found.rewired
    nodes |= {name: new.nodes[name].fingerprint for name in taken}
    wires = {wire.ends: wire for wire in old.wires if wire not in found.wires_removed}
    return nodes, wires | {wire.ends: wire for wire in found.wires_added + found.wires_changed}


@given(graphs())
def test_from_a_graph_to_itself_there_is_nothing_to_do(one: Graph) -> None:
    found = plan(one, one)
    assert found.empty
    assert found == Diff(kept=tuple(one.nodes))


@given(graphs(), graphs())
def test_a_plan_applied_to_the_old_graph_gives_the_new_one(old: Graph, new: Graph) -> None:
    found = plan(old, new)
    nodes, wires = applied(old, found, new)
    assert nodes == {name: entry.fingerprint for name, entry in new.nodes.items()}
    assert wires == {wire.ends: wire for wire in new.wires}
    named = [name for group in groups(found).values() for name in group]
    assert sorted(named) == sorted(set(old.nodes) | set(new.nodes))
    assert found.empty == (old.nodes.keys() == new.nodes.keys() and found.summary == "nothing changed")


@given(graphs(), graphs())
def test_the_region_is_exactly_the_nodes_that_can_reach_themselves(old: Graph, new: Graph) -> None:
    after: dict[str, set[str]] = {}
    for wire in old.wires + new.wires:
        after.setdefault(wire.source, set()).add(wire.target)

    def reached(name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            for target in after.get(waiting.pop(), set()) - found:
                found.add(target)
                waiting.append(target)
        return found

    assert plan(old, new).region == {name for name in after if name in reached(name)}
