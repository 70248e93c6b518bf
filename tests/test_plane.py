"""The map of features: what lies near what, how that is kept and read, and how it stands on the
page."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import gradio as gr
import numpy as np
import pytest

from playground.atlas import plane, tables
from playground.atlas.plane import Plane, kept_nearness, lay_out, read_plane
from playground.errors import AuthorError, PlayerError
from playground.game.game import Game
from playground.levels.judging import Bench
from playground.levels.shelf import Shelf
from playground.screens.parts import plane as part
from playground.screens.stage import Stage
from playground.store.store import Store
from tests.stages import stage_of


def families(count: int = 12, each: int = 6, width: int = 16) -> np.ndarray:
    """Unit rows that scatter a little around `count` directions, family by family."""
    dice = np.random.default_rng(4)
    centres = np.repeat(dice.normal(size=(count, width)), each, axis=0)
    rows = centres + 0.15 * dice.normal(size=centres.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_features_alike_lie_near_each_other() -> None:
    made = lay_out(families())
    assert made.places.min(axis=0).tolist() == [0, 0]
    assert made.places.max(axis=0).tolist() == [plane.SIDE, plane.SIDE]
    gaps = np.linalg.norm(made.places[:, None] - made.places[None], axis=-1)
    np.fill_diagonal(gaps, np.inf)
    assert (gaps.argmin(axis=1) // 6 == np.arange(72) // 6).all()
    assert (lay_out(families()).places == made.places).all()


def test_how_much_of_nearness_stays_is_counted() -> None:
    flat = np.stack([np.arange(40), np.zeros(40)], axis=1)
    assert kept_nearness(flat, flat.astype(np.int64)) == 1
    shuffled = np.random.default_rng(0).permutation(flat).astype(np.int64)
    assert kept_nearness(flat, shuffled) < 0.5


def test_too_few_features_have_no_map() -> None:
    with pytest.raises(ValueError, match="begins at 8"):
        lay_out(families(1, 7))


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = Plane(np.array([[1, 2], [3, 4]]), 0.25)
    plane.write(tmp_path / tables.PLANE, {"early": made, "late": None})
    read = read_plane(tmp_path, "early", 2)
    assert read is not None and read.kept == 0.25 and read.places.tolist() == [[1, 2], [3, 4]]
    assert read_plane(tmp_path, "late", 2) is None
    assert read_plane(tmp_path / "nowhere", "early", 2) is None
    with pytest.raises(AuthorError, match="3 features"):
        read_plane(tmp_path, "early", 3)


def test_the_shipped_maps_are_of_the_shipped_features(shipped: Bench) -> None:
    """Of every feature's nearest by its card, those that lie near on the map are as many as the
    atlas says, and many more than by chance."""
    for site in shipped.atlas.sites:
        made = shipped.atlas.plane(site)
        assert made is not None
        known = shipped.atlas.features(site)
        rows = shipped.engine.lend(lambda _, saes, __: saes[site].unit_rows(known).numpy())  # noqa: B023
        chance = plane.NEAREST / len(rows)
        assert kept_nearness(rows, made.places) == pytest.approx(made.kept, abs=1e-3)
        assert made.kept > 20 * chance


@pytest.fixture
def stage(shipped: Bench, tmp_path: Path) -> Stage:
    return stage_of(Game.of(shipped, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), Shelf.load()))


def test_every_feature_with_a_card_is_a_dot(stage: Stage) -> None:
    found = stage.game.maps.of("late")
    atlas = stage.game.exploring._atlas
    assert {each.hit.index for each in found.features} == set(atlas.features("late"))
    dots = [part.dot(stage.words, each) for each in found.features]
    looks = [look for *_, look, _ in dots]
    assert looks == sorted(looks, reverse=True) and {*looks} == {0, 1, 2}
    across, down, feature, called, look, topic = dots[0]
    assert min(across, down) >= 0 and max(across, down) <= plane.SIDE
    assert look == 2 and called == stage.words.said(atlas.label("late", feature))
    assert topic.lower() in called.lower() and dots[-1][5] == ""
    assert all(dot[3].strip() for dot in dots)


def test_the_map_opens_with_a_press_and_tells_its_own_limit(stage: Stage) -> None:
    drawn = str(part.act(stage, event("late")))
    assert drawn.count("aria-pressed") == len(stage.game.maps.sites) == 3
    kept = stage.game.maps.of("late").kept * plane.NEAREST
    assert f"about {kept:.1f} stand" in drawn
    with pytest.raises(PlayerError) as refused:
        part.act(stage, event("attic"))
    assert "early" in stage.words.said(refused.value.said)


def event(site: str) -> gr.EventData:
    return cast(gr.EventData, SimpleNamespace(_data={"act": "site", "site": site}))
