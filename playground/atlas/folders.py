"""Where the parts of an atlas lie, and how model and SAEs are loaded to build or measure one."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from playground.atlas import tables
from playground.engine.text import Text
from playground.errors import AuthorError
from playground.sae import Sae
from playground.sae import load as load_sae


@dataclass(frozen=True)
class Folders:
    model: Path
    saes: Path  # one folder a site in it
    out: Path

    @property
    def texts(self) -> Path:
        """Beside the atlas, as the registry has it: levels read it, the atlas does not."""
        return self.out.with_name(tables.TEXTS)

    @property
    def work(self) -> Path:
        return self.out.with_name(f"{self.out.name}.work")


def load_parts(folders: Folders) -> tuple[PreTrainedModel, Text, dict[str, Sae]]:
    """Model, tokenizer and SAEs, the sites in order of their blocks."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
        folders.model, dtype=torch.float32, local_files_only=True
    )
    torch.nn.Module.to(model, device)
    text = Text(AutoTokenizer.from_pretrained(folders.model, local_files_only=True))
    saes = {path.name: load_sae(path, device) for path in sae_folders(folders.saes)}
    ordered = sorted(saes, key=lambda name: (saes[name].metadata.writes.order, name))
    return model, text, {name: saes[name] for name in ordered}


def sae_folders(folder: Path) -> list[Path]:
    found = sorted(path.parent for path in folder.glob("*/cfg.json"))
    if not found:
        raise AuthorError(f"{folder}: no SAEs; each site is a folder in it with cfg.json")
    return found


def sums_of(folders: Folders) -> dict[str, str]:
    """sha256 of the model's and every SAE's weights."""
    paths = {"model": sorted(folders.model.glob("*.safetensors"))}
    paths |= {path.name: [path / "sae_weights.safetensors"] for path in sae_folders(folders.saes)}
    sums = {}
    for name, files in paths.items():
        if not files:
            raise AuthorError(f"{folders.model}: no *.safetensors in this folder")
        digest = hashlib.sha256()
        for file in files:
            digest.update(file.read_bytes())
        sums[name] = digest.hexdigest()
    return sums
