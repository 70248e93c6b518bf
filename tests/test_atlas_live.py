"""Features that have no card in the atlas: found, turned, and measured when somebody asks."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from playground.atlas.atlas import Atlas
from playground.concepts.concepts import spoken
from playground.concepts.overlap import Runs
from playground.engine.local import LocalEngine
from playground.engine.records import Dial, Sampling
from playground.errors import AuthorError, PlayerError
from playground.game.exploring import UNMEASURED, Exploring, Outcome
from playground.game.library import Library
from playground.game.share import Sandbox
from playground.levels.judging import Bench, load_texts
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.models import registry
from tests.atlas_parts import SETTINGS, Made, built, save_parts
from tests.engine_models import FEATURES, save_sae

CARDS = 20  # of FEATURES


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = save_parts(tmp_path_factory.mktemp("few"))
    built(made, replace(SETTINGS, features=CARDS))
    return made


@pytest.fixture(scope="module")
def looking(made: Made) -> Iterator[Exploring]:
    parts, atlas = made.open(), Atlas.open(made.out)
    engine = LocalEngine(parts.model, parts.tokenizer, parts.saes, atlas.norms)
    yield Exploring(Bench(engine, atlas, load_texts(made.folders.texts)), Library(Shelf((), ())))
    engine.close()


@pytest.fixture(scope="module")
def bare(looking: Exploring) -> Pick:
    """One that has no card, and fires."""
    known = looking._atlas.features("late")
    texts = [each.text for own in looking._bench._texts.values() for each in own]
    fires = {
        feature
        for reading in looking._engine.read(texts, "late")
        for firing in reading.features
        for feature, _ in firing
    }
    return Pick("late", next(each for each in sorted(fires) if each not in known))


def test_it_is_found_by_its_number_and_can_be_turned(looking: Exploring, bare: Pick) -> None:
    assert CARDS <= len(looking._atlas.features("late")) < FEATURES
    hits = looking.search(str(bare.feature), "late")
    assert [hit.label for hit in hits if hit.index == bare.feature] == [UNMEASURED]
    assert looking.name(bare) == UNMEASURED
    dial = Dial(bare.site, bare.feature, 1.0, "add", "all")
    state = Sandbox("the cat", (dial,), Sampling(max_tokens=4))
    *_, last = looking.sandbox(state)
    assert isinstance(last, Outcome) and len(last.traces) == 3
    assert looking.decode(looking.encode(state)) == state


def test_a_number_beyond_the_sae_is_refused(looking: Exploring) -> None:
    assert not looking.search(str(FEATURES), "late")
    assert not looking.search("9" * 5000, "late")
    with pytest.raises(PlayerError, match=r"engine\.half_character"):
        looking.search("cat \ud83d")
    with pytest.raises(PlayerError, match=f"last={FEATURES - 1}"):
        looking.measured(Pick("late", FEATURES))


def test_it_is_measured_when_somebody_asks(made: Made, bare: Pick, looking: Exploring) -> None:
    known = looking._bench
    fresh = Exploring(Bench(known.engine, known.atlas, known._texts), Library(Shelf((), ())))
    assert not fresh.measured(bare)
    few = len(looking._atlas.features("late"))
    with pytest.raises(PlayerError, match=f"count={few}, total={FEATURES}"):
        fresh.card(bare)
    card = fresh.measure(bare)
    assert fresh.measured(bare) and fresh.card(bare) is card
    assert fresh.name(bare) == card.label != UNMEASURED
    own = fresh._bench._texts
    texts = {t.text: t.part for each in own.values() for t in each}
    peaks = {
        text: max((dict(fires).get(bare.feature, 0.0) for fires in reading.features), default=0.0)
        for text, reading in zip(texts, fresh._engine.read(list(texts), bare.site), strict=True)
    }
    shown = [peak for text, peak in peaks.items() if texts[text] == "show"]
    assert card.maxActApprox == pytest.approx(max(shown), rel=1e-3)
    assert card.activations[0].maxValue == pytest.approx(max(shown), rel=1e-2)
    assert 0 < card.frac_nonzero < 1
    graded = Runs(text for text, part in texts.items() if part == "grade")
    assert not any(graded.shared("".join(each.tokens)) for each in card.activations)
    (concept, auroc), counts = card.concepts[0], card.graded[0]
    judged = [each for each in own[concept] if each.part == "grade"]
    about = [each.about for each in judged]
    assert auroc == pytest.approx(roc_auc_score(about, [peaks[t.text] for t in judged]), abs=1e-3)
    assert counts == (sum(about), len(about) - sum(about))


def test_its_directions_are_those_of_the_atlas(looking: Exploring) -> None:
    """What needs no texts is the same for a feature that has a card."""
    feature = looking._atlas.features("late")[3]
    known, found = (
        looking.card(Pick("late", feature)),
        looking._bench._measured(looking._bench.engine, "late", feature),
    )
    assert found.pos_str == known.pos_str
    assert found.neg_values == pytest.approx(known.neg_values)
    near = dict(zip(found.topkCosSimIndices, found.topkCosSimValues, strict=True))
    # The atlas compares those that have cards, this all of them.
    least = min(near.values())
    for index, value in zip(known.topkCosSimIndices, known.topkCosSimValues, strict=True):
        assert near[index] == pytest.approx(value, abs=1e-3) if index in near else value <= least
    assert feature not in near


def test_titles_are_those_of_the_concepts(looking: Exploring, bare: Pick) -> None:
    names = {name for name, _ in looking.measure(bare).concepts}
    assert names <= looking._bench._texts.keys()
    assert all(spoken(looking._bench.concept(name)) for name in names)


def test_the_files_have_only_the_chosen_cards(made: Made) -> None:
    assert isinstance(made.out, Path)
    atlas = Atlas.open(made.out)
    chosen = atlas.features("late")
    assert all(atlas.has("late", each) for each in chosen)
    assert not atlas.has("late", next(n for n in range(FEATURES) if n not in chosen))
    assert not atlas.has("attic", 0)


def test_an_atlas_of_other_saes_is_refused(made: Made, tmp_path: Path) -> None:
    """What was measured on one SAE says nothing of another in its place."""
    asked = made.asked().model_copy(update={"data": tmp_path, "database": "sqlite://"})
    chosen = registry.choose(asked)
    shutil.copytree(made.out, chosen.atlas)
    shutil.copy(made.folders.texts, chosen.texts)
    Bench.open(asked).engine.close()
    save_sae(made.saes / "late", 2, "jumprelu")
    with pytest.raises(AuthorError, match=r"other files \(late\) .* atlas build --model .* --sae "):
        Bench.open(asked)
