"""Ranks and search: checked against plain counting, and against an engine whose best setting is
known.
"""

import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self, TypeVar, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from playground.atlas import calibrate, ranking
from playground.atlas.atlas import entry_of
from playground.atlas.cards import ConceptEntry
from playground.atlas.controls import Peer, controls
from playground.atlas.evaluate import CONTROLS, Evaluation, measured
from playground.atlas.folders import Folders
from playground.atlas.harvest import Peaks, runs
from playground.atlas.sources import Labelled
from playground.concepts.concepts import ReplyScore, load_concepts
from playground.concepts.damage import Damage, Usual
from playground.concepts.examples import SHARES, part_of
from playground.engine.client import HOUSE, Client
from playground.engine.protocol import Stream
from playground.engine.records import (
    MAX_STRENGTH,
    NO_FEATURE,
    Device,
    Dial,
    InLine,
    Lens,
    Place,
    Reading,
    Request,
    Site,
    Spliced,
    States,
    Token,
    Trace,
    Vector,
)
from playground.engine.workload import Workload

T = TypeVar("T")
USUAL = Usual((-1.0,), 1.0, 0.2, 50)
CATS = load_concepts()["cats"]
PLAIN = "one evening the old man went to the town and saw a house by the river"


# -- ranks
@given(st.integers(0, 10_000), st.integers(4, 40), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_auroc_of_all_at_once_is_that_of_each(seed: int, texts: int, features: int) -> None:
    rng = np.random.default_rng(seed)
    highest = rng.integers(0, 4, (texts, features)).astype(np.float32)  # many ties
    labels = rng.random((3, texts)) < 0.4
    table = ranking.auroc_table(highest, labels)
    for concept, own in enumerate(labels):
        for feature in range(features):
            known = 0 < own.sum() < texts
            expected = roc_auc_score(own, highest[:, feature]) if known else 0.5
            assert table[concept, feature] == pytest.approx(expected)


def test_each_concept_is_judged_on_its_own_texts() -> None:
    rng = np.random.default_rng(2)
    highest = rng.random((40, 3)).astype(np.float32)
    about = np.zeros((2, 40), dtype=bool)
    used = np.zeros_like(about)
    about[0, :10] = used[0, :20] = True
    about[1, 10:20] = used[1, 10:] = True
    table = ranking.own_aurocs(highest, about, used)
    for concept, texts in enumerate((slice(0, 20), slice(10, 40))):
        for feature in range(3):
            expected = roc_auc_score(about[concept, texts], highest[texts, feature])
            assert table[concept, feature] == pytest.approx(expected)


def test_what_is_chosen_and_what_is_printed_come_of_different_texts() -> None:
    rng = np.random.default_rng(4)
    texts = [f"text {n}" for n in range(300)]
    about = rng.random((2, 300)) < 0.4
    near = about | (rng.random((2, 300)) < 0.3)
    labelled = Labelled(texts, about, np.ones_like(about), near)
    highest = rng.random((300, 5)).astype(np.float32)
    scores = ranking.site_scores(Peaks(highest, highest), labelled, np.ones(5))
    parts = {part: np.array([part_of(text) == part for text in texts]) for part in SHARES}
    for c, f in itertools.product(range(2), range(5)):
        for table, own in (
            (scores.chosen_by, parts["select"]),
            (scores.contrast, parts["select"] & near[c]),
            (scores.reported, parts["grade"]),
        ):
            assert table[c, f] == pytest.approx(roc_auc_score(about[c, own], highest[own, f]))
        own = parts["select"]
        inside, outside = highest[own & about[c], f].mean(), highest[own & ~about[c], f].mean()
        assert scores.difference[c, f] == pytest.approx(inside - outside, abs=1e-4)
    counts = int(about[0, parts["grade"]].sum()), int((~about)[0, parts["grade"]].sum())
    assert labelled.counts(0) == counts
    assert set(labelled.graded()) == {text for text in texts if part_of(text) == "grade"}


def test_of_a_wide_sae_those_features_get_cards_that_go_with_a_concept() -> None:
    rng = np.random.default_rng(3)
    tables = rng.random((2, 4, 1000)).astype(np.float32)
    tables[0, 2, 777] = tables[1, 0, 555] = 9
    nothing = np.zeros((4, 1000), dtype=np.float32)
    scores = ranking.SiteScores(tables[0], nothing, nothing, tables[1], nothing)
    fires = rng.integers(0, 50, 1000)
    chosen = ranking.chosen_features(scores, fires, 100)
    assert len(set(chosen)) == 100 and chosen == sorted(chosen)
    assert {777, 555, int(fires.argmax())} <= set(chosen)
    assert ranking.chosen_features(scores, fires, 1000) == list(range(1000))


@given(st.lists(st.integers(1, 3000), max_size=30))
@settings(max_examples=30)
def test_passes_hold_every_text_once(lengths: list[int]) -> None:
    texts = [[0] * length for length in lengths]
    groups = runs(texts)
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[i] for i in group) <= 4096


NONE: dict[str, set[int]] = {"early": set(), "late": set()}


def test_detectors_are_chosen_on_one_part_and_reported_from_another() -> None:
    none = np.zeros((1, 3), dtype=np.float32)
    chosen = np.array([[0.6, 0.99, 0.7]], dtype=np.float32)
    reported = np.array([[0.9, 0.8, 0.7]], dtype=np.float32)
    scores = {"early": ranking.SiteScores(chosen, none, reported, none, none)}
    found = ranking.detectors(scores, 0, NONE)
    assert [(each.feature, each.auroc) for each in found] == [(1, 0.8), (2, 0.7), (0, 0.9)]
    without = ranking.detectors(scores, 0, {"early": {1}})
    assert [each.feature for each in without] == [2, 0]


def test_candidates_come_from_every_measure_once_each() -> None:
    rng = np.random.default_rng(1)
    table = rng.random((5, 1, 50)).astype(np.float32)
    table[3, 0, 10] = table[0, 0, 20] = table[4, 0, 10] = 9
    scores = {name: ranking.SiteScores(*table) for name in ("early", "late")}
    counts = (3, 2, 3)
    found = ranking.candidates(scores, 0, NONE, counts)
    assert len(set(found)) == len(found) <= 2 * sum(counts)
    assert found[0] == ("late", 10) and ("early", 20) in found
    without = ranking.candidates(scores, 0, {"early": {20}, "late": {10}}, counts)
    assert not {("late", 10), ("early", 20)} & set(without) and ("late", 20) in without


# -- the search for a setting
class FakeStream:
    def __init__(self, traces: list[Trace]) -> None:
        self._traces = traces

    def in_line(self) -> Iterator[InLine]:
        return iter(())

    def __iter__(self) -> Iterator[tuple[int, Token]]:
        return iter(())

    def traces(self) -> list[Trace]:
        return self._traces

    def cancel(self) -> None:
        pass


class FakeEngine:
    """Feature 7 at `late`, clamped on the opening at .9 to 1.5, writes of cats; more of anything
    breaks the text.
    """

    sites: dict[str, Site] = {}
    device: Device = "cpu"

    def __init__(self) -> None:
        self.asked: list[Request] = []

    @property
    def replies(self) -> int:
        return len(self.asked)

    client = HOUSE
    healthy = True
    workload = Workload()
    system = None

    def fitted(self, request: Request) -> Request:
        return request

    def ready(self) -> None:
        pass

    def check(self) -> None:
        pass

    def on_behalf(self, client: Client) -> Self:
        return self

    def generate(self, requests: Sequence[Request]) -> Stream:
        self.asked += requests
        return FakeStream([self.write(request) for request in requests])

    def reread(self, request: Request, reply: str, site: str) -> Reading:
        raise NotImplementedError  # no atlas asks for it

    def write(self, request: Request) -> Trace:
        words = PLAIN.split()
        logprob = -1.0
        for dial in request.dials:
            broken = dial.strength > (0.5 if dial.scope == "all" else 1.5)
            logprob = -5.0 if broken else -1.0
            named = dial.vector.name if dial.vector else ""
            if (named, dial.site) == ("cats", "late") and dial.strength > 0.2 and not broken:
                words[:3] = ["cats", "kitten", "meowed"]
            right = (dial.site, dial.feature, dial.method) == ("late", 7, "clamp")
            if right and dial.control is None and dial.scope == "opening" and dial.strength >= 0.9:
                words[:3] = ["cats", "kitten", "meowed"]
        random.Random(request.sampling.seed).shuffle(words)
        tokens = tuple(Token(n, " " + word) for n, word in enumerate(words))
        return Trace(request, tokens, (logprob,) * len(tokens), "length")

    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        raise NotImplementedError

    def states(self, texts: Sequence[str], site: str, place: Place = "written") -> list[States]:
        raise NotImplementedError

    def lens(self, texts: Sequence[str], last: int, end: bool = False) -> list[Lens]:
        raise NotImplementedError

    def spliced(self, texts: Sequence[str], site: str, floor: bool = False) -> list[Spliced]:
        raise NotImplementedError

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        raise NotImplementedError

    def lend(self, work: Callable[..., T]) -> T:
        raise NotImplementedError

    def close(self) -> None:
        pass


FEATURES = [("late", 3), ("late", 7), ("middle", 7), ("early", 1)]


def test_the_search_finds_the_setting_that_steers() -> None:
    plan, engine = calibrate.Plan(screen_strengths=(1.0, 1.9)), FakeEngine()
    best = calibrate.RecipeSearch(engine, CATS, USUAL, plan).best(FEATURES)
    assert best is not None
    assert (best.site, best.feature, best.method, best.scope) == ("late", 7, "clamp", "opening")
    assert 0.9 <= best.strength <= 1.5
    assert engine.replies < 280


def test_nothing_is_said_to_steer_when_nothing_does() -> None:
    search = calibrate.RecipeSearch(FakeEngine(), CATS, USUAL, calibrate.Plan())
    assert search.best([("late", 3), ("early", 1)]) is None
    assert search.best([]) is None


def test_nothing_more_is_written_where_no_reply_came_to_the_concept() -> None:
    plan, engine = calibrate.THRIFTY, FakeEngine()
    assert calibrate.RecipeSearch(engine, CATS, USUAL, plan).best([("late", 3)]) is None
    assert engine.replies == plan.screen_replies * len(plan.screen_strengths)
    assert {(each.dials[0].method, each.dials[0].scope) for each in engine.asked} == {
        ("add", "all")
    }


def test_a_direction_that_is_no_feature_is_searched_as_one_is() -> None:
    engine, plan = FakeEngine(), calibrate.THRIFTY
    vectors = {site: Vector("cats", (1.0, 2.0)) for site in ("middle", "late")}
    best = calibrate.RecipeSearch(engine, CATS, USUAL, plan).best_along(vectors)
    assert best is not None
    assert (best.site, best.vector, best.scope) == ("late", vectors["late"], "all")
    assert 0.2 < best.strength <= 0.5
    recipe = calibrate.recipe(engine, CATS, USUAL, best, [], calibrate.baseline(engine, plan), plan)
    assert (recipe.feature, recipe.dial()) == (NO_FEATURE, best)
    assert recipe.point is not None and recipe.point.both == 1.0
    entry = ConceptEntry("cats", (), (), directions=(recipe,))
    assert entry_of(json.loads(json.dumps(asdict(entry)))) == entry


def test_a_recipe_has_its_curve_beside_the_control() -> None:
    plan, engine = calibrate.Plan(), FakeEngine()
    best = Dial("late", 7, 1.0, "clamp", "opening")
    plain = calibrate.baseline(engine, plan)
    rivals = controls(best, [Peer(n, 0.1, frozenset()) for n in range(9)], 4)
    recipe = calibrate.recipe(engine, CATS, USUAL, best, rivals, plain, plan)
    assert recipe.dial() == best
    assert [point.strength for point in recipe.curve] == list(calibrate.DOSES)
    assert [point.effect for point in recipe.curve] == [0, 0, 0, 0, 1, 1, 1]
    assert [point.both for point in recipe.curve] == [0, 0, 0, 0, 1, 1, 0]
    assert all(point.control_effect == 0 for point in recipe.curve)
    assert all(point.control_high == 0 for point in recipe.curve)
    assert [point.controls for point in recipe.curve] == [1, 4, 4, 4, 4, 4, 4]
    assert {point.replies for point in recipe.curve} == {plan.curve_replies}
    assert recipe.curve[-1].control_damage > 90


def replies(on: int, of: int, damage: float, stumbles: int = 0) -> list[calibrate.Tried]:
    parts = Damage(damage, damage, 0.0, 0.0, 0.0)
    scores = [ReplyScore(100.0 if n < on else 0.0, parts, (), ()) for n in range(of)]
    return [calibrate.Tried(score, stumbles) for score in scores]


def test_a_setting_is_worth_what_it_brings_less_what_the_text_lost() -> None:
    assert calibrate.worth([]) == 0
    assert calibrate.worth(replies(5, 10, 0)) > calibrate.worth(replies(4, 10, 0))
    assert calibrate.worth(replies(5, 10, 5)) > calibrate.worth(replies(5, 10, 30))
    assert calibrate.worth(replies(10, 10, 90)) < 0.1


def test_a_garbled_word_costs_what_the_mean_damage_does_not_hear() -> None:
    smooth, rough = replies(8, 20, 0), replies(10, 20, 0, stumbles=1)
    assert calibrate.worth(smooth) > calibrate.worth(rough)
    tokens = tuple(Token(n, " word") for n in range(3))
    trace = Trace(Request("Once"), tokens, (-0.1, calibrate.STUMBLE - 1, -6.0), "length")
    assert calibrate.tried(CATS, trace, USUAL).stumbles == 1


def test_more_than_enough_is_not_paid_for_with_a_hard_push() -> None:
    search = calibrate.RecipeSearch(FakeEngine(), CATS, USUAL, calibrate.Plan())
    soft, hard = Dial("late", 7, 0.8), Dial("late", 7, 4.0, scope="prompt")
    search.scores[soft], search.scores[hard] = replies(13, 20, 5), replies(18, 20, 5)
    assert search.rank(soft) < search.rank(hard)
    search.scores[soft] = replies(6, 20, 5)  # too few: now the hard push is worth its price
    assert search.rank(hard) < search.rank(soft)


def test_no_setting_is_stronger_than_a_dial_goes() -> None:
    plan, engine = calibrate.Plan(screen_strengths=(0.5, 3.0)), FakeEngine()
    found = calibrate.RecipeSearch(engine, CATS, USUAL, plan).best([("late", 7)])
    assert found is None or found.strength <= MAX_STRENGTH


def test_replies_are_never_asked_for_twice() -> None:
    engine = FakeEngine()
    search = calibrate.RecipeSearch(engine, CATS, USUAL, calibrate.Plan())
    dial = Dial("late", 7, 0.6)
    search.tried([dial], 4)
    search.tried([dial, dial], 6)
    assert engine.replies == 6 == len(search.scores[dial])


def test_calibration_and_evaluation_share_no_prompt_and_no_seed() -> None:
    engine, plan = FakeEngine(), calibrate.Plan(screen_strengths=(1.0, 1.9))
    best = calibrate.RecipeSearch(engine, CATS, USUAL, plan).best(FEATURES)
    assert best is not None
    peers = [Peer(n, 0.1, frozenset()) for n in range(9)]
    plain, rivals = calibrate.baseline(engine, plan), controls(best, peers, plan.controls)
    recipe = calibrate.recipe(engine, CATS, USUAL, best, rivals, plain, plan)
    chosen = list(engine.asked)
    engine.asked.clear()
    entry = ConceptEntry("cats", (), (recipe,))
    atlas = SimpleNamespace(concept=lambda name: entry, usual=USUAL, peers=lambda site: peers)
    here = Path("atlas")
    wanted = Evaluation(lambda: pytest.fail("it is open"), Folders.at(here), here, 24, 0)
    measured(cast(Any, engine), cast(Any, atlas), "cats", wanted)
    assert len(engine.asked) == 24 * (1 + CONTROLS)
    for part in (lambda each: each.prompt, lambda each: each.sampling.seed):
        assert not {part(each) for each in chosen} & {part(each) for each in engine.asked}
