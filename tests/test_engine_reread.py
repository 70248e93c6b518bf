"""A reply that is read again, behind its prompt and with its dials turned: what fires is what fires
in one pass over the whole, and nothing of the reading is left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import nn

from playground.engine.llama import LlamaPath
from playground.engine.local import MAX_CONTEXT, LocalEngine
from playground.engine.records import GIANT, Dial, Exchange, Request, Sampling, Talk, Vector
from playground.engine.sites import block_at
from playground.engine.steer import scope_of
from playground.engine.text import Text
from playground.errors import EngineError, PlayerError
from tests.chatting import talking
from tests.engine_models import GRAPHED, NORMS, SITES, WIDTH, Reference, push, save_all
from tests.test_engine_local import assert_empty, ids

REPLY = " the dog ran to the red barn"
TALK = Talk("be brief", (Exchange("hi", "hello"),))
ASKED = Request("the cat", (), Sampling(max_tokens=8), TALK)
CATS = Dial.along("early", Vector("cats", tuple(map(float, range(WIDTH)))), 0.7, "add", "reply")
TURNED = {
    "no dial": (),
    "a feature's": (Dial("middle", 3, 0.8, "add", "reply"),),
    "two, one clamped": (CATS, Dial("late", 5, 1.2, "clamp", "reply")),
    "the prompt's": (Dial("early", 9, 0.8, "add", "all"),),
}


@dataclass(frozen=True)
class Chatting:
    """An engine that talks, and its parts for a pass by hand."""

    engine: LocalEngine
    plain: Reference
    text: Text

    def expected(self, request: Request, reply: str, site: str) -> torch.Tensor:
        """Activations of a site on each token of the reply. [tokens, features]"""
        prompt, own = self.text.prompted(request.prompt, request.talk), self.text.ids(reply)
        seen = list[torch.Tensor]()
        # Registered before the dials' own hook, and run again behind it.
        block = block_at(self.plain.model, SITES[site])
        with self.pushed(request.dials, prompt + own, len(prompt)):
            handle = block.register_forward_hook(lambda m, a, out: seen.append(out.clone()))
            with torch.no_grad():
                self.plain.model(torch.tensor([prompt + own]))
            handle.remove()
        return self.plain.saes[site].encode(seen[0][0, -len(own) :])

    def pushed(self, dials: Sequence[Dial], ids: list[int], prompt: int) -> "Pushing":
        special = [n for n, id in enumerate(ids[: prompt - 1]) if id in self.text.special]
        return Pushing(self.plain, dials, ids, prompt, special)


@dataclass
class Pushing:
    """Hooks written by hand that add what dials add, but on special tokens of the prompt."""

    plain: Reference
    dials: Sequence[Dial]
    ids: list[int]
    prompt: int
    special: list[int]

    def __enter__(self) -> None:
        self.handles = [
            block_at(self.plain.model, layer).register_forward_hook(self.hook(name))
            for name, layer in SITES.items()
        ]

    def __exit__(self, *error: object) -> None:
        for each in self.handles:
            each.remove()

    def hook(self, name: str):
        def edit(module: object, args: object, hidden: torch.Tensor) -> torch.Tensor:
            changed = hidden.clone()
            for dial in self.dials:
                if dial.site != name:
                    continue
                scope = scope_of(dial, self.prompt)
                inside = [n in scope and n not in self.special for n in range(len(self.ids))]
                if dial.vector is None:
                    added = push(hidden, dial, self.plain.saes[name], NORMS[name])[0]
                else:
                    along = torch.tensor(dial.vector.values)
                    added = (dial.strength * NORMS[name] * along / along.norm()).expand_as(
                        hidden[0]
                    )
                changed[0, inside] += added[inside]
            return changed

        return edit


@pytest.fixture(scope="module", params=["llama", GRAPHED])
def chatting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chatting]:
    """One goes the general way, the other the fast one."""
    folder = save_all(tmp_path_factory.mktemp(request.param), request.param)
    plain, other = Reference(folder), Reference(folder)
    made = LocalEngine(other.model, talking(), other.saes, NORMS, max_rows=2, chat=True)
    assert isinstance(made._worker.batch.path, LlamaPath) is (request.param == GRAPHED)
    yield Chatting(made, plain, Text(talking(), chat=True))
    made.close()


@pytest.mark.parametrize("turned", TURNED)
def test_what_fires_is_what_fires_in_one_pass(chatting: Chatting, turned: str) -> None:
    request = Request(ASKED.prompt, TURNED[turned], ASKED.sampling, TALK)
    for site in SITES:
        reading = chatting.engine.reread(request, REPLY, site)
        expected = chatting.expected(request, REPLY, site)
        assert "".join(reading.tokens) == REPLY and reading.site == site
        assert reading.odd == frozenset()
        found = torch.zeros_like(expected)
        for token, firing in enumerate(reading.features):
            for feature, value in firing:
                found[token, feature] = value
        torch.testing.assert_close(found, expected, atol=2e-4, rtol=1e-4)
        assert (expected > 0).sum() > 10


def test_dials_and_what_was_said_before_are_heard(chatting: Chatting) -> None:
    plain = chatting.engine.reread(ASKED, REPLY, "late")
    for other in (
        Request(ASKED.prompt, (CATS,), ASKED.sampling, TALK),
        Request(ASKED.prompt, (), ASKED.sampling, Talk("be brief")),
        Request("the dog", (), ASKED.sampling, TALK),
    ):
        assert chatting.engine.reread(other, REPLY, "late").features != plain.features
    assert chatting.engine.reread(ASKED, REPLY, "late") == plain


def test_replies_go_on_beside_it_and_nothing_is_left(chatting: Chatting) -> None:
    """Also where every seat is taken."""
    running, long = chatting.engine, Sampling(max_tokens=40, seed=2, stop_at_end=False)
    asked = [Request("the cat", (), long), Request("the dog", (CATS,), long)]
    alone = [ids(trace) for trace in running.generate(asked).traces()]
    turned = Request(ASKED.prompt, TURNED["two, one clamped"], ASKED.sampling, TALK)
    expected = running.reread(turned, REPLY, "middle")
    stream = running.generate(asked)
    tokens = iter(stream)
    next(tokens)
    assert running.reread(turned, REPLY, "middle") == expected
    assert [ids(trace) for trace in stream.traces()] == alone
    assert_empty(running)


def test_a_character_of_several_tokens_stands_as_one(chatting: Chatting) -> None:
    reading = chatting.engine.reread(ASKED, "кот 🐈", "early")
    assert reading.tokens == ("к", "о", "т", " ", "🐈")
    assert len(reading.features) == 5


def test_giants_are_left_out(tmp_path: Path) -> None:
    plain = Reference(save_all(tmp_path, "llama"))
    text = Text(talking(), chat=True)
    own = text.ids(REPLY)
    giant = text.ids(" dog")
    with torch.no_grad():
        cast(nn.Embedding, plain.model.get_input_embeddings()).weight[giant] *= 100 * GIANT
    running = LocalEngine(plain.model, talking(), plain.saes, NORMS, chat=True)
    reading = running.reread(ASKED, REPLY, "early")
    running.close()
    spelt = text.spelt(own)
    start, places = 0, set[int]()
    for n, each in enumerate(spelt):
        if set(own[start : start + each.tokens]) <= {*giant}:
            places.add(n)
        start += each.tokens
    assert places and reading.odd == places
    assert all(reading.features[place] == () for place in places)
    assert sum(map(bool, reading.features)) == len(spelt) - len(places)


def test_what_cannot_be_read_is_said(chatting: Chatting) -> None:
    running = chatting.engine
    with pytest.raises(EngineError, match="no site 'nowhere'"):
        running.reread(ASKED, REPLY, "nowhere")
    with pytest.raises(PlayerError, match="no_text"):
        running.reread(ASKED, "", "late")
    with pytest.raises(PlayerError, match="tokens"):
        running.reread(ASKED, "word " * MAX_CONTEXT, "late")
    with pytest.raises(PlayerError, match="dials"):
        running.reread(Request("a", (CATS,) * 5), REPLY, "late")
    assert_empty(running)
