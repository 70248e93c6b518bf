"""What a feature does to the next token, whichever way it is found: straight along its decoder row
where few blocks come behind it, measured where many do. Knows no cards.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from playground.concepts.concepts import Concept
from playground.engine.direct import Direct
from playground.engine.effect import Effect
from playground.engine.paths import Path
from playground.engine.text import Text
from playground.models.sae import Sae

AT_ONCE = 192  # features; a whole vocabulary each
# Blocks behind a site beyond which the direct logits of its features are noise: in a trial after
# the 17th of 30 they bore out 1 of 60 names, and 15 where their effect was measured.
BLOCKS_BEHIND = 4
# Texts after which nearly anything could come; a chat model says them in reply to MESSAGE.
BEGINNINGS = (
    "I like the", "It is a", "They talked about", "There was a lot of", "We need more",
    "The best thing is", "She said:", "This is about",
)  # fmt: skip
MESSAGE = "Tell me something."


class Pushes(Protocol):
    def blocks(self, features: Sequence[int]) -> Iterator[tuple[list[int], Tensor]]:
        """Some features and what each does to the next token, [features, vocabulary], until all
        were there."""
        ...


class Logits:
    """What a unit step along a decoder row adds to each token's logit (engine/direct.py)."""

    def __init__(self, model: PreTrainedModel, sae: Sae) -> None:
        self._direct, self._sae = Direct(model, sae.metadata.writes), sae

    def blocks(self, features: Sequence[int]) -> Iterator[tuple[list[int], Tensor]]:
        for start in range(0, len(features), AT_ONCE):
            part = list(features[start : start + AT_ONCE])
            yield part, self._direct.logits(self._sae.unit_rows(part))


class Downstream:
    """The mean change of each token's log-probability by a push (engine/effect.py)."""

    def __init__(self, effect: Effect, sae: Sae) -> None:
        self._effect, self._sae = effect, sae

    def blocks(self, features: Sequence[int]) -> Iterator[tuple[list[int], Tensor]]:
        for start in range(0, len(features), AT_ONCE):
            part = list(features[start : start + AT_ONCE])
            yield part, self._effect.of(self._sae.unit_rows(part))


class RecordedDownstream:
    """Any of them, kept in a file: what took minutes is not computed twice. Half precision."""

    def __init__(self, of: Pushes, file: FilePath) -> None:
        self._of, self._file = of, file

    def blocks(self, features: Sequence[int]) -> Iterator[tuple[list[int], Tensor]]:
        """The same features every time."""
        if not self._file.exists():
            self._write(features)
        held = np.load(self._file, mmap_mode="r")
        assert len(held) == len(features), "recorded for other features"
        for start in range(0, len(features), AT_ONCE):
            part = list(features[start : start + AT_ONCE])
            yield part, torch.from_numpy(held[start : start + AT_ONCE].astype(np.float32))

    def _write(self, features: Sequence[int]) -> None:
        partial = self._file.with_suffix(f".{os.getpid()}.partial")
        made, start = None, 0
        for part, values in self._of.blocks(features):
            if made is None:
                shape = (len(features), values.shape[1])
                made = np.lib.format.open_memmap(partial, "w+", np.float16, shape)
            made[start : start + len(part)] = values.numpy()
            start += len(part)
        assert made is not None, "no features"
        made.flush()
        os.replace(partial, self._file)


def measured(model: PreTrainedModel, sae: Sae) -> bool:
    """Whether what its features do to the next token is measured, not taken straight."""
    behind = model.config.get_text_config().num_hidden_layers - 1 - sae.metadata.writes.layer
    return behind >= BLOCKS_BEHIND and not sae.writes_centred


def pushes_of(
    model: PreTrainedModel, sae: Sae, path: Path[Any], norm: float, text: Text, file: FilePath
) -> Pushes:
    """norm: of the residual where the SAE writes; file: where what is measured is kept."""
    if not measured(model, sae):
        return Logits(model, sae)
    point = sae.metadata.writes
    effect = Effect(path, point, norm, [opened(text, each) for each in BEGINNINGS], text.fill)
    return RecordedDownstream(Downstream(effect, sae), file)


def opened(text: Text, beginning: str) -> list[int]:
    """As a reply to MESSAGE begins, or a text."""
    if not text.chats:
        return text.with_start(beginning)
    return [*text.prompted(MESSAGE), *text.ids(beginning)]


def word_tokens(text: Text, concept: Concept) -> list[int]:
    """First tokens of the concept's words as they stand inside a text; none for a concept told
    by a pattern.
    """
    return sorted({text.ids(" " + word)[0] for word in concept.words})
