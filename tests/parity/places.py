"""Families and points of the table, and where each point is by hand.

Written without `playground/points.py` and `playground/engine/sites.py`, which it is there to judge.
"""

from dataclasses import dataclass
from typing import Literal

Side = Literal["input", "output"]

# A point as TransformerLens names it, `{}` the block.
LENS = {
    "embed": "hook_embed",
    "first": "blocks.0.hook_resid_pre",
    "resid_pre": "blocks.{}.hook_resid_pre",
    "attn_normalized": "blocks.{}.ln1.hook_normalized",
    "z": "blocks.{}.attn.hook_z",
    "attn_raw": "blocks.{}.attn.hook_out",
    "attn_out": "blocks.{}.hook_attn_out",
    "resid_mid": "blocks.{}.hook_resid_mid",
    "mlp_branch": "blocks.{}.hook_mlp_in",
    "mlp_normalized": "blocks.{}.ln2.hook_normalized",
    "mlp_in": "blocks.{}.mlp.hook_in",
    "mlp_raw": "blocks.{}.mlp.hook_out",
    "mlp_out": "blocks.{}.hook_mlp_out",
    "resid_post": "blocks.{}.hook_resid_post",
}


@dataclass(frozen=True)
class Parts:
    """A family's modules: the list of blocks, and paths below a block."""

    blocks: str = "model.layers"
    attn: str = "self_attn"
    z: str = "self_attn.o_proj"
    before_attn: str = "input_layernorm"
    before_mlp: str = "post_attention_layernorm"
    mlp: str = "mlp"
    # The second norms of Gemma 2 and 3: what they give is added to the residual.
    after_attn: str = ""
    after_mlp: str = ""


GEMMA = {
    "before_mlp": "pre_feedforward_layernorm",
    "after_attn": "post_attention_layernorm",
    "after_mlp": "post_feedforward_layernorm",
}
PARTS = {
    "gpt2": Parts("transformer.h", "attn", "attn.c_proj", "ln_1", "ln_2"),
    "gpt_neox": Parts("gpt_neox.layers", "attention", "attention.dense"),
    "gemma2": Parts(**GEMMA),
    "gemma3": Parts(**GEMMA),
    "gemma3_wrapped": Parts("model.language_model.layers", **GEMMA),
    "qwen3_5 linear": Parts(attn="linear_attn", z=""),
    "qwen3_5_moe linear": Parts(attn="linear_attn", z=""),
}


@dataclass(frozen=True)
class Family:
    """A row of the table. key: in tests/engine_models.py; layer: the block that is looked at."""

    key: str
    title: str
    layer: int = 1
    note: str = ""

    @property
    def parts(self) -> Parts:
        return PARTS.get(f"{self.key} {self.note}".strip(), Parts())

    @property
    def bridged(self) -> bool:
        """Whether TransformerLens opens it here: for a model with eyes it wants torchvision."""
        return self.key != "gemma3_wrapped"

    @property
    def parallel(self) -> bool:
        return self.key == "gpt_neox"


FAMILIES = (
    Family("gpt2", "GPT2LMHeadModel"),
    Family("gpt_neox", "GPTNeoXForCausalLM"),
    Family("llama", "LlamaForCausalLM"),
    Family("mistral", "MistralForCausalLM"),
    Family("qwen2", "Qwen2ForCausalLM"),
    Family("qwen3", "Qwen3ForCausalLM"),
    Family("qwen3_moe", "Qwen3MoeForCausalLM"),
    Family("qwen3_5", "Qwen3_5ForCausalLM"),
    Family("qwen3_5", "Qwen3_5ForCausalLM", 2, "linear"),
    Family("qwen3_5_moe", "Qwen3_5MoeForCausalLM"),
    Family("qwen3_5_moe", "Qwen3_5MoeForCausalLM", 2, "linear"),
    Family("gemma", "GemmaForCausalLM"),
    Family("gemma2", "Gemma2ForCausalLM"),
    Family("gemma3", "Gemma3ForCausalLM"),
    Family("gemma3_wrapped", "Gemma3ForConditionalGeneration"),
    Family("gpt_oss", "GptOssForCausalLM"),
)


@dataclass(frozen=True)
class Column:
    """A column of the table: where an SAE reads and, for a transcoder, where it writes. spelt:
    whose names the SAE's file has."""

    title: str
    reads: str
    writes: str = ""
    spelt: Literal["lens", "path"] = "lens"

    @property
    def site(self) -> str:
        """A name that the engine takes."""
        return f"{self.spelt}-{self.reads}-{self.writes}".replace("_", "-").strip("-")


LENS_COLUMNS = (
    Column("embed", "embed"),
    Column("resid_pre, block 0", "first"),
    Column("resid_pre", "resid_pre"),
    Column("z", "z"),
    Column("attn.hook_out", "attn_raw"),
    Column("attn_out", "attn_out"),
    Column("resid_mid", "resid_mid"),
    Column("hook_mlp_in", "mlp_branch"),
    Column("mlp.hook_in", "mlp_in"),
    Column("mlp.hook_out", "mlp_raw"),
    Column("mlp_out", "mlp_out"),
    Column("resid_post", "resid_post"),
    Column("mlp.hook_in > mlp_out", "mlp_in", "mlp_out"),
    Column("ln2 > mlp_out", "mlp_normalized", "mlp_out"),
    Column("ln1 > attn_out", "attn_normalized", "attn_out"),
)
PATH_COLUMNS = (
    Column("block input", "resid_pre", "", "path"),
    Column("block", "resid_post", "", "path"),
    Column("attention", "attn_raw", "", "path"),
    Column("z", "z", "", "path"),
    Column("norm before MLP", "mlp_in", "", "path"),
    Column("MLP", "mlp_raw", "", "path"),
    Column("attention, added", "attn_out", "", "path"),
    Column("MLP, added", "mlp_out", "", "path"),
    Column("norm before MLP > MLP, added", "mlp_in", "mlp_out", "path"),
)


def module(family: Family, place: str) -> tuple[str, Side]:
    """Path below the block, and side, of what stands at a place; the block itself is an empty path.
    The residual between attention and MLP has no module of its own."""
    parts = family.parts
    paths: dict[str, tuple[str, Side]] = {
        "embed": ("", "input"),
        "first": ("", "input"),
        "resid_pre": ("", "input"),
        "attn_normalized": (parts.before_attn, "input"),
        "z": (parts.z, "input"),
        "attn_raw": (parts.attn, "output"),
        "attn_out": (parts.after_attn or parts.attn, "output"),
        "mlp_branch": (parts.before_mlp, "input"),
        "mlp_normalized": (parts.before_mlp, "input"),
        "mlp_in": (parts.mlp, "input"),
        "mlp_raw": (parts.mlp, "output"),
        "mlp_out": (parts.after_mlp or parts.mlp, "output"),
        "resid_post": ("", "output"),
    }
    return paths[place]


def layer_of(family: Family, place: str) -> int:
    return 0 if place in ("embed", "first") else family.layer


def hook_name(family: Family, column: Column, place: str) -> str:
    """As an SAE's file has it."""
    if column.spelt == "lens":
        return LENS[place].format(family.layer)
    path, side = module(family, place)
    if place == "z":
        path = path or Parts().z
    if place == "mlp_in":  # as Gemma Scope 2 names it: what the norm gives, not what the MLP gets
        path, side = family.parts.before_mlp, "output"
    return ".".join(filter(None, (family.parts.blocks, str(family.layer), path, side)))


def refusal(family: Family, column: Column) -> str:
    """Why a family has no such point, in words of the error; empty where it has one."""
    if column.reads == "embed" and family.key == "gpt2":
        return "adds positions to its embeddings"
    if column.reads == "resid_mid" and family.parallel:
        return "attention and MLP read the same residual"
    if column.reads == "z" and not family.parts.z:
        return "has no self_attn.o_proj"
    return ""
