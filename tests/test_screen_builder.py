"""The part of the sandbox in which directions are made, its handlers called as Gradio would."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.engine.directions import Direction, TextContrast
from playground.engine.records import Dial
from playground.errors import PlayerError
from playground.game.game import Game
from playground.game.share import Sandbox
from playground.levels.judging import Bench
from playground.levels.shelf import Shelf
from playground.screens.pages import sandbox
from playground.screens.parts import builder
from playground.screens.stage import Stage
from playground.store.records import Player, PlayerId
from playground.store.store import Store
from tests.fake_model import FakeAtlas, FakeEngine
from tests.stages import stage_of

CATS = "the kitten began to purr\na cat sat\nher cat licked"
OTHERS = "the wind was kind\nhot cocoa for Mia\nMia went home"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), Shelf.load())
    yield stage_of(game)
    game.close()


@pytest.fixture
def player(stage: Stage) -> PlayerId:
    return stage.game.players.enter(None).id


def made(stage: Stage, player: PlayerId, name: str = "cats", about: str = CATS) -> list[Any]:
    *_, last = builder.make(stage, player, [], name, "means", "late", about, OTHERS)
    return last


def event(act: str, number: int = 0) -> Any:
    return SimpleNamespace(_data={"act": act, "number": str(number)})


def test_a_direction_is_made_shown_and_kept(stage: Stage, player: PlayerId) -> None:
    saved, shelf, drawn, current = made(stage, player)
    assert saved[0]["name"] == "cats" and len(saved) == 1
    assert "difference of means, late, 3 against 3 texts" in shelf
    assert "6 of 6 land on their own" in drawn
    assert "data-v=" in drawn  # its value on tokens
    assert current == TextContrast(
        "cats", "late", "means", tuple(CATS.splitlines()), tuple(OTHERS.splitlines())
    )
    strip = builder.read(stage, player, current, "the kitten went home")
    assert strip.count('class="tok"') == 1  # the one word that lies to the first list's side
    assert ">kitten</span>" in strip


def test_a_reload_brings_shelf_and_draft_back(stage: Stage, player: PlayerId) -> None:
    saved, *_ = made(stage, player)
    draft = builder.noted(stage, "dogs", "probe", "early", "a dog", "")
    shelf, *fields = builder.opened(stage, saved, draft)
    assert "cats" in str(shelf)
    assert fields == ["dogs", "probe", "early", "a dog", ""]
    _, *empty = builder.opened(stage, [], {"way": "magic", "site": "attic"})
    assert empty == ["", "means", "late", "", ""]


def test_what_a_browser_has_damaged_is_passed_over(stage: Stage, player: PlayerId) -> None:
    saved, *_ = made(stage, player)
    other = {**saved[0], "site": "middle"}  # of another model
    assert len(builder.contrasts(stage, [{"name": "x"}, {**saved[0], "about": []}, other])) == 0
    assert len(builder.contrasts(stage, [{}, *saved])) == 1


def test_bad_lists_are_refused_and_nothing_is_kept(stage: Stage, player: PlayerId) -> None:
    for about, key in (("", "too_few"), (OTHERS, "equal"), (f"a cat\n{OTHERS}", "both")):
        with pytest.raises(PlayerError, match=rf"directions\.{key}"):
            made(stage, player, about=about)
    with pytest.raises(PlayerError, match=r"directions\.no_name"):
        made(stage, player, name=" ")
    with pytest.raises(PlayerError, match=r"builder\.none"):
        builder.read(stage, player, None, "a cat")


def test_the_shelf_gives_opens_and_forgets(stage: Stage, player: PlayerId) -> None:
    saved, *_ = made(stage, player)
    _, _, name, way, site, about, others, drawn, current = builder.clicked(
        stage, saved, event("look")
    )
    assert (name, way, site, about, others) == ("cats", "means", "late", CATS, OTHERS)
    assert current is not None and "cats" in str(drawn)
    assert builder.clicked(stage, saved, event("forget"))[:2] == [[], ""]
    with pytest.raises(PlayerError, match=r"builder\.gone"):
        builder.clicked(stage, saved, event("look", 3))
    assert builder.taken(stage, saved, event("look")) is None


def test_it_is_turned_beside_untouched_and_control_and_linked(
    stage: Stage, player: PlayerId
) -> None:
    saved, *_ = made(stage, player)
    bench, *slots = sandbox.take(stage, sandbox.Workbench(), saved, event("take"))
    assert isinstance(bench, sandbox.Workbench)
    assert isinstance(bench.picks[0], Direction)
    assert any("difference of means, late" in str(each) for each in slots)
    values = [0.8, "add", "all"] * 4
    state = sandbox.state_of(bench, "Once", 0.5, 0.9, 40.0, 7.0, False, values)
    (dial,) = state.dials
    assert dial == Dial.along("late", bench.picks[0], 0.8, "add", "all")
    *_, outcome = stage.game.exploring.sandbox(state)
    assert [len(each.request.dials) for each in outcome.traces] == [0, 1, 1]  # type: ignore[union-attr]
    assert stage.game.exploring.decode(stage.game.exploring.encode(state)) == state
    request: Any = SimpleNamespace(query_params={"s": stage.game.exploring.encode(state)})
    out = sandbox.opened(stage, Player(player, "secret"), [], request)
    assert isinstance(out[2], sandbox.Workbench)
    assert out[2].picks == bench.picks


def test_a_state_too_long_for_a_link_is_turned_all_the_same(stage: Stage) -> None:
    told = sandbox.link(stage, Sandbox("x" * 2000), cast(Any, SimpleNamespace()))
    assert "href" not in told and "link" in told
