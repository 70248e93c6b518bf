"""Levels in which a graph's estimate stands beside true runs, on a text of two tokens whose graph
and runs can be worked out by hand; what their first rounds are like that ship."""

import random
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from playground.atlas.atlas import Atlas
from playground.circuits.notes import Note
from playground.circuits.records import Graph, Node, NodeChange, Ran
from playground.errors import AuthorError
from playground.levels.dealing import deals
from playground.levels.dealing.circuitry import TracedText
from playground.levels.dealing.deals import SEALED
from playground.levels.dealing.fairness import FairTerms
from playground.levels.dealing.questions import Bars, Sealed
from playground.levels.dealing.spoken import SureText
from playground.levels.judging import Bench
from playground.levels.kinds import KINDS, budget, forecast, smallest
from playground.levels.shelf import LEVELS
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.kind_parts import fields

SAY = Words().said
KIND_NAMES = ("forecast", "budget", "smallest")
PIECES = {5: " cat", 6: " dog", 7: " cow", 8: " hen"}
NOW = (3.0, 2.0, 1.0, 0.0)  # points of these
BLOCKS = 4
EITHER = FairTerms(held=False, trap=False)
HONEST_TRAP = FairTerms(held=True, trap=True)


def chances(points: Sequence[float]) -> np.ndarray:
    """Of nine tokens, of which four may come."""
    found = np.zeros(9)
    found[5:] = np.exp(points) / np.exp(points).sum()
    return found


class HandCircuits:
    """In the place of Circuits. gives: of each feature what it truly adds to the four words;
    spliced: by the blocks that transcoders took over, what the words have then."""

    def __init__(
        self, gives: Sequence[Sequence[float]] = (),
        spliced: Mapping[frozenset[int], Sequence[float]] | None = None,
    ) -> None:  # fmt: skip
        self.gives, self.spliced = np.array(gives), spliced or {}

    def run(self, traced: Any, changes: Sequence[NodeChange]) -> Ran:
        off = [change.node.index for change in changes]
        return Ran(chances(np.array(NOW) - self.gives[off].sum(0) if off else NOW))

    def replaced(self, traced: Any, layers: Collection[int]) -> Ran:
        return Ran(chances(self.spliced.get(frozenset(layers), NOW)))

    def missed(self, traced: Any, layers: Collection[int]) -> float:
        return sum(layers) / 10

    def note(self, node: Node) -> Note:
        return Note(node.layer, node.index, (" the",), (" cat",), (), 0.1, 2.0)


def text(
    estimated: Sequence[Sequence[float]], circuits: HandCircuits, errors: Sequence[float] = ()
) -> TracedText:
    """estimated: of each feature what the graph has it add to each word; errors: of each block what
    its error adds to the first."""
    features = [Node("feature", 0, 1, n) for n in range(len(estimated))]
    wrong = [Node("error", n, 1) for n in range(len(errors))]
    said = chances(NOW)
    logits = [Node("logit", BLOCKS, 1, token, float(said[token])) for token in PIECES]
    nodes = (*features, *wrong, *logits)
    count = len(features)
    targets = np.array([*range(count), *range(len(nodes) - len(logits), len(nodes))])
    edges = np.zeros((len(targets), len(nodes)), dtype=np.float32)
    if estimated:
        edges[count:, :count] = np.array(estimated).T
    edges[count, count : count + len(wrong)] = errors
    wanted = np.array([*(1.0 for _ in features), *NOW])
    graph = Graph(
        "", (0, 1), ("<s>", " my"), BLOCKS, nodes, targets, edges, np.zeros(len(targets)), wanted
    )
    traced = SimpleNamespace(graph=graph, piece=PIECES.__getitem__)
    run = SimpleNamespace(chances=said, answer=5, said=" cat", tokens=("<s>", " my"), lead=1)
    own = SureText("my", cast(Any, None), cast(Any, run))
    return TracedText(own, cast(Any, circuits), cast(Any, traced))


def options(sealed: Sealed) -> list[str]:
    return [SAY(each) for each in sealed.question.options]


def bars(sealed: Sealed, number: int) -> list[float]:
    found = sealed.question.exhibits[number]
    assert isinstance(found, Bars)
    return [round(value, 4) for _, value in found.rows]


# -- terms -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("rounds", [4, 5, 8])
def test_an_estimate_may_mislead_seldom_and_a_first_look_must_often(rounds: int) -> None:
    terms = FairTerms.of(rounds, random.Random(1))
    assert sum(not each.held for each in terms) == rounds // 4
    assert sum(each.trap for each in terms) == rounds // 2 + 1


def test_terms_are_met_by_those_who_are_misled_as_they_say() -> None:
    assert HONEST_TRAP.met(estimate=True, look=False)
    assert not HONEST_TRAP.met(estimate=False, look=False)
    assert not HONEST_TRAP.met(estimate=True, look=True)
    assert EITHER.met(estimate=False, look=True)


# -- forecast --------------------------------------------------------------------------------------
GIVES = ((1.3, 0.0, 0.0, 0.0), (1.5, 1.4, 0.9, 0.0), (0.4, 0.0, 0.0, 0.0), (0.5, 0.1, 0.0, 0.0))
KNOWN = frozenset(("cat", "dog", "cow", "hen"))


def weighed(
    gives: Sequence[Sequence[float]], estimated: Sequence[Sequence[float]]
) -> forecast.Weighed:
    return forecast.Weighed(text(estimated, HandCircuits(gives)), KNOWN)


def test_the_word_that_a_run_says_without_the_feature_is_right() -> None:
    sealed = forecast.word(weighed(GIVES, GIVES), 2, HONEST_TRAP, random.Random(0))
    assert sealed is not None and sealed.right == {2}
    shown = options(sealed)
    assert shown[2] == "“dog”" and shown[cast(int, sealed.guess)] == "“cat”"
    cat = shown.index("“cat”")
    assert (bars(sealed, 1)[cat], bars(sealed, 2)[cat]) == (3.0, -1.3)
    assert "instead of “cat”" in SAY(sealed.why) and "had it right" in SAY(sealed.why)


def test_a_wrong_estimate_is_told_and_asked_about_only_where_it_may_be() -> None:
    calm = ((0.9, 0.0, 0.0, 0.0),)  # the dog takes over at 1
    own = weighed(((2.0, 0.0, 0.0, 0.0),), calm)
    assert forecast.word(own, 0, HONEST_TRAP, random.Random(0)) is None
    sealed = forecast.word(own, 0, FairTerms(held=False, trap=True), random.Random(0))
    assert sealed is not None and "it expected “cat”" in SAY(sealed.why)


def test_a_word_that_stays_is_asked_about_where_no_trap_is_wanted() -> None:
    own = weighed(((0.3, 0.0, 0.0, 0.0),), ((0.4, 0.0, 0.0, 0.0),))
    sealed = forecast.word(own, 1, FairTerms(held=True, trap=False), random.Random(0))
    assert sealed is not None and sealed.guess == sealed.solution == 1
    assert "still says “cat”" in SAY(sealed.why)


def test_the_feature_that_gives_the_word_more_than_its_rival_is_missed() -> None:
    sealed = forecast.feature(weighed(GIVES, GIVES), 1, HONEST_TRAP, random.Random(0))
    assert sealed is not None and sealed.right == {1}
    assert bars(sealed, 1)[1] == 1.3 and bars(sealed, 2)[1] == 0.0
    guess = cast(int, sealed.guess)
    assert (bars(sealed, 1)[guess], bars(sealed, 2)[guess]) == (1.5, 1.4)
    assert options(sealed)[1] == "B: “the” → “cat”, block 1, on “my”"


def test_a_word_that_hangs_on_no_feature_is_not_asked_about() -> None:
    weak = ((0.3, 0.0, 0.0, 0.0),) * 4
    assert forecast.feature(weighed(weak, weak), 0, EITHER, random.Random(0)) is None
    strange = forecast.Weighed(text(GIVES, HandCircuits(GIVES)), frozenset(("cat", "dog")))
    assert forecast.word(strange, 0, EITHER, random.Random(0)) is None


# -- budget ----------------------------------------------------------------------------------------
LOST = (0.0, 2.0, 1.0, 0.0)
PUSHES = (0.5, 2.0, -1.0, 0.1)


def spliceable(lost: Collection[int], pushes: Sequence[float]) -> budget.Spliceable:
    """lost: blocks whose transcoder alone loses the word; with all of them, any does."""
    runs = {frozenset([n]): LOST for n in lost}
    if lost:
        runs[frozenset(range(BLOCKS))] = LOST
    return budget.Spliceable(text((), HandCircuits((), runs), pushes))


def test_the_block_that_loses_the_word_is_right_however_large_other_errors_are() -> None:
    own = [spliceable((), PUSHES), spliceable((1,), PUSHES)]
    sealed = budget.block(iter(own), 3, HONEST_TRAP, random.Random(0))
    assert sealed is not None and options(sealed)[3] == "block 2"
    largest = bars(sealed, 1)
    assert sealed.guess == largest.index(max(largest)) != 3
    assert bars(sealed, 2)[3] == 2.0
    assert "says “dog”" in SAY(sealed.why) and "pushed most" in SAY(sealed.why)


def test_a_block_whose_errors_pushed_little_is_asked_about_only_where_it_may_be() -> None:
    own = spliceable((0,), PUSHES)
    assert budget.block(iter([own]), 0, HONEST_TRAP, random.Random(0)) is None
    sealed = budget.block(iter([own]), 0, FairTerms(held=False, trap=True), random.Random(0))
    assert sealed is not None and "others pushed more" in SAY(sealed.why)


def test_of_four_texts_one_loses_its_word() -> None:
    own = [spliceable((), (0.1,) * BLOCKS) for _ in range(3)] + [spliceable((1,), PUSHES)]
    sealed = budget.text(iter(own), 2, FairTerms(held=True, trap=False), random.Random(0))
    assert sealed is not None and options(sealed) == ["text A", "text B", "text C", "text D"]
    pushes = sealed.question.exhibits[5]
    assert isinstance(pushes, Bars)
    assert [value for _, value in pushes.rows] == pytest.approx([0.4, 0.4, 1.6, 0.4])
    assert budget.text(iter(own[:3]), 2, EITHER, random.Random(0)) is None


# -- smallest --------------------------------------------------------------------------------------
# Any two of the first three keep the word, by the run; the graph thinks most of the last.
CARRY = ((1.0, 0.0, 0.0, 0.0), (0.9, 0.0, 0.0, 0.0), *(((0.05, 0.0, 0.0, 0.0),) * 6))
THOUGHT = (*(((0.5, 0.0, 0.0, 0.0),) * 7), (0.9, 0.0, 0.0, 0.0))


def table(gives: Sequence[Sequence[float]], seed: int = 0) -> smallest.FeatureTable | None:
    return smallest.laid(text(THOUGHT, HandCircuits(gives)), random.Random(seed))


def test_the_smallest_set_is_enough_and_needed() -> None:
    laid = table(CARRY)
    assert laid is not None
    sealed = smallest.asked(laid, 2, 3)
    assert sealed is not None and sealed.question.most == 2
    carrying = sum(1 << n for n, each in enumerate(laid.laid) if each.node.index in (0, 1))
    assert sealed.solution == carrying and sealed.right == {carrying}
    assert sealed.guess not in sealed.right
    assert laid.enough(carrying) and laid.needed(carrying)
    assert not laid.enough(cast(int, sealed.guess))
    assert "the only one that is both" in SAY(sealed.why)


def test_a_word_that_one_feature_keeps_or_none_is_not_asked_about() -> None:
    alone = ((2.0, 0.0, 0.0, 0.0), *(((0.01, 0.0, 0.0, 0.0),) * 7))
    laid = table(alone)
    assert laid is not None and smallest.asked(laid, 2, 3) is None
    assert table(((0.01, 0.0, 0.0, 0.0),) * 8) is None  # all of them carry nothing
    level = (((0.2, 0.0, 0.0, 0.0),) * 8, 3)
    spread = table(level[0])
    assert spread is not None and smallest.asked(spread, 2, level[1]) is None


def test_who_takes_them_by_the_estimate_needs_more() -> None:
    laid = table(CARRY)
    assert laid is not None and laid.greedy() > 2


# -- whole levels ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KIND_NAMES)
def test_a_model_without_transcoders_has_no_such_level(kind: str) -> None:
    level = cast(Any, KINDS[kind].model_validate(fields(kind, 2, 2, 2, 3)))
    with pytest.raises(AuthorError, match="no transcoders"):
        next(level.deal(Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {}), 0))


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_the_rounds_that_ship_are_lost_by_a_first_look(kind: str) -> None:
    rounds = dict[str, list[Sealed]]()
    for key, each in deals.read_shipped(LEVELS).items():
        if key.split("/")[4].startswith(f"{kind}-"):
            rounds.setdefault(key.rpartition("/")[0], []).append(SEALED.validate_python(each))
    assert len(rounds) == 9  # three of each level
    for dealt in rounds.values():
        assert all(each.solution in each.right for each in dealt)
        assert all(len(set(options(each))) == len(each.question.options) for each in dealt)
        assert sum(each.guess in each.right for each in dealt) < len(dealt) - 1
