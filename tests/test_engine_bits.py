"""Models whose weights are kept in 8 or 4 bits are steered as others are."""

import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from bitsandbytes.nn.modules import Linear4bit, Linear8bitLt
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from playground.engine import quantization
from playground.engine.loading import Parts, open_parts
from playground.engine.local import LocalEngine
from playground.engine.records import Dial, Request, Sampling
from playground.engine.sites import block_at
from playground.errors import AuthorError
from playground.models import files
from playground.settings import Bits, Settings
from tests.engine_models import CONFIGS, NORMS, SITES, Reference, save_sae, tokenizer

KINDS: dict[Bits, type[torch.nn.Module]] = {8: Linear8bitLt, 4: Linear4bit}
WIDTH = 128
PROMPT, TOKENS = "the cat sat on", 8
PUSH = Dial("middle", 3, 1.5, "add", "all")


def save(folder: Path, family: str) -> Path:
    """A model whose rows are long enough to be quantized in blocks, and its SAEs."""
    config = copy.deepcopy(CONFIGS[family])
    wider = {"n_embd": WIDTH} if family == "gpt2" else {"intermediate_size": WIDTH, "head_dim": 32}
    config.update({"hidden_size": WIDTH, **wider})
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder / "model")
    tokenizer().save_pretrained(folder / "model")
    for site, layer in SITES.items():
        save_sae(folder / site, layer, width=WIDTH)
    return folder


def opened(folder: Path, kept: Bits, said: list[str]) -> Parts:
    asked = Settings(
        device="cpu", model=str(folder / "model"), bits=kept,
        saes=tuple(f"{site}={folder / site}" for site in SITES), data=folder / "data",
    )  # fmt: skip
    return open_parts(asked, said.append)


def written(reference: Reference, dials: tuple[Dial, ...]) -> list[int]:
    """The likeliest tokens, the whole text anew for each."""
    ids = reference.ids(PROMPT)
    start = len(ids)
    for _ in range(TOKENS):
        ids.append(int(reference.logits(ids, dials, start)[-1].argmax()))
    return ids[start:]


@pytest.mark.parametrize("family", ["llama", "gemma2", "gpt2"])
@pytest.mark.parametrize("kept", KINDS)
def test_a_dial_does_what_it_does_elsewhere(family: str, kept: Bits, tmp_path: Path) -> None:
    said = list[str]()
    parts = opened(save(tmp_path, family), kept, said)
    inside = [type(each) for each in block_at(parts.model, 1).modules()]
    assert KINDS[kept] in inside and torch.nn.Linear not in inside
    assert any(f"{kept} bits" in sentence for sentence in (*said, *parts.notes))
    reference = Reference(tmp_path)
    reference.model = cast(Any, parts.model)
    engine = LocalEngine(parts.model, parts.tokenizer, parts.saes, NORMS)
    try:
        sampling = Sampling(0.0, max_tokens=TOKENS, stop_at_end=False)
        asked = [Request(PROMPT, dials, sampling) for dials in ((), (PUSH,))]
        found = [[token.id for token in each.tokens] for each in engine.generate(asked).traces()]
    finally:
        engine.close()
    assert found == [written(reference, ()), written(reference, (PUSH,))]
    assert found[0] != found[1]


@pytest.mark.parametrize("kept", KINDS)
@pytest.mark.parametrize("tied", [True, False])
def test_the_memory_that_is_asked_for_is_what_it_takes(
    kept: Bits, tied: bool, tmp_path: Path
) -> None:
    shape = LlamaConfig(
        vocab_size=1000, hidden_size=256, intermediate_size=1024, num_hidden_layers=4,
        num_attention_heads=4, tie_word_embeddings=tied,
    )  # fmt: skip
    LlamaForCausalLM(shape).save_pretrained(tmp_path / "model")
    reckoned = quantization.loaded(files.size(tmp_path / "model"), "float32", kept, shape)
    made = LlamaForCausalLM.from_pretrained(
        tmp_path / "model", quantization_config=quantization.configuration(kept, None, False),
        dtype=torch.float32, device_map={"": "cpu"},
    )  # fmt: skip
    taken = sum(each.numel() * each.element_size() for each in made.parameters())
    assert taken <= reckoned <= 1.15 * taken


PLAIN = SimpleNamespace()


@pytest.mark.parametrize(
    ("device", "config", "found", "says"),
    [
        ("mps", PLAIN, True, "not on mps"),
        ("cpu", SimpleNamespace(quantization_config={"bits": 4}), True, "quantized already"),
        ("cuda", PLAIN, False, "pip install bitsandbytes"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_read(
    device: str,
    config: SimpleNamespace,
    found: bool,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quantization, "find_spec", lambda name: object() if found else None)
    with pytest.raises(AuthorError, match=says):
        quantization.check("me/small", 4, device, config)  # pyright: ignore[reportArgumentType]
    quantization.check("me/small", 0, device, config)  # pyright: ignore[reportArgumentType]
