"""Probes, means and neurons beside features: intervals, choices, the file, what is measured."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from playground.atlas import contest, rivals, tables
from playground.atlas.atlas import Atlas
from playground.atlas.contest import Corpora, RivalContest, Sorted
from playground.atlas.rivals import Gap, Push, Rivals, Steering, Telling
from playground.atlas.survey import Digest, surveyed
from playground.concepts.concepts import load_concepts
from playground.engine.records import States
from playground.errors import AuthorError
from playground.levels.dealing.questions import shuffled
from playground.levels.dealing.rivalry import keeper, mixed, pusher
from playground.levels.judging import Bench
from playground.levels.proving import rival_table
from tests.engine_models import engine, save_all
from tests.fake_model import AXES, CAT, COCOA, FakeAtlas, FakeEngine

ABOUT = np.array([True] * 4 + [False] * 4)
NEAR, FAR = Gap(0.0, -0.05, 0.05), Gap(-0.2, -0.3, -0.1)
UNSURE = Gap(-0.06, -0.13, 0.01)
TELLING = Telling(
    "cats", "late", 0.99, 0.98, (CAT, COCOA), (0.99, 0.6), 0.99, (NEAR, FAR), NEAR, 3, -1, 0.7,
    Gap(0.29, 0.2, 0.38), (24, 24),
)  # fmt: skip
PUSH = Push(0.5, 20, 10.0, ("one", "two"))
STEERING = Steering(
    "cats", "late", CAT, 24, PUSH, replace(PUSH, hits=3), replace(PUSH, hits=5),
    replace(PUSH, hits=0),
)  # fmt: skip


# -- intervals -------------------------------------------------------------------------------------
def test_an_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    values = np.array([4, 3, 2, 1, 3, 0, 0, 0])
    # 4 beats all four; 3 ties with one; 2 and 1 lose to it.
    assert rivals.auroc_of(ABOUT, values) == round((4 + 3.5 + 3 + 3) / 16, 4)


def test_a_gap_is_that_of_delongs_formula() -> None:
    one, other = np.array([4, 3, 2, 1, 3, 0, 0, 0]), np.array([1, 4, 0, 2, 3, 0, 1, 0])
    (a, b), (c, d) = rivals.placed(ABOUT, one), rivals.placed(ABOUT, other)
    spread = (np.cov(a - c) / 4 + np.cov(b - d) / 4) ** 0.5
    found = rivals.gap(ABOUT, one, other)
    assert found.value == pytest.approx(a.mean() - c.mean(), abs=1e-4)
    assert found.high - found.low == pytest.approx(2 * 1.96 * spread, abs=3e-4)
    assert not found.ahead and not found.behind


def test_two_that_never_err_differ_by_less_than_a_text() -> None:
    sure = ABOUT.astype(float)
    assert rivals.gap(ABOUT, sure, sure) == Gap(0.0, -0.125, 0.125)
    assert rivals.gap(ABOUT, sure, -sure).ahead
    assert rivals.gap(ABOUT, -sure, sure).behind


# -- answers ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("first", "second", "both", "answer"),
    [
        (NEAR, FAR, NEAR, "first"),
        (FAR, NEAR, FAR, "second"),
        (NEAR, NEAR, NEAR, "either"),
        (FAR, FAR, NEAR, "both"),
        (FAR, FAR, FAR, "probe"),
        (NEAR, UNSURE, NEAR, None),
        (FAR, FAR, UNSURE, None),
    ],
)
def test_who_keeps_up_with_a_probe(first: Gap, second: Gap, both: Gap, answer: str | None) -> None:
    assert keeper(replace(TELLING, gaps=(first, second), both_gap=both)) == answer


@pytest.mark.parametrize(
    ("feature", "probe", "means", "answer"),
    [(20, 3, 5, "feature"), (3, 22, 9, "probe"), (12, 10, 14, "none"), (0, 0, 0, "none")],
)
def test_who_pushes_clearly_best(feature: int, probe: int, means: int, answer: str) -> None:
    ways = {"feature": feature, "probe": probe, "means": means}
    told: Any = {way: replace(PUSH, hits=hits) for way, hits in ways.items()}
    assert pusher(replace(STEERING, **told)) == answer


def test_no_answer_is_drawn_more_often_than_it_has_to_be() -> None:
    pool = [*range(20), 101, 102]
    drawn = mixed(pool, lambda n: n > 100 or None if n == 7 else n > 100, 6, shuffled(1, "x"))
    assert sum(n > 100 for n in drawn) == 2
    assert len(drawn) == 6
    assert 7 not in mixed(pool, lambda n: None if n == 7 else True, 99, shuffled(1, "x"))


# -- the file --------------------------------------------------------------------------------------
def test_rivals_are_read_as_they_were_written(tmp_path: Path) -> None:
    for name in (tables.META, tables.CONCEPTS):
        (tmp_path / name).write_text("{}")
    assert rivals.read(tmp_path) == Rivals()
    known = Rivals((TELLING,), (STEERING,))
    rivals.write(tmp_path, known)
    assert rivals.read(tmp_path) == known
    assert known.at(["early"]) == Rivals()
    (tmp_path / tables.META).write_text('{"seed": 1}')  # another atlas
    assert rivals.read(tmp_path) == Rivals()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    for name in (tables.META, tables.CONCEPTS):
        (tmp_path / name).write_text("{}")
    (tmp_path / rivals.FILE).write_text('{"telling": []}')
    with pytest.raises(AuthorError, match=r"rivals\.json: damaged.*atlas rivals"):
        rivals.read(tmp_path)


# -- measuring -------------------------------------------------------------------------------------
CATS = ("the kitten began to purr", "a cat sat", "her cat licked", "the kitten ran")
OTHERS = ("the wind was kind", "hot cocoa for Mia", "the soup was warm", "Mia went home")
TEXTS = Sorted((*CATS, *OTHERS), ABOUT)


@pytest.fixture
def small() -> RivalContest:
    """The fake model's texts, digested as it reads them."""
    fake = FakeEngine()
    digests = {
        site: dict(zip(TEXTS.texts, map(digested, fake.states(TEXTS.texts, site)), strict=True))
        for site in fake.sites
    }
    cats = {"cats": Corpora(TEXTS, TEXTS)}
    return RivalContest(fake, cast(Atlas, FakeAtlas()), load_concepts(), cats, digests)


def digested(states: States) -> Digest:
    highest, lowest = states.values.max(0), states.values.min(0)
    fires = np.flatnonzero(highest[: len(AXES)])
    features = np.array([AXES[each] for each in fires], dtype=int)
    mean = states.values.mean(0)
    return Digest(len(states.tokens), mean, features, highest[fires], highest, lowest)


def test_the_feature_of_the_topic_is_chosen_and_judged(small: RivalContest) -> None:
    early, late = small.telling("cats")
    assert (early.site, late.site) == ("early", "late")
    assert late.features[0] == CAT
    assert late.aurocs[0] == late.probe == late.means == late.both == 1.0
    assert (late.neuron, late.sign, late.neuron_auroc) == (0, 1, 1.0)
    assert late.neuron_gap == Gap(0.0, -0.125, 0.125)
    assert late.texts == (4, 4)


def test_each_way_writes_to_the_same_prompts_at_its_best_strength(small: RivalContest) -> None:
    steering = small.steering("cats", tuple(small.telling("cats")))
    assert (steering.site, steering.feature_index) == ("late", CAT)
    assert steering.feature.strength == 0.65  # the weakest that brings cats
    assert steering.feature.hits == steering.of == contest.REPLIES
    assert steering.control.hits == steering.probe.hits == 0  # the fake model knows no vectors
    assert steering.feature.samples[0].startswith(contest.calibrate.FRESH_PROMPTS[0])
    assert len(steering.feature.samples) == contest.SAMPLES


def test_what_is_known_is_not_measured_again(small: RivalContest) -> None:
    known = Rivals((TELLING,), (STEERING,))
    assert list(small.run(["cats"], known)) == []
    (one, told), (two, pushed) = small.run(["cats"])
    assert (one, two) == ("cats: told apart", "cats: steered")
    assert [each.site for each in told.telling] == ["early", "late"]
    assert pushed == replace(told, steering=pushed.steering)
    assert list(small.run(["cats"], told))[0][1] == pushed
    assert contest.texts_of(small.texts, ["cats"], pushed) == []
    assert len(contest.texts_of(small.texts, ["cats"], told)) == 16


def test_a_concept_without_texts_to_choose_on_is_named(small: RivalContest) -> None:
    with pytest.raises(AuthorError, match=r"chess: needs two texts of \*select\*"):
        list(small.telling("chess"))


def test_texts_are_sorted_by_concept_and_part() -> None:
    rows = [
        {"concept": "cats", "part": part, "about": about, "text": f"{part} {about}"}
        for part in ("select", "show", "grade")
        for about in (True, False)
    ]
    found = contest.labelled(rows)["cats"]
    assert found.select.contrast == (("select True",), ("select False",))
    assert found.grade.texts == ("grade True", "grade False")


def test_a_survey_reads_what_the_engine_reads(tmp_path: Path) -> None:
    running = engine(save_all(tmp_path, "llama"))
    try:
        texts = ["the cat sat on the mat", "the dog", "a red barn and the cat on the mat"]
        found = surveyed(running, texts)["middle"]
        states = running.states(texts, "middle")
        neurons = running.states(texts, "middle", "neurons")
        readings = running.read(texts, "middle")
    finally:
        running.close()
    assert list(found) != texts and set(found) == set(texts)
    for text, state, neuron, reading in zip(texts, states, neurons, readings, strict=True):
        own = found[text]
        np.testing.assert_allclose(own.mean, state.values.mean(0), atol=1e-4)
        np.testing.assert_allclose(own.highest, neuron.values.max(0), atol=1e-4)
        np.testing.assert_allclose(own.lowest, neuron.values.min(0), atol=1e-4)
        peaks = reading.features.peaks()
        assert sorted(own.features.tolist()) == sorted(peaks)
        for feature, peak in zip(own.features.tolist(), own.peaks.tolist(), strict=True):
            assert peak == pytest.approx(peaks[feature], abs=1e-3)


# -- the page --------------------------------------------------------------------------------------
def test_the_page_tells_every_concept_and_sums_up() -> None:
    lost = replace(TELLING, concept="sad", site="early", gaps=(FAR, FAR), both_gap=FAR)
    written = rival_table.page(Rivals((TELLING, lost), (STEERING,)), ("early", "late"))
    assert "- early: the probe wins: 1 (of 1)." in written
    assert "the best feature keeps up, the second does not: 1 (of 1)" in written
    assert (
        "| cats | late | 0.990 | 0.980 | 7: 0.990, 8: 0.600 | 0.990 | +0.000 (-0.050 to +0.050) "
        "| 3: 0.700 | +0.290 (+0.200 to +0.380) | the best feature keeps up, the second does not |"
    ) in written
    assert "| cats | late, feature 7 | 24 | 0.83 (0.64 to 0.93) at 0.5 |" in written
    assert "Ahead: the feature 1, the probe 0, the difference of means 0, no clear" in written


@pytest.mark.slow
def test_the_shipped_page_is_that_of_the_shipped_figures(shipped: Bench) -> None:
    assert rival_table.PAGE.read_text(encoding="utf-8") == rival_table.page(
        shipped.atlas.rivals, shipped.atlas.sites
    )
