"""Tokens per second of steered generation, beside Hugging Face `generate` with a hand-made hook.

Both get the same model, prompts, push and sampling, and take turns within one run, so that whatever
else the machine does falls on both. Without the pocket model a random one of its shape is timed.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from playground.engine.local import LocalEngine
from playground.engine.paths import left_padded
from playground.engine.records import TEMPERATURE, TOP_P, Control, Dial, Request, Sampling
from playground.engine.sites import block_at
from playground.models.sae import Rule, Sae, SaeMetadata, Weights
from playground.models.sae_files import load as load_sae

POCKET = Path(__file__).parents[2] / "assets" / "pocket"
SITE, STRENGTH, FEATURE = "middle", 0.6, 7
TOKENS = 64
PROMPTS = (
    "One morning", "The old house", "Anna opened the door and", "It was a cold day, and",
    "Dear friend,", "In the middle of the night", "The two children", "Yesterday at the market",
)  # fmt: skip
HAND, OURS = "generate + hook", "engine"

Parts = tuple[PreTrainedModel, PreTrainedTokenizerFast, dict[str, Sae]]


def pocket(device: str) -> Parts:
    model = AutoModelForCausalLM.from_pretrained(POCKET / "model", dtype=torch.float32)
    nn.Module.to(model, device)
    tokenizer = AutoTokenizer.from_pretrained(POCKET / "model")
    folders = sorted(path.parent for path in (POCKET / "saes").glob("*/cfg.json"))
    return model, tokenizer, {folder.name: load_sae(folder, device) for folder in folders}


def random_parts(device: str) -> Parts:
    """As large as the pocket model of the `cpu` preset, and with SAEs as wide as its own."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=4096, hidden_size=256, intermediate_size=704, num_hidden_layers=6,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024,
        tie_word_embeddings=True, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "</s>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    backend.train_from_iterator(PROMPTS, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )
    model = LlamaForCausalLM(config)
    nn.Module.to(model, device)
    layers = {"early": (1, 1024), "middle": (3, 2048), "late": (5, 2048)}
    return model, tokenizer, {name: random_sae(*each, device) for name, each in layers.items()}


def random_sae(layer: int, width: int, device: str) -> Sae:
    rows = torch.randn(width, 256, device=device) / 16
    nothing = torch.zeros(width, device=device)
    weights = Weights(rows.T.contiguous(), nothing, rows, nothing[:256], nothing)
    return Sae(weights, Rule("jumprelu"), SaeMetadata.at(f"model.layers.{layer}"))


def residual_norm(model: PreTrainedModel, sae: Sae, ids: Tensor, positions: Tensor) -> float:
    """Median over the prompts' tokens but the first; a strength is a fraction of it."""
    caught = list[Tensor]()
    block = block_at(model, sae.metadata.layer)

    def catch(module: nn.Module, args: object, out: Tensor) -> None:
        caught.append(out)

    handle = block.register_forward_hook(catch)
    with torch.inference_mode():
        model(ids, attention_mask=positions >= 0)
    handle.remove()
    return float(caught[0][positions > 0].norm(dim=-1).median())


class Contest:
    """The two ways of writing the same replies; each returns the seconds it took."""

    def __init__(self, parts: Parts, device: str, tokens: int) -> None:
        self.model, self.tokenizer, self.saes = parts
        self.device, self.tokens = device, tokens
        ids, positions = self._prompts(len(PROMPTS))
        norms = {
            name: residual_norm(self.model, sae, ids, positions) for name, sae in self.saes.items()
        }
        self.engine = LocalEngine(self.model, self.tokenizer, self.saes, norms)
        unit = self.saes[SITE].unit_rows([FEATURE])[0]
        self.push = (STRENGTH * norms[SITE] * unit).to(self.model.dtype)
        self.dial = Dial(SITE, FEATURE, STRENGTH, "add", "all")
        self.seed = 0

    def by_hand(self, rows: int) -> float:
        """`generate` as one would write it, with a forward hook that adds the push."""
        self.seed += 1
        ids, positions = self._prompts(rows)
        block = block_at(self.model, self.saes[SITE].metadata.layer)
        torch.manual_seed(self.seed)
        start = time.perf_counter()

        def add(module: nn.Module, args: object, out: Tensor) -> Tensor:
            return out + self.push

        handle = block.register_forward_hook(add)
        try:
            with torch.inference_mode():
                self.model.generate(  # pyright: ignore[reportCallIssue]
                    ids, attention_mask=(positions >= 0).long(), do_sample=True,
                    temperature=TEMPERATURE, top_p=TOP_P, top_k=0, max_new_tokens=self.tokens,
                    min_new_tokens=self.tokens, pad_token_id=self.tokenizer.eos_token_id,
                ).cpu()  # fmt: skip
        finally:
            handle.remove()
        return time.perf_counter() - start

    def by_engine(self, rows: int) -> float:
        requests = self._requests(rows)
        start = time.perf_counter()
        stream = self.engine.generate(requests)
        for _ in stream:
            pass
        taken = time.perf_counter() - start
        stream.traces()  # the scoring pass must not run into the other's turn
        return taken

    def triple(self) -> tuple[float, float]:
        """Seconds to the first token and to the traces of baseline, steered and control."""
        self.seed += 1
        control = Dial(SITE, FEATURE, STRENGTH, "add", "all", control=Control("random", 1))
        dials = ((), (self.dial,), (control,))
        requests = [Request(PROMPTS[0], each, self._sampling(self.seed)) for each in dials]
        start = time.perf_counter()
        stream = self.engine.generate(requests)
        first = None
        for _ in stream:
            first = first or time.perf_counter() - start
        stream.traces()
        return first or 0.0, time.perf_counter() - start

    def _requests(self, rows: int) -> list[Request]:
        self.seed += 1
        return [
            Request(PROMPTS[row % len(PROMPTS)], (self.dial,), self._sampling(self.seed + row))
            for row in range(rows)
        ]

    def _sampling(self, seed: int) -> Sampling:
        return Sampling(TEMPERATURE, TOP_P, self.tokens, seed, stop_at_end=False)

    def _prompts(self, rows: int) -> tuple[Tensor, Tensor]:
        chosen = [PROMPTS[row % len(PROMPTS)] for row in range(rows)]
        encode = self.tokenizer.backend_tokenizer.encode
        bos = self.tokenizer.bos_token_id
        texts = [[bos, *encode(text, add_special_tokens=False).ids] for text in chosen]
        return left_padded(texts, 0, torch.device(self.device))


def race(contest: Contest, row_counts: Sequence[int], repeats: int) -> dict[tuple[str, int], float]:
    """Median tokens per second of each way at each number of rows."""
    ways: dict[str, Callable[[int], float]] = {HAND: contest.by_hand, OURS: contest.by_engine}
    seconds = {(name, rows): list[float]() for rows in row_counts for name in ways}
    for turn in range(repeats + 1):
        for name, rows in seconds:
            taken = ways[name](rows)
            if turn:  # the first warms up
                seconds[name, rows].append(taken)
    return {
        (name, rows): rows * contest.tokens / statistics.median(taken)
        for (name, rows), taken in seconds.items()
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, nargs="+", default=[1, 8, 64])
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--tokens", type=int, default=TOKENS)
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    options.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    told = options.parse_args()
    torch.set_num_threads(told.threads)
    shipped = (POCKET / "model" / "config.json").exists()
    parts = (pocket if shipped else random_parts)(told.device)
    size = sum(parameter.numel() for parameter in parts[0].parameters()) / 1e6
    print(
        f"{'the pocket model' if shipped else 'a random model of the pocket shape'}, {size:.1f} M, "
        f"{told.device}, {told.threads} threads, {told.tokens} tokens a reply, "
        f"medians of {told.repeats}"
    )
    contest = Contest(parts, told.device, told.tokens)
    speed = race(contest, told.rows, told.repeats)
    print(f"{'rows':>5} {HAND + ', tok/s':>24} {OURS + ', tok/s':>16} {'ratio':>7}")
    for rows in told.rows:
        hand, ours = speed[HAND, rows], speed[OURS, rows]
        print(f"{rows:>5} {hand:>24.0f} {ours:>16.0f} {ours / hand:>6.2f}x")
    least = min(told.rows)
    for rows in told.rows:
        if rows != least:
            gain = speed[OURS, rows] / speed[OURS, least]
            print(f"{OURS}: {rows} rows have {gain:.1f}x the tokens/s of {least}")
    firsts, wholes = zip(*(contest.triple() for _ in range(told.repeats)), strict=True)
    print(
        f"baseline, steered and control together: first token after "
        f"{statistics.median(firsts):.2f} s, all scored after {statistics.median(wholes):.2f} s"
    )
    contest.engine.close()


if __name__ == "__main__":
    main()
