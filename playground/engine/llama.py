"""The fast way through a Llama on the CPU: graphs from site to site, so that dials are turned in
between exactly as they are on the general way, and nothing of a prompt is read twice.

Texts are read one by one, without padding: on so few cores a product of a dozen tokens is no less
busy than one of hundreds, and what a row gives does not hang on who is beside it. Called by the
worker only. Knows nothing of dials or requests.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from weakref import WeakValueDictionary

import torch
from torch import Tensor
from torch.nn.functional import embedding, pad
from transformers import LlamaForCausalLM, PreTrainedModel

from playground.engine.columns import Columns
from playground.engine.graph import EMBEDDED, Cut, Llama, cut_at, fits, packs
from playground.engine.pages import give_back
from playground.engine.paths import Handle, HuggingFacePath, Path, Steer
from playground.engine.prefixes import Prefixes
from playground.engine.sessions import Call, RunningSegment, Session
from playground.engine.sites import block_at, layout_of
from playground.engine.steps import DecodeStep, Scratch
from playground.engine.taps import Act
from playground.errors import EngineError
from playground.models.points import Point

CHUNK = 512  # tokens that attention takes at once: it holds them times all columns, for each head


# By the id of their model, which they hold.
LIVE: WeakValueDictionary[int, "LlamaPath"] = WeakValueDictionary()


@dataclass(eq=False)
class Attached:
    """What is called at a place, until it is removed."""

    acts: list["Attached"]
    act: Act

    def remove(self) -> None:
        self.acts.remove(self)


@dataclass
class Places:
    """Who listens where. at: at a cut, and may write there; reading: at an output by its name."""

    at: dict[tuple[Cut, int], list[Attached]] = field(default_factory=dict)
    reading: dict[str, list[Attached]] = field(default_factory=dict)


class LlamaPath:
    """Implements Path."""

    def __init__(self, model: LlamaForCausalLM, points: Sequence[Point]) -> None:
        """points: where something will be written. Raises EngineError for one of which there is no
        cut."""
        made = Llama(model)
        self._layout, self._name = layout_of(model), type(model).__name__
        self._model = model
        self._vocabulary, self._count = made.vocabulary, made.count
        self._shape = made.count, made.key_heads, made.head_width
        self._segments = [
            RunningSegment(each) for each in made.segments([cut(each) for each in points])
        ]
        self._head = Session(made.head())
        # One row times weights of 4 bits is summed otherwise than two or more are, so it never goes
        # alone.
        self._least = 2 if made.fours else 1
        give_back(model.parameters())  # until somebody wants to go the general way
        self._cuts = {EMBEDDED, *(segment.end for segment in self._segments)}
        self._places = Places()
        self._columns = Columns(*self._shape)
        self.prefixes = Prefixes()
        self._memory = Scratch()
        # The last one, and what it was laid out for.
        self._step: tuple[object, DecodeStep] | None = None
        LIVE[id(model)] = self

    def passes(self, cuts: Sequence[Cut | None]) -> bool:
        """Whether something can be written at all of these."""
        return self._cuts.issuperset(cuts)

    @property
    def columns(self) -> Sequence[int]:
        return self._columns.lengths

    def attach(self, point: Point, act: Act) -> Sequence[Handle]:
        block_at(self._model, point.layer)  # there is one
        where = cut_at(point)
        if where in self._cuts:
            acts = self._places.at.setdefault((where, 0 if where.summed else 1), [])
        else:
            acts = self._places.reading.setdefault(self._output(point), [])
        acts.append(attached := Attached(acts, act))
        return [attached]

    def forward(
        self,
        ids: Tensor,
        positions: Tensor,
        keep: int,
        until: Point | None = None,
        blind: bool = False,
    ) -> Tensor:
        rows, width = ids.shape
        blank = (positions < 0).sum(-1).tolist()
        if blind and keep:
            texts = [row[empty:] for row, empty in zip(ids.tolist(), blank, strict=True)]
            return torch.cat([self._ends(text, keep) for text in texts])
        scratch = self._scratch(width)
        calls = [
            Call.of(slice(row, row + 1), slice(empty + part.start, empty + part.stop), scratch,
                    [part.stop - 1])
            for row, empty in enumerate(blank) for part in chunks(range(width - empty)) if part
        ]  # fmt: skip
        last = None if until is None or keep else cut(until)
        hidden = self._through(self._embedded(ids), calls, last)
        if not keep:
            return hidden.new_empty(rows, 0, self._vocabulary)
        return self._logits(hidden[:, -keep:].contiguous())

    @contextmanager
    def begin(self, prompts: Sequence[list[int]], fill: int, steer: Steer) -> Iterator[Tensor]:
        start = len(self.columns)
        try:
            self._columns.reserve(start + len(prompts) + 1, max(map(len, prompts)) + 1)
            for prompt in prompts:
                self._read(prompt[:-1], steer)
            last, at = [each[-1] for each in prompts], [len(each) - 1 for each in prompts]
            with self._stepped(start, last, at, steer) as logits:
                yield logits
        except BaseException:
            while len(self.columns) > start:
                self._columns.drop(len(self.columns) - 1)
            raise

    def reread(self, prompt: list[int], reply: list[int], fill: int, steer: Steer) -> None:
        row = len(self.columns)
        try:
            self._columns.reserve(row + 2, len(prompt) + len(reply) + 1)
            self._read(prompt[:-1], steer)
            # The prompt's last token writes the first of the reply: it is dialled with it.
            rest = torch.tensor([[prompt[-1], *reply]])
            at = torch.arange(len(prompt) - 1, len(prompt) + len(reply))[None]
            seen = torch.cat([steer.seen(rest[:, :1], at[:, :1], True), at[:, 1:]], 1)
            self._on(row, rest, seen, steer)
        finally:
            while len(self.columns) > row:
                self._columns.drop(len(self.columns) - 1)

    @contextmanager
    def step(self, last: Sequence[int], at: Sequence[int], steer: Steer) -> Iterator[Tensor]:
        self._columns.reserve(len(last) + 1, max(at) + 1)
        with self._stepped(0, last, at, steer) as logits:
            yield logits

    def copied(self, row: int) -> Tensor:
        return self._columns.copied(row)

    def put(self, kept: Tensor) -> None:
        self._columns.reserve(len(self.columns) + 2, kept.shape[2] + 1)
        self._columns.add(kept)

    def drop(self, row: int) -> None:
        self._columns.drop(row)

    def reset(self) -> None:
        self._columns.reset()

    # What follows is not of Path.

    def _ends(self, text: list[int], keep: int) -> Tensor:
        """The logits of a text's last tokens, of which it may have fewer; what is known of its
        beginning is not read again. [1, keep, vocabulary]"""
        own = min(keep, len(text))
        known = self.prefixes.find(text[: len(text) - own])
        start = 0 if known is None else known.shape[2]
        scratch = self._scratch(len(text))
        if known is not None:
            scratch[:, 0, :, :start] = known
        calls = [
            Call.of(slice(0, 1), slice(part.start - start, part.stop - start), scratch,
                    [part.stop - 1])
            for part in chunks(range(start, len(text)))
        ]  # fmt: skip
        hidden = self._through(self._embedded(torch.tensor([text[start:]])), calls)
        logits = self._logits(hidden[:, -own:].contiguous())
        return pad(logits, (0, 0, keep - own, 0))

    def _logits(self, hidden: Tensor) -> Tensor:
        """[rows, tokens, width]; [rows, tokens, vocabulary]"""
        logits = torch.empty(*hidden.shape[:2], self._vocabulary)
        self._head.run({"residual": hidden}, {"logits": logits})
        return logits

    def _read(self, ids: list[int], steer: Steer) -> None:
        """Appends a row that has read these tokens, and nothing more of what they say."""
        row = self._columns.add()
        span = range(len(ids))
        plain = not steer.reaches(row, span)
        if plain and (known := self.prefixes.find(ids)) is not None:
            self._columns.put(row, known)
        known = self.columns[row]
        if known == len(ids):
            return
        tokens, positions = torch.tensor([ids[known:]]), torch.arange(known, len(ids))[None]
        self._on(row, tokens, steer.seen(tokens, positions, False), steer)
        if plain:
            self.prefixes.keep(ids, self._columns.copied(row))

    def _on(self, row: int, tokens: Tensor, seen: Tensor, steer: Steer) -> None:
        """A row reads on. tokens: [1, tokens]; seen: as the dials see their positions."""
        start = self.columns[row]
        left = range(start, start + tokens.shape[1])
        kept = self._columns.buffer[:, row : row + 1]
        calls = [
            Call.of(slice(0, 1), slice(part.start - start, part.stop - start), kept,
                    [part.stop - 1])
            for part in chunks(left)
        ]  # fmt: skip
        with steer.over(row, [left], seen):
            self._through(self._embedded(tokens), calls)
        self._columns.lengths[row] = left.stop

    @contextmanager
    def _stepped(
        self, start: int, last: Sequence[int], at: Sequence[int], steer: Steer
    ) -> Iterator[Tensor]:
        rows, step = len(last), self._laid_out(start, max(len(last), self._least))
        step.stand(at)
        # A row that is to be two is written twice.
        step.embedded.copy_(self._embedded(torch.tensor(last)[:, None]))
        spans = [range(each, each + 1) for each in at]
        with steer.over(start, spans, step.positions[:rows]):
            self._written(EMBEDDED, [step.embedded], rows)
            for part in step.parts:
                part.run()
                self._tell({name: each[:rows] for name, each in part.more.items()})
                self._written(part.end, part.made, rows)
            self._columns.lengths[start : start + rows] = [each + 1 for each in at]
            step.head()
            yield step.logits[:rows, 0]

    def _laid_out(self, start: int, rows: int) -> DecodeStep:
        """A step over some rows; the one before it, if nothing has changed."""
        kept = self._columns.buffer[:, start : start + rows]
        more = [name for name, listening in self._places.reading.items() if listening]
        of = kept.data_ptr(), kept.shape, kept.stride(), more
        if self._step is None or self._step[0] != of:
            widths, wanted = (self._width(""), self._vocabulary), {n: self._width(n) for n in more}
            step = DecodeStep(self._segments, self._head, kept, self._memory, widths, wanted)
            self._step = of, step
        return self._step[1]

    def _written(self, at: Cut, stacks: Sequence[Tensor], rows: int) -> None:
        """What is written at a cut of a step stands where the next graph reads it."""
        for place, stack in enumerate(stacks):
            for attached in self._places.at.get((at, place), ()):
                new = attached.act(stack[:rows])
                if new is not None:
                    stack.copy_(new)

    def _through(self, hidden: Tensor, calls: Sequence[Call], until: Cut | None = None) -> Tensor:
        """The residual after the last segment, or after that in which `until` is. hidden: a stack
        [rows, tokens, width] that the calls are parts of."""
        values = self._acted(EMBEDDED, [hidden])
        for segment in self._segments:
            if until is not None and segment.start >= until:
                break
            made = [torch.zeros_like(hidden) for _ in segment.end.values]
            more = {
                name: torch.zeros(*hidden.shape[:2], self._width(name))
                for name in segment.gives
                if self._places.reading.get(name)
            }
            for call in calls:
                segment.bound(call, values, made, more)()
            self._tell(more)
            values = self._acted(segment.end, made)
        return values[0]

    def _acted(self, at: Cut, values: list[Tensor]) -> list[Tensor]:
        for place in range(len(values)):
            for attached in self._places.at.get((at, place), ()):
                new = attached.act(values[place])
                if new is not None:
                    values[place] = new.contiguous()
        return values

    def _tell(self, more: Mapping[str, Tensor]) -> None:
        for name, stack in more.items():
            for attached in self._places.reading[name]:
                if attached.act(stack) is not None:
                    raise EngineError(f"Nothing can be written at {name} of this {self._name}.")

    def _embedded(self, ids: Tensor) -> Tensor:
        return embedding(ids, self._model.model.embed_tokens.weight)

    def _scratch(self, columns: int) -> Tensor:
        count, heads, width = self._shape
        return torch.empty(2 * count, 1, heads, columns, width)

    def _width(self, output: str) -> int:
        config = self._model.config
        return config.intermediate_size if output.startswith("neurons") else config.hidden_size

    def _output(self, point: Point) -> str:
        """The output that stands for a place which is only looked at. Raises EngineError where
        there is none."""
        if point.kind == "resid_post":
            return f"after{point.layer}"
        if (point.path, point.side) == (self._layout.mlp_last, "input"):
            return f"neurons{point.layer}"
        raise EngineError(f"The graphs of this {self._name} do not pass {point.name}.")


def path_through(model: PreTrainedModel, points: Sequence[Point]) -> Path[Any]:
    """The one place that decides which way all of an engine goes. points: where its sites read and
    write."""
    if fits(model) and all(cut_at(each) is not None for each in points):
        return LlamaPath(cast(LlamaForCausalLM, model), points)
    return HuggingFacePath(model)


def path_to_read(model: PreTrainedModel, points: Sequence[Point]) -> Path[Any]:
    """For texts alone, on the thread on which the model's engine works or while it does nothing: as
    the model is played where packed weights round otherwise than its own; where they do not, both
    ways give the same, and the general one reads many short texts at once."""
    cuts = [cut_at(each) for each in points]
    if not fits(model) or None in cuts or not packs(model):
        return HuggingFacePath(model)
    known = LIVE.get(id(model))
    if known is not None and known.passes(cuts):
        return known
    return LlamaPath(cast(LlamaForCausalLM, model), points)


def cut(point: Point) -> Cut:
    """Raises EngineError for a place that no cut can be made at."""
    found = cut_at(point)
    if found is None:
        raise EngineError(f"No graph can be cut at {point.name}.")
    return found


def chunks(span: range) -> list[range]:
    """In equal parts, so that none is a single token unless all is."""
    count = max(1, -(-len(span) // CHUNK))
    bounds = [span.start + len(span) * each // count for each in range(count + 1)]
    return [range(a, b) for a, b in zip(bounds, bounds[1:], strict=False)]
