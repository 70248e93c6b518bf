"""What the game counts of itself, as Prometheus reads it: answers, the line before each model,
replies. No name, text or address is counted.

Source: the OpenMetrics names of prometheus_client; every unit stands in the name.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from playground.engine.workload import Workload

PREFIX = "playground"
# What a path is counted as; all pages are one, so that no stranger can make the list long.
KINDS = (
    ("join", re.compile(r"/gradio_api/queue/join")),
    ("stream", re.compile(r"/gradio_api/(queue/data|heartbeat/.*)")),
    ("call", re.compile(r"/gradio_api/run/predict")),
    ("api", re.compile(r"/gradio_api/.*")),
    ("file", re.compile(r"/(assets|static|svelte)/.*|.*\.(css|ico|json|txt)")),
    ("health", re.compile(r"/(healthz|readyz|metrics)")),
    ("page", re.compile(r".*")),
)
SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)


@dataclass(frozen=True)
class Answered:
    """One request and its answer. took: seconds until the last byte."""

    method: str
    path: str
    status: int
    took: float

    @property
    def kind(self) -> str:
        """Which sort of request, without what is asked for."""
        below = self.path[self.path.find("/gradio_api/") :] if "/gradio_api/" in self.path else ""
        asked = below or self.path
        return next(name for name, pattern in KINDS if pattern.fullmatch(asked))


class Metrics:
    """Of one game; any number of threads."""

    def __init__(self, engines: Callable[[], Mapping[str, Workload]]) -> None:
        """engines: what each model has done so far, by its name."""
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "answers", "Answered requests.", ["kind", "status"],
            namespace=PREFIX, registry=self._registry,
        )  # fmt: skip
        self._took = Histogram(
            "answer_seconds", "Until the last byte of an answer; streams are left out.", ["kind"],
            namespace=PREFIX, registry=self._registry, buckets=SECONDS,
        )  # fmt: skip
        self._ready = Gauge(
            "ready", "1 where a player can play, as /readyz says.",
            namespace=PREFIX, registry=self._registry,
        )  # fmt: skip
        self._registry.register(Engines(engines))

    def note(self, answered: Answered) -> None:
        self._answers.labels(answered.kind, str(answered.status)).inc()
        if answered.kind != "stream":
            self._took.labels(answered.kind).observe(answered.took)

    def ready(self, can: bool) -> None:
        self._ready.set(can)

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._registry)


class Engines(Collector):
    """What the models have counted, read whenever somebody asks."""

    def __init__(self, engines: Callable[[], Mapping[str, Workload]]) -> None:
        self._engines = engines

    def collect(self) -> Iterator[Metric]:
        told = self._engines()
        gauges = {
            "rows_running": ("Replies that the model writes at this moment.", "rows_running"),
            "rows_waiting": ("Replies that wait for their turn.", "rows_waiting"),
            "jobs_waiting": ("Texts and verdicts that wait to be computed.", "jobs_waiting"),
            "players_waiting": ("Players whose first word is still to come.", "owners_waiting"),
        }
        for name, (says, field) in gauges.items():
            gauge = GaugeMetricFamily(f"{PREFIX}_{name}", says, labels=["model"])
            for model, load in told.items():
                gauge.add_metric([model], getattr(load, field))
            yield gauge
        counters = {
            "tokens": ("Tokens written so far.", "tokens"),
            "replies": ("Replies ended so far.", "replies"),
            "engine_errors": ("Runs of the model that failed.", "failures"),
            "engine_restarts": ("Times that a model's worker began anew.", "restarts"),
        }
        for name, (says, field) in counters.items():
            counter = CounterMetricFamily(f"{PREFIX}_{name}", says, labels=["model"])
            for model, load in told.items():
                counter.add_metric([model], getattr(load, field))
            yield counter
        first = HistogramMetricFamily(
            f"{PREFIX}_first_token_seconds", "From a player's wish to the first token.",
            labels=["model"],
        )  # fmt: skip
        for model, load in told.items():
            first.add_metric([model], cumulated(load), load.first_token_sum)
        yield first


def cumulated(load: Workload) -> list[tuple[str, float]]:
    """How many first tokens came within each bound, as Prometheus has it."""
    seen, found = 0, list[tuple[str, float]]()
    for bound, count in zip([*map(str, load.bounds), "+Inf"], load.first_tokens, strict=True):
        seen += count
        found.append((bound, seen))
    return found
