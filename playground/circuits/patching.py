"""True runs of a text in which states come from another text, or attention heads are silent: what
can be asked of a model without transcoders. It borrows the model for one short pass at a time.

Knows no graphs, no players and no levels.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from torch import Tensor, from_numpy

from playground.circuits import attribution, direct, truth
from playground.circuits.anatomy import Anatomy, KeptStates
from playground.circuits.records import AttentionHead, BlockHalf, Ran
from playground.engine.protocol import Engine
from playground.engine.records import check_whole
from playground.engine.text import Text
from playground.errors import PlayerError

MAX_TOKENS = 64  # of a text, with what stands first
AT_ONCE = 16  # runs side by side: what others wait for meanwhile

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class PlainRun:
    """What a model made of a text by itself, as far as it is kept. tokens: as they read, the first
    `lead` no text; chances: of each next token, [vocabulary]; looks: where each head looks from the
    last token on, [blocks, heads, tokens]"""

    anatomy: Anatomy
    states: KeptStates
    chances: np.ndarray
    looks: np.ndarray
    tokens: tuple[str, ...]
    lead: int
    text: Text

    @property
    def ids(self) -> tuple[int, ...]:
        return self.states.ids

    @property
    def blocks(self) -> int:
        return len(self.anatomy)

    @property
    def answer(self) -> int:
        return int(self.chances.argmax())

    @property
    def said(self) -> str:
        """The likeliest next token, as it reads inside a text."""
        return self.text.piece(self.answer)


class Patching:
    """May be used from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, prompt: str) -> PlainRun:
        """Raises PlayerError for a prompt that is empty or too long, EngineError for a model whose
        parts nobody has described."""
        check_whole(prompt)
        text = self._engine.lend(lambda model, saes, text: text)
        ids, lead = text.with_start(prompt.rstrip(" ")), len(text.lead)
        if len(ids) <= lead:
            raise PlayerError("errors.no_prompt")
        if len(ids) > MAX_TOKENS:
            raise PlayerError("circuits.too_long", count=len(ids) - lead, limit=MAX_TOKENS - lead)
        pieces = tuple(text.piece(each) for each in ids)

        def work(anatomy: Anatomy) -> PlainRun:
            passed = anatomy.run(ids)
            chances = passed.logits[-1].softmax(-1).numpy()
            looks = passed.patterns[:, :, -1].numpy().copy()
            return PlainRun(anatomy, passed.states, chances, looks, pieces, lead, text)

        return self._engine.lend(lambda model, saes, text: work(Anatomy(model)))

    def patched(self, one: PlainRun, cells: Mapping[truth.Cell, PlainRun]) -> Ran:
        """With states of other texts of the same length: of each cell (block, position) the text
        that it is taken from. Raises PlayerError for one of another length."""
        if any(len(one.ids) != len(other.ids) for other in cells.values()):
            raise PlayerError("circuits.lengths")
        taken = {cell: other.states for cell, other in cells.items()}
        return self._ran(lambda: truth.patched(one.anatomy, one.states, taken))

    def headless(self, one: PlainRun, choices: Sequence[Collection[AttentionHead]]) -> list[Ran]:
        """Without some attention heads, for each choice of them."""
        starts = range(0, len(choices), AT_ONCE)
        parts = (self._headless(one, choices[at : at + AT_ONCE]) for at in starts)
        return [ran for part in parts for ran in part]

    def writes(self, one: PlainRun, heads: Sequence[AttentionHead]) -> np.ndarray:
        """What each head adds by itself to the logits of what comes next, less the mean of all
        tokens: an estimate, for what later blocks make of it is left out. [heads, vocabulary]"""

        def work() -> np.ndarray:
            looks = from_numpy(one.looks)
            return direct.writes(one.anatomy, one.states, looks, heads).numpy()

        return self._engine.lend(lambda model, saes, text: work())

    def attributed(self, one: PlainRun) -> np.ndarray:
        """Nats of the answer's log-probability that would go without each head, by attribution
        patching: an estimate of what `headless` runs. [blocks, heads]"""

        def work() -> np.ndarray:
            return -attribution.silenced(one.anatomy, one.ids, one.answer).numpy()

        return self._engine.lend(lambda model, saes, text: work())

    def ladder(self, one: PlainRun) -> np.ndarray:
        """What would come next if the model stopped after each half of a block, attention and MLP
        in turn: the logit lens on the last token. [2 blocks, vocabulary]"""

        def work() -> np.ndarray:
            states = one.anatomy.halves(one.states)
            return one.anatomy.said(states).softmax(-1).numpy()

        return self._engine.lend(lambda model, saes, text: work())

    def without(self, one: PlainRun, half: BlockHalf) -> Ran:
        """Without what a half of a block adds to the last token."""
        return self._ran(lambda: truth.skipped(one.anatomy, one.states, half))

    def _headless(self, one: PlainRun, choices: Sequence[Collection[AttentionHead]]) -> list[Ran]:
        """At once."""

        def work() -> list[Ran]:
            logits = truth.headless(one.anatomy, one.states, choices)
            return [Ran(each) for each in logits.softmax(-1).numpy()]

        return self._engine.lend(lambda model, saes, text: work())

    def _ran(self, run: Callable[[], Tensor]) -> Ran:
        """On the engine's thread, to which the model's tensors belong. run: gives logits of the
        last token, [vocabulary]"""
        return self._engine.lend(lambda model, saes, text: Ran(run().softmax(-1).numpy()))
