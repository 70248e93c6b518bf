"""The game as a Space on ZeroGPU plays it, on pocket: what learners have written is written in a
process that a GPU would be lent to, questions and verdicts are worked out here."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import gradio as gr
import pytest

from playground.engine import loading
from playground.engine.records import Sampling
from playground.errors import PlayerError
from playground.game.exploring import Outcome
from playground.game.game import Game
from playground.game.share import Sandbox
from playground.levels.dealing.questions import AskLevel
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.kinds import hunt
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import Pick
from playground.settings import Settings
from playground.store.records import PlayerId
from tests.lent_gpus import LentGpus
from tests.served import needs_model

pytestmark = [
    needs_model,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]


WORTH = loading.WORTH


@dataclass(frozen=True)
class Space:
    game: Game
    gpus: LentGpus
    player: PlayerId


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    gpus, folder = LentGpus(), tmp_path_factory.mktemp("space")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "spaces", gpus)
        patch.setattr(loading, "WORTH", 0)
        asked = Settings(database=f"sqlite:///{folder / 'progress.db'}", model="pocket", zero=True)
        game = Game.open(asked)
        game.ready()
        yield Space(game, gpus, game.players.enter(None).id)
        game.close()
        gpus.close()


def test_a_hunt_is_judged_here_and_opens_a_level_that_is_steered_there(space: Space) -> None:
    game, player = space.game, space.player
    level, atlas = game.course.start(player, "find-cats").level, game._house.bench.atlas
    assert isinstance(level, HuntLevel)
    best = hunt.reference(level, atlas)
    assert game.attempts.submit(player, level.id, Pick(best.site, best.feature)).won
    assert space.gpus.calls == []
    level = game.course.start(player, "steer-chocolate").level
    assert isinstance(level, SteeringLevel)
    turns = level.reference(atlas)
    *_, verdict = game.attempts.steer(
        player, level.id, [turn.pick for turn in turns], [turn.strength for turn in turns]
    )
    assert isinstance(verdict, SteerVerdict) and verdict.decided and verdict.won
    assert len(space.gpus.calls) >= 2  # the triple that is shown, and those that are counted
    assert os.getpid() not in {call.process for call in space.gpus.calls}
    assert all(0 < call.seconds <= 10 for call in space.gpus.calls)


def test_questions_are_dealt_here(space: Space) -> None:
    game = space.game
    level = game._house.shelf.level("control-coin")
    assert isinstance(level, AskLevel)
    before = len(space.gpus.calls)
    dealt = game._house.deals.question(level, 987, 0, owner=str(space.player))
    assert dealt.question.options and len(space.gpus.calls) == before


def test_the_sandbox_writes_there_and_says_when_it_cannot(space: Space) -> None:
    game, calls = space.game.exploring.on_behalf(space.player), space.gpus.calls
    state = Sandbox("One morning", sampling=Sampling(max_tokens=8))
    began, *said, outcome = game.sandbox(state)
    assert isinstance(outcome, Outcome) and outcome.traces[0].tokens
    before, space.gpus.refuses = len(calls), gr.Error("none", title="ZeroGPU quota exceeded")
    with pytest.raises(PlayerError, match=r"lent\.none_left"):
        list(game.sandbox(state))
    *_, again = game.sandbox(state)
    assert isinstance(again, Outcome) and again.traces[0].tokens
    assert len(calls) == before + 1
    space.gpus.refuses = None


def test_who_is_lent_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = loading.open_parts(Settings(model="pocket"), say=lambda line: None)
    there = Settings(model="pocket", zero=True)
    monkeypatch.setattr(loading, "WORTH", WORTH)
    assert not loading.is_lent(parts, there)  # it has written its reply before a GPU is fetched
    monkeypatch.setattr(loading, "WORTH", 1_000_000)
    assert loading.is_lent(parts, there)
    for other in ({"lent": False}, {"zero": False}, {"bits": 8}):
        assert not loading.is_lent(parts, there.model_copy(update=other))
