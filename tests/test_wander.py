"""The page of features as a place to wander: topics, chance, a text of the learner's own, two
features side by side."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from playground.errors import PlayerError
from playground.game.game import Game
from playground.levels.judging import Bench
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.screens.pages import feature
from playground.screens.parts import fires, frame
from playground.screens.stage import Stage
from playground.store.records import PlayerId
from playground.store.store import Store
from tests.stages import stage_of

ME = PlayerId(1)


@pytest.fixture
def stage(shipped: Bench, tmp_path: Path) -> Iterator[Stage]:
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    yield stage_of(Game.of(shipped, store, Shelf.load()))
    store.close()


def event(**data: object) -> gr.EventData:
    return cast(gr.EventData, SimpleNamespace(_data=data))


def opened(stage: Stage, collection: list[str], **query: str) -> list[Any]:
    player: Any = SimpleNamespace(secret="")
    request: Any = SimpleNamespace(query_params=query)
    return feature.opened(stage, player, collection, request)


def test_every_topic_leads_to_the_feature_that_tells_it_best(stage: Stage) -> None:
    exploring = stage.game.exploring
    topics = exploring.topics()
    assert len(topics) == len({each.concept for each in topics}) == 75
    assert [each.pairs for each in topics] == sorted((t.pairs for t in topics), reverse=True)
    (cats,) = (each for each in topics if each.concept == "cats")
    assert cats.kind == "topic" and 90 < cats.pairs <= 100
    best = max(exploring._atlas.concept("cats").detectors, key=lambda each: each.sure)
    assert cats.pick == Pick(best.site, best.feature)
    assert all(exploring.measured(each.pick) for each in topics)


def test_chance_picks_features_that_tell_something(stage: Stage) -> None:
    picks = [stage.game.exploring.surprise(Random(seed)) for seed in range(12)]
    assert len({*picks}) > 8
    assert all(stage.game.exploring.card(each).concepts for each in picks)
    assert stage.game.exploring.surprise(Random(3)) == picks[3]


def test_before_anything_is_asked_there_is_much_to_see(stage: Stage) -> None:
    _, pick, steps, shown, *_, start = opened(stage, ["late/3", "attic/9"])
    assert pick is None and steps == "" and start.visible
    assert shown.count('class="chip topic"') == 75
    assert shown.count('<li class="pick">') == 1 and "feature=3" in shown
    assert 'href="feature?surprise=1"' in shown


def test_a_surprise_has_an_address_of_its_own(stage: Stage) -> None:
    _, pick, steps, shown, *_, start = opened(stage, [], surprise="1")
    assert f'data-address="?site={pick.site}&amp;feature={pick.feature}"' in steps
    assert "<article" in shown and not start.visible


def test_two_features_stand_side_by_side(stage: Stage) -> None:
    cats, knights = (
        next(each.pick for each in stage.game.exploring.topics() if each.concept == name)
        for name in ("cats", "knights")
    )
    keys = [frame.pick_key(cats), frame.pick_key(knights)]
    there = {"site": cats.site, "feature": str(cats.feature)}
    _, _, steps, *_ = opened(stage, keys, **there)
    assert f"&amp;beside={keys[1]}" in steps and f"beside={keys[0]}" not in steps
    *_, tester, second, other, _ = opened(stage, keys, **there, beside=keys[1])
    assert "<article" in second and other.visible and not tester.visible
    *_, second, _, _ = opened(stage, [], **there, beside=keys[0])
    assert "Both tell texts about" in second and "cats" in second
    _, pick, _, shown, *_ = opened(stage, [], **there, beside="late")
    assert pick is None and "no feature" in shown


def test_a_text_is_seen_token_by_token(stage: Stage) -> None:
    look, panel = fires.begin(stage, ME, "The kitten slept.")
    assert isinstance(look, fires.TextLook) and look.reading.site == "middle"
    place = look.reading.tokens.index(" kitten")
    seen, panel = fires.act(stage, ME, look, event(act="token", token=str(place)))
    assert isinstance(seen, fires.TextLook) and seen.token == place
    assert 'aria-pressed="true"' in str(panel) and "Back to the whole text" in str(panel)
    late, _ = fires.act(stage, ME, seen, event(act="site", site="late"))
    assert isinstance(late, fires.TextLook) and (late.reading.site, late.token) == ("late", None)
    first = stage.game.exploring.firings(late.reading)[1].pick
    turned, _ = fires.act(stage, ME, late, event(act="open", site="late", feature=first.feature))
    assert isinstance(turned, fires.TextLook) and turned.pick == first
    assert fires.act(stage, ME, None, event(act="whole")) == [None, ""]
    for text in ("", "x" * 3000):
        with pytest.raises(PlayerError):
            fires.begin(stage, ME, text)
