"""The engine on Ray Serve: in this process as the suite runs it, and on a cluster of this machine,
where a replica is killed. Skipped aloud where Ray is not installed (`make scale` installs it)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import sleep

import psutil
import pytest

from playground import __main__ as command
from playground.engine import replicas
from playground.engine.away import AwayEngine
from playground.engine.client import Client
from playground.engine.records import Dial, Request, Sampling
from playground.engine.replicas import Many, RayFleet
from playground.errors import EngineError
from playground.game.game import Game
from playground.hosting import scaling
from playground.levels import opening
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.dealing.steering import SteeringLevel
from playground.settings import Settings
from playground.store.records import Attempt, PlayerId
from tests.engine_models import engine, save_all
from tests.fake_model import FakeEngine
from tests.served import needs_model

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own are not ours to mend
with_ray = pytest.mark.skipif(
    not replicas.installed(),
    reason="Ray is not installed: pip install 'steering-playground[scale]'",
)
SAMPLING = Sampling(max_tokens=12, seed=4, stop_at_end=False)
ROWS = [Request("the cat", d, SAMPLING) for d in ((), (Dial("middle", 3, 0.8, "add", "all"),))]


def opened_in(folder: Path) -> replicas.Opened:
    return engine(folder), ("kept in 8 bits",)


# -- in this process -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwayEngine]:
    folder = save_all(tmp_path_factory.mktemp("llama"), "llama")
    served = replicas.serve()
    bound = served.deployment(replicas.Replica).bind(partial(opened_in, folder))
    handle = served.run(bound, _local_testing_mode=True)
    yield AwayEngine(RayFleet(handle), engine(folder))


@with_ray
def test_a_stream_comes_through_serve_as_the_model_writes_it(away: AwayEngine) -> None:
    wanted = away._near.generate(ROWS).traces()
    stream = away.on_behalf(Client("me", "reply")).generate(ROWS)
    came = list(stream)
    for row, (ours, theirs) in enumerate(zip(stream.traces(), wanted, strict=True)):
        assert (ours.text, ours.finish) == (theirs.text, theirs.finish)
        assert [t.id for place, t in came if place == row] == [t.id for t in theirs.tokens]
    assert away.read(["the cat"], "late") == away._near.read(["the cat"], "late")
    assert away.notes == ("kept in 8 bits",)
    with pytest.raises(EngineError, match="no site"):
        away.read(["the cat"], "deep")


# -- what is asked for -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--least", "0"], "--least 0"),
        (["--least", "3", "--most", "2"], "not above"),
        (["--cores", "0"], "--cores 0"),
        (["--cards", "-1"], "no less than no GPU"),
    ],
)
def test_numbers_of_which_no_replicas_can_be_made_are_one_sentence(
    more: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["scale", *more]) == 2
    said = capsys.readouterr().err.strip()
    assert says in said and "\n" not in said


def test_without_ray_it_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(replicas, "installed", lambda: False)
    assert command.main(["scale"]) == 2
    assert "steering-playground[scale]" in capsys.readouterr().err
    near = (FakeEngine(), ())
    with pytest.raises(Exception, match="steering-playground"):
        opening.engine(Settings(model="pocket", engine="ray"), "pocket", lambda: near)
    assert opening.engine(Settings(model="pocket"), "pocket", lambda: near) is near


def test_replicas_become_more_while_there_is_more_to_do() -> None:
    scaling_of = Many(2, 5, cores=0.5).options()["autoscaling_config"]
    assert (scaling_of["min_replicas"], scaling_of["max_replicas"]) == (2, 5)


# -- on a cluster ----------------------------------------------------------------------------------
def replica_processes() -> list[psutil.Process]:
    """Of this machine, as Ray names them."""
    mine = psutil.Process().children(recursive=True)
    return [each for each in mine if "ServeReplica" in " ".join(each.cmdline())]


def steered(game: Game, player: PlayerId) -> SteerVerdict:
    level = game.course.start(player, "steer-chocolate").level
    assert isinstance(level, SteeringLevel)
    turns = level.reference(game._house.bench.atlas)
    picks, strengths = [turn.pick for turn in turns], [turn.strength for turn in turns]
    *_, verdict = game.attempts.steer(player, level.id, picks, strengths)
    assert isinstance(verdict, SteerVerdict)
    return verdict


@with_ray
@needs_model
@pytest.mark.cluster
@pytest.mark.slow
def test_a_killed_replica_costs_no_attempt(tmp_path: Path) -> None:
    """Six learners try a level; one of two replicas is killed while it writes for some of them."""
    asked = Settings(database=f"sqlite:///{tmp_path / 'progress.db'}", model="pocket")
    replicas.begin(cores=2)
    try:
        scaling.start(asked, Many(2, 2))
        game = Game.open(asked.model_copy(update={"engine": "ray"}))
        store, engine = game._house.store, game._house.bench.engine
        learners = [game.players.enter(None).id for _ in range(6)]
        for each in learners:
            store.record(each, "pocket", Attempt("find-cats", True, 3, 100.0, 0, {}, {}))
        alone, before = steered(game, learners[0]), engine.workload.tokens
        with ThreadPoolExecutor(len(learners)) as threads:
            tries = [threads.submit(steered, game, each) for each in learners[1:]]
            while engine.workload.tokens < before + 60:  # a test's wait, see standstill.py
                sleep(0.01)
            replica_processes()[0].kill()
            verdicts = [each.result() for each in tries]
        assert engine.workload.restarts >= 1
        for learner, verdict in zip(learners[1:], verdicts, strict=True):
            assert (verdict.won, verdict.stars) == (alone.won, alone.stars)
            assert len(store.attempts(learner, "pocket", "steer-chocolate")) == 1
        game.check()
        game.close()
    finally:
        replicas.serve().shutdown()  # or it would begin Ray anew for the tests after this one
        replicas.end([])
