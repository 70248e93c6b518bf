"""Instruct models are steered as a chat: the model's own template, its special tokens undialled."""

from collections.abc import Set
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from playground.engine.local import LocalEngine
from playground.engine.records import Dial, Request, Sampling, Scope
from playground.engine.sites import block_at
from playground.engine.steer import scope_of
from playground.engine.text import Text
from playground.errors import EngineError
from tests import engine_models

TEMPLATE = (
    "{{ '<s>' }}{% for m in messages %}{{ '<turn>' + m['role'] + '\n' + m['content'] + '<end>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<turn>model\n' }}{% endif %}"
    "{% if enable_thinking is not defined or enable_thinking %}{{ '<think>' }}{% endif %}"
)
SITE, PROMPT = "middle", "the cat"
SHORT = Sampling(temperature=0.0, max_tokens=5, stop_at_end=False)


def talking() -> PreTrainedTokenizerFast:
    tokenizer = engine_models.tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<turn>", "<end>"]})
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def test_a_prompt_becomes_a_message() -> None:
    text = Text(talking(), chat=True)
    told = text.decode(text.prompted(PROMPT))
    assert told == "<s><turn>user\nthe cat<end>\n<turn>model\n"
    # What is only read is no message.
    assert text.with_start(PROMPT) == Text(talking()).with_start(PROMPT)


def test_without_a_template_there_is_no_chat() -> None:
    with pytest.raises(EngineError, match="no chat template"):
        Text(engine_models.tokenizer(), chat=True)


@pytest.mark.parametrize("scope", ["prompt", "all"])
def test_special_tokens_of_a_chat_stay_undialled(tmp_path: Path, scope: Scope) -> None:
    folder = engine_models.save_all(tmp_path, "llama")
    tokenizer = talking()
    assert len(tokenizer) <= engine_models.VOCABULARY
    plain = engine_models.Reference(folder)
    dial = Dial(SITE, 7, 2.0, "add", scope)
    engine = LocalEngine(
        plain.model, tokenizer, plain.saes, engine_models.NORMS, chat=True
    )  # fmt: skip
    try:
        trace = engine.generate([Request(PROMPT, (dial,), SHORT)]).traces()[0]
    finally:
        engine.close()
    text = Text(tokenizer, chat=True)
    prompt, reply = text.prompted(PROMPT), [token.id for token in trace.tokens]
    logits = dialled(plain, dial, prompt + reply, text.special, len(prompt))
    told = torch.tensor([token.alternatives[0].probability for token in trace.tokens])
    assert torch.allclose(told, likeliest(logits, len(prompt)), atol=1e-4)
    # The same with the special tokens dialled too is another reply.
    every = dialled(plain, dial, prompt + reply, frozenset(), len(prompt))
    assert not torch.allclose(told, likeliest(every, len(prompt)), atol=1e-4)


def likeliest(logits: torch.Tensor, prompt: int) -> torch.Tensor:
    """Probability of the likeliest token at each place of the reply."""
    return logits[prompt - 1 : -1].softmax(-1).amax(-1)


@torch.no_grad()
def dialled(
    plain: engine_models.Reference, dial: Dial, ids: list[int], special: Set[int], prompt: int
) -> torch.Tensor:
    """Logits of the whole text in one pass, with a hook written by hand."""
    sae, scope = plain.saes[SITE], scope_of(dial, prompt)
    pushed = [place in scope and id not in special for place, id in enumerate(ids)]

    def hook(module: object, args: object, hidden: torch.Tensor) -> torch.Tensor:
        length = dial.strength * engine_models.NORMS[SITE]
        return hidden + length * torch.tensor(pushed)[None, :, None] * sae.unit_rows([7])[0]

    handle = block_at(plain.model, engine_models.SITES[SITE]).register_forward_hook(hook)
    try:
        return plain.model(torch.tensor([ids])).logits[0]
    finally:
        handle.remove()
