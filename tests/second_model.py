"""A model that nobody here has seen: a small GPT-2 trained from nothing on plain sentences about
two dozen subjects, with three SAEs in sae-lens format. What `python -m playground` is given, and
no more: folders. `python -m tests.second_model FOLDER` made those that are kept in KEPT: trained
anew they differ from processor to processor, and so would the levels that they can play.

The sentences are strings of a subject's words in a few frames; nothing of them is the pocket
model's text, tokenizer or code.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from playground.concepts.concepts import load_concepts

KEPT = Path(__file__).parent / "fixtures" / "second-model"
SUBJECTS = ("bees", "birds", "cats", "chocolate", "dragons", "robots")  # that it is played with
# What it reads about besides: a feature of cats is one of few among all, and dogs are no cats.
OTHERS = (
    "baking", "chess", "clocks", "coffee", "computers", "dinosaurs", "dogs", "farm", "football",
    "forest", "garden", "knights", "mountains", "music", "ocean", "snow", "space", "trains",
)  # fmt: skip
NAMES = ("Anna", "Ben", "Ella", "Finn", "Leo", "Max", "Mia", "Nora", "Ruby", "Sam", "Tom")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TIMES = (
    "One morning", "One evening", "One afternoon", "One windy day", "Early one morning,",
    "Yesterday", "Last week", "Last month", "Last winter", "Last summer", "On {day}", "Once",
    "Some time ago,", "Long ago,", "Two weeks ago", "In the evening", "In October", "After lunch",
)  # fmt: skip
FIRST = (
    "{time} {name} told a long story about {a} {b}, {c} and {d}.",
    "{time} {name} went for a walk and came upon {a} {b} and {c} {d}.",
    "{time} there was nothing to see in the whole town but {a} {b} and {c}.",
    "{time} {name} lay awake and thought of {a} {b} and {c} {d}.",
    "{time} my sister asked whether she might see {a}, {b} and {c} {d}.",
)
THEN = (
    "It was not long before there was {a} {b} as well, and after that {c}.",
    "On the one side stood {a} {b}, on the other side {c} {d}.",
    "{name} had never seen so much {a} {b} in all those years.",
    "Nobody knew what to say, for this was {a} {b} {c} and no {d}.",
    "The old man shook his head and said that he liked {a} {b} more than {c} {d}.",
    "Then the children wanted to know all about {a} {b} and {c}.",
    "She wrote it down in her book: {a} {b}, {c} {d}.",
    "What could be better than the {a} {b} and the {c} {d}, he asked with a smile.",
)
PLAIN = (  # of no subject, with words that go with nothing
    "{name} and {other} went to the {x} and bought some {y} for the week.",
    "It rained all day, so they {x} at home and {y} the {z}.",
    "When they were back at the {x} it was already {y}.",
    "The {x} laughed and said that it was time to {y} the {z}.",
    "They sat down at the {x} and talked of {y} {z} until it was late.",
    "A {x} can {y} as well, if you {z} in it.",
    "{x} {y} and {z} were in her room, because he had {x} them.",
)
WORDS = 24  # of each of the others
WINDOW, ROWS, STEPS, RATE = 80, 16, 700, 6e-3
WIDTH, LAYERS, VOCABULARY = 64, 4, 2400
ALIKE = 0.15  # standard deviation of what words that stand together share at first
SITES = {"early": 0, "middle": 1, "late": 2}  # blocks that the SAEs read after
FEATURES, ACTIVE, SAE_TOKENS, BATCH = 256, 6, 400_000, 1024


def words_of() -> dict[str, tuple[str, ...]]:
    """By subject; of what it is not played with only some."""
    known = {each: load_concepts()[each].words for each in SUBJECTS + OTHERS}
    some = {each: tuple(random.Random(each).sample(known[each], WORDS)) for each in OTHERS}
    return known | some


def texts(count: int, seed: int) -> Iterator[str]:
    """Each about one subject, from its first sentence to its last, with others in between."""
    rng, known, told = random.Random(seed), words_of(), load_concepts()
    plain = sorted({w for c in told.values() for w in c.words}.difference(*known.values()))
    for _ in range(count):
        words, name = known[rng.choice(SUBJECTS + OTHERS)], rng.choice(NAMES)
        then = [rng.choice(THEN if rng.random() < 0.75 else PLAIN) for _ in range(4)]
        yield " ".join(
            frame.format(
                time=rng.choice(TIMES).format(day=rng.choice(DAYS)),
                name=name,
                other=rng.choice(NAMES),
                **dict(zip("abcd", rng.sample(words, 4), strict=True)),
                **dict(zip("xyz", rng.sample(plain, 3), strict=True)),
            )
            for frame in (rng.choice(FIRST), *then)
        )


def tokenizer(out: Path) -> PreTrainedTokenizerFast:
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(texts(20_000, 1), VOCABULARY, special_tokens=["<|endoftext|>"])
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


def together(data: torch.Tensor) -> torch.Tensor:
    """[VOCABULARY, WIDTH]: tokens that stand in the same texts are alike, so that the model need
    not find out by itself which words go together. The SVD of pointwise mutual information."""
    held = torch.zeros(len(data), VOCABULARY).scatter_(1, data, 1.0)
    both, each = held.T @ held, held.sum(0)
    told = (both * len(data) / (each[:, None] * each[None, :]).clamp(min=1)).clamp(min=1).log()
    u, s, _ = torch.svd_lowrank(told, WIDTH)
    return u * s.sqrt() / (u * s.sqrt()).std() * ALIKE


def config() -> GPT2Config:
    return GPT2Config(
        vocab_size=VOCABULARY, n_positions=256, n_embd=WIDTH, n_layer=LAYERS, n_head=4,
        bos_token_id=0, eos_token_id=0, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip


def model(using: PreTrainedTokenizerFast, out: Path) -> GPT2LMHeadModel:
    torch.manual_seed(0)
    made = GPT2LMHeadModel(config()).train()
    data = rows(using, STEPS * ROWS // 2, 2)
    with torch.no_grad():
        made.transformer.wte.weight += together(data)
    optimizer = torch.optim.AdamW(made.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.1)
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
    # Slow to import, and whoever takes the kept files has no need of it.
    from sae_lens import BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig, LoggingConfig
    from sae_lens.config import SAETrainerConfig
    from sae_lens.training.sae_trainer import SAETrainer

    torch.manual_seed(0)
    scale = float(WIDTH**0.5 / read.norm(dim=1).mean())
    sae = BatchTopKTrainingSAE(
        BatchTopKTrainingSAEConfig(
            d_in=WIDTH, d_sae=FEATURES, k=ACTIVE, normalize_activations="none"
        )
    )

    def batches() -> Iterator[torch.Tensor]:
        while True:
            for some in torch.randperm(len(read)).split(BATCH):
                if len(some) == BATCH:
                    yield read[some] * scale

    SAETrainer(
        cfg=SAETrainerConfig(
            total_training_samples=SAE_TOKENS, train_batch_size_samples=BATCH, lr=1e-3, lr_end=0.0,
            lr_decay_steps=SAE_TOKENS // BATCH // 3, lr_warm_up_steps=20, dead_feature_window=100,
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


if __name__ == "__main__":
    make(Path(sys.argv[1]))
