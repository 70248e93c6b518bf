"""A small random Llama as SmolLM2 comes: quantized by blocks into a GGUF file, in a wheel.

The tensors' names and the order of rows in Q and K are written here again, from llama.cpp.
"""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers as hf

from playground.assets import sum_of
from playground.models.registry import Package
from tests.engine_models import COMMON, tokenizer

NAME, VERSION, FILE = "tiny-llama", "0.1.0", "tiny_llama/tiny.Q4_1.gguf"
TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
WHOLE = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
}
HEADS = {"attn_q": COMMON["num_attention_heads"], "attn_k": COMMON["num_key_value_heads"]}
ENDS = {"<s>", "</s>"}


@dataclass(frozen=True)
class Packed:
    """values: as they have to come out."""

    values: dict[str, torch.Tensor]
    wheel: Package
    folder: Path  # of the wheel's file

    @property
    def path(self) -> Path:
        return self.folder / f"tiny_llama-{VERSION}-py3-none-any.whl"


def tiny() -> hf.PreTrainedModel:
    """With embeddings that are the head as well, and lengths that blocks of 32 fit."""
    torch.manual_seed(1)
    more = {"intermediate_size": 64, "tie_word_embeddings": True, "dtype": "float32"}
    made = hf.LlamaForCausalLM(hf.LlamaConfig(**{**COMMON, **more}))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.15)
    return made.eval()


def renamed(name: str) -> str:
    if name in WHOLE:
        return WHOLE[name]
    _, _, block, part = name.removesuffix(".weight").split(".", 3)
    return f"blk.{block}.{PARTS[part]}.weight"


def interleaved(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows of Q or K in llama.cpp's order: the two halves of a head alternate."""
    return (
        rows.reshape(heads, 2, rows.shape[0] // heads // 2, rows.shape[1])
        .swapaxes(1, 2)
        .reshape(rows.shape)
    )


def write_gguf(path: Path, source: hf.PreTrainedModel, pre: str) -> dict[str, torch.Tensor]:
    """Matrices in 4 bits and by blocks of 32; what they are when they are read again, by the names
    of transformers."""
    writer, config = gguf.GGUFWriter(path, "llama"), source.config
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    add_tokenizer(writer, pre)
    kind, values = gguf.GGMLQuantizationType.Q4_1, dict[str, torch.Tensor]()
    for name, weight in source.named_parameters():
        new, rows = renamed(name), weight.detach().numpy()
        if rows.ndim == 1:
            writer.add_tensor(new, rows)
            values[name] = torch.from_numpy(rows)
            continue
        values[name] = torch.from_numpy(gguf.dequantize(gguf.quantize(rows, kind), kind))
        part = new.split(".")[-2]
        ordered = interleaved(rows, HEADS[part]) if part in HEADS else rows
        writer.add_tensor(new, gguf.quantize(ordered, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return values


def add_tokenizer(writer: gguf.GGUFWriter, pre: str) -> None:
    made = tokenizer()
    vocabulary = sorted(made.get_vocab().items(), key=lambda item: item[1])
    kinds = {True: gguf.TokenType.CONTROL, False: gguf.TokenType.NORMAL}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list([name for name, _ in vocabulary])
    writer.add_token_types([kinds[name in ENDS] for name, _ in vocabulary])
    pairs = json.loads(made.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(pair) for pair in pairs])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(1)
    writer.add_chat_template(TEMPLATE)


def digest(values: dict[str, torch.Tensor]) -> str:
    """As the registry wants it."""
    told = hashlib.sha256()
    for name in sorted(values):
        rows = values[name].float().contiguous().numpy()
        told.update(f"{name}\0F32\0{','.join(map(str, rows.shape))}\0".encode() + rows.tobytes())
    return told.hexdigest()


def pack(folder: Path, pre: str = "smollm") -> Packed:
    """Puts the wheel into a folder, as pip finds it there."""
    folder.mkdir(parents=True, exist_ok=True)
    values = write_gguf(folder / "tiny.gguf", tiny(), pre)
    about = f"{NAME.replace('-', '_')}-{VERSION}"
    path = folder / f"{about}-py3-none-any.whl"
    inside = {
        FILE: (folder / "tiny.gguf").read_bytes(),
        f"{about}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n"
        "Requires-Dist: no-such-package-at-all\n",
        f"{about}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
        f"{about}.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in inside.items():
            made.writestr(name, content)
    (folder / "tiny.gguf").unlink()
    known = sum_of(path)
    wheel = Package(
        origin="me/tiny",
        distribution=NAME, version=VERSION, file=FILE, sha256=known.sha256, bytes=known.size,
        weights=digest(values), stored=300_000,
    )  # fmt: skip
    return Packed(values, wheel, folder)
