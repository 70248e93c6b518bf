"""Trains the pocket language model from scratch on the corpus. Stages: data, tokenizer, model."""

import json
import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from playground.pocket import rows
from playground.pocket import tokenizer as bpe
from playground.pocket.corpus import documents
from playground.pocket.grammar import load
from playground.pocket.pushes import TrainingPushes
from playground.pocket.rows import Rows, within_texts

TRAIN_SEED, HELD_OUT_SEED = 1, 2
HELD_OUT_DOCUMENTS = 2000
IGNORED = -100
EMPHASIS = 3.0  # how often a token counts that hangs on topic or mood: binding is learned last


@dataclass(frozen=True)
class Cycle:
    """A rise to a learning rate, a plateau, and a linear fall to zero."""

    steps: int
    rate: float
    rise: int  # steps
    fall: float  # last share of the steps
    pushed: float = 0.0  # share of the texts that are read with a push


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
    documents: int
    cycles: tuple[Cycle, ...]
    weight_decay: float = 0.1
    seed: int = 0

    @property
    def steps(self) -> int:
        return sum(cycle.steps for cycle in self.cycles)


CPU = Preset(
    256, 6, 4, 704, 4096, 256, 8, 180_000,
    (Cycle(9_500, 2e-3, 300, 0.35), Cycle(3_200, 1.2e-3, 100, 1.0)),
)  # fmt: skip
PRESETS = {
    "cpu": CPU,
    # The same, and on from there: which topic a text has is learned last. A run of `cpu` goes on.
    "long": replace(
        CPU,
        cycles=(
            *CPU.cycles, Cycle(7_000, 1.2e-3, 100, 1.0), Cycle(6_000, 1e-3, 100, 1.0),
            Cycle(4_500, 8e-4, 200, 1.0, pushed=0.5), Cycle(5_500, 8e-4, 200, 1.0, pushed=0.5),
            Cycle(3_500, 7e-4, 200, 1.0, pushed=0.5), Cycle(4_500, 7e-4, 200, 1.0, pushed=0.5),
            Cycle(5_000, 7e-4, 200, 1.0, pushed=0.5),
        ),
    ),
    "gpu": Preset(
        512, 8, 8, 1408, 8192, 256, 128, 3_200_000, (Cycle(12_000, 1.5e-3, 300, 0.35, 0.4),)
    ),
}  # fmt: skip


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
    """Writes tokenizer/ and the rows of train and held_out, unless they are there."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "tokenizer" / "tokenizer.json").exists():
        made = bpe.train(bpe.sample(TRAIN_SEED, min(40_000, preset.documents)), preset.vocabulary)
        made.save_pretrained(work / "tokenizer")
    tokenizer = bpe.load(work / "tokenizer")
    for name, seed, count in (
        ("train", TRAIN_SEED, preset.documents),
        ("held_out", HELD_OUT_SEED, HELD_OUT_DOCUMENTS),
    ):
        rows.prepare(tokenizer, work, name, documents(seed, count), count, preset.window)
    return tokenizer


def cycle_at(preset: Preset, step: int) -> tuple[Cycle, int]:
    """The cycle that a step is in, and its steps before. Raises ValueError after the last."""
    for cycle in preset.cycles:
        if step < cycle.steps:
            return cycle, step
        step -= cycle.steps
    raise ValueError(f"the preset ends {step} steps before")


def learning_rate(preset: Preset, step: int) -> float:
    """Rise, plateau, fall. Raises ValueError for a step after the last."""
    cycle, step = cycle_at(preset, step)
    rise = min(1.0, (step + 1) / cycle.rise)
    fall = min(1.0, (cycle.steps - step) / (cycle.fall * cycle.steps))
    return cycle.rate * min(rise, fall)


def loss_of(
    model: LlamaForCausalLM, ids: torch.Tensor, marked: torch.Tensor | None = None
) -> torch.Tensor:
    """Mean next-token loss in nats; the first token of a following text is not asked for.

    ids: [rows, window + 1]; marked: bool of the same shape, tokens that count EMPHASIS times.
    """
    bos = model.config.bos_token_id
    assert isinstance(bos, int)
    target = ids[:, 1:].clone()
    target[target == bos] = IGNORED
    seen = ids[:, :-1]
    with torch.autocast(ids.device.type, dtype=torch.bfloat16):
        logits = model(
            input_ids=seen, attention_mask=within_texts(seen, bos), use_cache=False
        ).logits
    each = cross_entropy(
        logits.flatten(0, 1).float(), target.flatten(), ignore_index=IGNORED, reduction="none"
    )
    weight = (target.flatten() != IGNORED).float()
    if marked is not None:
        weight = weight * (1 + (EMPHASIS - 1) * marked[:, 1:].flatten())
    return (each * weight).sum() / weight.sum()


def held_out_loss(model: LlamaForCausalLM, work: Path, count: int = 200) -> float:
    device = next(model.parameters()).device
    data = Rows.read(work, "held_out").ids[:count].astype(np.int64)
    training = model.training
    model.eval()
    with torch.inference_mode():
        parts = [loss_of(model, torch.from_numpy(p).to(device)) for p in np.array_split(data, 10)]
    model.train(training)
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
        model.parameters(), betas=(0.9, 0.98), weight_decay=preset.weight_decay, fused=True
    )
    data, order, total = Rows.read(work, "train"), row_order(work, preset), preset.steps
    first, log = resume(work, model, optimizer, device)
    pushes = TrainingPushes(model, len(rows.subjects(load())), preset.rows, preset.window)
    step_loss = torch.compile(loss_of, dynamic=False) if compile_model else loss_of
    bar = tqdm(range(first, total), initial=first, total=total, desc="training")
    started, since = time.monotonic(), first
    for step in bar:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(preset, step)
        chosen = np.sort(order[step * preset.rows : (step + 1) * preset.rows])
        ids = torch.from_numpy(data.ids[chosen].astype(np.int64)).to(device)
        pushes.draw(data, chosen, cycle_at(preset, step)[0].pushed, step)
        loss = step_loss(model, ids, torch.from_numpy(data.emphasis[chosen]).to(device))
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
    pushes.close()
    write_model(model, work)
    tokenizer.save_pretrained(work / "model")
    (work / "train.json").write_text(json.dumps({"preset": asdict(preset), "log": log}, indent=1))


def row_order(work: Path, preset: Preset) -> np.ndarray:
    """The rows of all steps, one permutation after another."""
    draw, count = np.random.default_rng(preset.seed), len(Rows.read(work, "train").ids)
    passes = 1 + preset.steps * preset.rows // count
    return np.concatenate([draw.permutation(count) for _ in range(passes)])


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
