"""What is harvested is what stands in the model while it reads what was said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from playground.engine.sites import block_at
from playground.engine.text import Text
from playground.smollm2 import harvest
from playground.smollm2.harvest import (
    Shard,
    Talker,
    harvest_chats,
    harvest_prose,
    prose_pieces,
    spoken,
)
from tests.engine_models import GRAPHED, model, tokenizer

LAYERS = (0, 1)
TEMPLATE = (
    "{% for m in messages %}<|s|>{{ m['role'][0] }}\n{{ m['content'] }}<|e|>\n{% endfor %}<|s|>a\n"
)
PROMPTS = ["the cat sat", "a dog ran", "the cat sat on", "who", "the red barn and the dog"]


@pytest.fixture(scope="module")
def text() -> Text:
    made = tokenizer()
    made.add_special_tokens({"additional_special_tokens": ["<|s|>", "<|e|>"]})
    made.chat_template = TEMPLATE
    return Text(made, chat=True, first="bos")


@pytest.fixture(scope="module")
def small(text: Text) -> PreTrainedModel:
    return model(GRAPHED).requires_grad_(False)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvest, "ROWS", 3)
    monkeypatch.setattr(harvest, "REPLY", 6)
    monkeypatch.setattr(harvest, "SHARD", 12)
    monkeypatch.setattr(harvest, "PIECE", 16)


@torch.inference_mode()
def states(small: PreTrainedModel, ids: list[int]) -> torch.Tensor:
    """[sites, tokens, width], of a plain pass."""
    seen = list[torch.Tensor]()

    def heard(_module: object, _args: object, out: torch.Tensor) -> None:
        seen.append(out)

    handles = [block_at(small, layer).register_forward_hook(heard) for layer in LAYERS]
    small(torch.tensor([ids]), use_cache=False)
    for handle in handles:
        handle.remove()
    return torch.stack([each.reshape(len(ids), -1) for each in seen])


def shards(folder: Path) -> Iterator[Shard]:
    return (Shard.read(file) for file in sorted(folder.glob("*.npz")))


def test_the_users_message_is_found(text: Text) -> None:
    ids = text.prompted("the cat sat")
    own = spoken(ids, text)
    assert text.decode(ids[own.start : own.stop]) == "the cat sat"


def test_what_stood_there_is_heard(small: PreTrainedModel, text: Text) -> None:
    asked = [(prompt, None) for prompt in PROMPTS]
    chats = list(Talker(small, text, LAYERS).chats(asked, 1))
    assert sorted(chat.prompt for chat in chats) == sorted(PROMPTS)
    for chat in chats:
        residual, ids = chat.residual(text)
        whole = [*chat.ids, *chat.reply]
        said = [*chat.user, *range(len(chat.ids), len(whole) - 1)]
        said = [at for at in said if whole[at] not in text.special]
        # What began like another prompt is not there twice.
        said = said[len(said) - len(ids) :]
        assert [whole[at] for at in said] == ids and len(ids) >= len(chat.reply) - 1
        expected = states(small, whole)[:, said]
        torch.testing.assert_close(residual.float(), expected, atol=2e-2, rtol=2e-2)


def test_chats_are_kept_in_shards(small: PreTrainedModel, text: Text, tmp_path: Path) -> None:
    counts = list(harvest_chats(small, text, LAYERS, PROMPTS, tmp_path, 1))
    made = list(shards(tmp_path))
    assert [len(each.ids) for each in made] == counts and len(made) > 1
    assert [each.residual.shape[:2] for each in made] == [(2, count) for count in counts]
    assert [int(each.lengths.sum()) for each in made] == counts
    said = [one["prompt"] for each in made for one in each.texts]
    assert sorted(said) == sorted(PROMPTS)


def test_a_stopped_harvest_goes_on(small: PreTrainedModel, text: Text, tmp_path: Path) -> None:
    first = harvest_chats(small, text, LAYERS, PROMPTS, tmp_path, 1)
    next(first)
    del first
    before = {file.name: file.read_bytes() for file in tmp_path.glob("*.npz")}
    list(harvest_chats(small, text, LAYERS, PROMPTS, tmp_path, 1))
    assert before.items() <= {f.name: f.read_bytes() for f in tmp_path.glob("*.npz")}.items()
    said = [one["prompt"] for each in shards(tmp_path) for one in each.texts]
    assert sorted(said) == sorted(PROMPTS)


def test_prose_is_read_once(
    small: PreTrainedModel, text: Text, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvest, "SHARD", 16 * 8)
    documents = ["the cat sat on the mat and the dog ran " * 3, "the red barn " * 9, "the"]
    list(harvest_prose(small, text, LAYERS, documents, tmp_path, 1))
    (made,) = shards(tmp_path)
    pieces = list(prose_pieces(documents, text, 1))
    assert made.ids.tolist() == [i for piece in pieces for i in piece]
    start = 0
    for piece, length in zip(pieces, made.lengths.tolist(), strict=True):
        expected = states(small, [*text.lead, *piece])[:, len(text.lead) :]
        got = torch.from_numpy(made.residual[:, start : start + length]).float()
        torch.testing.assert_close(got, expected, atol=2e-2, rtol=2e-2)
        start += length
    assert list(harvest_prose(small, text, LAYERS, documents, tmp_path, 1)) == []
