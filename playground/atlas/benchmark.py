"""`python -m playground.atlas.bench`: how much memory reading takes for 1x and 8x the text, and how
fast it is beside a bare forward pass of the same model.

Measures a random GPT-2 with random SAEs, so that it needs no downloads. Every figure of memory
comes from a process of its own.
"""

import argparse
import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

from playground.atlas.harvest import BUFFER, Excerpt, Harvest, Reader, Stretch, runs
from playground.models.sae import Rule, Sae, SaeMetadata, Weights

VOCABULARY = 8192
PIECE = 128  # tokens of every text
FIRES = 0.004  # share of features that fires on a token, as in Gemma Scope
SITES = {"early": 0.25, "middle": 0.5, "late": 0.75}  # of the blocks
TIMES = 8
REPEATS = 3


@dataclass(frozen=True)
class Shape:
    """Of the model, and the width of each of its three SAEs."""

    layers: int = 6
    d_model: int = 512
    features: int = 4096


def parts(shape: Shape) -> Reader:
    """The reader of a random model."""
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=VOCABULARY, n_embd=shape.d_model, n_layer=shape.layers,
        n_head=shape.d_model // 64, n_positions=PIECE, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    model = GPT2LMHeadModel(config)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    nn.Module.to(model, device)
    saes = {
        site: random_sae(int(share * shape.layers), shape, device) for site, share in SITES.items()
    }
    reader = Reader(model, saes, ())
    # The threshold is set where as many features fire as in a trained SAE.
    for each in reader.passes(next(texts(8))):
        for site, sae in saes.items():
            threshold = sae.weights.threshold
            assert threshold is not None
            pre = each.reads[site] @ sae.weights.W_enc
            threshold.fill_(float(pre.flatten()[:1_000_000].quantile(1 - FIRES)))
    return reader


def random_sae(layer: int, shape: Shape, device: str) -> Sae:
    rows = torch.randn(shape.features, shape.d_model, device=device) / shape.d_model**0.5
    nothing = torch.zeros(shape.features, device=device)
    weights = Weights(rows.T.contiguous(), nothing, rows, nothing[: shape.d_model], nothing.clone())
    return Sae(weights, Rule("jumprelu"), SaeMetadata.at(f"transformer.h.{layer}"))


def texts(count: int, seed: int = 0) -> Iterator[list[list[int]]]:
    """Random ones, some tokens far more frequent than others; each batch anew, none is kept."""
    rng = random.Random(seed)
    while True:
        yield [[int(VOCABULARY * rng.random() ** 3) for _ in range(PIECE)] for _ in range(count)]


def read(reader: Reader, tokens: int) -> None:
    chosen = {site: range(sae.width) for site, sae in reader.saes.items()}
    with tempfile.TemporaryDirectory() as folder:
        reading = Harvest(reader, chosen, 0, Path(folder))
        pieces = ([Excerpt(ids) for ids in each] for each in texts(1))
        reading.run([Stretch(lambda skip: pieces, tokens, 2)])


def peak(shape: Shape, tokens: int, threads: int) -> float:
    """MiB, the most that this process ever held, after reading so many tokens."""
    torch.set_num_threads(threads)
    read(parts(shape), tokens)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def alone(shape: Shape, tokens: int, threads: int) -> float:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as pool:
        return pool.submit(peak, shape, tokens, threads).result()


def bare(reader: Reader, batch: list[list[int]], times: int) -> None:
    """The same batches through the same model, nothing hooked and nothing kept; no logits either,
    as in ours."""
    with torch.inference_mode():
        for run in runs(batch) * times:
            ids = torch.tensor([batch[place] for place in run], device=reader.device)
            reader.model(input_ids=ids, use_cache=False, logits_to_keep=1)
    if reader.device.type == "cuda":
        torch.cuda.synchronize()


def speeds(reader: Reader, batches: int) -> tuple[float, float]:
    """Median tokens per second of the bare pass and of reading, in turns."""
    batch = next(texts(BUFFER))
    tokens = len(batch) * PIECE
    ways: tuple[Callable[[], None], ...] = (
        lambda: bare(reader, batch, batches),
        lambda: read(reader, batches * tokens),
    )
    found: list[list[float]] = [[], []]
    for turn in range(REPEATS + 1):
        for way, seconds in zip(ways, found, strict=True):
            began = time.perf_counter()
            way()
            if turn:  # the first warms up
                seconds.append(time.perf_counter() - began)
    slow, fast = (batches * tokens / statistics.median(each) for each in found)
    return slow, fast


def main() -> None:
    plain = Shape()
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--layers", type=int, default=plain.layers)
    options.add_argument("--d-model", type=int, default=plain.d_model)
    options.add_argument("--features", type=int, default=plain.features)
    options.add_argument("--tokens", type=int, default=40_000, help="of the 1x text")
    options.add_argument("--batches", type=int, default=1, help=f"of {BUFFER} texts that are timed")
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    told = options.parse_args()
    torch.set_num_threads(told.threads)
    shape = Shape(told.layers, told.d_model, told.features)
    reader = parts(shape)
    size = sum(each.numel() for each in reader.model.parameters()) / 1e6
    print(
        f"a random GPT-2 of {size:.0f} M parameters, {len(SITES)} sites of {shape.features:,} "
        f"features, {reader.device.type}, {told.threads} threads"
    )
    plain_speed, ours = speeds(reader, told.batches)
    print(
        f"bare forward pass {plain_speed:.0f} tokens/s, reading for an atlas {ours:.0f} tokens/s: "
        f"{ours / plain_speed:.2f}x"
    )
    once, often = (alone(shape, n * told.tokens, told.threads) for n in (1, TIMES))
    print(
        f"peak resident size: {once:.0f} MiB for {told.tokens:,} tokens, {often:.0f} MiB for "
        f"{TIMES * told.tokens:,}: {often / once:.3f}x"
    )


if __name__ == "__main__":
    main()
