"""Tokens per second of steered generation, beside Hugging Face `generate` with a hand-made hook
and, where it is installed, llama.cpp.

All write replies of one length to the same prompts with the same sampling, and take turns within
one run, so that whatever else the machine does falls on all of them. Ratios are told of the clock
and of processor time, all threads together, which hangs less on what else the machine does.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from playground.engine.client import Client
from playground.engine.loading import Parts, open_parts
from playground.engine.local import LocalEngine
from playground.engine.paths import left_padded
from playground.engine.peers import LlamaCpp, missing
from playground.engine.records import TEMPERATURE, TOP_P, Control, Dial, Request, Sampling, Vector
from playground.engine.sites import block_at, device_of
from playground.errors import AuthorError, UnavailableError
from playground.settings import PACKAGED, load

STRENGTH = 0.5
TRIPLE = 48  # tokens of each of its three replies
LEARNERS = 8
PROMPTS = (
    "One morning", "The old house", "Anna opened the door and", "It was a cold day, and",
    "Dear friend,", "In the middle of the night", "The two children", "Yesterday at the market",
)  # fmt: skip
QUESTIONS = (
    "Tell me about yourself.", "What is a volcano?", "Write a poem about the sea.",
    "How do I bake bread?", "Why is the sky blue?", "Give me advice for a rainy day.",
    "Tell me a story about a dog.", "What should I see in the mountains?",
)  # fmt: skip
HAND, PLAIN, OURS, PEER = "generate + hook", "ours, no dial", "ours, steered", "llama.cpp"


@dataclass(frozen=True)
class Spent:
    """Seconds of the clock, and of processors by all threads of this process."""

    wall: float
    processors: float


class Watch:
    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        wall, processors = self._began
        return Spent(time.perf_counter() - wall, time.process_time() - processors)


class Contest:
    """The ways of writing the same replies; each returns what it took."""

    def __init__(self, parts: Parts, tokens: int, gguf: Path | None) -> None:
        self.model, self.tokens, self.gguf = parts.model, tokens, gguf
        self.device, self.text = device_of(parts.model), parts.text()
        self.end = parts.tokenizer.eos_token_id
        self.asked = QUESTIONS if parts.chosen.card.chat else PROMPTS
        self.site = list(parts.saes)[len(parts.saes) // 2]
        sae = parts.saes[self.site]
        self.block = block_at(parts.model, sae.metadata.layer)
        unit = torch.randn(sae.d_out, generator=torch.Generator().manual_seed(1))
        norm = self._norm()
        self.push = (STRENGTH * norm * unit / unit.norm()).to(self.device, parts.model.dtype)
        self.engine = LocalEngine(
            parts.model, parts.tokenizer, parts.saes, dict.fromkeys(parts.saes, norm),
            chat=parts.chosen.card.chat, first=parts.first,
        )  # fmt: skip
        self.dial = Dial.along(self.site, Vector("random", tuple(unit.tolist())), STRENGTH)
        self.control = replace(self.dial, control=Control("random", 1))
        self.seed = 0

    def by_hand(self, rows: int) -> Spent:
        """`generate` as one would write it, with a forward hook that adds the push."""
        self.seed += 1
        ids, positions = self._prompts(rows)
        torch.manual_seed(self.seed)
        watch = Watch()
        handle = self.block.register_forward_hook(
            lambda _module, _args, out: out + self.push  # pyright: ignore[reportOperatorIssue]
        )
        try:
            with torch.inference_mode():
                self.model.generate(  # pyright: ignore[reportCallIssue]
                    ids, attention_mask=(positions >= 0).long(), do_sample=True,
                    temperature=TEMPERATURE, top_p=TOP_P, top_k=0, max_new_tokens=self.tokens,
                    min_new_tokens=self.tokens, pad_token_id=self.end,
                ).cpu()  # fmt: skip
        finally:
            handle.remove()
        return watch.spent()

    def steered(self, rows: int) -> Spent:
        """Every row pushed on every token of its reply."""
        return self._by_engine(rows, (replace(self.dial, scope="reply"),))

    def plain(self, rows: int) -> Spent:
        return self._by_engine(rows, ())

    def by_peer(self, servers: dict[int, LlamaCpp], rows: int) -> Spent:
        assert self.gguf is not None
        if rows not in servers:
            servers.clear()
            servers[rows] = LlamaCpp(self.gguf, rows, torch.get_num_threads())
        questions = [self.asked[row % len(self.asked)] for row in range(rows)]
        watch = Watch()
        servers[rows].answer(questions, self.tokens, TEMPERATURE, TOP_P)
        return watch.spent()

    def triple(self, engine: LocalEngine) -> tuple[float, float]:
        """Seconds to the first token and to the traces of baseline, steered and control."""
        self.seed += 1
        asked = self.asked[self.seed % len(self.asked)]
        dials = ((), (self.dial,), (self.control,))
        requests = [Request(asked, each, self._sampling(self.seed, TRIPLE)) for each in dials]
        start, first = time.perf_counter(), 0.0
        stream = engine.generate(requests)
        for _ in stream:
            first = first or time.perf_counter() - start
        stream.traces()
        return first, time.perf_counter() - start

    def learners(self, count: int) -> list[float]:
        """Seconds to the first token for each of so many who ask for a triple at once."""
        firsts = list[float]()

        def learn(name: str) -> None:
            firsts.append(self.triple(self.engine.on_behalf(Client(name, "reply")))[0])

        threads = [threading.Thread(target=learn, args=(f"learner {n}",)) for n in range(count)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return firsts

    def _by_engine(self, rows: int, dials: tuple[Dial, ...]) -> Spent:
        self.seed += 1
        requests = [
            Request(self.asked[row % len(self.asked)], dials,
                    self._sampling(self.seed + row, self.tokens))
            for row in range(rows)
        ]  # fmt: skip
        watch = Watch()
        stream = self.engine.generate(requests)
        for _ in stream:
            pass
        spent = watch.spent()
        stream.traces()  # the scoring pass must not run into the other's turn
        return spent

    def _sampling(self, seed: int, tokens: int) -> Sampling:
        return Sampling(TEMPERATURE, TOP_P, tokens, seed, stop_at_end=False)

    def _prompts(self, rows: int) -> tuple[Tensor, Tensor]:
        chosen = [self.asked[row % len(self.asked)] for row in range(rows)]
        return left_padded([self.text.prompted(each) for each in chosen], 0, self.device)

    def _norm(self) -> float:
        """Median over the prompts' tokens but the first; a strength is a fraction of it."""
        caught, (ids, positions) = list[Tensor](), self._prompts(len(self.asked))

        def catch(module: nn.Module, args: object, out: Tensor) -> None:
            caught.append(out)

        handle = self.block.register_forward_hook(catch)
        with torch.inference_mode():
            self.model(ids, attention_mask=positions >= 0)
        handle.remove()
        return float(caught[0][positions > 0].norm(dim=-1).median())


Speeds = dict[tuple[int, str], Spent]  # seconds for a token, by rows and way


def race(contest: Contest, row_counts: Sequence[int], repeats: int, peer: bool) -> Speeds:
    """Medians of what a token costs each way at each number of rows."""
    servers = dict[int, LlamaCpp]()
    ways: dict[str, Callable[[int], Spent]] = {
        HAND: contest.by_hand, PLAIN: contest.plain, OURS: contest.steered,
    }  # fmt: skip
    if peer:
        ways[PEER] = lambda rows: contest.by_peer(servers, rows)
    speeds = Speeds()
    for rows in row_counts:
        spent = {name: list[Spent]() for name in ways}
        for turn in range(repeats + 1):
            for name, way in ways.items():
                taken = way(rows)
                if turn:  # the first warms up
                    spent[name].append(taken)
        for name, taken in spent.items():
            wall, processors = (
                statistics.median(each) / (rows * contest.tokens)
                for each in zip(*((one.wall, one.processors) for one in taken), strict=True)
            )
            speeds[rows, name] = Spent(wall, processors)
            print(
                f"{rows:>5} rows {name:>16} {1 / wall:>8.0f} tokens/s, {1000 * processors:>7.2f} "
                "ms of processors a token", flush=True,
            )  # fmt: skip
    return speeds


def report(speeds: Speeds) -> None:
    def times(rows: int, other: str) -> str:
        ours, theirs = speeds[rows, OURS], speeds[rows, other]
        return (
            f"{theirs.wall / ours.wall:.2f}x of {other} "
            f"({theirs.processors / ours.processors:.2f}x by processor time)"
        )

    for rows in sorted({rows for rows, _ in speeds}):
        ours, plain = speeds[rows, OURS], speeds[rows, PLAIN]
        line = f"{rows} rows: ours, steered, has {times(rows, HAND)}"
        if (rows, PEER) in speeds:
            line += f" and {times(rows, PEER)}, which is not steered"
        print(
            f"{line}; a dial costs {ours.wall / plain.wall - 1:.1%} "
            f"({ours.processors / plain.processors - 1:.1%})"
        )


def bench(parts: Parts, told: argparse.Namespace) -> None:
    """Races one model and prints what came out."""
    card = parts.chosen.card
    contest = Contest(parts, told.tokens, told.gguf if card.chat else None)
    size = sum(parameter.numel() for parameter in parts.model.parameters()) / 1e6
    print(
        f"{card.title}, {size:.1f} M, {contest.device}, {told.threads} threads, {told.tokens} "
        f"tokens a reply, medians of {told.repeats}"
    )
    absent = missing(told.gguf)
    if card.chat and absent:
        print(f"{PEER} takes no part: {absent}")
    peer = card.chat and not absent
    default = [1, 3, 16, 48] if card.chat else [1, 8, 64]
    report(race(contest, told.rows or default, told.repeats, peer))
    contest.triple(contest.engine)
    firsts, wholes = zip(
        *(contest.triple(contest.engine) for _ in range(told.repeats)), strict=True
    )
    print(
        f"baseline, steered and control of {TRIPLE} tokens: first token after "
        f"{statistics.median(firsts):.2f} s, all scored after {statistics.median(wholes):.2f} s"
    )
    crowd = sorted(first for _ in range(3) for first in contest.learners(LEARNERS))
    print(
        f"{LEARNERS} learners at once, each a triple: first token after "
        f"{crowd[int(0.95 * len(crowd))]:.2f} s for 95 % of them"
    )
    contest.engine.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", nargs="+", default=["pocket", PACKAGED])
    options.add_argument("--rows", type=int, nargs="+")
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--tokens", type=int, default=64)
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    options.add_argument("--device", default="auto")
    options.add_argument("--gguf", type=Path, help="the chat model's file as llama.cpp reads it")
    told = options.parse_args()
    torch.set_num_threads(told.threads)
    for name in told.model:
        try:
            parts = open_parts(load().model_copy(update={"model": name, "device": told.device}))
        except (AuthorError, UnavailableError) as error:
            print(f"{name} takes no part: {error}")
        else:
            bench(parts, told)


if __name__ == "__main__":
    main()
