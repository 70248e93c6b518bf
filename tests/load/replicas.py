"""What replicas carry: `python -m tests.load.replicas --replicas 1 2`. Learners ask for a triple of
64 tokens each, and for the next as soon as they have it; Ray, the replicas and this process share
the machine's cores.
"""

import argparse
import os
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field

import psutil

from playground.engine import replicas
from playground.engine.client import Client
from playground.engine.protocol import Engine
from playground.engine.records import Dial, Request, Sampling
from playground.engine.replicas import Many
from playground.hosting import scaling
from playground.levels.judging import Bench
from playground.settings import load, prepare

TOKENS = 64
SAMPLING = Sampling(max_tokens=TOKENS, stop_at_end=False)
REPLICA, RAY = "ServeReplica", "ray"


@dataclass
class Asked:
    """tokens: that have come; firsts: seconds until the first of each triple."""

    tokens: int = 0
    firsts: list[float] = field(default_factory=list)


def learner(engine: Engine, name: str, over: threading.Event, asked: Asked) -> None:
    mine, number = engine.on_behalf(Client(name, "reply")), 0
    while not over.is_set():
        number += 1
        sampling = Sampling(SAMPLING.temperature, SAMPLING.top_p, TOKENS, number, False)
        rows = [
            Request("The cat", dials, sampling)
            for dials in ((), (Dial("late", 1, 0.5),), (Dial("late", 2, 0.5),))
        ]
        began, seen = time.monotonic(), False
        for _ in mine.generate(rows):
            if not seen:
                asked.firsts.append(time.monotonic() - began)
                seen = True
            if not over.is_set():
                asked.tokens += 1


def spent() -> dict[str, tuple[float, float]]:
    """CPU seconds, and bytes that nobody else holds, of the replicas, of Ray's own processes and of
    this one."""
    mine = psutil.Process()
    found = {"replicas": (0.0, 0.0), "ray": (0.0, 0.0), "game": used(mine)}
    for each in mine.children(recursive=True):
        try:
            kind = "replicas" if REPLICA in " ".join(each.cmdline()) else "ray"
            cpu, held = used(each)
        except psutil.Error:
            continue
        found[kind] = (found[kind][0] + cpu, found[kind][1] + held)
    return found


def used(process: psutil.Process) -> tuple[float, float]:
    times = process.cpu_times()
    return times.user + times.system, process.memory_full_info().uss


def measured(model: str, count: int, learners: int, seconds: float) -> None:
    asked = load().model_copy(update={"model": model, "database": "sqlite://"})
    if count:
        replicas.begin(cores=max(count, os.cpu_count() or 1))
        scaling.start(asked, Many(count, count))
        asked = asked.model_copy(update={"engine": "ray"})
    engine = Bench.open(asked).engine
    engine.ready()
    over, told = threading.Event(), [Asked() for _ in range(learners)]
    threads = [
        threading.Thread(target=learner, args=(engine, f"learner {n}", over, each))
        for n, each in enumerate(told)
    ]
    for each in threads:
        each.start()
    time.sleep(seconds / 4)  # until all is warm
    before, tokens, began = spent(), sum(each.tokens for each in told), time.monotonic()
    time.sleep(seconds)
    after, came = spent(), sum(each.tokens for each in told) - tokens
    took = time.monotonic() - began
    over.set()
    for each in threads:
        each.join()
    firsts = sorted(first for each in told for first in each.firsts[1:])
    cpu = {name: 1e3 * (after[name][0] - before[name][0]) / came for name in after}
    held = {name: after[name][1] / 1e6 for name in after}
    print(
        f"{count or 'no'} replicas: {came / took:.0f} tokens/s; first token median "
        f"{statistics.median(firsts):.2f} s, p95 {firsts[int(0.95 * len(firsts))]:.2f} s; CPU ms a "
        + "token: " + ", ".join(f"{name} {ms:.2f}" for name, ms in cpu.items())
        + "; MB: " + ", ".join(f"{name} {mb:.0f}" for name, mb in held.items()),
        flush=True,
    )  # fmt: skip
    engine.close()
    if count:
        replicas.serve().shutdown()
        replicas.end([])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.replicas", description=__doc__)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2], help="0: no Ray")
    parser.add_argument("--learners", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--model", default="pocket")
    given = parser.parse_args()
    prepare(load())
    for count in given.replicas:
        measured(given.model, count, given.learners, given.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
