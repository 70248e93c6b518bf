"""Where a Hugging Face decoder keeps its blocks. A site stands after a block: its output is the
residual stream."""

from torch import nn

from playground.errors import EngineError

# Class name -> path of the block list. Every class here returns the residual as a plain tensor or
# first in a tuple.
BLOCK_PATHS = {
    "GPT2LMHeadModel": "transformer.h",
    "GPTNeoXForCausalLM": "gpt_neox.layers",
    "LlamaForCausalLM": "model.layers",
    "MistralForCausalLM": "model.layers",
    "Qwen2ForCausalLM": "model.layers",
    "Qwen3ForCausalLM": "model.layers",
    "Qwen3MoeForCausalLM": "model.layers",
    "GemmaForCausalLM": "model.layers",
    "Gemma2ForCausalLM": "model.layers",
    "Gemma3ForCausalLM": "model.layers",
    "Gemma3ForConditionalGeneration": "model.language_model.layers",
    "GptOssForCausalLM": "model.layers",
    "Qwen3_5ForCausalLM": "model.layers",
    "Qwen3_5MoeForCausalLM": "model.layers",
    "Qwen3_5ForConditionalGeneration": "model.language_model.layers",
}


def blocks_of(model: nn.Module) -> nn.ModuleList:
    """The decoder blocks, first to last. Raises EngineError for a class that is not in the
    table."""
    name = type(model).__name__
    if name not in BLOCK_PATHS:
        raise EngineError(f"The model class {name} is unknown; there are {', '.join(BLOCK_PATHS)}.")
    blocks = model.get_submodule(BLOCK_PATHS[name])
    if not isinstance(blocks, nn.ModuleList):
        raise EngineError(f"{name}.{BLOCK_PATHS[name]} is a {type(blocks).__name__}, not a list.")
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
