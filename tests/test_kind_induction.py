"""Levels on the head that copies: on a text of six tokens whose runs can be worked out by hand, on
a small random Llama, and the rounds that ship."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch.nn.functional import linear

from playground.circuits.anatomy import Anatomy
from playground.circuits.direct import writes
from playground.circuits.records import AttentionHead, Ran
from playground.levels.dealing import deals
from playground.levels.dealing.deals import SEALED
from playground.levels.dealing.questions import Bars, Grid, Sealed
from playground.levels.dealing.repeats import WORDS, CopiedText, copied, listed
from playground.levels.dealing.spoken import SureText
from playground.levels.kinds import induction
from playground.levels.shelf import LEVELS
from playground.text.words import Words
from tests import circuit_parts

SAY = Words().said
COPYIST = AttentionHead(1, 2)
SAID, VOCABULARY = 4, 9


class CopyWords:
    """In the place of Text."""

    def piece(self, token: int) -> str:
        return f" w{token}"


@dataclass(frozen=True)
class CopyRun:
    """In the place of PlainRun: tokens 3 and 4 stood there, 3 stands at the end, and 4 is said. The
    copyist looks at 4, the other heads each harder than the one before at the token before the
    last."""

    ids: tuple[int, ...] = (0, 3, SAID, 5, 6, 3)
    answer: int = SAID
    lead: int = 1
    text: CopyWords = CopyWords()

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(self.text.piece(each) for each in self.ids)

    @property
    def said(self) -> str:
        return self.text.piece(self.answer)

    @property
    def chances(self) -> np.ndarray:
        return np.eye(VOCABULARY)[self.answer] * 0.9 + 0.1 / VOCABULARY

    @property
    def looks(self) -> np.ndarray:
        looks = np.zeros((2, 4, len(self.ids)), dtype=np.float32)
        looks[..., 4] = np.arange(8).reshape(2, 4) / 10
        looks[COPYIST.layer, COPYIST.head] = [0, 0, 0.6, 0, 0.1, 0]
        return looks


@dataclass(frozen=True)
class CopyPatching:
    """In the place of Patching: without the copyist another word is said. written: what it writes
    for the copied word."""

    costly: AttentionHead = COPYIST
    written: float = 3

    def headless(self, one: CopyRun, choices: Sequence[Collection[AttentionHead]]) -> list[Ran]:
        lost = CopyRun(answer=8)
        return [Ran((lost if self.costly in each else one).chances) for each in choices]

    def writes(self, one: CopyRun, heads: Sequence[AttentionHead]) -> np.ndarray:
        rows = np.zeros((len(heads), VOCABULARY))
        for row, head in zip(rows, heads, strict=True):
            row[SAID] = self.written * (head == COPYIST)
        return rows


def own(run: CopyRun = CopyRun(), **more: Any) -> SureText:
    return SureText("", cast(Any, CopyPatching(**more)), cast(Any, run))


def hunt(**more: Any) -> induction.CopyHunt:
    found = induction.hunted(CopiedText(own(**more), 2))
    assert found is not None
    return found


def told(sealed: Sealed) -> str:
    ask = sealed.question.ask
    assert not isinstance(ask, str)
    return SAY(ask)


def asked(place: int, said: bool = True, trap: bool = False) -> Sealed:
    sealed = induction.asked(hunt(), place, trap, random.Random(0), said)
    assert sealed is not None
    return sealed


@pytest.mark.parametrize("said", [True, False])
def test_the_head_that_copies_and_is_missed_is_right(said: bool) -> None:
    sealed = asked(2, said)
    assert sealed.right == {2} == {sealed.solution} and sealed.guess != 2  # near the end
    assert ("w4" in told(sealed)) is said
    costs, wrote = ([n for _, n in each.rows] for each in sealed.reveal if isinstance(each, Bars))
    assert costs[2] == max(costs) > 2 and wrote == [0, 0, 3, 0]
    assert "block 2, head 3" in SAY(cast(Any, sealed.why))


def test_the_map_has_the_copied_word_and_the_one_before_it() -> None:
    sealed = asked(0)
    assert "“w3”, stood there before, and “w4” came after it" in told(sealed)
    grid = sealed.question.exhibits[1]
    assert isinstance(grid, Grid)
    heads = [SAY(each) for each in grid.columns if not isinstance(each, str)]
    assert heads[:3] == ["(beginning)", "“w3”", "“w4”"]
    assert grid.rows[0][1][2].share == pytest.approx(0.6)


def test_a_head_that_is_missed_and_does_not_copy_is_not_asked_about() -> None:
    assert induction.hunted(CopiedText(own(costly=AttentionHead(0, 1)), 2)) is None
    assert induction.hunted(CopiedText(own(), 3)) is None
    assert induction.hunted(CopiedText(own(written=-1), 2)) is None


def test_where_the_largest_number_is_to_mislead_another_head_has_it() -> None:
    for each in range(4):
        sealed = asked(each, trap=True)
        looks = induction.InductionLevel.looks(cast(Any, None), sealed)
        assert len(looks) == 2 and each not in looks


def test_a_list_counts_where_its_words_are_tokens_and_the_model_copies() -> None:
    found = listed(own(CopyRun(ids=(0, 3, SAID, 5, 3))), 3, 1)
    assert found is not None and (found.at, found.changed) == (2, None)
    assert listed(own(CopyRun(ids=(0, 3, SAID, 5, 9, 3))), 3, 1) is None
    assert listed(own(CopyRun(ids=(0, 3, SAID, 5, 3), answer=5)), 3, 1) is None


def test_a_text_counts_where_another_word_in_the_place_is_said_instead() -> None:
    one, two = own(), own(CopyRun(ids=(0, 3, 7, 5, 6, 3), answer=7))
    same = own(CopyRun(ids=(0, 3, 7, 5, 6, 3)))
    found = copied(one, [same, two])
    assert found is not None and (found.at, found.changed) == (2, two)
    assert copied(one, [same]) is None


def test_words_of_lists_are_different_ones() -> None:
    assert len(set(WORDS)) == len(WORDS) > 60 and all(word.isalpha() for word in WORDS)


def test_what_all_parts_write_adds_up_to_the_logits(tmp_path: Path) -> None:
    with torch.no_grad():
        anatomy = Anatomy(circuit_parts.model(tmp_path, 3))
        passed = anatomy.run(circuit_parts.IDS)
        heads = [AttentionHead(*each) for each in np.ndindex(3, 4)]
        by_heads = writes(anatomy, passed.states, passed.patterns[:, :, -1], heads).sum(0)
        rest = (passed.embedded + passed.mlp_out.sum(0))[-1] * passed.final_scale[-1]
        logits = linear(rest * anatomy.final_gain, anatomy.unembed)
    found = by_heads + logits - logits.mean()
    whole = passed.logits[-1] - passed.logits[-1].mean()
    torch.testing.assert_close(found, whole, atol=1e-4, rtol=1e-4)


def test_the_rounds_that_ship_are_clear() -> None:
    """test_proofs.py proves a level of the kind anew."""
    dealt = [
        SEALED.validate_python(each)
        for key, each in deals.read_shipped(LEVELS).items()
        if key.split("/")[4].startswith("induction")
    ]
    assert len(dealt) >= 3 * (5 + 5 + 7)
    assert all(sealed.right == {sealed.solution} for sealed in dealt)
    assert sum(sealed.guess == sealed.solution for sealed in dealt) < len(dealt) / 4
