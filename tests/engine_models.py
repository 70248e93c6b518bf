"""Small random models of every family, with random SAEs, written to disk as real ones are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from playground.engine.local import LocalEngine
from playground.engine.records import Dial
from playground.engine.sites import block_at
from playground.engine.steer import control_unit, scope_of
from playground.models.sae import Sae
from playground.models.sae_files import load
from tests.random_saes import Recipe, save

VOCABULARY, WIDTH, LAYERS, FEATURES = 320, 32, 3, 64
SITES = {"early": 0, "middle": 1, "late": 2}
NORMS = {"early": 4.0, "middle": 5.0, "late": 6.0}

COMMON: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": WIDTH,
    "intermediate_size": 48,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 512,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}
EXPERTS: dict[str, Any] = {"num_experts_per_tok": 2, "moe_intermediate_size": 24}
# Attention every second block; the others keep a state.
HYBRID: dict[str, Any] = {
    **COMMON,
    "layer_types": ["linear_attention", "full_attention", "linear_attention"],
    "linear_num_value_heads": 4,
    "linear_num_key_heads": 2,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
    "rope_parameters": {
        "rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 1, 1],
        "partial_rotary_factor": 1.0,
    },
}  # fmt: skip
VISION: dict[str, Any] = {
    "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "image_size": 16, "patch_size": 4,
}  # fmt: skip
# Sliding windows are shorter than the texts of the tests, or nothing would be proved by them.
CONFIGS: dict[str, hf.PreTrainedConfig] = {
    "gpt2": hf.GPT2Config(
        vocab_size=VOCABULARY, n_embd=WIDTH, n_layer=LAYERS, n_head=4, n_positions=512,
        bos_token_id=0, eos_token_id=1,
    ),
    "gpt_neox": hf.GPTNeoXConfig(**{**COMMON, "num_key_value_heads": 4}),
    "llama": hf.LlamaConfig(**COMMON),
    "mistral": hf.MistralConfig(**COMMON, sliding_window=6),
    "qwen2": hf.Qwen2Config(**COMMON),
    "qwen3": hf.Qwen3Config(**COMMON),
    "qwen3_moe": hf.Qwen3MoeConfig(**COMMON, **EXPERTS, num_experts=4),
    "gemma": hf.GemmaConfig(**COMMON),
    "gemma2": hf.Gemma2Config(**COMMON, sliding_window=6, query_pre_attn_scalar=8),
    "gemma3": hf.Gemma3TextConfig(
        **COMMON, sliding_window=6, query_pre_attn_scalar=8,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
    ),
    "gpt_oss": hf.GptOssConfig(
        **COMMON, sliding_window=6, num_local_experts=4, num_experts_per_tok=2,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
    ),
    "qwen3_5": hf.Qwen3_5TextConfig(**HYBRID),
    "qwen3_5_moe": hf.Qwen3_5MoeTextConfig(
        **HYBRID, **EXPERTS, num_experts=4, shared_expert_intermediate_size=24
    ),
    "gemma3_wrapped": hf.Gemma3Config(
        text_config=hf.Gemma3TextConfig(
            **COMMON, sliding_window=6, query_pre_attn_scalar=8,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
        ),
        vision_config=VISION, mm_tokens_per_image=4, image_token_index=300,
        boi_token_index=301, eoi_token_index=302,
    ),
}  # fmt: skip
# What the graphs can stand for (engine/graph.py); the heads of the others are too narrow for them.
GRAPHED = "llama_graphs"
FAMILIES = (*CONFIGS, GRAPHED)


def tokenizer() -> hf.PreTrainedTokenizerFast:
    """Byte-level, so that any id sequence reads as some bytes and Cyrillic takes several tokens."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet,
        show_progress=False,
    )  # fmt: skip
    made.train_from_iterator(
        ["the cat sat on the mat and the dog ran to the red barn"] * 3, trainer
    )
    return hf.PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", pad_token="</s>"
    )


def model(family: str) -> hf.PreTrainedModel:
    torch.manual_seed(1)
    known = {**CONFIGS, GRAPHED: hf.LlamaConfig(**{**COMMON, "head_dim": 16})}
    made = hf.AutoModelForCausalLM.from_config(known[family])
    with torch.no_grad():
        for parameter in made.parameters():
            # Fresh weights are so small that attention hardly shows in the logits.
            parameter.add_(torch.randn_like(parameter), alpha=0.15)
    return made.eval()


def save_model(folder: Path, family: str) -> Path:
    model(family).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def save_sae(
    folder: Path,
    layer: int,
    kind: str = "jumprelu",
    hook_name: str = "",
    centred: bool = False,
    width: int = WIDTH,
) -> Path:
    """A random SAE after a block, or where `hook_name` says."""
    hook_name = hook_name or f"blocks.{layer}.hook_resid_post"
    recipe = Recipe(hook_name, kind, width=width, features=FEATURES, seed=layer, centred=centred)
    return save(folder, recipe)


def save_all(folder: Path, family: str, kinds: Sequence[str] = ("jumprelu",) * 3) -> Path:
    save_model(folder / "model", family)
    for (name, layer), kind in zip(SITES.items(), kinds, strict=True):
        save_sae(folder / name, layer, kind)
    return folder


def engine(folder: Path, max_rows: int = 64, dtype: torch.dtype = torch.float32) -> LocalEngine:
    saes = {name: folder / name for name in SITES}
    return LocalEngine.load(folder / "model", saes, NORMS, "cpu", dtype, max_rows)


def push(hidden: torch.Tensor, dial: Dial, sae: Sae, norm: float) -> torch.Tensor:
    """What a dial adds where it is in scope, by the words of its docstring. hidden: [..., d]"""
    unit = sae.unit_rows([dial.feature])[0]
    target = dial.strength * norm
    own = sae.encode(hidden)[..., dial.feature] * sae.row_norms[dial.feature]
    length = {
        "add": torch.full_like(own, target),
        "clamp": target - own,
        "ablate": -own,
        "project": target - hidden @ unit,
    }[dial.method]
    direction = unit if dial.control is None else control_unit(dial, dial.control, sae)
    return length[..., None] * direction


class Reference:
    """One row at a time, the whole text anew for every token: no cache, no batch, no padding."""

    def __init__(self, folder: Path) -> None:
        self.model = hf.AutoModelForCausalLM.from_pretrained(folder / "model").eval()
        self.tokenizer = hf.AutoTokenizer.from_pretrained(folder / "model")
        self.saes = {name: load(folder / name) for name in SITES}

    def ids(self, text: str) -> list[int]:
        return [0, *self.tokenizer(text, add_special_tokens=False)["input_ids"]]

    @torch.no_grad()
    def logits(self, ids: list[int], dials: Sequence[Dial] = (), prompt: int = 0) -> torch.Tensor:
        """prompt: its length, for the scopes. [tokens, vocabulary]"""

        def edit(name: str):
            def hook(module: object, args: object, hidden: torch.Tensor) -> torch.Tensor:
                changed = hidden.clone()
                for dial in dials:
                    if dial.site == name:
                        inside = [p in scope_of(dial, prompt) for p in range(len(ids))]
                        pushed = push(hidden, dial, self.saes[name], NORMS[name])
                        changed[0, inside] += pushed[0, inside]
                return changed

            return hook

        handles = [
            block_at(self.model, layer).register_forward_hook(edit(name))
            for name, layer in SITES.items()
        ]
        try:
            return self.model(torch.tensor([ids])).logits[0]
        finally:
            for handle in handles:
                handle.remove()

    def likeliest(self, prompt: str, dials: Sequence[Dial], reply: list[int]) -> list[int]:
        """What the greedy model says at each place of a reply: the reply itself, if it said so."""
        start = self.ids(prompt)
        logits = self.logits(start + reply, dials, len(start))
        return logits[len(start) - 1 : -1].argmax(-1).tolist()

    def logprobs(self, prompt: list[int], reply: list[int]) -> torch.Tensor:
        logs = self.logits(prompt + reply).log_softmax(-1)[len(prompt) - 1 : -1]
        return logs.gather(-1, torch.tensor(reply)[:, None])[:, 0]
