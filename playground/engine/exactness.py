"""How far the fast way through a model is from the general one, in figures: what a text costs, the
likeliest token, the states on the way; and whether a row hears the others, or a dial at nothing.

The texts are the project's own handbook, and what the model itself says. Knows no levels.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from playground.engine.llama import LlamaPath, path_through
from playground.engine.loading import Parts, open_parts
from playground.engine.local import LocalEngine
from playground.engine.paths import HuggingFacePath
from playground.engine.paths import Path as Way
from playground.engine.records import Dial, Request, Sampling, Vector
from playground.models.points import Point
from playground.settings import load

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook"
WINDOW = 192  # tokens of a text
LIKE = 0.998  # cosine from which on two states count as the same
REPLY = 40  # tokens
PROMPTS = (
    "Tell me about {}.", "What do you know about {}?", "Write a short story with {} in it.",
    "Hello! Can you help me with {}?", "Explain {} to a child.", "Why do people like {}?",
)  # fmt: skip
SUBJECTS = (
    "the sea", "cooking", "old trains", "winter", "music", "a lost dog", "the moon", "gardens",
    "football", "a letter", "bridges", "bread", "rain", "maps", "a birthday", "clocks",
)  # fmt: skip


@dataclass
class Distance:
    """Sums over tokens. likeness: cosines of the states after some blocks, token by token."""

    tokens: int = 0
    ours: float = 0.0  # nats
    theirs: float = 0.0
    agreed: int = 0
    divergence: float = 0.0  # Kullback-Leibler, from theirs to ours, nats
    likeness: dict[int, list[Tensor]] = field(default_factory=dict)

    @property
    def loss(self) -> float:
        """How much more a text costs on the fast way, as a part of what it costs."""
        return self.ours / self.theirs - 1

    @property
    def agreement(self) -> float:
        return self.agreed / self.tokens

    def alike(self, block: int) -> float:
        """The part of the tokens whose states after a block are the same."""
        return float((torch.cat(self.likeness[block]) >= LIKE).float().mean())


@torch.inference_mode()
def compare(
    fast: Way[Any], general: Way[Any], texts: Sequence[list[int]], blocks: Sequence[int]
) -> Distance:
    """texts: token ids, what stands first included; blocks: counted from 0."""
    found = Distance(likeness={block: [] for block in blocks})
    for text in texts:
        ids, positions = torch.tensor([text]), torch.arange(len(text))[None]
        told, states = list[Tensor](), list[list[Tensor]]()
        for way in (fast, general):
            seen = list[Tensor]()
            handles = [each for block in blocks for each in way.attach(Point(block), seen.append)]
            told.append(way.forward(ids, positions, len(text))[0].log_softmax(-1))
            states.append(seen)
            for handle in handles:
                handle.remove()
        ours, theirs = told
        asked = ids[0, 1:, None]
        found.tokens += len(text)
        found.ours -= float(ours[:-1].gather(-1, asked).sum())
        found.theirs -= float(theirs[:-1].gather(-1, asked).sum())
        found.agreed += int((ours.argmax(-1) == theirs.argmax(-1)).sum())
        found.divergence += float((theirs.exp() * (theirs - ours)).sum())
        for block, mine, other in zip(blocks, *states, strict=True):
            found.likeness[block].append(torch.cosine_similarity(mine[0], other[0], dim=-1))
    return found


def prompts() -> Iterator[str]:
    for words in PROMPTS:
        yield from (words.format(subject) for subject in SUBJECTS)


def prose(parts: Parts) -> Iterator[list[int]]:
    """The handbook in windows, each behind what stands first."""
    text = parts.text()
    for page in sorted(HANDBOOK.glob("*.md")):
        if not page.stem.endswith(".ru"):
            ids = text.ids(page.read_text())
            for start in range(0, len(ids), WINDOW):
                yield [*text.lead, *ids[start : start + WINDOW]]


def chat(engine: LocalEngine, parts: Parts, rows: int = 16) -> Iterator[list[int]]:
    """What the model answers, with the question. rows: answers that are written together."""
    text, asked = parts.text(), list(prompts())
    sampling = Sampling(max_tokens=160, seed=1)
    for start in range(0, len(asked), rows):
        requests = [Request(each, (), sampling) for each in asked[start : start + rows]]
        for request, trace in zip(requests, engine.generate(requests).traces(), strict=True):
            yield [*text.prompted(request.prompt), *(token.id for token in trace.tokens)]


def first(texts: Iterator[list[int]], tokens: int) -> list[list[int]]:
    """As many texts as make so many tokens."""
    kept = list[list[int]]()
    while sum(map(len, kept)) < tokens and (more := list(islice(texts, 1))):
        kept += [each for each in more if len(each) > 1]
    return kept


def unheard(engine: LocalEngine, replies: int, tokens: int = REPLY) -> tuple[int, int]:
    """Of so many sampled replies of so many tokens, every second of them dialled, how many are the
    same alone and among 15 others; and how many of the others are the same with a dial at strength
    0."""
    site, asked = next(iter(engine.sites.values())), list(prompts())
    ones = Vector("ones", (1.0,) * site.d_out)
    dials = [(), (Dial.along(site.name, ones, 0.5),)]
    requests = [
        Request(asked[n % len(asked)], dials[n % 2], Sampling(max_tokens=tokens, seed=n))
        for n in range(replies)
    ]
    same = still = 0
    for start in range(0, replies, 16):
        part = requests[start : start + 16]
        for request, trace in zip(part, engine.generate(part).traces(), strict=True):
            alone = engine.generate([request]).traces()[0]
            same += repr(alone.tokens) == repr(trace.tokens)  # nan is nan
            if not request.dials:
                off = replace(request, dials=(Dial.along(site.name, ones, 0.0),))
                (quiet,) = engine.generate([off]).traces()
                still += [each.id for each in quiet.tokens] == [each.id for each in trace.tokens]
    return same, still


def thirds(model: PreTrainedModel) -> list[int]:
    """Blocks to look at, counted from 0: about after 8, 16 and 24 of 30."""
    count = model.config.num_hidden_layers
    return sorted({max(0, round(count * part / 30) - 1) for part in (8, 16, 24)})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", default="pocket")
    options.add_argument("--tokens", type=int, default=20_000)
    options.add_argument("--replies", type=int, default=200)
    told = options.parse_args()
    parts = open_parts(load().model_copy(update={"model": told.model, "device": "cpu"}))
    fast = path_through(parts.model, [])
    if not isinstance(fast, LlamaPath):
        raise SystemExit(f"{told.model} goes the general way: there is nothing to compare")
    engine = LocalEngine(
        parts.model, parts.tokenizer, parts.saes, dict.fromkeys(parts.saes, 10.0),
        chat=parts.chosen.card.chat, first=parts.first,
    )  # fmt: skip
    blocks = thirds(parts.model)
    for name, texts in {"prose": prose(parts), "chat": chat(engine, parts)}.items():
        found = compare(fast, HuggingFacePath(parts.model), first(texts, told.tokens // 2), blocks)
        alike = ", ".join(f"after block {b + 1} {found.alike(b):.2%}" for b in blocks)
        print(
            f"{told.model}, {name}, {found.tokens} tokens: loss {found.loss:+.2%} (bar 1 %), "
            f"likeliest token the same for {found.agreement:.2%} (bar 95 %), "
            f"KL {found.divergence / found.tokens:.5f} nats; "
            f"states with a cosine of {LIKE} or more (bar 99 %): {alike}"
        )
    same, still = unheard(engine, told.replies)
    print(
        f"{same} of {told.replies} sampled replies are the same alone and in a batch, activations "
        f"and odds to the last bit; {still} of {-(-told.replies // 2)} undialled ones with a dial "
        "at strength 0 as without"
    )
    engine.close()


if __name__ == "__main__":
    main()
