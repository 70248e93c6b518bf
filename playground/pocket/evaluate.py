"""Measures a trained pocket model: held-out loss beside n-gram models, binding, sampled texts."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from playground.engine.records import TEMPERATURE, TOP_P
from playground.pocket import tokenizer as bpe
from playground.pocket.binding import measure, telling_words
from playground.pocket.corpus import documents
from playground.pocket.grammar import load
from playground.pocket.ngram import NgramModel
from playground.pocket.rows import Rows
from playground.pocket.train import held_out_loss, read_model

REAL_SEED, WORDS_SEED = 4, 5
WARMER = (0.7, 0.95)  # temperature and top-p of a second measurement, beside the game's own


@torch.inference_mode()
def samples(folder: Path, count: int, temperature: float, top_p: float, seed: int = 0) -> list[str]:
    """Texts from nothing but the beginning of text, to their end or 200 tokens."""
    model, tokenizer = read_model(folder), bpe.load(folder)
    torch.manual_seed(seed)
    texts: list[str] = []
    for start in tqdm(range(0, count, 50), desc="sampling"):
        rows = min(50, count - start)
        ids = torch.full((rows, 1), model.config.bos_token_id)  # pyright: ignore
        made = model.generate(  # pyright: ignore[reportAttributeAccessIssue]
            ids, attention_mask=torch.ones_like(ids), do_sample=True, temperature=temperature,
            top_p=top_p, top_k=0, max_new_tokens=200,
        )  # fmt: skip
        texts += [t.strip() for t in tokenizer.batch_decode(made, skip_special_tokens=True)]
    return texts


def evaluate(work: Path, count: int = 400) -> dict[str, object]:
    """Writes and returns work/model.json."""
    grammar = load()
    owner = telling_words(documents(WORDS_SEED, 20_000, grammar), grammar)
    model = read_model(work / "model")
    train, held_out = (np.asarray(Rows.read(work, name).ids) for name in ("train", "held_out"))
    vocabulary, bos = model.config.vocab_size, model.config.bos_token_id
    assert bos is not None
    ngrams = {n: NgramModel(train, n, vocabulary).loss(held_out[:200], bos) for n in (2, 5)}
    real = [d.text for d in documents(REAL_SEED, 3000, grammar) if not d.switch]
    made = samples(work / "model", count, TEMPERATURE, TOP_P)
    warm = samples(work / "model", count, *WARMER)
    result = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "loss": {"model": held_out_loss(model, work), "bigram": ngrams[2], "5-gram": ngrams[5]},
        "binding": {
            "sampled": asdict(measure(made, owner, grammar)),
            "sampled_warmer": asdict(measure(warm, owner, grammar)),
            "real": asdict(measure(real, owner, grammar)),
        },
    }
    (work / "model.json").write_text(json.dumps(result, indent=1))
    (work / "samples.txt").write_text("\n----\n".join(made[:60]), encoding="utf-8")
    return result
