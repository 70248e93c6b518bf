"""From a GGUF file to a model in Hugging Face's layout, in float32.

transformers dequantizes it and knows what its tensors are called. It does not know how a text is
cut before pairs are merged (`tokenizer.ggml.pre`), which is said here. Knows no network.
"""

import errno
import re
from pathlib import Path

import torch
from gguf import GGUFReader
from safetensors import SafetensorError
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from playground.errors import UnavailableError

PRE = "tokenizer.ggml.pre"
# By llama.cpp's names (src/llama-vocab.cpp): whether a text is first cut at every digit.
DIGITS_ALONE = {"gpt-2": False, "smollm": True}


def convert(file: Path, folder: Path) -> None:
    """Writes config, weights and tokenizer into a new folder. Raises UnavailableError for a file
    that cannot be read, or a tokenizer that is not known, OSError for a full disk."""
    digits = digits_alone(file)
    where = {"gguf_file": file.name, "local_files_only": True}
    try:
        model = AutoModelForCausalLM.from_pretrained(file.parent, dtype=torch.float32, **where)
        tokenizer: PreTrainedTokenizerFast = AutoTokenizer.from_pretrained(file.parent, **where)
    except Exception as error:  # its readers' own errors have no class in common
        raise UnavailableError(f"{file.name}: cannot be read as a model ({error})") from error
    if digits:
        backend = tokenizer.backend_tokenizer
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), backend.pre_tokenizer]
        )
    # Otherwise it would be saved as a quantized model, which it no longer is.
    del model.config.quantization_config  # pyright: ignore[reportAttributeAccessIssue]
    model.hf_quantizer = None  # pyright: ignore[reportArgumentType]
    try:
        model.save_pretrained(folder)
    except SafetensorError as error:  # of the part that is written in Rust
        told = re.search(r"\(os error (\d+)\)", str(error))
        raise OSError(int(told[1]) if told else errno.EIO, str(error)) from error
    tokenizer.save_pretrained(folder)


def digits_alone(file: Path) -> bool:
    """Raises UnavailableError."""
    try:
        field = GGUFReader(file).fields.get(PRE)
    except (ValueError, IndexError, OSError) as error:
        raise UnavailableError(f"{file.name}: is no GGUF file ({error})") from error
    named = field.contents() if field else "gpt-2"
    if named not in DIGITS_ALONE:
        raise UnavailableError(
            f"{file.name}: its tokenizer cuts texts as {named!r} does, which is not known here; "
            f"there are {', '.join(DIGITS_ALONE)}"
        )
    return DIGITS_ALONE[named]
