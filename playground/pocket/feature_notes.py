"""Describes the features of pocket's transcoders from texts of the corpus: where each fires, what
it writes for; and gates the transcoders on prompts that never change. Knows no player."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from playground.circuits import notes
from playground.circuits.gate import LEAST, gate
from playground.circuits.notes import Note, Snippet
from playground.engine.text import Text
from playground.models.sae import Sae
from playground.pocket import tokenizer as bpe
from playground.pocket import transcoders
from playground.pocket.rows import Rows
from playground.pocket.train import read_model

ROWS = 160  # that features are described by
BEFORE, AFTER = 5, 1  # tokens around one: with it fewer words than graded texts are told by
TOP, TEXTS, FIRES, PROMOTES = 80, 5, 3, 5


def describe(
    model: LlamaForCausalLM, text: Text, made: Sequence[Sae], rows: np.ndarray
) -> Iterator[Note]:
    """Of every feature of every block. rows: [n, window + 1] ids"""
    bos = model.config.bos_token_id
    places = np.argwhere(rows[:, :-1] != bos)
    unembed, gain = model.lm_head.weight.detach(), model.model.norm.weight.detach()
    for layer, (sae, pool) in enumerate(zip(made, transcoders.pools(model, rows), strict=True)):
        acts = torch.cat([sae.encode(part.float()).half() for part in pool.read.split(8192)])
        best = acts.topk(TOP, dim=0)
        share = (acts > 0).float().mean(0).tolist()
        said = promoted(sae, unembed, gain, text)
        for feature in range(sae.width):
            values = best.values[:, feature].tolist()
            at = [places[n] for n in best.indices[:, feature].tolist()]
            found = [
                snippet(text, rows[row], int(column), value, bos)
                for (row, column), value in zip(at, values, strict=True)
                if value > 0
            ]
            usual = Counter(each.token for each in found).most_common(FIRES)
            distinct = {(each.before, each.token, each.after): each for each in reversed(found)}
            shown = sorted(distinct.values(), key=lambda each: -each.value)[:TEXTS]
            yield Note(
                layer, feature, tuple(token for token, _ in usual), said[feature], tuple(shown),
                share[feature], max(values),
            )  # fmt: skip


def snippet(text: Text, row: np.ndarray, column: int, value: float, bos: int | None) -> Snippet:
    """row: ids, in which a text may begin anywhere."""
    before = [int(each) for each in row[max(0, column - BEFORE) : column]]
    if bos in before:
        before = before[len(before) - before[::-1].index(bos) :]
    after = [int(each) for each in row[column + 1 : column + 1 + AFTER] if each != bos]
    token = text.piece(int(row[column]))
    return Snippet(text.decode(before) if before else "", token,
                   text.decode(after) if after else "", value)  # fmt: skip


def promoted(sae: Sae, unembed: Tensor, gain: Tensor, text: Text) -> list[tuple[str, ...]]:
    """The next tokens that each feature writes for, read off directly, the likeliest first."""
    logits = (sae.weights.W_dec.float() * gain) @ (unembed - unembed.mean(0)).T
    best = logits.topk(PROMOTES, dim=1).indices.tolist()
    return [tuple(text.piece(each) for each in row) for row in best]


def finish(work: Path) -> None:
    """Writes what is known of the features beside the trained transcoders, and the scores into
    `work/transcoders.json`. Raises ValueError where a graph would explain too little."""
    model, made = read_model(work / "model"), transcoders.read(work / "transcoders")
    tokenizer: PreTrainedTokenizerFast = bpe.load(work / "model")
    text = Text(tokenizer, first="bos")
    rows = np.asarray(Rows.read(work, "train").ids[-ROWS:])
    notes.write(work / "transcoders", describe(model, text, made, rows))
    told = gate(model, text, made)
    report = json.loads((work / "transcoders.json").read_text(encoding="utf-8"))
    report["figures"] |= vars(told)
    (work / "transcoders.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    print("graphs", told)
    if told.replacement < LEAST.replacement or told.completeness < LEAST.completeness:
        raise ValueError(f"{told}; {LEAST} is asked of {work / 'transcoders'}")
