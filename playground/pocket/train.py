"""Trains the pocket language model from scratch on the corpus. Stages: data, tokenizer, model."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from playground.pocket import tokenizer as bpe
from playground.pocket.corpus import documents

TRAIN_SEED, HELD_OUT_SEED = 1, 2
HELD_OUT_DOCUMENTS = 2000
IGNORED = -100
SECOND, SECOND_WARMUP = 0.6, 100  # of the second cycle: share of the rate, steps of warm-up


@dataclass(frozen=True)
class Preset:
    """Everything that decides the model; two runs of one preset on one machine agree."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    window: int  # tokens a training row
    rows: int  # rows a step
    steps: int
    documents: int
    learning_rate: float
    warmup: int = 300
    decay: float = 0.35  # last share of the steps, linear to zero
    again: int = 0  # steps of a second, lower cycle after these
    weight_decay: float = 0.1
    seed: int = 0


PRESETS = {
    "cpu": Preset(256, 6, 4, 704, 4096, 256, 8, 9_500, 170_000, 2e-3, again=3_200),
    "gpu": Preset(512, 8, 8, 1408, 8192, 256, 128, 12_000, 3_200_000, 1.5e-3),
}


def configuration(preset: Preset) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=preset.vocabulary,
        hidden_size=preset.hidden,
        intermediate_size=preset.feed_forward,
        num_hidden_layers=preset.layers,
        num_attention_heads=preset.heads,
        num_key_value_heads=preset.heads,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def prepare(work: Path, preset: Preset) -> PreTrainedTokenizerFast:
    """Writes tokenizer/, train.npy and held_out.npy into `work` unless they are there already."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "tokenizer" / "tokenizer.json").exists():
        made = bpe.train(bpe.sample(TRAIN_SEED, min(40_000, preset.documents)), preset.vocabulary)
        made.save_pretrained(work / "tokenizer")
    tokenizer = bpe.load(work / "tokenizer")
    for name, seed, count in (
        ("train", TRAIN_SEED, preset.documents),
        ("held_out", HELD_OUT_SEED, HELD_OUT_DOCUMENTS),
    ):
        if not (work / f"{name}.npy").exists():
            written = tqdm(documents(seed, count), total=count, desc=f"writing {name}")
            rows = pack(tokenizer, (document.text for document in written), preset.window)
            np.save(work / f"{name}.partial.npy", rows)
            (work / f"{name}.partial.npy").rename(work / f"{name}.npy")
    return tokenizer


def pack(tokenizer: PreTrainedTokenizerFast, texts: Iterator[str], window: int) -> np.ndarray:
    """Rows that each begin with a text; what does not fit is cut. [rows, window + 1]"""
    rows, row = list[np.ndarray](), list[np.ndarray]()
    length, batch = 0, list[str]()

    def add(texts: list[str]) -> None:
        nonlocal length, row
        for ids in bpe.encode(tokenizer, texts):
            row.append(ids)
            length += len(ids)
            if length > window:
                rows.append(np.concatenate(row)[: window + 1])
                row, length = [], 0

    for text in texts:
        batch.append(text)
        if len(batch) == 2000:
            add(batch)
            batch = []
    add(batch)
    return np.stack(rows)


def learning_rate(preset: Preset, step: int) -> float:
    """Warm-up, plateau, linear decay (so that a run can be lengthened on its plateau); then the
    second cycle, from SECOND of the rate down to zero."""
    if step >= preset.steps:
        at = step - preset.steps
        rise, fall = min(1.0, (at + 1) / SECOND_WARMUP), (preset.again - at) / preset.again
        return SECOND * preset.learning_rate * min(rise, fall)
    rise = min(1.0, (step + 1) / preset.warmup)
    fall = min(1.0, (preset.steps - step) / (preset.decay * preset.steps))
    return preset.learning_rate * min(rise, fall)


def loss_of(model: LlamaForCausalLM, ids: torch.Tensor) -> torch.Tensor:
    """Mean next-token loss in nats; the first token of a following text is not asked for.

    ids: [rows, window + 1]
    """
    target = ids[:, 1:].clone()
    target[target == model.config.bos_token_id] = IGNORED
    with torch.autocast(ids.device.type, dtype=torch.bfloat16):
        logits = model(input_ids=ids[:, :-1], use_cache=False).logits
    return cross_entropy(logits.flatten(0, 1).float(), target.flatten(), ignore_index=IGNORED)


def held_out_loss(model: LlamaForCausalLM, work: Path, rows: int = 200) -> float:
    device = next(model.parameters()).device
    data = np.load(work / "held_out.npy", mmap_mode="r")[:rows].astype(np.int64)
    with torch.inference_mode():
        parts = [loss_of(model, torch.from_numpy(p).to(device)) for p in np.array_split(data, 10)]
    return float(torch.stack(parts).mean())


def train(
    work: Path, preset: Preset, compile_model: bool = True, checkpoint_every: int = 500
) -> None:
    """Trains to `work/model`; resumes from `work/checkpoint.pt`; writes `work/train.json`."""
    tokenizer = prepare(work, preset)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(preset.seed)
    model = LlamaForCausalLM(configuration(preset))
    model.to(device)  # pyright: ignore[reportArgumentType]
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=preset.learning_rate, betas=(0.9, 0.98),
        weight_decay=preset.weight_decay, fused=True,
    )  # fmt: skip
    data, total = np.load(work / "train.npy", mmap_mode="r"), preset.steps + preset.again
    order = np.random.default_rng(preset.seed)
    rows = np.concatenate(
        [order.permutation(len(data)) for _ in range(1 + total * preset.rows // len(data))]
    )
    first, log = resume(work, model, optimizer, device)
    step_loss = torch.compile(loss_of, dynamic=False) if compile_model else loss_of
    bar = tqdm(range(first, total), initial=first, total=total, desc="training")
    started, since = time.monotonic(), first
    for step in bar:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(preset, step)
        chosen = np.sort(rows[step * preset.rows : (step + 1) * preset.rows])
        ids = torch.from_numpy(data[chosen].astype(np.int64)).to(device)
        loss = step_loss(model, ids)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if not math.isfinite(loss.item()):
            raise FloatingPointError(
                f"loss is {loss.item()} at step {step}; lower the learning rate"
            )
        bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
        if (step + 1) % checkpoint_every == 0 or step + 1 == total:
            speed = (step + 1 - since) * preset.rows * preset.window / (time.monotonic() - started)
            log.append(
                {
                    "step": step + 1,
                    "held_out": held_out_loss(model, work),
                    "tokens_per_s": round(speed),
                }
            )
            bar.write(json.dumps(log[-1]))
            save(work, model, optimizer, step + 1, log)
    write_model(model, work)
    tokenizer.save_pretrained(work / "model")
    (work / "train.json").write_text(json.dumps({"preset": asdict(preset), "log": log}, indent=1))


def write_model(model: LlamaForCausalLM, work: Path) -> None:
    """bfloat16, in pieces that a Space's git takes.

    SAEs and atlas are made from these rounded weights.
    """
    model.to(torch.bfloat16)  # pyright: ignore[reportArgumentType]
    model.save_pretrained(work / "model", max_shard_size="8MB")


def read_model(folder: Path) -> LlamaForCausalLM:
    """The written model, computing in float32."""
    return LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def save(
    work: Path,
    model: LlamaForCausalLM,
    optimizer: torch.optim.Optimizer,
    step: int,
    log: list[dict],
) -> None:
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "log": log,
    }
    torch.save(state, work / "checkpoint.partial")
    (work / "checkpoint.partial").replace(work / "checkpoint.pt")


def resume(
    work: Path, model: LlamaForCausalLM, optimizer: torch.optim.Optimizer, device: str
) -> tuple[int, list[dict]]:
    if not (work / "checkpoint.pt").exists():
        return 0, []
    state = torch.load(work / "checkpoint.pt", map_location=device, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return state["step"], state["log"]
