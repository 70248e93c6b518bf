"""The bench that everybody shares: what is worked out once, and for whom the engine works."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from playground.atlas.atlas import Atlas
from playground.engine.client import Client
from playground.engine.records import Reading, Request
from playground.levels.judging import Bench, HeldOut, LabelledText
from tests.fake_model import FakeAtlas, FakeEngine, FakeStream

TEXTS = {"cats": [LabelledText("the cat sat", True), LabelledText("snow fell", False)]}


def test_ten_verdicts_at_once_read_the_held_out_texts_once() -> None:
    read, at_once, count = Counter[tuple[str, ...]](), 10, threading.Lock()
    together = threading.Barrier(at_once)

    class Slow(FakeEngine):
        def read(self, texts: Sequence[str], site: str) -> list[Reading]:
            with count:
                read[site, *texts] += 1
            time.sleep(0.3)  # long enough for all to come while it lasts
            return super().read(texts, site)

    bench = Bench(Slow(), cast(Atlas, FakeAtlas()), TEXTS)

    def ask(n: int) -> HeldOut:
        together.wait(30)
        return bench.on_behalf(Client(f"player {n}", "deal")).held_out("cats", "late")

    with ThreadPoolExecutor(at_once) as threads:
        exams = list(threads.map(ask, range(at_once)))
    assert len(set(map(id, exams))) == 1
    assert list(read.values()) == [1]


def test_the_engine_is_told_for_whom_it_works() -> None:
    asked = list[Client]()

    class Listening(FakeEngine):
        def generate(self, requests: Sequence[Request]) -> FakeStream:
            asked.append(self.client)
            return super().generate(requests)

    me = Client("me", "reply")
    bench = Bench(Listening(), cast(Atlas, FakeAtlas()), TEXTS)
    mine = bench.on_behalf(me)
    mine.engine.generate([Request("the wind")])
    with mine.untouched([Request("the wind")]) as future:
        future.result(30)
    bench.engine.generate([Request("the wind")])
    assert [(each.owner, each.work) for each in asked] == [
        ("me", "reply"), ("me", "reply"), (None, "deal"),
    ]  # fmt: skip
    assert asked[0] is me
    assert asked[1].left is not me.left  # others may come to wait for it
