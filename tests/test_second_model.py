"""From nothing to playing on a model that nobody here has seen, by two options and no code: a GPT-2
and its SAEs, in folders. A hunt and a steering level are then won in a browser.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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

Kind = TypeVar("Kind", HuntLevel, SteerLevel)
Playing = tuple[Page, str, Path]  # its address, and the database behind it


@dataclass(frozen=True)
class Hosted:
    """environment: what the game is started with. can: ids of the levels that it can play. chosen:
    the model and where its atlas lies."""

    environment: dict[str, str]
    can: frozenset[str]
    chosen: Chosen


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """The commands that a host types, in this process so that their output is seen when one
    fails."""
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
        subjects = ",".join(second_model.SUBJECTS)
        build = ["atlas", "build", *options, "--quick", "--limit-concepts", subjects]
        assert main([*build, "--workers", "1"]) == 0
        shelf, asked = Shelf.load(), settings.load()
        chosen = registry.choose(asked)
        found = playable.read(chosen.atlas, shelf.levels)
        assert found.checked == shelf.by_id.keys()
        one = next(level for level in shelf.levels if level.id not in found.missing)
        assert main(["levels", "check", *options, "--level", one.id]) == 0
    yield Hosted(environment, frozenset(shelf.by_id.keys() - found.missing.keys()), chosen)


@pytest.fixture(scope="module")
def page(
    browser: Browser, hosted: Hosted, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Playing]:
    database = tmp_path_factory.mktemp("hosted") / "progress.db"
    with served(database, **hosted.environment) as game:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        opened = context.new_page()
        opened.goto(game.address)
        opened.wait_for_selector("#map .stone")
        yield opened, game.address, database
        context.close()


def first(hosted: Hosted, kind: type[Kind]) -> Kind:
    levels = Shelf.load().levels
    fit = [level for level in levels if level.id in hosted.can and isinstance(level, kind)]
    assert fit, f"no {kind.__name__} is playable; there are {sorted(hosted.can)}"
    return fit[0]


def test_no_graded_text_stands_on_a_card(hosted: Hosted) -> None:
    graded, shown, leaked = leaks(hosted.chosen.texts, hosted.chosen.atlas)
    assert (graded > 50, shown > 500, leaked) == (True, True, 0)


def test_the_map_says_what_cannot_be_played(page: Playing, hosted: Hosted) -> None:
    browser, address, _ = page
    chapters = [set(each.levels) for each in Shelf.load().chapters if hosted.can & {*each.levels}]
    missing = sum(len(each - hosted.can) for each in chapters)
    expect(browser.locator("#map .stone.missing")).to_have_count(missing)
    expect(browser.locator("#map .stone.missing").first).to_contain_text("Not on this model")
    assert browser.locator("#map a.stone.open").count()


def test_a_hunt_is_won(page: Playing, hosted: Hosted) -> None:
    browser, address, database = page
    win_everything(database)  # so that no level is locked
    level = first(hosted, HuntLevel)
    browser.goto(f"{address}hunt?level={level.id}")
    browser.wait_for_selector("#examples [data-act=example]")
    told = ANSWER.search(hints(browser))
    assert told
    number, site = told.groups()
    hand_in(browser, site, int(number), " ".join(level.solution.write))
    assert verdict(browser).won


def test_a_model_is_steered(page: Playing, hosted: Hosted) -> None:
    browser, address, database = page
    win_everything(database)
    browser.goto(f"{address}steer?level={first(hosted, SteerLevel).id}")
    browser.wait_for_selector("#search textarea, #search input")
    assert steering.by_the_answer(browser).won
