"""The page "How we measure": its numbers are those that the code works with."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.concepts import damage, examples
from playground.game.game import Game
from playground.levels import intervals
from playground.levels.dealing import triples
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds import hunt
from playground.levels.proving import proof
from playground.levels.shelf import Shelf
from playground.screens.pages import about, measure
from playground.screens.stage import Offer, Stage
from playground.store.store import Store
from playground.text.language import LANGUAGES
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.stages import stage_of


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    # A text may stand beside several concepts; one of another part grades nothing.
    texts = [LabelledText(f"text {n}", n % 2 == 0, "grade") for n in range(77)]
    shown = LabelledText("on a card", True, "show")
    labelled = {"cats": [*texts, shown], "chocolate": texts}
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), labelled)
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), Shelf.load())
    yield stage_of(game)
    game.close()


CONSTANTS = (
    (examples, "SHARES", {"select": 0.41, "show": 0.17, "grade": 0.42}, ("41 %", "17 %", "42 %")),
    (damage, "WINDOW", 797, ("797",)),
    (damage, "BROKEN_NATS", 7.25, ("7.25",)),
    (damage, "SHOCK", 8.75, ("8.75",)),
    (damage, "WORDS", 798, ("798",)),
    (damage, "GRAM", 791, ("791",)),
    (damage, "GRAMS_BROKEN", 0.83, ("83 %",)),
    (damage, "FRAGMENT_TOKENS", 793, ("793",)),
    (damage, "UNDAMAGED_AT_MOST", 47.0, ("47 of 100",)),
    (
        damage,
        "CHECKED",
        tuple(replace(e, right=781, same=782) for e in damage.CHECKED),
        ("781", "782"),
    ),
    (hunt, "CONTROL_FEATURES", 794, ("794",)),
    (triples, "CONTROLS", 795, ("795",)),
    (intervals, "Z", 1.0, ("68 of 100",)),
    (proof, "LUCKY", 0.03, ("3 %",)),
    (proof, "HALF_RIGHT", 0.23, ("23 %",)),
    (proof, "SURE", 0.97, ("97 %",)),
)


@pytest.mark.parametrize(("module", "name", "value", "said"), CONSTANTS, ids=lambda each: str(each))
def test_another_constant_is_another_number_on_the_page(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
    value: Any,
    said: tuple[str, ...],
) -> None:
    before = measure.draw(stage)
    assert not any(each in before for each in said)
    monkeypatch.setattr(module, name, value)
    after = measure.draw(stage)
    assert all(each in after for each in said)


def test_what_the_atlas_says_of_its_making_is_on_the_page(stage: Stage) -> None:
    meta = stage.game.exploring.meta
    drawn = measure.draw(stage)
    assert stage.game.exploring.graded == 77
    for number in (meta["documents"], meta["samples"], stage.game.exploring.graded):
        assert stage.words.number(number) in drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_model_that_was_trained_to_be_pushed_says_so(stage: Stage, language: Any) -> None:
    words = Words.of(language)
    own = replace(stage, words=words)
    other = replace(own, offer=Offer(stage.game, stage.model, "gpt2", "gpt2"))
    assert words("measure.pushed") in measure.draw(own)
    assert words("measure.pushed") not in measure.draw(other)
    assert words("about.pushed") in about.draw(own)
    assert words("about.pushed") not in about.draw(other)
    assert 'href="measure"' in about.draw(own)
