"""The corpus as rows of tokens for training: ids, which of them count more, what each is about."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm
from transformers import PreTrainedTokenizerFast

from playground.pocket import tokenizer as bpe
from playground.pocket.corpus import Document
from playground.pocket.emphasis import spans
from playground.pocket.grammar import MOODS, Grammar, load

AT_ONCE = 2000  # documents that are turned into tokens together
NOTHING = 255  # in `Rows.about`: the text has no subject, or more than one


@dataclass(frozen=True)
class Rows:
    """Rows that each begin with a text; what does not fit is cut.

    ids: uint16 [rows, window + 1]; emphasis: bool of the same shape, tokens that hang on their
    text's topic or mood; about: uint8 [rows, window + 1, 2], index of the one topic and of the one
    mood of the token's text in `subjects`, or NOTHING.
    """

    ids: np.ndarray
    emphasis: np.ndarray
    about: np.ndarray

    def write(self, work: Path, name: str) -> None:
        """The ids last: where they are, all is."""
        for field in reversed(fields(self)):
            partial = work / f"{name}-{field.name}.partial.npy"
            np.save(partial, getattr(self, field.name))
            partial.rename(part(work, name, field.name))

    @staticmethod
    def written(work: Path, name: str) -> bool:
        return part(work, name, "ids").exists()

    @classmethod
    def read(cls, work: Path, name: str) -> "Rows":
        """Mapped, not loaded."""
        return cls(*(np.load(part(work, name, field.name), mmap_mode="r") for field in fields(cls)))


def part(work: Path, name: str, field: str) -> Path:
    return work / f"{name}-{field}.npy"


def subjects(grammar: Grammar) -> tuple[str, ...]:
    """What `Rows.about` counts: topics, then moods."""
    return (*sorted(grammar.topics), *MOODS)


def pack(tokenizer: PreTrainedTokenizerFast, texts: Iterable[Document], window: int) -> Rows:
    grammar, waiting = load(), iter(texts)
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    ids, marked, about = list[int](), list[bool](), list[tuple[int, int]]()
    while batch := list(islice(waiting, AT_ONCE)):
        encoded = bpe.encode(tokenizer, [document.text for document in batch])
        for document, (text_ids, offsets) in zip(batch, encoded, strict=True):
            ids += text_ids
            marked += overlapping(offsets, spans(document, grammar))
            about += [subject(document, grammar)] * len(text_ids)
            if len(ids) > window:
                rows.append((
                    np.array(ids[: window + 1], dtype=np.uint16),
                    np.array(marked[: window + 1]),
                    np.array(about[: window + 1], dtype=np.uint8),
                ))  # fmt: skip
                ids, marked, about = [], [], []
    return Rows(*(np.stack(each) for each in zip(*rows, strict=True)))


def subject(document: Document, grammar: Grammar) -> tuple[int, int]:
    """The one topic and the one mood of a text that keeps to its subject."""
    order = subjects(grammar)
    topics, moods = (
        sorted(document.concepts & known) for known in (grammar.topics.keys(), grammar.moods.keys())
    )
    return (
        order.index(topics[0]) if len(topics) == 1 and not document.switch else NOTHING,
        order.index(moods[0]) if len(moods) == 1 and not document.switch else NOTHING,
    )


def overlapping(offsets: list[tuple[int, int]], wanted: list[tuple[int, int]]) -> list[bool]:
    """For each token's characters [start, end): do they touch a wanted range?"""
    touched = np.zeros(max((end for _, end in offsets), default=0) + 1, dtype=bool)
    for start, end in wanted:
        touched[start:end] = True
    return [bool(touched[start:end].any()) for start, end in offsets]


def prepare(
    tokenizer: PreTrainedTokenizerFast,
    work: Path,
    name: str,
    texts: Iterable[Document],
    count: int,
    window: int,
) -> None:
    """Writes the rows of so many documents, unless they are there."""
    if not Rows.written(work, name):
        bar = tqdm(texts, total=count, desc=f"writing {name}")
        pack(tokenizer, bar, window).write(work, name)


def within_texts(ids: torch.Tensor, bos: int) -> torch.Tensor:
    """Attention mask: a token sees the tokens before it of its own text and itself.

    ids: [rows, window] -> bool [rows, 1, window, window]. Without it the text before would be a
    context that sampling never has.
    """
    text = (ids == bos).cumsum(1)
    return ((text[:, :, None] == text[:, None, :]).tril()).unsqueeze(1)
