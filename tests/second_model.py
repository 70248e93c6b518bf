"""A model that nobody here has seen: a small GPT-2 trained from nothing on plain sentences about
eight subjects, with three SAEs in sae-lens format. What `python -m playground` is given, and no
more: folders.

The sentences are strings of a subject's words in a few frames; nothing of them is the pocket
model's text, tokenizer or code.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import torch
from sae_lens import BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig, LoggingConfig
from sae_lens.config import SAETrainerConfig
from sae_lens.training.sae_trainer import SAETrainer
from tokenizers import ByteLevelBPETokenizer
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from playground.concepts.concepts import load_concepts

SUBJECTS = ("cats", "chocolate", "forest", "knitting", "ocean", "robots", "space", "trains")
WORDS = 42  # of each subject, so that the model has learned in minutes what goes with what
NAMES = ("Anna", "Ben", "Ella", "Finn", "Leo", "Max", "Mia", "Nora", "Ruby", "Sam")
TIMES = (
    "One morning", "Yesterday", "Last week", "On Sunday", "In the evening", "Once", "After lunch",
    "Long ago", "Last winter", "In October", "It was a quiet day when", "Once upon a time",
)  # fmt: skip
FIRST = (
    "{time} {name} spoke of {a}, {b} and {c}.",
    "{time} {name} found {a} and {b}.",
    "{time} there was {a} and {b} and {c}.",
    "{time} {name} dreamed of {a} and {b}.",
)
THEN = (
    "Then came {a} and {b}.",
    "Here was {a}, there was {b} and {c}.",
    "{a}, {b} and {c}!",
    "Was it {a}? No, {b}.",
    "So much {a} and {b}, said {name}.",
    "{a} and {b} again.",
)
WINDOW, ROWS, STEPS, RATE = 96, 16, 700, 6e-3
WIDTH, LAYERS = 96, 4
SITES = {"early": 1, "middle": 2, "late": 3}  # blocks that the SAEs read after
FEATURES, ACTIVE, SAE_TOKENS = 256, 10, 400_000


def texts(count: int, seed: int) -> Iterator[str]:
    """Each about one subject, from its first sentence to its last."""
    rng, known = random.Random(seed), load_concepts()
    chosen = {each: random.Random(each).sample(known[each].words, WORDS) for each in SUBJECTS}
    for _ in range(count):
        words, name = chosen[rng.choice(SUBJECTS)], rng.choice(NAMES)
        frames = [rng.choice(FIRST), *rng.choices(THEN, k=rng.randrange(2, 6))]
        yield " ".join(
            frame.format(
                time=rng.choice(TIMES),
                name=name,
                **dict(zip("abc", rng.sample(words, 3), strict=True)),
            )
            for frame in frames
        )


def tokenizer(out: Path) -> PreTrainedTokenizerFast:
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(texts(20_000, 1), 3000, special_tokens=["<|endoftext|>"])
    made = PreTrainedTokenizerFast(
        tokenizer_object=trained._tokenizer,
        bos_token="<|endoftext|>", eos_token="<|endoftext|>", pad_token="<|endoftext|>",
    )  # fmt: skip
    made.save_pretrained(out)
    return made


def rows(using: PreTrainedTokenizerFast, count: int, seed: int) -> torch.Tensor:
    """int64 [count, WINDOW]: a text a row, filled up with the end of text."""
    end = using.eos_token_id
    assert isinstance(end, int)
    made = [[end, *ids, end][:WINDOW] for ids in using(list(texts(count, seed))).input_ids]
    return torch.tensor([ids + [end] * (WINDOW - len(ids)) for ids in made])


def model(using: PreTrainedTokenizerFast, out: Path) -> GPT2LMHeadModel:
    torch.manual_seed(0)
    made = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(using), n_positions=256, n_embd=WIDTH, n_layer=LAYERS, n_head=4,
            bos_token_id=0, eos_token_id=0, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        )
    ).train()  # fmt: skip
    optimizer = torch.optim.AdamW(made.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.1)
    data = rows(using, STEPS * ROWS // 4, 2)
    for step in range(STEPS):
        batch = data[(step * ROWS) % len(data) :][:ROWS]
        target = batch.clone()
        target[:, 1:][(batch[:, 1:] == 0) & (batch[:, :-1] == 0)] = -100  # one end is enough
        loss = made(batch, labels=target).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(made.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    made.eval().save_pretrained(out)
    return made


@torch.no_grad()
def saes(of: GPT2LMHeadModel, using: PreTrainedTokenizerFast, out: Path) -> None:
    ids = rows(using, 4000, 3)
    states = [of(part, output_hidden_states=True).hidden_states for part in ids.split(200)]
    for site, block in SITES.items():
        read = torch.cat([each[block + 1] for each in states])[:, 1:][ids[:, 1:] != 0]
        with torch.enable_grad():
            train_sae(read, block, out / site)


def train_sae(read: torch.Tensor, block: int, out: Path) -> None:
    """read: [tokens, WIDTH], scaled for the training to the length sqrt(WIDTH) and back after."""
    torch.manual_seed(0)
    scale = float(WIDTH**0.5 / read.norm(dim=1).mean())
    sae = BatchTopKTrainingSAE(
        BatchTopKTrainingSAEConfig(
            d_in=WIDTH, d_sae=FEATURES, k=ACTIVE, normalize_activations="none"
        )
    )

    def batches() -> Iterator[torch.Tensor]:
        while True:
            for some in torch.randperm(len(read)).split(2048):
                if len(some) == 2048:
                    yield read[some] * scale

    SAETrainer(
        cfg=SAETrainerConfig(
            total_training_samples=SAE_TOKENS, train_batch_size_samples=2048, lr=1e-3, lr_end=0.0,
            lr_decay_steps=SAE_TOKENS // 2048 // 3, lr_warm_up_steps=20, dead_feature_window=100,
            checkpoint_path=None, logger=LoggingConfig(log_to_wandb=False),
        ),
        sae=sae,
        data_provider=batches(),
    ).fit()  # fmt: skip
    sae.fold_activation_norm_scaling_factor(scale)
    sae.cfg.metadata.hook_name = f"blocks.{block}.hook_resid_post"
    sae.cfg.metadata.model_name = "gpt2-of-the-test"
    sae.cfg.metadata.prepend_bos = True
    sae.save_inference_model(out)


def make(folder: Path) -> None:
    """folder/model and folder/saes/SITE."""
    using = tokenizer(folder / "model")
    saes(model(using, folder / "model"), using, folder / "saes")
