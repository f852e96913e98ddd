"""Gives the counters of the running graph in the text format of Prometheus, built only on request."""

import asyncio
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from graphs.engine.books.budget import rank
from graphs.engine.books.turns import MARKS
from graphs.engine.flow.measure import Histogram, upper
from graphs.engine.flow.runtime import Runtime
from graphs.engine.observe.usage import Sample
from graphs.engine.observe.watchdog import Watchdog

AGES_S = (1e-3, 64.0)
"""Bucket bounds of edge ages: powers of two between these."""
TURNS = 100
"""Turn times cover this many most recent turns."""


def exposition(runtime: Runtime, watchdog: Watchdog | None = None, usage: Sample | None = None) -> str:
    """Return what ``GET /metrics`` answers, in version 0.0.4 of the format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Graph(runtime, watchdog))
    if usage is not None:
        registry.register(_Usage(usage))
    return generate_latest(registry).decode()


class _Graph(Collector):
    def __init__(self, runtime: Runtime, watchdog: Watchdog | None) -> None:
        self._runtime = runtime
        self._watchdog = watchdog

    def collect(self) -> Iterator[Metric]:
        yield from self._nodes()
        yield from self._edges()
        yield from self._viewers()
        yield self._turns()
        yield GaugeMetricFamily("aischoco_tasks", "Tasks of the loop that are not done.", len(asyncio.all_tasks()))
        if self._watchdog is not None:
            yield GaugeMetricFamily(
                "aischoco_loop_lag_max_seconds", "The longest hold-up of the loop.", self._watchdog.lag_max_s
            )
            yield CounterMetricFamily(
                "aischoco_loop_incidents", "Hold-ups of the loop over 250 ms.", self._watchdog.incidents
            )

    def _nodes(self) -> Iterator[Metric]:
        events = CounterMetricFamily("aischoco_node_events", "Events in and out of a node.", labels=["node", "port"])
        errors = CounterMetricFamily("aischoco_node_errors", "Failures of a node.", labels=["node"])
        restarts = CounterMetricFamily("aischoco_node_restarts", "Restarts of a node.", labels=["node"])
        states = GaugeMetricFamily("aischoco_node_state", "1 at the state of a node.", labels=["node", "type", "state"])
        for name, station in self._runtime.stations.items():
            events.add_metric([name, "in"], station.events_in)
            events.add_metric([name, "out"], station.events_out)
            errors.add_metric([name], station.errors)
            restarts.add_metric([name], station.restarts)
            states.add_metric([name, station.entry.type, station.state], 1)
        yield from (events, errors, restarts, states)

    def _edges(self) -> Iterator[Metric]:
        events = CounterMetricFamily("aischoco_edge_events", "Events written to an edge.", labels=["edge"])
        dropped = CounterMetricFamily(
            "aischoco_edge_dropped", "Events that an edge dropped.", labels=["edge", "reason"]
        )
        length = GaugeMetricFamily("aischoco_edge_length", "Events that wait in an edge.", labels=["edge"])
        capacity = GaugeMetricFamily("aischoco_edge_capacity", "Events that an edge holds.", labels=["edge"])
        ages = HistogramMetricFamily(
            "aischoco_edge_age_seconds", "How long an event waited in an edge.", labels=["edge"]
        )
        for edge in self._runtime.edges.values():
            events.add_metric([edge.key], edge.count)
            for reason, count in edge.dropped.items():
                dropped.add_metric([edge.key, reason], count)
            length.add_metric([edge.key], len(edge))
            capacity.add_metric([edge.key], edge.policy.capacity)
            ages.add_metric([edge.key], _buckets(edge.ages), None)
        yield from (events, dropped, length, capacity, ages)

    def _viewers(self) -> Iterator[Metric]:
        ledger = self._runtime.ledger
        verdicts = CounterMetricFamily(
            "aischoco_viewer_events", "Viewer events by what became of them.", labels=["verdict", "reason"]
        )
        verdicts.add_metric(["in", ""], ledger.received_count)
        verdicts.add_metric(["answered", ""], ledger.answered_count)
        for reason, count in ledger.dropped.items():
            verdicts.add_metric(["dropped", reason], count)
        yield verdicts
        yield GaugeMetricFamily(
            "aischoco_viewer_events_waiting", "Viewer events without a verdict yet.", ledger.waiting_count
        )
        malformed = CounterMetricFamily("aischoco_malformed", "Payloads that could not be read.", labels=["kind"])
        for kind, count in ledger.malformed_count.items():
            malformed.add_metric([kind], count)
        yield malformed

    def _turns(self) -> Metric:
        family = GaugeMetricFamily(
            "aischoco_turn_seconds",
            f"Seconds from the oldest message of a turn to each mark, over the last {TURNS} turns.",
            labels=["mark", "quantile"],
        )
        turns = [turn.marks for turn in self._runtime.turns.turns.values()][-TURNS:]
        for mark in MARKS[1:]:
            times = sorted(
                at - since
                for marks in turns
                if (at := marks[mark]) is not None and (since := marks[MARKS[0]]) is not None
            )
            for quantile in (0.5, 0.95):
                at_most = rank(times, quantile)
                if at_most is not None:
                    family.add_metric([mark, str(quantile)], at_most)
        return family


class _Usage(Collector):
    """What the processes of the show take of this machine."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample

    def collect(self) -> Iterator[Metric]:
        process, card = ["pid", "process"], ["gpu", "name"]
        cpu = CounterMetricFamily("aischoco_cpu_seconds", "Processor time of a process.", labels=process)
        memory = GaugeMetricFamily("aischoco_memory_bytes", "Resident memory of a process.", labels=process)
        graphics = GaugeMetricFamily("aischoco_gpu_memory_bytes", "Graphics memory of a process.", labels=process)
        for each in self._sample.processes:
            labels = [str(each.pid), each.name]
            cpu.add_metric(labels, each.cpu_s)
            memory.add_metric(labels, each.memory)
            graphics.add_metric(labels, each.gpu)
        used = GaugeMetricFamily("aischoco_gpu_used_bytes", "Graphics memory that all programs use.", labels=card)
        total = GaugeMetricFamily("aischoco_gpu_total_bytes", "Graphics memory of a card.", labels=card)
        for gpu in self._sample.gpus:
            used.add_metric([str(gpu.number), gpu.name], gpu.used)
            total.add_metric([str(gpu.number), gpu.name], gpu.total)
        yield from (cpu, memory, graphics, used, total)


def _buckets(ages: Histogram) -> list[tuple[str, float]]:
    """Return pairs (upper bound, number of ages below it), ending with +Inf."""
    least, most = AGES_S
    told: list[tuple[str, float]] = []
    below = 0
    for place, count in enumerate(ages.counts):
        below += count
        if least <= upper(place) <= most:
            told.append((str(upper(place)), below))
    return [*told, ("+Inf", below)]
