from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from playground.errors import AuthorError, PlayerError
from playground.store.records import Attempt, Best, Round
from playground.store.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "progress.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{path}")
    yield store
    store.close()


def attempt(level: str = "cats", stars: int = 0, score: float = 10.0) -> Attempt:
    return Attempt(level, stars > 0, stars, score, 1, {"feature": 3}, {"texts": ["мяу"]})


def test_a_player_keeps_the_token_and_a_stranger_gets_one(store: Store) -> None:
    made = store.player(None)
    assert len(made) == 22
    assert store.player(made) == made
    others = {store.player(None), store.player("x" * 22), store.player("'; --"), store.player("")}
    assert len(others | {made}) == 5


def test_attempts_come_back_whole_and_in_order(store: Store) -> None:
    player = store.player(None)
    before = datetime.now(UTC)
    for score in (10.0, 20.0):
        store.record(player, attempt(score=score))
    store.record(player, attempt("dragons"))
    first, second = store.attempts(player, "cats")
    assert (first.score, second.score) == (10.0, 20.0)
    assert first.at is not None
    assert before <= first.at <= datetime.now(UTC)
    assert (first.answer, first.evidence, first.hints) == ({"feature": 3}, {"texts": ["мяу"]}, 1)


def test_best_counts_stars_before_score(store: Store) -> None:
    player, other = store.player(None), store.player(None)
    for each in (attempt(stars=2, score=70), attempt(stars=0, score=90), attempt("dragons")):
        store.record(player, each)
    assert store.best(player) == {
        "cats": Best("cats", True, 2, 90.0, 2),
        "dragons": Best("dragons", False, 0, 10.0, 1),
    }
    assert store.best(other) == {}


def test_the_best_verdict_is_kept(store: Store) -> None:
    player, other = store.player(None), store.player(None)
    for stars, score in ((2, 70), (0, 90), (2, 60), (2, 70)):
        made = attempt(stars=stars, score=score)
        store.record(player, replace(made, verdict={"said": [stars, score]}))
    store.record(player, replace(attempt("dragons", 3, 50), verdict={"said": "three"}))
    store.record(player, attempt(stars=3))  # has nothing to show
    shown = store.replay(player, "cats")
    assert shown is not None
    assert (shown.stars, shown.score, shown.verdict) == (2, 70.0, {"said": [2, 70]})
    best = store.replay(player, "cats", "dragons", "trains")
    assert best is not None
    assert best.level == "dragons"
    assert store.replay(other, "cats") is None
    assert store.replay(player) is None


def test_a_sitting_is_begun_once(store: Store) -> None:
    player = store.player(None)
    store.sit(player, 1, ["spot", "hunt"])
    store.sit(player, 1, ["other"])
    store.sit(player, 2, ["name"])
    assert store.sittings(player) == {1: ("spot", "hunt"), 2: ("name",)}
    assert store.sittings(store.player(None)) == {}
    with pytest.raises(PlayerError, match="Reload the page"):
        store.sit("nobody", 1, [])


def test_everything_survives_a_restart(path: Path, store: Store) -> None:
    player = store.player(None)
    store.record(player, attempt(stars=3))
    store.record(player, replace(attempt("dragons", 1), verdict={"a": 1}))
    store.sit(player, 1, ["spot"])
    store.open_hints(player, "cats", 2)
    store.close()
    again = Store.open(f"sqlite:///{path}")
    assert again.player(player) == player
    assert again.best(player)["cats"].stars == 3
    assert again.hints(player, "cats") == 2
    assert again.sittings(player) == {1: ("spot",)}
    kept = again.replay(player, "dragons")
    assert kept is not None
    assert kept.verdict == {"a": 1}
    again.close()


def test_hints_never_close(store: Store) -> None:
    player = store.player(None)
    assert store.hints(player, "cats") == 0
    for opened in (1, 3, 2):
        store.open_hints(player, "cats", opened)
    assert store.hints(player, "cats") == 3
    assert store.hints(player, "dragons") == 0


def test_an_unknown_player_is_told_so(store: Store) -> None:
    with pytest.raises(PlayerError, match="Reload the page"):
        store.record("nobody", attempt())
    with pytest.raises(PlayerError, match="Reload the page"):
        store.open_hints("nobody", "cats", 1)


def test_many_threads_write_at_once(store: Store) -> None:
    players = [store.player(None) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.record(players[n % 8], attempt(stars=1)), range(80)))
    assert [store.best(player)["cats"].attempts for player in players] == [10] * 8


def test_a_store_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    urls = {
        f"sqlite:///{blocked}/progress.db": "file exists|not a directory",
        f"sqlite:///{tmp_path}": "unable to open",
        "no url at all": "could not parse",
        "postgresql+nosuchdriver://me:secret@here/game": "nosuchdriver",
    }
    for url, reason in urls.items():
        with pytest.raises(AuthorError, match=f"(?i)^PLAYGROUND_DB=.*({reason})") as caught:
            Store.open(url)
        assert "secret" not in str(caught.value)


def test_a_round_is_kept_at_each_answer_until_it_is_closed(path: Path, store: Store) -> None:
    player, other = store.player(None), store.player(None)
    dealt = Round("quiz", 3_000_000_000, (), "a1", "v1")
    store.keep_round(player, "pocket", dealt)
    begun = store.round_of(player, "pocket", "quiz")
    assert begun is not None
    assert begun.opened is not None
    for answers in ((1,), (1, None, "мяу")):
        store.keep_round(player, "pocket", replace(dealt, answers=answers))
    store.keep_round(player, "gpt2", Round("quiz", 5, (2,)))
    store.close()
    again = Store.open(f"sqlite:///{path}")
    kept = replace(dealt, answers=(1, None, "мяу"), opened=begun.opened)
    assert again.round_of(player, "pocket", "quiz") == kept
    again.close_round(player, "pocket", "quiz")
    again.close_round(player, "pocket", "quiz")
    assert again.round_of(player, "pocket", "quiz") is None
    assert again.round_of(other, "gpt2", "quiz") is None
    left = again.round_of(player, "gpt2", "quiz")
    assert left is not None
    assert (left.seed, left.answers) == (5, (2,))
    again.close()


def test_what_is_shared_first_stands(store: Store) -> None:
    assert store.shared("deal/pocket/a1/quiz/0") is None
    assert store.share("deal/pocket/a1/quiz/0", {"ask": "Где?"}) == {"ask": "Где?"}
    assert store.share("deal/pocket/a1/quiz/0", {"ask": "no"}) == {"ask": "Где?"}
    assert store.shared("deal/pocket/a1/quiz/0") == {"ask": "Где?"}


def test_the_oldest_results_of_a_kind_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.store.store.SHARED_MOST", 3)
    store.share("verdict/0", 0)
    for number in range(5):
        store.share(f"deal/{number}", [number])
    assert [store.shared(f"deal/{n}") for n in range(5)] == [None, None, [2], [3], [4]]
    assert store.shared("verdict/0") == 0
