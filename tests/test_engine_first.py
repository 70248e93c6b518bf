"""What a text stands behind: by model, by SAE, measured where nobody says it; and no word is lost
where there is nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from playground.atlas import live
from playground.atlas.harvest import Reader
from playground.atlas.sources import Labelled
from playground.engine import beginning
from playground.engine.loading import Parts, open_engine, open_parts
from playground.engine.protocol import Engine
from playground.engine.records import Dial, Request, Sampling
from playground.engine.sites import block_at
from playground.engine.text import Text, lead_of
from playground.errors import AuthorError, PlayerError
from playground.levels.dealing import passages
from playground.levels.judging import Bench, examine
from playground.levels.kinds import hunt, split
from playground.levels.schema import Pick
from playground.models import registry
from playground.settings import Settings
from tests import engine_models
from tests.engine_models import COMMON, NORMS, SITES, save_sae

WORDS = "cat sat on the mat"
HALF = "a \ud83d b"  # a surrogate without its other half


def without_bos() -> PreTrainedTokenizerFast:
    """As Qwen's: no beginning of text, and none asked for."""
    made = engine_models.tokenizer()
    made.bos_token = None
    return made


def opened(folder: Path, tokenizer: PreTrainedTokenizerFast, **others: Any) -> Parts:
    engine_models.model("qwen3").save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    saes = tuple(f"{site}={save_sae(folder / site, at, **others)}" for site, at in SITES.items())
    return open_parts(
        Settings(device="cpu", model=str(folder / "model"), saes=saes), lambda _: None
    )


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return opened(tmp_path_factory.mktemp("qwen"), without_bos())


@pytest.fixture(scope="module")
def running(qwen: Parts) -> Iterator[Engine]:
    made = open_engine(qwen, NORMS)
    yield made
    made.close()


def by_hand(parts: Parts, ids: list[int], site: str) -> Tensor:
    """What the SAE makes of plain transformers, every position of it. [tokens, features]"""
    caught = list[Tensor]()
    block = block_at(parts.model, SITES[site])
    handle = block.register_forward_hook(lambda m, a, out: caught.append(out))  # pyright: ignore
    with torch.no_grad():
        parts.model(torch.tensor([ids]))
    handle.remove()
    return parts.saes[site].encode(caught[0][0])


def test_a_model_without_a_beginning_keeps_its_first_word(qwen: Parts, running: Engine) -> None:
    text = qwen.text()
    assert (qwen.first, text.lead) == ("none", ())
    expected = by_hand(qwen, text.ids(WORDS), "middle")
    reading = running.read([WORDS], "middle")[0]
    assert "".join(reading.tokens) == WORDS and len(reading.features) == len(expected)
    feature = int(expected[0].argmax())
    trail = torch.tensor(reading.features.trail(feature))
    torch.testing.assert_close(trail, expected[:, feature], atol=1e-4, rtol=1e-4)
    assert trail[0] > 0

    reader = Reader(qwen.model, qwen.saes, text.lead)
    peaks = reader.peaks([text.ids(WORDS)], {"middle": [feature]})["middle"]
    assert peaks.highest[0, 0] == pytest.approx(float(expected[:, feature].max()), rel=1e-4)
    mean = float(expected[:, feature].mean())
    assert peaks.mean[0, 0] == pytest.approx(mean, rel=1e-4)

    pick, bench = Pick("middle", feature), cast(Bench, SimpleNamespace(engine=running))
    passage = passages.read(bench, pick, [WORDS])[0]
    assert "".join(passage.tokens) == WORDS and passage.values == reading.features.trail(feature)
    judged = hunt.judged(examine((True,), [reading]), feature, 0.0)[0]
    assert "".join(judged.tokens) == WORDS and judged.values == passage.values
    card = SimpleNamespace(index=feature, maxActApprox=1.0)
    strip = split.strip(reading, cast(Any, card), "")
    assert "".join(strip.tokens) == WORDS and strip.values == passage.values


def test_cards_leave_out_a_token_with_nothing_before_it(qwen: Parts) -> None:
    """It stands there by where a text was cut, and its state is like no other's."""
    ids, reader = qwen.text().ids(WORDS), Reader(qwen.model, qwen.saes, ())
    caught = by_hand(qwen, ids, "early")
    assert caught[0].any()
    hidden = list[Any]()
    handle = block_at(qwen.model, 0).register_forward_hook(lambda m, a, out: hidden.append(out[0]))
    norm = reader.norms([ids])["early"]
    handle.remove()
    assert norm == pytest.approx(float(hidden[0][1:].norm(dim=-1).median()), rel=1e-4)


def test_an_empty_prompt_begins_between_texts(qwen: Parts, running: Engine) -> None:
    greedy = Sampling(temperature=0, max_tokens=4, stop_at_end=False)
    dial = Dial("middle", 3, 1.0, "add", "all")
    plain, steered = running.generate(
        [Request("", (), greedy), Request("", (dial,), greedy)]
    ).traces()
    end = qwen.tokenizer.eos_token_id
    assert qwen.text().prompted("") == [end]
    ids = [token.id for token in plain.tokens]
    with torch.no_grad():
        logits = qwen.model(torch.tensor([[end, *ids]])).logits[0]
    assert ids == logits[:-1].argmax(-1).tolist()
    assert len(steered.tokens) == 4
    assert len(running.score("", " the cat")) == len(qwen.text().ids(" the cat"))


def test_an_sae_that_was_trained_without_a_first_token_reads_without_one(tmp_path: Path) -> None:
    parts = opened(tmp_path, engine_models.tokenizer())
    other = parts.saes["middle"]
    bare = replace(other.metadata, prepend_bos=False)
    other.metadata = bare
    text, made = parts.text(), open_engine(parts, NORMS)
    try:
        for site, ids in (("middle", text.ids(WORDS)), ("early", text.with_start(WORDS))):
            lead = len(ids) - len(text.ids(WORDS))
            assert lead == (site == "early")
            expected = by_hand(parts, ids, site)[lead:]
            reading = made.read([WORDS, "dog"], site)[0]
            assert "".join(reading.tokens) == WORDS
            for place, fired in enumerate(reading.features):
                assert len(fired) == int((expected[place] > 0).sum())
                for feature, value in fired:
                    assert value == pytest.approx(float(expected[place, feature]), rel=1e-3)
            reader = Reader(parts.model, parts.saes, text.lead)
            peaks = reader.peaks([text.ids(WORDS)], {site: range(other.width)})
            highest = peaks[site].highest[0]
            torch.testing.assert_close(
                torch.from_numpy(highest), expected.amax(0), atol=1e-4, rtol=1e-4
            )
        # What is written stands behind what the model wants: a text can begin in one way only.
        assert text.prompted(WORDS)[0] == text.lead[0]
    finally:
        made.close()


def test_what_stands_first_is_named() -> None:
    tokenizer = engine_models.tokenizer()
    assert lead_of(tokenizer, "") == lead_of(tokenizer, "bos") == lead_of(tokenizer, "<s>") == (0,)
    assert lead_of(tokenizer, "</s>") == (1,)
    assert lead_of(tokenizer, "none") == lead_of(without_bos(), "") == ()


def test_a_first_token_that_is_not_there_is_refused() -> None:
    with pytest.raises(AuthorError, match=r"'<|endoftext|>': this tokenizer has no such token"):
        lead_of(engine_models.tokenizer(), "<|endoftext|>")
    with pytest.raises(AuthorError, match="has no beginning-of-text token; write first"):
        Text(without_bos(), first="bos")


def test_every_model_of_the_registry_says_what_stands_first() -> None:
    cards = registry.load().models
    told = {name: card.first for name, card in cards.items()}
    assert told["pocket"] == told["gpt2"] == told["gemma-2-2b"] == "bos"
    assert {first for name, first in told.items() if name.startswith("qwen3")} == {"none"}
    # Of those that nobody had at hand it is measured when they are opened.
    open_ones = {name for name, first in told.items() if not first}
    assert all(cards[name].tried == "stand-in" and not cards[name].saes for name in open_ones)


def like_smollm2() -> PreTrainedTokenizerFast:
    """Its bos is what begins a turn of a chat; texts stood behind another token."""
    made = engine_models.tokenizer()
    made.add_special_tokens(
        {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>",
         "additional_special_tokens": ["<|endoftext|>"]}
    )  # fmt: skip
    made.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
        "{% endfor %}<|im_start|>assistant"
    )
    return made


def taught(tokenizer: PreTrainedTokenizerFast, behind: str) -> LlamaForCausalLM:
    """A model that has read the texts behind one token, and in disorder behind others."""
    torch.manual_seed(3)
    model = LlamaForCausalLM(LlamaConfig(**{**COMMON, "vocab_size": len(tokenizer)}))
    torch.set_grad_enabled(True)
    text, optimizer = Text(tokenizer), torch.optim.AdamW(model.parameters(), 1e-2)
    ids = torch.tensor([(text.ids(each) * 2)[:100] for each in beginning.TEXTS])
    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    for step in range(60):
        own = ids if step % 2 else ids[:, torch.randperm(100)]
        name = behind if step % 2 else names[step // 2 % 3]
        if not step % 2 and name == behind:
            own = ids
        first = torch.full((len(ids), 1), lead_of(tokenizer, name)[0])
        whole = torch.cat([first, own], 1)
        model(whole, labels=whole).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.eval()


@pytest.mark.parametrize("behind", ["<|endoftext|>", "<|im_start|>"])
def test_what_stands_first_is_measured(behind: str) -> None:
    tokenizer = like_smollm2()
    found = beginning.measured(taught(tokenizer, behind), tokenizer)
    assert found == ("bos" if behind == "<|im_start|>" else behind)
    text = Text(tokenizer, first=found)
    assert text.with_start("the cat")[0] == tokenizer.convert_tokens_to_ids(behind)
    # A chat stands behind its template alone.
    chat = Text(tokenizer, chat=True, first=found).prompted("the cat")
    assert text.decode(chat) == "<|im_start|>user\nthe cat<|im_end|>\n<|im_start|>assistant"


def test_a_model_that_knows_no_english_is_not_asked() -> None:
    assert beginning.measured(engine_models.model("llama"), engine_models.tokenizer()) == "bos"
    assert beginning.measured(engine_models.model("llama"), without_bos()) == "none"


def test_one_character_of_several_tokens_stands_as_one(qwen: Parts, running: Engine) -> None:
    text = qwen.text()
    words = "on 😀 the 日"
    ids = text.ids(words)
    assert len(ids) > 10
    expected = by_hand(qwen, ids, "late")
    reading = running.read([words], "late")[0]
    assert "".join(reading.tokens) == words and all(reading.tokens)
    assert sum("😀" in each for each in reading.tokens) == 1
    at = 0
    for spelt, fired in zip(text.spelt(ids), reading.features, strict=True):
        highest = expected[at : at + spelt.tokens].amax(0)
        assert {feature for feature, _ in fired} == set(highest.nonzero()[:, 0].tolist())
        for feature, value in fired:
            assert value == pytest.approx(float(highest[feature]), rel=1e-3)
        assert list(fired) == sorted(fired, key=lambda each: -each[1])
        at += spelt.tokens


def test_one_character_of_several_tokens_stands_as_one_on_a_card(
    qwen: Parts, running: Engine
) -> None:
    text, words = qwen.text(), "😀 a 🇫🇷 日"
    ids = text.ids(words)
    spelt = text.spelt(ids)
    assert len(spelt) < len(ids)
    expected, ends = by_hand(qwen, ids, "late"), np.cumsum([each.tokens for each in spelt])
    nothing = np.zeros((0, 1), dtype=bool)
    known = live.Known(Labelled([words], nothing, nothing, nothing), ())
    parts = [n for n, each in enumerate(spelt) if each.tokens > 1]
    # One that is strongest on a character of several tokens, and not on the last of them.
    feature = next(
        f
        for f in range(expected.shape[1])
        if (at := int(expected[:, f].argmax())) + 1 < ends[np.searchsorted(ends, at, "right")]
        and expected[at, f] > 0
    )
    card = live.measure(running, known, "late", feature)
    best = card.activations[0]
    assert "".join(best.tokens) == words and all(best.tokens)
    assert best.tokens == tuple(each.text for each in spelt)
    assert best.maxValueTokenIndex in parts
    for piece, value, stop in zip(spelt, best.values, ends, strict=True):
        highest = float(expected[stop - piece.tokens : stop, feature].max())
        assert value == pytest.approx(highest, rel=1e-2, abs=1e-6)
    assert best.maxValue == max(best.values)


def test_half_a_character_is_told_in_one_sentence(running: Engine) -> None:
    for act in (
        lambda: running.read([HALF], "middle"),
        lambda: running.generate([Request(HALF)]),
        lambda: running.score("a", HALF),
    ):
        with pytest.raises(PlayerError) as told:
            act()
        assert str(told.value) == "engine.half_character()"
