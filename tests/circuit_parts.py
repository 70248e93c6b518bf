"""Small random Llamas with random transcoders on every MLP, written to disk and read as real ones
are, and a graph that can be worked out by hand."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from playground.circuits.anatomy import Anatomy
from playground.circuits.records import Graph, Node
from playground.circuits.tracing import Tracer
from playground.models import sae_files
from playground.models.sae import Sae
from tests.random_saes import Recipe, save

WIDTH, VOCABULARY = 32, 60
IDS = (0, 17, 5, 42, 17, 9, 33, 8)
LEAD = 1


def model(folder: Path, blocks: int) -> LlamaForCausalLM:
    """With weights that are not small, so that nothing is nearly linear by itself."""
    torch.manual_seed(blocks)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=48, num_hidden_layers=blocks,
        num_attention_heads=4, num_key_value_heads=2, head_dim=8, max_position_embeddings=64,
        bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    made = LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.uniform_(-1, 1) if parameter.dim() == 1 else parameter.mul_(8)
    made.save_pretrained(folder)
    kept = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    assert isinstance(kept, LlamaForCausalLM)
    return kept


def transcoders(folder: Path, blocks: int, kind: str) -> list[Sae]:
    """With thresholds or a skip, as the kind has them."""
    for block in range(blocks):
        recipe = Recipe(
            f"blocks.{block}.mlp.hook_in", kind, f"blocks.{block}.hook_mlp_out", width=WIDTH,
            features=40, seed=block,
        )  # fmt: skip
        save(folder / f"layer-{block}", recipe)
    return [sae_files.load(folder / f"layer-{block}") for block in range(blocks)]


def tracer(folder: Path, blocks: int = 3, kind: str = "jumprelu_transcoder") -> Tracer:
    with torch.no_grad():
        anatomy = Anatomy(model(folder / "model", blocks).requires_grad_(False))
        return Tracer(anatomy, transcoders(folder / "saes", blocks, kind), IDS, LEAD)


@lru_cache
def by_hand(**more: Any) -> Graph:
    """Two tokens; two features and two errors; a logit that is certain.

    The logit has 3 from feature b, 1 from the error of its layer; b has 2 from feature a and -2
    from the second token; a has 1 from the first token and 1 from its own layer's error below.
    """
    nodes = (
        Node("feature", 0, 1, 4, 2.0), Node("feature", 1, 1, 7, 3.0),
        Node("error", 0, 1), Node("error", 1, 1), Node("first", 0, 0), Node("first", 1, 0),
        Node("bias", 0, -1), Node("bias", 1, -1), Node("token", 0, 0, 11), Node("token", 0, 1, 12),
        Node("logit", 2, 1, 5, 1.0),
    )  # fmt: skip
    a, b, low, high, first, second, logit = 0, 1, 2, 3, 8, 9, 10
    targets = np.array([logit, b, a])
    edges = np.zeros((3, len(nodes)), dtype=np.float32)
    edges[0, [b, high]] = 3, 1
    edges[1, [a, second]] = 2, -2
    edges[2, [first, low]] = 1, 1
    return Graph(
        "a prompt", (11, 12), ("a", " prompt"), 2, nodes, targets, edges, np.zeros(3),
        edges.sum(1),
    )  # fmt: skip
