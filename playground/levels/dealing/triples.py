"""Replies in threes: untouched, steered, and pushed as hard in random directions; streamed.

Judges nothing, and knows no kind of level.
"""

from collections.abc import Generator, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, replace
from typing import Literal

from playground.engine.records import Dial, Request, Sampling, Token, Trace
from playground.levels.judging import Bench

Row = Literal["baseline", "steered", "control"]
ROWS: tuple[Row, ...] = ("baseline", "steered", "control")
HEARTBEAT = 0.2  # seconds
CONTROL_SEED = 1  # of the random direction that the control row's first dial is pushed along


@dataclass(frozen=True)
class Began:
    """The first event of a run: what is being written, row by row."""

    prompt: str
    dials: tuple[Dial, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Said:
    row: Row
    token: Token


@dataclass(frozen=True)
class Counted:
    """The other replies, which are scored but not streamed: `done` of at most `total` tokens of
    those that are pushed."""

    done: int
    total: int


@dataclass(frozen=True)
class Replies:
    """All that one attempt wrote: position i of each is one prompt and seed."""

    dials: tuple[Dial, ...]
    baseline: tuple[Trace, ...]
    steered: tuple[Trace, ...]
    control: tuple[Trace, ...]


@dataclass(frozen=True)
class Triple:
    """One prompt and seed: the three replies as text."""

    prompt: str
    seed: int
    baseline: str
    steered: str
    control: str


def requests(prompt: str, dials: Sequence[Dial], sampling: Sampling) -> list[Request]:
    """Baseline, steered, control: the same prompt and random numbers."""
    pushed = tuple(dials)
    random = tuple(replace(each, control=CONTROL_SEED + i) for i, each in enumerate(pushed))
    return [Request(prompt, each, sampling) for each in ((), pushed, random)]


def write(
    bench: Bench, dials: Sequence[Dial], wanted: Sequence[tuple[str, Sampling]]
) -> Generator[Began | Said | Counted, None, Replies]:
    """Streams the first triple, then writes the others; closing it cancels what still runs, but for
    untouched replies that somebody else waits for too.

    wanted: prompt and sampling of each triple, one at least.
    """
    triples = [requests(prompt, dials, sampling) for prompt, sampling in wanted]
    yield Began(wanted[0][0], tuple(dials), ROWS)
    stream = bench.engine.generate(triples[0])
    try:
        for row, token in stream:
            yield Said(ROWS[row], token)
        written = stream.traces()
    finally:
        stream.cancel()
    untouched = [each[0] for each in triples[1:]]
    rest = [request for each in triples[1:] for request in each[1:]]
    total, done = sum(request.sampling.max_tokens for request in rest), 0
    yield Counted(done, total)
    with bench.untouched(untouched) as others:
        stream = bench.engine.generate(rest)
        try:
            for _ in stream:
                done += 1
                yield Counted(done, total)
            pushed = stream.traces()
        finally:
            stream.cancel()
        while not wait([others], HEARTBEAT).done:
            yield Counted(done, total)  # whoever leaves, leaves here
    return Replies(
        tuple(dials),
        (written[0], *others.result()),
        (written[1], *pushed[::2]),
        (written[2], *pushed[1::2]),
    )


def texts(replies: Replies) -> tuple[Triple, ...]:
    rows = zip(replies.baseline, replies.steered, replies.control, strict=True)
    return tuple(
        Triple(base.request.prompt, base.request.sampling.seed, base.text, pushed.text, random.text)
        for base, pushed, random in rows
    )
