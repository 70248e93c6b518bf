"""From nothing to playing on a model that nobody here has seen, by two options and no code: a GPT-2
and its SAEs, in folders. A hunt and a steering level are then won in a browser.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, Page, expect

from playground import settings
from playground.__main__ import main
from playground.levels import playable
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.kinds.steer import SteerLevel
from playground.levels.shelf import Shelf
from playground.models import registry
from playground.models.registry import Chosen
from scripts.leaks import leaks
from tests import second_model
from tests.player import steering
from tests.player.hunting import ANSWER, hand_in
from tests.player.screen import verdict
from tests.served import needs_model, served, win_everything
from tests.standstill import PATIENCE
from tests.test_browser_play import hints

pytestmark = [pytest.mark.slow, pytest.mark.browser, needs_model]

SUBJECTS = ("bees", "cats", "robots")  # that the atlas is made of
PLAYED = ("find-cats", "method-first", "steer-cats")  # that this model can play
# Those for which it lacks a concept, features, a table, transcoders, a family that can be traced.
LACKING = ("golf-chess", "promote-any", "beat-early", "smallest-third", "swap-third")

Kind = TypeVar("Kind", HuntLevel, SteerLevel)
Playing = tuple[Page, str, Path]  # its address, and the database behind it


@dataclass(frozen=True)
class Hosted:
    """environment: what the game is started with. missing: ids of the levels that it cannot play.
    chosen: the model and where its atlas lies."""

    environment: dict[str, str]
    missing: frozenset[str]
    chosen: Chosen


def shelf_of_few() -> Shelf:
    """What is played here and what cannot be: all of them take minutes."""
    whole = Shelf.load()
    few = tuple(level for level in whole.levels if level.id in (*PLAYED, *LACKING))
    return replace(whole, levels=few)


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """The commands that a host types, in this process so that their output is seen when one
    fails."""
    shelf = shelf_of_few()
    home, kept = tmp_path_factory.mktemp("second"), second_model.KEPT
    model, saes = kept / "model", [f"{s}={kept / 'saes' / s}" for s in second_model.SITES]
    options = ["--model", str(model), *(part for sae in saes for part in ("--sae", sae))]
    environment = {
        "XDG_DATA_HOME": str(home / "data"),
        "PLAYGROUND_MODEL": str(model),
        "PLAYGROUND_SAES": ",".join(saes),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(Shelf, "load", lambda: shelf)
        subjects = ",".join(SUBJECTS)
        build = ["atlas", "build", *options, "--quick", "--limit-concepts", subjects]
        assert main([*build, "--workers", "1"]) == 0
        chosen = registry.choose(settings.load())
        found = playable.read(chosen.atlas, shelf.levels)
        assert found.checked == shelf.by_id.keys()
        assert found.missing.keys() == {*LACKING}, found.missing
        assert main(["levels", "check", *options, "--level", PLAYED[0]]) == 0
    missing = playable.of(chosen, Shelf.load().levels).missing  # of the whole course
    yield Hosted(environment, frozenset(missing), chosen)


@pytest.fixture(scope="module")
def page(
    browser: Browser, hosted: Hosted, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Playing]:
    database = tmp_path_factory.mktemp("hosted") / "progress.db"
    with served(database, **hosted.environment) as game:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE)
        opened = context.new_page()
        opened.goto(game.address)
        opened.wait_for_selector("#map .stone")
        yield opened, game.address, database
        context.close()


def played(kind: type[Kind]) -> Kind:
    return next(e for e in map(Shelf.load().level, PLAYED) if isinstance(e, kind))


def test_no_graded_text_stands_on_a_card(hosted: Hosted) -> None:
    graded, shown, leaked = leaks(hosted.chosen.texts, hosted.chosen.atlas)
    assert (graded > 50, shown > 500, leaked) == (True, True, 0)


def test_the_map_says_what_cannot_be_played(page: Playing, hosted: Hosted) -> None:
    browser, address, _ = page
    chapters = [set(each.levels) for each in Shelf.load().chapters]
    missing = sum(len(each & hosted.missing) for each in chapters if each - hosted.missing)
    expect(browser.locator("#map .absent li")).to_have_count(missing)
    expect(browser.locator("#map .absent summary").first).to_contain_text("not on this model")
    assert browser.locator("#map a.stone.open").count()


def test_a_hunt_is_won(page: Playing, hosted: Hosted) -> None:
    browser, address, database = page
    win_everything(database, model=hosted.chosen.name)  # so that no level is locked
    level = played(HuntLevel)
    browser.goto(f"{address}hunt?level={level.id}")
    browser.wait_for_selector("#examples [data-act=example]")
    told = ANSWER.search(hints(browser))
    assert told
    number, site = told.groups()
    hand_in(browser, site, int(number), " ".join(level.solution.write))
    assert verdict(browser).won


def test_a_model_is_steered(page: Playing, hosted: Hosted) -> None:
    browser, address, database = page
    win_everything(database, model=hosted.chosen.name)
    browser.goto(f"{address}steer?level={played(SteerLevel).id}")
    browser.wait_for_selector("#search textarea, #search input")
    assert steering.by_the_answer(browser).won
