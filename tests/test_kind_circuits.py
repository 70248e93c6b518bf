"""Levels in which states or heads of a run are changed, on a text of six tokens whose runs can be
worked out by hand; runs of a small random Llama; and one deal of each kind on the model that
ships."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

from playground.circuits.patching import AT_ONCE, Patching
from playground.circuits.records import AttentionHead, Ran
from playground.engine.records import Lens
from playground.errors import AuthorError, EngineError, PlayerError
from playground.levels.dealing import deals
from playground.levels.dealing.deals import SEALED
from playground.levels.dealing.families import PromptFamily, families
from playground.levels.dealing.heads import loudest
from playground.levels.dealing.questions import AskLevel, Bars, Grid, Sealed
from playground.levels.dealing.spoken import (
    READ,
    SureText,
    Variants,
    Waiting,
    again,
    answered,
    beginnings,
    changed,
    differing,
    in_turn,
    matching,
    telling,
)
from playground.levels.kinds import KINDS, fetch, swap
from playground.levels.shelf import LEVELS, Shelf
from playground.settings import ASSETS
from playground.text.words import Words
from tests import circuit_parts
from tests.kind_parts import fields

SAY = Words().said
TOKENS = ("<s>", "Mia", " saw", " a", " cat", " and")
KIND_NAMES = ("swap", "fetch")
IN_SMOLLM2 = (
    "fetch-first", "fetch-second", "fetch-third", "induction-first", "induction-second",
    "induction-third", "ladder-first",
)  # fmt: skip


@dataclass(frozen=True)
class HandRun:
    """In the place of PlainRun: two blocks of four heads, each of which looks at "a" harder than
    the one before."""

    answer: int = 7
    ids: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    tokens: tuple[str, ...] = TOKENS
    lead: int = 1
    blocks: int = 4

    @property
    def said(self) -> str:
        return " word" + "abcdefghi"[self.answer]

    @property
    def chances(self) -> np.ndarray:
        return np.eye(9)[self.answer] * 0.9 + 0.1 / 9

    @property
    def looks(self) -> np.ndarray:
        looks = np.zeros((2, 4, len(self.tokens)), dtype=np.float32)
        looks[..., 0] = 0.5
        looks[..., 2] = np.arange(8).reshape(2, 4) / 20
        return looks


@dataclass(frozen=True)
class HandPatching:
    """In the place of Patching. flipping: cells each of which turns the answer into the other
    text's, those further on in them over the others; costly: the head that the answer hangs on.
    Texts with a word of `hung` are gone on with by 3."""

    flipping: tuple[tuple[int, int], ...] = ()
    costly: AttentionHead = AttentionHead(1, 0)
    hung: str = "Tom"

    def patched(self, one: HandRun, cells: Mapping[tuple[int, int], HandRun]) -> Ran:
        working = [cell for cell in self.flipping if cell in cells]
        return Ran((cells[working[-1]] if working else one).chances)

    def headless(self, one: HandRun, choices: Sequence[Collection[AttentionHead]]) -> list[Ran]:
        return [Ran((HandRun(3) if self.costly in each else one).chances) for each in choices]

    def read(self, prompt: str) -> HandRun:
        if "long" in prompt:
            raise PlayerError("circuits.too_long", count=99, limit=63)
        if self.hung not in prompt:
            return HandRun()
        return HandRun(3, (0, 8, 2, 3, 4, 5))


def spoken(text: str = "", run: HandRun = HandRun(), **more: Any) -> SureText:
    return SureText(text, cast(Any, HandPatching(**more)), cast(Any, run))


class HandBench:
    """In the place of Bench."""

    patching = HandPatching()


def options(sealed: Sealed | None) -> list[str]:
    assert sealed is not None
    return [SAY(option) for option in sealed.question.options if not isinstance(option, str)]


# -- swap ------------------------------------------------------------------------------------------
FLIPPING = ((0, 1), (1, 1), (2, 5), (3, 5))


def tried(*flipping: tuple[int, int]) -> swap.TriedPair:
    one = spoken(flipping=flipping)
    pair = Variants((one, SureText("", one.patching, cast(Any, HandRun(3)))), 1)
    return next(swap.tried(iter([pair]), random.Random(0)))


@pytest.mark.parametrize(("early", "right"), [(True, "Mia"), (False, "and")])
def test_one_state_turns_the_answer_and_the_others_do_not(early: bool, right: str) -> None:
    sealed = swap.asked(tried(*FLIPPING), 3, random.Random(1), early)
    shown = options(sealed)
    assert sealed is not None and sealed.right == {3} and len(set(shown)) == 4
    assert right in shown[3]
    assert [sum(token in each for each in shown) for token in ("Mia", "and")] == [2, 2]
    chart = sealed.reveal[0]
    assert isinstance(chart, Grid)
    marked = [[cell.marked for cell in row] for _, row in chart.rows]
    assert [(row[0], row[2]) for row in marked] == [
        (False, True), (False, True), (True, False), (True, False),
    ]  # fmt: skip


def test_a_pair_that_no_state_turns_is_not_asked_about() -> None:
    assert swap.asked(tried(), 0, random.Random(1), early=True) is None
    everywhere = [(block, at) for block in range(4) for at in range(6)]
    assert swap.asked(tried(*everywhere), 0, random.Random(1), early=True) is None


def test_names_and_the_next_word_are_what_an_answer_may_hang_on() -> None:
    assert telling(spoken("On Friday Mia met Ben, who is old. Now")) == ["Mia", "Ben", "wordh"]


def test_a_changed_text_has_one_other_token_and_another_answer() -> None:
    one = spoken("Then Mia saw a cat and")
    made = list(changed(one, [("Mia", "Ben"), ("Mia", "long"), ("Mia", "Tom")]))
    assert [each.text for each in made] == ["Then Ben saw a cat and", "Then Tom saw a cat and"]
    (found,) = matching(iter([one, *made]), 2)
    assert found.at == 1 and found.texts == (one, made[1])


def test_texts_of_one_length_are_compared_token_by_token() -> None:
    assert differing((0, 5, 6, 7), (0, 5, 8, 7)) == [2]
    assert differing((0, 5, 6), (0, 5, 6, 7)) == []


# -- fetch -----------------------------------------------------------------------------------------
def test_the_head_that_is_missed_most_is_right_wherever_others_look() -> None:
    sealed = fetch.asked(spoken(costly=AttentionHead(1, 1)), 1, True, random.Random(1))
    shown = options(sealed)
    assert sealed is not None and sealed.right == {1} and shown == [f"head {n}" for n in "ABCD"]
    grid = sealed.question.exhibits[1]
    assert isinstance(grid, Grid)
    assert sealed.guess == loudest(grid) != 1  # another looks somewhere harder
    why = SAY(cast(Any, sealed.why))
    assert "block 2, head 2" in why and "“saw”" in why
    bars = sealed.reveal[0]
    assert isinstance(bars, Bars) and bars.rows[1][1] == bars.top == max(n for _, n in bars.rows)


def test_a_head_that_looks_nowhere_or_is_not_missed_is_not_asked_about() -> None:
    assert fetch.asked(spoken(costly=AttentionHead(0, 1)), 0, False, random.Random(0)) is None
    assert fetch.asked(spoken(costly=AttentionHead(5, 5)), 0, False, random.Random(0)) is None


def test_where_the_largest_number_is_to_mislead_another_head_has_it() -> None:
    hardest = spoken(costly=AttentionHead(1, 3))
    assert fetch.asked(hardest, 0, True, random.Random(0)) is None
    sealed = fetch.asked(hardest, 0, False, random.Random(0))
    assert sealed is not None and sealed.guess == 0


def test_the_map_has_the_tokens_that_its_heads_look_at_most() -> None:
    sealed = fetch.asked(spoken(costly=AttentionHead(1, 1)), 0, False, random.Random(1))
    assert sealed is not None
    grid = sealed.question.exhibits[1]
    assert isinstance(grid, Grid)
    heads = [SAY(each) for each in grid.columns if not isinstance(each, str)]
    assert heads == ["(beginning)", "“Mia”", "“saw”"]
    assert [cell.share for cell in grid.rows[0][1]] == pytest.approx([0.5, 0.0, 0.25])


# -- families --------------------------------------------------------------------------------------
def named(said: int, *ids: int) -> SureText:
    return spoken(run=HandRun(said, ids))


def test_texts_that_differ_in_the_same_token_come_together() -> None:
    odd, a, b, same, c = (
        named(1, 0, 9, 2, 7), named(1, 0, 1, 2), named(2, 0, 3, 2), named(2, 0, 4, 2),
        named(3, 0, 5, 2),
    )  # fmt: skip
    found = list(matching(iter([odd, a, b, same, c]), 3))
    assert [(each.at, each.texts) for each in found] == [(1, (a, b, c))]
    assert [each.texts for each in matching(iter([a, b, same, c]), 2)] == [(a, b), (same, c)]


def test_a_family_is_asked_where_it_is_answered_and_given_up_where_it_is_not() -> None:
    level, patching = cast(Any, None), cast(Any, HandPatching())
    words = dict.fromkeys(["Mia", "Tom", "Ben", "Ann"], "wordh") | {"Tom": "wordd"}
    known = PromptFamily(frame="Then {} saw", words=words)
    found = answered(level, patching, known, random.Random(0))
    assert sorted(each.text for each in found) == [
        "Then Ann saw", "Then Ben saw", "Then Mia saw", "Then Tom saw",
    ]  # fmt: skip
    strange = PromptFamily(frame="Then {} saw", words=dict.fromkeys("abcdefgh", "cat"))
    assert list(answered(level, patching, strange, random.Random(0))) == []


def test_beginnings_are_given_up_where_the_model_hardly_answers_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unsure = Lens((" cat",) * 7, ("x",) * 7, (), ((0.1,) * 7,))
    texts = iter([("a text", unsure)] * 1000)
    monkeypatch.setattr("playground.levels.dealing.spoken.read", lambda *_, **__: texts)
    made = beginnings(cast(Any, None), cast(Any, HandBench()), random.Random(0), ())
    assert list(made) == [] and len(list(texts)) == 1000 - READ


def test_each_family_has_words_enough_and_gaps_that_its_frame_does_not_have() -> None:
    assert len(families()) >= 12
    for each in families():
        assert len(each.words) >= 5 and not set(each.words) & set(each.frame.split()), each.frame
        assert all(word.isalpha() for pair in each.words.items() for word in pair), each.frame


def test_sources_take_turns_to_their_ends() -> None:
    assert list(in_turn([iter("abc"), iter(""), iter("d")])) == ["a", "d", "b", "c"]


def test_what_one_question_passes_over_waits_for_the_next() -> None:
    coming = Waiting(iter((3, 1, 2)), 2)
    sealed = cast(Sealed, object())
    assert list(coming.tried(lambda each: sealed if each == 2 else None)) == [None, None]
    assert next(coming.tried(lambda each: sealed if each == 3 else None)) is sealed
    seen = list[int]()
    assert not any(coming.tried(lambda each: seen.append(each))) and seen == [1, 2]


# -- runs of a real architecture -------------------------------------------------------------------
class HandText:
    """In the place of Text: a token is a number."""

    lead = (0,)

    def with_start(self, prompt: str) -> list[int]:
        return [*self.lead, *map(int, prompt.split())]

    def piece(self, token: int) -> str:
        return f" {token}"


class LendingEngine:
    """In the place of an engine: lends what it was given."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model

    @torch.inference_mode()
    def lend(self, work: Any) -> Any:
        return work(self.model, {}, HandText())


def test_runs_of_a_small_llama_are_its_own_and_those_of_the_other_text(tmp_path: Path) -> None:
    model = circuit_parts.model(tmp_path, 3)
    patching = Patching(cast(Any, LendingEngine(model)))
    one, two = patching.read("17 5 42 9"), patching.read("17 6 42 9")
    with torch.no_grad():
        logits = model(torch.tensor([[0, 17, 5, 42, 9]])).logits[0, -1]
    np.testing.assert_allclose(one.chances, logits.softmax(-1).numpy(), atol=1e-5)
    assert one.answer == int(logits.argmax()) and one.said == f" {one.answer}"
    assert (one.tokens[1], one.lead, one.blocks) == (" 17", 1, 3)
    np.testing.assert_allclose(one.looks.sum(-1), 1, atol=1e-5)
    turned = patching.patched(one, {(2, 4): two})
    np.testing.assert_allclose(turned.chances, two.chances, atol=1e-5)
    same = patching.patched(one, {(0, 1): two})  # before the token that differs
    np.testing.assert_allclose(same.chances, one.chances, atol=1e-5)
    heads = [[AttentionHead(block, head)] for head in range(4) for block in (2, 0, 1)]
    silent = patching.headless(one, heads * 2)  # more than go side by side
    assert np.abs(silent[1].chances - one.chances).max() > 1e-4
    assert len(silent) == 24 > AT_ONCE
    for heads_of, run in zip(heads * 2, silent, strict=True):
        (alone,) = patching.headless(one, [heads_of])
        np.testing.assert_allclose(run.chances, alone.chances, atol=1e-5)


def test_texts_that_cannot_be_run_are_refused(tmp_path: Path) -> None:
    patching = Patching(cast(Any, LendingEngine(circuit_parts.model(tmp_path, 2))))
    for prompt in ("", "5 " * 64):
        with pytest.raises(PlayerError):
            patching.read(prompt)
    with pytest.raises(PlayerError):
        patching.patched(patching.read("5 6"), {(0, 1): patching.read("5 6 7")})


def test_a_model_whose_parts_nobody_has_described_has_no_such_level() -> None:
    patching = Patching(cast(Any, LendingEngine(cast(Any, torch.nn.Linear(2, 2)))))
    with pytest.raises(EngineError, match="Linear"):
        patching.read("5 6")
    moment = cast(Any, type("Cut", (), {"text": "5 6", "word": "7"}))
    level = cast(Any, KINDS["swap"].model_validate(fields("swap", 2, 2, 2, 3)))
    with pytest.raises(AuthorError, match="level example: .*Linear"):
        again(level, patching, moment)


# -- whole levels ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_rounds_that_ship_are_clear(kind: str) -> None:
    """test_proofs.py proves a level of each kind anew."""
    dealt = [
        SEALED.validate_python(each)
        for key, each in deals.read_shipped(LEVELS).items()
        if key.split("/")[4].startswith(kind)
    ]
    assert len(dealt) > 6
    for sealed in dealt:
        assert len(set(options(sealed))) == 4 and sealed.solution in sealed.right


@pytest.mark.parametrize("id", IN_SMOLLM2)
def test_rounds_that_ship_for_smollm2_are_clear_and_lost_by_first_looks(id: str) -> None:
    level, rounds = Shelf.load().level(id), dict[str, list[Sealed]]()
    assert isinstance(level, AskLevel)
    for key, each in deals.read_shipped(ASSETS / "smollm2" / "atlas").items():
        if f"/{id}/{level.version}/" in key:
            rounds.setdefault(key.rpartition("/")[0], []).append(SEALED.validate_python(each))
    assert len(rounds) == len(deals.SHIPPED_SEEDS)
    for dealt in rounds.values():
        assert len(dealt) == level.count
        for sealed in dealt:
            assert len(set(options(sealed))) == 4 and sealed.right == {sealed.solution}
        for look in zip(*map(level.looks, dealt), strict=True):
            right = sum(n == each.solution for n, each in zip(look, dealt, strict=True))
            assert not all(goal.result(right, "").met for goal in level.goals)
