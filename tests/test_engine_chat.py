"""Instruct models are steered as a chat: the model's own template, its special tokens undialled."""

import math
from collections.abc import Set
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from playground.engine.local import TURNS_CUT, LocalEngine
from playground.engine.records import Dial, Exchange, Request, Sampling, Scope, Talk
from playground.engine.sites import block_at
from playground.engine.steer import scope_of
from playground.engine.text import Text
from playground.errors import EngineError, PlayerError
from tests import engine_models
from tests.chatting import TEMPLATE, talking

SITE, PROMPT = "middle", "the cat"
SHORT = Sampling(temperature=0.0, max_tokens=5, stop_at_end=False)


def test_a_prompt_becomes_a_message() -> None:
    text = Text(talking(), chat=True)
    told = text.decode(text.prompted(PROMPT))
    assert told == "<s><turn>user\nthe cat<end>\n<turn>model\n"
    # What is only read is no message.
    assert text.with_start(PROMPT) == Text(talking()).with_start(PROMPT)


def test_the_template_alone_stands_first(tmp_path: Path) -> None:
    """Never a second beginning of text before its own."""
    for first in ("", "bos", "none", "</s>"):
        prompted = Text(talking(), chat=True, first=first).prompted(PROMPT)
        assert prompted[0] == 0 and prompted.count(0) == 1


def test_a_typed_special_token_is_text() -> None:
    text, typed = Text(talking(), chat=True), "a</s> <turn>model\n<s>"
    told = text.prompted(typed)
    assert text.decode(told) == f"<s><turn>user\n{typed}<end>\n<turn>model\n"
    special = [id for id in told if id in text.special]
    assert special == [id for id in text.prompted(PROMPT) if id in text.special]
    assert not text.special.intersection(text.ids(typed))
    assert text.decode(text.ids(typed)) == typed


DATED = (
    "{% if not date_string is defined %}{% set date_string = strftime_now('%d %b %Y') %}{% endif %}"
    "<s>{{ date_string }}<turn>{{ messages[0]['content'] }}<end>{{ strftime_now('%Y-%m-%d') }}"
)


def test_a_template_that_writes_the_day_writes_the_same_one_every_day() -> None:
    """Llama 3.2 asks for date_string, gpt-oss for strftime_now."""
    tokenizer = talking()
    assert not Text(tokenizer, chat=True).dated
    tokenizer.chat_template = DATED
    text = Text(tokenizer, chat=True)
    assert text.decode(text.prompted("a")) == "<s>26 Jul 2024<turn>a<end>2024-07-26"
    assert text.dated and not Text(tokenizer).dated


@pytest.mark.parametrize("scope", ["prompt", "reply", "opening", "all"])
def test_the_last_position_is_dialled_also_where_a_special_token_stands(
    tmp_path: Path, scope: Scope
) -> None:
    """It writes the first token of the reply. Mistral's template ends with [/INST]."""
    folder, tokenizer = engine_models.save_all(tmp_path, "llama"), talking()
    tokenizer.chat_template = "<s><turn>{{ messages[0]['content'] }}<end>"
    plain = engine_models.Reference(folder)
    dial = Dial(SITE, 7, 2.0, "add", scope, opening=1)
    engine = LocalEngine(plain.model, tokenizer, plain.saes, engine_models.NORMS, chat=True)
    try:
        traces = engine.generate([Request(PROMPT, (dial,), SHORT), Request(PROMPT, (), SHORT)])
        steered, untouched = traces.traces()
    finally:
        engine.close()
    text = Text(tokenizer, chat=True)
    prompt, reply = text.prompted(PROMPT), [token.id for token in steered.tokens]
    assert prompt[-1] in text.special
    logits = dialled(plain, dial, prompt + reply, text.special, len(prompt))
    told = torch.tensor([token.alternatives[0].probability for token in steered.tokens])
    assert torch.allclose(told, likeliest(logits, len(prompt)), atol=1e-4)
    assert steered.tokens[0].alternatives != untouched.tokens[0].alternatives
    assert not math.isnan(steered.tokens[0].before[0])


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
    last = prompt - 1
    pushed = [
        place in scope and (place == last or id not in special) for place, id in enumerate(ids)
    ]

    def hook(module: object, args: object, hidden: torch.Tensor) -> torch.Tensor:
        length = dial.strength * engine_models.NORMS[SITE]
        return hidden + length * torch.tensor(pushed)[None, :, None] * sae.unit_rows([7])[0]

    handle = block_at(plain.model, engine_models.SITES[SITE]).register_forward_hook(hook)
    try:
        return plain.model(torch.tensor([ids])).logits[0]
    finally:
        handle.remove()


# -- a talk ----------------------------------------------------------------------------------------
TALK = Talk("be brief", (Exchange("hi", "hello"), Exchange("who", "a cat")))


def test_a_talk_is_told_in_turns() -> None:
    text = Text(talking(), chat=True)
    assert text.decode(text.prompted("and now", TALK)) == (
        "<s><turn>system\nbe brief<end>\n<turn>user\nhi<end>\n<turn>assistant\nhello<end>\n"
        "<turn>user\nwho<end>\n<turn>assistant\na cat<end>\n<turn>user\nand now<end>\n<turn>model\n"
    )
    assert text.prompted("", Talk()) != text.prompted("", Talk(""))
    # An instruct model may be given a text to go on with all the same.
    assert text.prompted(PROMPT, plain=True) == text.with_start(PROMPT)


def test_a_special_token_anywhere_in_a_talk_is_text() -> None:
    text, typed = Text(talking(), chat=True), "</s><turn>"
    plain = text.prompted("a", Talk("b", (Exchange("c", "d"),)))
    told = text.prompted("a", Talk(typed, (Exchange("c" + typed, typed),)))
    assert text.decode(told).count(typed) == 3
    assert [i for i in told if i in text.special] == [i for i in plain if i in text.special]


BEFOREHAND = (
    "{% if messages[0]['role'] != 'system' %}<turn>system\nYou are a cat.<end>\n{% endif %}"
    "{% for m in messages %}<turn>{{ m['role'] }}\n{{ m['content'] }}<end>\n{% endfor %}<turn>"
)
REFUSING = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}<turn>"
FORGETTING = (
    "{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] }}{% endif %}{% endfor %}"
)


@pytest.mark.parametrize(
    ("template", "own"),
    [(BEFOREHAND, "You are a cat."), (TEMPLATE, ""), (REFUSING, None), (FORGETTING, None)],
)
def test_what_a_template_tells_by_itself(template: str, own: str | None) -> None:
    tokenizer = talking()
    tokenizer.chat_template = template
    assert Text(tokenizer, chat=True).system == own
    assert Text(tokenizer).system is None


def test_the_oldest_turns_go_where_a_talk_is_too_long(tmp_path: Path) -> None:
    plain = engine_models.Reference(engine_models.save_all(tmp_path, "llama"))
    engine = LocalEngine(plain.model, talking(), plain.saes, engine_models.NORMS, chat=True)
    turns = tuple(Exchange(f"message {n}", "the cat sat on the mat") for n in range(40))
    starts, whole = list[int](), Request(PROMPT, (), SHORT)
    for count in range(len(turns)):
        whole = Request(PROMPT, (), SHORT, Talk("be brief", turns[:count]))
        shorter = engine.fitted(whole)
        assert (shorter.prompt, shorter.talk.system) == (PROMPT, "be brief")
        starts.append(count - len(shorter.talk.turns))
        assert shorter.talk.turns == turns[starts[-1] : count]
    assert starts == sorted(starts) and starts[1] == 0 and starts[-1] > 0
    # Several at once, so that the next messages begin with the same tokens.
    assert {start % TURNS_CUT for start in starts} == {0}
    (trace,) = engine.generate([engine.fitted(whole)]).traces()
    assert len(trace.tokens) == 5
    # What does not fit at all is refused when it is asked for, as ever.
    endless = replace(whole, prompt="word " * 600)
    assert engine.fitted(endless).talk.turns == ()
    with pytest.raises(PlayerError, match="prompt_tokens"):
        engine.generate([engine.fitted(endless)])
    engine.close()
