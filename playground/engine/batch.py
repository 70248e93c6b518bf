"""The running batch: rows join it after their own prompt pass, take one token a step, and leave.

Single-threaded: only the engine's worker calls it. Knows nothing of streams or queues; a row's
`emit` takes its tokens.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from playground.engine.client import HOUSE, Client
from playground.engine.hooks import Hooks
from playground.engine.paths import Path
from playground.engine.records import Alternative, Finish, Request, Token
from playground.engine.sample import GREEDY, NO_LIMIT, Choice, Drawing, choose
from playground.engine.sites import device_of
from playground.engine.text import Spelling, Text


@dataclass(eq=False)
class Row:
    """A request on its way: waiting, running, then finished."""

    request: Request
    prompt: list[int]
    emit: Callable[[Sequence[tuple["Row", Token]]], None]  # all that one step gave its stream
    client: Client = HOUSE
    tokens: list[Token] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)  # under the model as dialled
    cancelled: bool = False
    finish: Finish | None = None
    spelling: Spelling | None = None
    last: int = 0  # the token that the next pass reads
    parked: Any = None  # what its path keeps of a row that has begun and lost its seat
    shown: int = 0  # tokens that `emit` was given

    @property
    def position(self) -> int:
        """Of the token that the next pass reads."""
        return len(self.prompt) + len(self.tokens) - 1

    def begin_again(self) -> None:
        """From its prompt on. Rows are seeded: the tokens that were shown come again, and are not
        shown twice."""
        self.tokens, self.logprobs = [], []
        self.finish = self.spelling = self.parked = None


@dataclass(frozen=True)
class Sampler:
    """What a set of rows needs to choose their tokens; fixed as long as the set is. [rows] each,
    None where every row takes the likeliest token."""

    temperature: Tensor | None
    top_p: Tensor
    seeds: Tensor

    @staticmethod
    def of(rows: Sequence[Row], device: torch.device) -> "Sampler":
        settings = [row.request.sampling for row in rows]
        warm = [each.temperature > 0 for each in settings]
        heat = [each.temperature or 1.0 for each in settings]
        limits = [
            GREEDY if not each.temperature else each.top_p if each.top_p < 1 else NO_LIMIT
            for each in settings
        ]
        return Sampler(
            torch.tensor(heat, device=device) if any(warm) else None,
            torch.tensor(limits, device=device),
            torch.tensor([each.seed for each in settings], device=device),
        )

    def choose(self, logits: Tensor, steps: Sequence[int]) -> Choice:
        """logits: [rows, vocabulary] float32; steps: how many tokens each reply has."""
        if self.temperature is None:
            return choose(logits, None)
        at = torch.tensor(steps, device=logits.device)
        return choose(logits, Drawing(self.temperature, self.top_p, self.seeds, at))


class Batch:
    """Row i of the batch is row i of the path's columns and of every hook's buffers. Implements
    Steer."""

    def __init__(
        self,
        model: PreTrainedModel,
        path: Path[Any],
        hooks: Hooks,
        text: Text,
        ends: frozenset[int],
    ) -> None:
        self.model = model
        self.path = path
        self.hooks = hooks
        self.text = text
        self.ends = ends  # tokens that end a reply
        self.vocabulary: int = model.config.get_text_config().vocab_size
        self.device = device_of(model)
        self.rows: list[Row] = []
        self._sampler: Sampler | None = None
        self._special = torch.tensor(sorted(text.special), device=self.device)

    def join(self, rows: Sequence[Row]) -> list[Row]:
        """Reads the prompts, gives each row its first token and appends the rows; returns those
        that have finished already. On an error none has joined."""
        start = len(self.rows)
        try:
            for place, row in enumerate(rows, start):
                self.hooks.write(place, row.request.dials, len(row.prompt))
                row.spelling = Spelling(self.text)
            with self.path.begin([row.prompt for row in rows], self.text.fill, self) as logits:
                sampler = Sampler.of(rows, self.device)
                self._take(rows, start, sampler.choose(logits, [0] * len(rows)))
        except BaseException:
            self.hooks.clear(start, len(rows))
            raise
        self.rows += rows
        self._sampler = None
        return self._let_go()

    def step(self) -> list[Row]:
        """One token for every row; returns those that have finished. After an error, `clear` the
        batch."""
        rows = self.rows
        last, at = [row.last for row in rows], [row.position for row in rows]
        with self.path.step(last, at, self) as logits:
            if self._sampler is None:
                self._sampler = Sampler.of(rows, self.device)
            steps = [len(row.tokens) for row in rows]
            self._take(rows, 0, self._sampler.choose(logits, steps))
        return self._let_go()

    def reaches(self, row: int, span: range) -> bool:
        return self.hooks.reaches(row, span)

    def over(
        self, start: int, spans: Sequence[range], positions: Tensor
    ) -> AbstractContextManager[None]:
        return self.hooks.steering(start, spans, positions)

    def seen(self, ids: Tensor, positions: Tensor, last: bool) -> Tensor:
        """Special tokens, such as those of a chat template, are no more to dials than padding. The
        last one writes the first token of the reply and is dialled whatever it is."""
        special = torch.isin(ids, self._special) if len(self._special) else ids < 0
        if last:
            special[:, -1] = False
        return positions.masked_fill(special, -1)

    def try_out(self) -> None:
        """One pass over one token. Raises EngineError for an SAE that does not fit the place where
        it reads or writes."""
        one = torch.zeros(1, 1, dtype=torch.int64, device=self.device)
        with ExitStack() as stack, torch.inference_mode():
            for name in self.hooks.sites:
                stack.enter_context(self.hooks.recording(name))
            self.path.forward(one, one, 1)
            for name, site in self.hooks.sites.items():
                site.check(name)

    def park(self, rows: Sequence[Row]) -> None:
        """Takes rows out that are to go on later, exactly where they are."""
        for row in rows:
            row.parked = self.path.copied(self.rows.index(row))
            self._leave(row)

    def resume(self, rows: Sequence[Row]) -> None:
        """Puts parked rows back. On an error `clear` the batch."""
        for row in rows:
            assert row.parked is not None
            self.hooks.write(len(self.rows), row.request.dials, len(row.prompt))
            self.path.put(row.parked)
            self.rows.append(row)
            row.parked = None
        self._sampler = None

    def drop(self, rows: Sequence[Row]) -> None:
        """Lets go of those that nobody waits for any more."""
        for row in rows:
            row.parked = None
            if row in self.rows:
                self._leave(row)

    def clear(self) -> list[Row]:
        """Empties the batch whatever state it is in; returns the rows it had."""
        rows, self.rows, self._sampler = self.rows, [], None
        self.hooks.clear(0, len(rows))
        self.path.reset()
        return rows

    def _take(self, rows: Sequence[Row], start: int, choice: Choice) -> None:
        """Appends the chosen tokens; a row that is at its end gets its `finish`."""
        ids, logprobs = choice.ids.tolist(), choice.logprobs.tolist()
        others, shares = choice.alternatives.tolist(), choice.probabilities.tolist()
        readouts = self.hooks.readouts(start, [len(row.request.dials) for row in rows])
        given = dict[Callable[[Sequence[tuple[Row, Token]]], None], list[tuple[Row, Token]]]()
        for i, row in enumerate(rows):
            sampling = row.request.sampling
            if sampling.stop_at_end and ids[i] in self.ends:
                row.finish = "end"
                continue
            assert row.spelling is not None
            piece = self.text.piece
            token = Token(
                ids[i],
                row.spelling.push(ids[i]),
                readouts[i].before,
                readouts[i].after,
                tuple(
                    Alternative(piece(other), share)
                    for other, share in zip(others[i], shares[i], strict=True)
                ),
            )
            row.last = ids[i]
            row.tokens.append(token)
            row.logprobs.append(logprobs[i])
            if len(row.tokens) == sampling.max_tokens:
                row.finish = "length"
            if len(row.tokens) > row.shown:
                row.shown = len(row.tokens)
                given.setdefault(row.emit, []).append((row, token))
        for emit, tokens in given.items():
            emit(tokens)

    def _let_go(self) -> list[Row]:
        """Removes the rows that have their `finish`."""
        leaving = [row for row in self.rows if row.finish is not None]
        for row in reversed(leaving):  # from the end on, where none takes another's place
            self._leave(row)
        return leaving

    def _leave(self, row: Row) -> None:
        """The last row takes the place of one that leaves."""
        self._sampler = None
        place, last = self.rows.index(row), len(self.rows) - 1
        self.path.drop(place)
        self.hooks.clear(place, 1)
        if place != last:
            self.hooks.move(last, place)
            self.rows[place] = self.rows[last]
            self.hooks.clear(last, 1)
        self.rows.pop()
