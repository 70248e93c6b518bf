"""Where a Hugging Face decoder keeps its blocks, and which module stands for a point of a block."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from playground.errors import EngineError
from playground.models.points import Point, Side


@dataclass(frozen=True)
class Layout:
    """Where the parts of a block are, as paths below it. A block adds what `attn_out` and `mlp_out`
    give to the residual; `before_mlp` is the norm that the residual passes on its way to the MLP.
    """

    blocks: str = "model.layers"
    embeds: str = "model.embed_tokens"  # empty: what it gives is not yet the residual
    attn: tuple[str, ...] = ("self_attn",)  # the first that a block has
    z: str = "self_attn.o_proj"
    attn_out: tuple[str, ...] = ("self_attn",)
    before_attn: str = "input_layernorm"
    before_mlp: str = "post_attention_layernorm"
    mlp: str = "mlp"
    mlp_out: str = "mlp"
    mlp_last: str = "mlp.down_proj"  # its last matrix, where it has one for all tokens
    norm: str = "model.norm"  # before the head
    gain_from: float = 0.0  # what its weight is counted from


# Gemma from 2 on has a second norm behind attention and MLP; what it gives is added.
SANDWICH = Layout(
    attn_out=("post_attention_layernorm",),
    before_mlp="pre_feedforward_layernorm",
    mlp_out="post_feedforward_layernorm",
    gain_from=1.0,
)
WRAPPED = "model.language_model."
LINEAR = Layout(
    attn=("self_attn", "linear_attn"), attn_out=("self_attn", "linear_attn"), gain_from=1.0
)
# Every class here returns the residual as a plain tensor or first in a tuple.
LAYOUTS = {
    "GPT2LMHeadModel": Layout(
        "transformer.h", "", ("attn",), "attn.c_proj", ("attn",), "ln_1", "ln_2",
        mlp_last="mlp.c_proj", norm="transformer.ln_f",
    ),
    "GPTNeoXForCausalLM": Layout(
        "gpt_neox.layers", "gpt_neox.embed_in", ("attention",), "attention.dense", ("attention",),
        mlp_last="mlp.dense_4h_to_h", norm="gpt_neox.final_layer_norm",
    ),
    "LlamaForCausalLM": Layout(),
    "MistralForCausalLM": Layout(),
    "Qwen2ForCausalLM": Layout(),
    "Qwen3ForCausalLM": Layout(),
    "Qwen3MoeForCausalLM": Layout(),
    "GemmaForCausalLM": Layout(gain_from=1.0),
    "Gemma2ForCausalLM": SANDWICH,
    "Gemma3ForCausalLM": SANDWICH,
    "Gemma3ForConditionalGeneration": Layout(
        WRAPPED + "layers", WRAPPED + "embed_tokens", attn_out=SANDWICH.attn_out,
        before_mlp=SANDWICH.before_mlp, mlp_out=SANDWICH.mlp_out, norm=WRAPPED + "norm",
        gain_from=1.0,
    ),
    "GptOssForCausalLM": Layout(),
    "Qwen3_5ForCausalLM": LINEAR,
    "Qwen3_5MoeForCausalLM": LINEAR,
    "Qwen3_5ForConditionalGeneration": Layout(
        WRAPPED + "layers", WRAPPED + "embed_tokens", LINEAR.attn, attn_out=LINEAR.attn,
        norm=WRAPPED + "norm", gain_from=1.0,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Tap:
    """One side of one module. residual: a block whose input is added to what is there; gained:
    what is there as its norm makes it, before gain and shift, for reading only."""

    module: nn.Module
    side: Side
    residual: nn.Module | None = None
    gained: Callable[[Tensor], Tensor] | None = None


def layout_of(model: nn.Module) -> Layout:
    name = type(model).__name__
    if name not in LAYOUTS:
        raise EngineError(f"The model class {name} is unknown; there are {', '.join(LAYOUTS)}.")
    return LAYOUTS[name]


def blocks_of(model: nn.Module) -> nn.ModuleList:
    """The decoder blocks, first to last. Raises EngineError for a class that is not in the
    table."""
    path = layout_of(model).blocks
    blocks = model.get_submodule(path)
    if not isinstance(blocks, nn.ModuleList):
        raise EngineError(f"{type(model).__name__}.{path} is a {type(blocks).__name__}, no list.")
    return blocks


def block_at(model: nn.Module, layer: int) -> nn.Module:
    """The block after which the site of `layer` stands. Raises EngineError when the model has fewer
    blocks."""
    blocks = blocks_of(model)
    if not 0 <= layer < len(blocks):
        raise EngineError(
            f"There is no block {layer}; the model has blocks 0 to {len(blocks) - 1}."
        )
    return blocks[layer]


def tap(model: nn.Module, point: Point) -> Tap:
    """The module that stands for a point of this model. Raises EngineError when the model has no
    such point."""
    layout, block = layout_of(model), block_at(model, point.layer)
    match point.kind:
        case "resid_post":
            return Tap(block, "output")
        case "resid_pre":
            return Tap(block, "input")
        case "embed":
            if not layout.embeds:
                raise EngineError(
                    f"{type(model).__name__} adds positions to its embeddings; an SAE on the "
                    "embeddings alone cannot be steered."
                )
            return Tap(block, "input")
        case "resid_mid":
            if is_parallel(model):
                raise EngineError(
                    f"In {type(model).__name__} attention and MLP read the same residual, so there "
                    "is none between them (resid_mid)."
                )
            return Tap(below(block, *layout.attn_out), "output", residual=block)
        case "attn_normalized" | "mlp_normalized":
            before = layout.before_attn if point.kind[:4] == "attn" else layout.before_mlp
            norm = below(block, before)
            return Tap(norm, "input", gained=bare(norm))
        case "module":
            return Tap(below(block, point.path), point.side)
    paths: dict[str, tuple[tuple[str, ...], Side]] = {
        "attn_z": ((layout.z,), "input"),
        "attn_raw": (layout.attn, "output"),
        "attn_out": (layout.attn_out, "output"),
        "mlp_branch": ((layout.before_mlp,), "input"),
        "mlp_in": ((layout.mlp,), "input"),
        "mlp_raw": ((layout.mlp,), "output"),
        "mlp_out": ((layout.mlp_out,), "output"),
    }
    names, side = paths[point.kind]
    return Tap(below(block, *names), side)


def below(block: nn.Module, *paths: str) -> nn.Module:
    """The first of these modules that a block has. Raises EngineError naming those it has."""
    for path in paths:
        try:
            return block.get_submodule(path)
        except AttributeError:
            continue
    parts = ", ".join(name for name, _ in block.named_modules() if name)
    raise EngineError(
        f"A {type(block).__name__} has no {' or '.join(paths)} at this place; it has {parts}."
    )


def device_of(module: nn.Module) -> torch.device:
    """Where a module computes. Weights that accelerate keeps elsewhere have no place of their own
    (`meta`) until the module runs; its hook says where that is."""
    own = next(module.parameters()).device
    if own.type != "meta":
        return own
    hooks = (getattr(each, "_hf_hook", None) for each in module.modules())
    told = (getattr(hook, "execution_device", None) for hook in hooks)
    return torch.device(next(device for device in told if device is not None))


def is_parallel(model: nn.Module) -> bool:
    return bool(getattr(model.config, "use_parallel_residual", False))


def bare(norm: nn.Module) -> Callable[[Tensor], Tensor]:
    """What a norm does before its gain and shift."""
    centres = isinstance(norm, nn.LayerNorm)
    epsilon = cast(float, next(
        value
        for name in ("eps", "variance_epsilon")
        if isinstance(value := getattr(norm, name, None), float)
    ))  # fmt: skip

    def normalised(x: Tensor) -> Tensor:
        exact = x.float()
        if centres:
            exact = exact - exact.mean(dim=-1, keepdim=True)
        return exact * torch.rsqrt(exact.square().mean(dim=-1, keepdim=True) + epsilon)

    return normalised
