"""Replies in threes, round by round: untouched, steered, and pushed as hard along controls; the
first three are streamed.

Judges nothing, and knows no kind of level.
"""

from collections.abc import Generator, Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from typing import Literal

from playground.atlas.atlas import Atlas
from playground.atlas.controls import controls_for
from playground.engine.records import Dial, InLine, Request, Sampling, Token, Trace
from playground.levels.judging import Bench

Row = Literal["baseline", "steered", "control"]
Dials = tuple[Dial, ...]
ROWS: tuple[Row, ...] = ("baseline", "steered", "control")
HEARTBEAT = 0.2  # seconds
CONTROLS = 4  # sets of directions that the controls of an attempt take in turn


@dataclass(frozen=True)
class Began:
    """The first event of a run: what is being written, row by row."""

    prompt: str
    dials: Dials
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Said:
    row: Row
    token: Token


@dataclass(frozen=True)
class Counted:
    """The other replies, which are scored but not streamed: `done` of at most `total` tokens of
    those that are pushed. round: from 1; one after the first means that the replies so far did not
    decide."""

    done: int
    total: int
    round: int = 1


@dataclass(frozen=True)
class Replies:
    """All that one attempt wrote: position i of each is one prompt and seed."""

    dials: Dials
    baseline: tuple[Trace, ...] = ()
    steered: tuple[Trace, ...] = ()
    control: tuple[Trace, ...] = ()

    def __len__(self) -> int:
        return len(self.steered)

    def with_more(
        self, baseline: Sequence[Trace], steered: Sequence[Trace], control: Sequence[Trace]
    ) -> "Replies":
        return Replies(
            self.dials,
            (*self.baseline, *baseline),
            (*self.steered, *steered),
            (*self.control, *control),
        )


@dataclass(frozen=True)
class Triple:
    """One prompt and seed: the three replies as text. pushed: the dials of the control."""

    prompt: str
    seed: int
    baseline: str
    steered: str
    control: str
    pushed: Dials


def controls_of(atlas: Atlas, dials: Sequence[Dial]) -> tuple[Dials, ...]:
    """The same pushes along other directions, in several ways: every dial along the row of another
    feature, then every dial along a random direction, and so on in turn."""
    if not dials:
        return ((),)
    return tuple(zip(*(controls_for(atlas, each, CONTROLS) for each in dials), strict=True))


def requests(
    atlas: Atlas, prompt: str, dials: Sequence[Dial], sampling: Sampling, way: int = 0
) -> list[Request]:
    """Baseline, steered, control: the same prompt and random numbers. An instruct model goes on
    with the prompt as any other does. way: which of the controls, taken in turn."""
    controls = controls_of(atlas, dials)
    rows = ((), tuple(dials), controls[way % len(controls)])
    return [Request(prompt, each, sampling, plain=True) for each in rows]


Writing = Generator[Began | InLine | Said | Counted, None, Replies]


def write(bench: Bench, wanted: Sequence[tuple[str, Sampling]], so_far: Replies) -> Writing:
    """One round more: the same with so many triples more, of which the very first is streamed.
    Closing it cancels what still runs, but for untouched replies that somebody else waits for too.

    wanted: prompt and sampling of each triple, two at least.
    """
    dials, start = so_far.dials, len(so_far)
    atlas = bench.atlas
    triples = [
        requests(atlas, prompt, dials, each, start + n) for n, (prompt, each) in enumerate(wanted)
    ]
    if not start:
        yield Began(wanted[0][0], dials, ROWS)
        stream = bench.engine.generate(triples.pop(0))
        try:
            yield from stream.in_line()
            for row, token in stream:
                yield Said(ROWS[row], token)
            so_far = so_far.with_more(*([trace] for trace in stream.traces()))
        finally:
            stream.cancel()
    rows = yield from unseen(bench, triples, 1 + start // len(wanted))
    return so_far.with_more(*rows)


def unseen(
    bench: Bench, triples: Sequence[Sequence[Request]], number: int
) -> Generator[Counted, None, list[list[Trace]]]:
    """Writes triples that nobody watches; their rows. number: of the round."""
    pushed = [request for each in triples for request in each[1:]]
    total, done = sum(request.sampling.max_tokens for request in pushed), 0
    yield Counted(done, total, number)
    with bench.untouched([each[0] for each in triples]) as others:
        stream = bench.engine.generate(pushed)
        try:
            for _ in stream:
                done += 1
                yield Counted(done, total, number)
            written = stream.traces()
        finally:
            stream.cancel()
        while not wait([others], HEARTBEAT).done:
            yield Counted(done, total, number)  # whoever leaves, leaves here
    return [list(others.result()), written[::2], written[1::2]]


def texts(replies: Replies) -> tuple[Triple, ...]:
    rows = zip(replies.baseline, replies.steered, replies.control, strict=True)
    return tuple(
        Triple(
            base.request.prompt, base.request.sampling.seed,
            base.text, pushed.text, other.text, other.request.dials,
        )
        for base, pushed, other in rows
    )  # fmt: skip
