"""Which files make a model in Hugging Face's layout, and what is wrong with a folder of them.

Knows no network and reads no weights, only the header of a safetensors file.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.errors import AuthorError

CONFIG = "config.json"
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")  # a model has one of these
SMALL = (
    CONFIG, "generation_config.json", *TOKENIZERS, "merges.txt", "tokenizer_config.json",
    "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "chat_template.json",
)  # fmt: skip
SAFETENSORS, PICKLED = "model.safetensors", "pytorch_model.bin"
INDEX = ".index.json"
HEADER = 8  # bytes of a safetensors file that say how long its header is
LONGEST_HEADER = 100_000_000  # the format's own bound
BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True)
class Size:
    """Of a model's weights as they are stored. width: bytes a number."""

    stored: int
    width: int

    def loaded(self, dtype: str) -> int:
        """Bytes in memory. dtype: of the registry, `auto` takes the stored one."""
        return self.stored if dtype == "auto" else self.stored * BYTES[dtype] // self.width


def weights(where: str, names: Collection[str], read: Callable[[str], Path]) -> list[str]:
    """The files with the weights among those of a repository or folder; pickled ones only where
    there are no others. `read` gives the file of a name. Raises AuthorError, which begins with
    `where`, for none and for a damaged index."""
    for whole in (SAFETENSORS, PICKLED):
        if whole in names:
            return [whole]
        if whole + INDEX in names:
            index = table(where, read(whole + INDEX))
            shards = index.get("weight_map")
            if not isinstance(shards, dict) or not shards:
                raise AuthorError(f"{where}: {whole}{INDEX} is damaged: it has no weight_map")
            return [whole + INDEX, *sorted({str(shard) for shard in shards.values()})]
    others = sorted(name for name in names if name.endswith((".gguf", ".h5", ".pth", ".msgpack")))
    found = f" (there is {others[0]}, which cannot be steered)" if others else ""
    raise AuthorError(
        f"{where}: no weights, neither {SAFETENSORS} nor {PICKLED}{found}; name the repository or "
        "folder that has the original model"
    )


def check(folder: Path) -> None:
    """Raises AuthorError, which begins with the folder, unless it has all files of a model, whole
    as far as their sizes tell."""
    config = folder / CONFIG
    if not config.is_file():
        held = "is empty" if not any(folder.iterdir()) else "holds no model"
        raise AuthorError(
            f"{folder}: {held}, there is no {CONFIG}; name the folder that `hf download` or "
            "save_pretrained has written"
        )
    table(str(folder), config)
    names = {path.name for path in folder.iterdir()}
    for name in weights(str(folder), names, folder.joinpath):
        if name not in names:
            raise AuthorError(f"{folder}: {name} is missing; copy or download it again")
        if name.endswith(".safetensors"):
            header(folder / name)
    check_tokenizer(str(folder), names)


def check_tokenizer(where: str, names: Collection[str]) -> None:
    """Raises AuthorError unless there is one among these files."""
    if not set(names) & set(TOKENIZERS):
        raise AuthorError(
            f"{where}: the tokenizer is missing, there is none of {', '.join(TOKENIZERS)}; name a "
            "repository or folder that has it beside the model"
        )


def size(folder: Path) -> Size:
    """Raises AuthorError for a damaged file."""
    names = {path.name for path in folder.iterdir()}
    files = [folder / name for name in weights(str(folder), names, folder.joinpath)]
    width = config_width(table(str(folder), folder / CONFIG))
    for path in files:
        if path.suffix == ".safetensors":
            dtypes = [each["dtype"] for each in header(path).values()]
            width = BYTES.get(max(set(dtypes), key=dtypes.count), width) if dtypes else width
            break
    return Size(sum(path.stat().st_size for path in files if path.suffix != ".json"), width)


def config_width(config: dict[str, Any]) -> int:
    """Bytes a number as config.json tells; a config that tells nothing is of an old float32
    model."""
    for part in (config, config.get("text_config") or {}):
        if dtype := part.get("dtype") or part.get("torch_dtype"):
            return BYTES.get(str(dtype), 4)
    return 4


def header(path: Path) -> dict[str, dict[str, Any]]:
    """The tensors of a safetensors file by name. Raises AuthorError for a file that is cut off,
    or none."""
    length = path.stat().st_size
    try:
        with path.open("rb") as file:
            told = int.from_bytes(file.read(HEADER), "little")
            if not 0 < told <= min(LONGEST_HEADER, length - HEADER):
                raise ValueError
            tensors = json.loads(file.read(told))
        tensors.pop("__metadata__", None)
        end = max((each["data_offsets"][1] for each in tensors.values()), default=0)
    except (ValueError, AttributeError, LookupError, TypeError) as error:
        raise AuthorError(
            f"{path}: is damaged, it does not begin as a safetensors file; copy or download it "
            "again"
        ) from error
    if HEADER + told + end != length:
        raise AuthorError(
            f"{path}: is cut off, it has {length:,} bytes and should have "
            f"{HEADER + told + end:,}; copy or download it again"
        )
    return tensors


def table(where: str, path: Path) -> dict[str, Any]:
    """A JSON file. Raises AuthorError, which begins with `where`."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AuthorError(
            f"{where}: {path.name} is damaged ({error}); copy or download it again"
        ) from error
    if not isinstance(found, dict):
        raise AuthorError(f"{where}: {path.name} is damaged: it holds no table")
    return found
