"""True runs of a text in which states come from another text, or attention heads are silent: what
can be asked of a model without transcoders. It borrows the model for one short pass at a time.

Knows no graphs, no players and no levels.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from playground.circuits import truth
from playground.circuits.anatomy import Anatomy, Passed
from playground.circuits.records import AttentionHead, Ran
from playground.engine.protocol import Engine
from playground.engine.records import check_whole
from playground.engine.text import Text
from playground.errors import PlayerError

MAX_TOKENS = 64  # of a text, with what stands first

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class PlainRun:
    """What a model made of a text by itself. tokens: as they read, the first `lead` no text."""

    anatomy: Anatomy
    passed: Passed
    tokens: tuple[str, ...]
    lead: int
    text: Text

    @property
    def ids(self) -> tuple[int, ...]:
        return self.passed.ids

    @property
    def blocks(self) -> int:
        return len(self.anatomy)

    @cached_property
    def chances(self) -> np.ndarray:
        """Of each next token. [vocabulary]"""
        return chances_of(self.passed)

    @property
    def answer(self) -> int:
        return int(self.chances.argmax())

    @property
    def said(self) -> str:
        """The likeliest next token, as it reads inside a text."""
        return self.text.piece(self.answer)

    @property
    def looks(self) -> np.ndarray:
        """Where each head looks from the last token on. [blocks, heads, tokens]"""
        return self.passed.patterns[:, :, -1].numpy()


def chances_of(passed: Passed) -> np.ndarray:
    return passed.logits[-1].softmax(-1).numpy()


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
            return PlainRun(anatomy, anatomy.run(ids), pieces, lead, text)

        return self._engine.lend(lambda model, saes, text: work(Anatomy(model)))

    def patched(
        self, one: PlainRun, two: PlainRun, cells: Collection[tuple[int, int]]
    ) -> Ran:  # fmt: skip
        """With the state of another text of the same length in some cells (block, position).
        Raises PlayerError for one of another length."""
        if len(one.ids) != len(two.ids):
            raise PlayerError("circuits.lengths")
        return self._ran(lambda: truth.patched(one.anatomy, one.ids, two.passed, cells))

    def headless(self, one: PlainRun, heads: Collection[AttentionHead]) -> Ran:
        """Without some attention heads."""
        return self._ran(lambda: truth.headless(one.anatomy, one.ids, heads))

    def _ran(self, run: Callable[[], Passed]) -> Ran:
        """On the engine's thread, to which the model's tensors belong."""
        return self._engine.lend(lambda model, saes, text: Ran(chances_of(run())))
