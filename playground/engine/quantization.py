"""Weights in 8 or 4 bits, for a model that would not fit otherwise; bitsandbytes does the work.

Embeddings and the head stay as they are: the game reads logits and directions with them.
"""

from importlib.util import find_spec

import torch
from transformers import BitsAndBytesConfig, PreTrainedConfig

from playground.errors import AuthorError
from playground.models.files import Size

LIBRARY = "bitsandbytes"
DEVICES = ("cuda", "cpu")  # that it computes on
SCALES = 1.0625  # 4-bit weights come with a float32 for each 64 of them


def check(what: str, bits: int, device: str, config: PreTrainedConfig) -> None:
    """Raises AuthorError where weights cannot be kept in so many bits; 0 asks for nothing."""
    if not bits:
        return
    if getattr(config, "quantization_config", None):
        raise AuthorError(f"{what}: its weights are quantized already; leave out --bits {bits}")
    if device not in DEVICES:
        raise AuthorError(
            f"{bits}-bit weights are computed on {' and '.join(DEVICES)}, not on {device}; leave "
            f"out --bits, or give --device cpu"
        )
    if find_spec(LIBRARY) is None:
        raise AuthorError(
            f"{bits}-bit weights need {LIBRARY}, which is not installed: `pip install {LIBRARY}`, "
            "or leave out --bits"
        )


def loaded(size: Size, dtype: str, bits: int, config: PreTrainedConfig) -> int:
    """Bytes in memory. dtype: of the weights that stay as they are."""
    whole = size.loaded(dtype)
    if not bits:
        return whole
    inner = config.get_text_config()
    tables = 1 if config.tie_word_embeddings else 2
    kept = min(1.0, tables * inner.vocab_size * inner.hidden_size * size.width / size.stored)
    numbers = size.stored / size.width
    return int(kept * whole + (1 - kept) * numbers * bits / 8 * SCALES)


def configuration(bits: int, compute: torch.dtype | None, spread: bool) -> BitsAndBytesConfig:
    """What from_pretrained takes. compute: of the products; None: float32. spread: what then lies
    on the CPU beside GPUs stays as it is."""
    return BitsAndBytesConfig(
        load_in_8bit=bits == 8,
        load_in_4bit=bits == 4,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=compute or torch.float32,
        llm_int8_enable_fp32_cpu_offload=spread,
    )


def note(what: str, bits: int) -> str:
    """A sentence for the player."""
    return (
        f"{what} is kept in {bits} bits a weight: its activations are a little off those that the "
        "SAEs were trained on."
    )
