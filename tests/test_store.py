from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from playground.errors import AuthorError, PlayerError, StoreError
from playground.store.records import Attempt, Best, PlayerId, Probe, Recorded, Round
from playground.store.store import Store

MODEL, OTHER = "pocket", "gpt2"
NOBODY = PlayerId(404)


ONE_FILE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def path(url: str) -> Path:
    """Of the file; for tests of ONE_FILE."""
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store.open(url)
    yield store
    store.close()


def entered(store: Store) -> PlayerId:
    return store.players.enter(None).id


def attempt(level: str = "cats", stars: int = 0, score: float = 10.0) -> Attempt:
    return Attempt(level, stars > 0, stars, score, 1, {"feature": 3}, {"texts": ["мяу"]})


# -- players ---------------------------------------------------------------------------------------
def test_a_secret_stays_the_same_player_and_a_stranger_gets_a_new_one(store: Store) -> None:
    made = store.players.enter(None)
    assert len(made.secret) == 22
    assert store.players.enter(made.secret) == made == store.players.known(made.secret)
    strangers = ("x" * 22, "'; --", "", "\ud800", "x" * 100_000)
    others = [store.players.enter(secret) for secret in strangers]
    assert len({each.id for each in [made, *others]}) == 6
    assert len({store.players.lot(each.id) for each in [made, *others]}) == 6
    with pytest.raises(PlayerError, match="site.stranger"):
        store.players.lot(NOBODY)
    for secret in ("x" * 22, "", None):
        with pytest.raises(PlayerError, match="site.stranger"):
            store.players.known(secret)


def test_a_player_has_several_secrets_and_each_can_be_taken_back(store: Store) -> None:
    first = store.players.enter(None)
    second = store.players.grant(first.id, "browser")
    assert store.players.known(second).id == first.id
    store.players.revoke(second)
    assert store.players.known(first.secret) == first
    assert store.players.enter(second).id != first.id
    third = store.players.renew(first.id, "browser")
    assert store.players.known(third).id == first.id
    assert store.players.enter(first.secret).id != first.id
    for granted in (store.players.grant, store.players.renew):
        with pytest.raises(PlayerError, match="site.stranger"):
            granted(NOBODY, "browser")


@ONE_FILE
def test_no_secret_can_be_read_from_the_database(store: Store, path: Path) -> None:
    made = store.players.enter(None)
    more, lot = store.players.grant(made.id, "browser"), store.players.lot(made.id)
    store.close()
    held = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert lot.encode() in held  # so the search would find one
    assert made.secret.encode() not in held
    assert more.encode() not in held


# -- attempts --------------------------------------------------------------------------------------
def test_attempts_come_back_whole_and_in_order(store: Store) -> None:
    player = entered(store)
    before = datetime.now(UTC)
    for score in (10.0, 20.0):
        judged = replace(attempt(score=score), atlas="a1", level_version="v1")
        store.record(player, MODEL, judged)
    store.record(player, MODEL, attempt("dragons"))
    first, second = store.attempts(player, MODEL, "cats")
    assert (first.score, first.round, second.score, second.round) == (10.0, 0, 20.0, 1)
    assert first.at is not None
    assert before <= first.at <= datetime.now(UTC)
    assert (first.answer, first.evidence, first.hints) == ({"feature": 3}, {"texts": ["мяу"]}, 1)
    assert (first.atlas, first.level_version) == ("a1", "v1")
    (third,) = store.attempts(player, MODEL, "dragons")
    assert (third.atlas, third.level_version) == (None, None)


def test_of_a_round_the_first_attempt_counts(store: Store) -> None:
    player = entered(store)
    first = store.record(player, MODEL, replace(attempt(stars=1), round=7, verdict={"n": 1}))
    again = store.record(player, MODEL, replace(attempt(stars=3), round=7, verdict={"n": 2}))
    assert (first.new, again.new, again.attempt) == (True, False, first.attempt)
    assert (first.attempt.round, first.attempt.stars) == (7, 1)
    shown = store.replay(player, MODEL, "cats")
    assert shown is not None
    assert shown.verdict == {"n": 1}
    assert store.record(player, MODEL, attempt()).attempt.round == 8
    assert store.best(player, MODEL)["cats"].attempts == 2


def test_tries_can_be_limited(store: Store) -> None:
    player = entered(store)
    made = [store.record(player, MODEL, attempt(score=n), tries=3) for n in (10, 20, 30, 40)]
    assert [each.new for each in made] == [True, True, True, False]
    assert made[3] == Recorded(made[2].attempt, new=False)
    late = store.record(player, MODEL, replace(attempt(stars=3), round=99), tries=3)
    assert (late.new, late.attempt.score) == (False, 30.0)
    assert store.record(player, OTHER, attempt(), tries=1).new


def test_best_counts_stars_before_score(store: Store) -> None:
    player, other = entered(store), entered(store)
    for each in (attempt(stars=2, score=70), attempt(stars=0, score=90), attempt("dragons")):
        store.record(player, MODEL, each)
    assert store.best(player, MODEL) == {
        "cats": Best("cats", True, 2, 90.0, 2),
        "dragons": Best("dragons", False, 0, 10.0, 1),
    }
    assert store.best(other, MODEL) == {}


def test_the_best_verdict_is_kept(store: Store) -> None:
    player, other = entered(store), entered(store)
    for stars, score in ((2, 70), (0, 90), (2, 60), (2, 70)):
        made = replace(attempt(stars=stars, score=score), atlas=f"a{score}", level_version="v1")
        store.record(player, MODEL, replace(made, verdict={"said": [stars, score]}))
    store.record(player, MODEL, replace(attempt("dragons", 3, 50), verdict={"said": "three"}))
    store.record(player, MODEL, attempt(stars=3))  # has nothing to show
    shown = store.replay(player, MODEL, "cats")
    assert shown is not None
    assert (shown.stars, shown.score, shown.verdict) == (2, 70.0, {"said": [2, 70]})
    assert (shown.atlas, shown.level_version) == ("a70", "v1")
    best = store.replay(player, MODEL, "cats", "dragons", "trains")
    assert best is not None
    assert best.level == "dragons"
    assert store.replay(other, MODEL, "cats") is None
    assert store.replay(player, MODEL) is None


def test_a_better_verdict_takes_the_place_of_a_worse_one(store: Store) -> None:
    player = entered(store)
    for stars, score in ((1, 90), (1, 91), (2, 10)):
        made = replace(attempt(stars=stars, score=score), verdict={"said": [stars, score]})
        store.record(player, MODEL, made)
        shown = store.replay(player, MODEL, "cats")
        assert shown is not None
        assert shown.verdict == {"said": [stars, score]}


def test_on_another_model_everything_is_won_anew(store: Store) -> None:
    player = entered(store)
    store.record(player, MODEL, replace(attempt(stars=3), verdict={"a": 1}))
    store.open_hints(player, MODEL, "cats", 2)
    store.keep_probe(player, MODEL, "cats", 5, Probe(0, "a", ("b", "c")), most=3)
    store.sit(player, MODEL, 1, ["spot"])
    store.note(player, MODEL, Round("cats", 1, ()), {})
    assert store.best(player, OTHER) == {}
    assert store.attempts(player, OTHER, "cats") == []
    assert store.replay(player, OTHER, "cats") is None
    assert store.hints(player, OTHER, "cats") == 0
    assert store.probes(player, OTHER, "cats", 5) == ()
    assert store.sittings(player, OTHER) == {}
    assert store.round_of(player, OTHER, "cats") is None


# -- the rest of what a player does ----------------------------------------------------------------
def test_a_sitting_is_begun_once(store: Store) -> None:
    player = entered(store)
    store.sit(player, MODEL, 1, ["spot", "hunt"])
    store.sit(player, MODEL, 1, ["other"])
    store.sit(player, MODEL, 2, ["name"])
    assert store.sittings(player, MODEL) == {1: ("spot", "hunt"), 2: ("name",)}
    assert store.sittings(entered(store), MODEL) == {}


def test_hints_never_close(store: Store) -> None:
    player = entered(store)
    assert store.hints(player, MODEL, "cats") == 0
    for opened in (1, 3, 2):
        store.open_hints(player, MODEL, "cats", opened)
    assert store.hints(player, MODEL, "cats") == 3
    assert store.hints(player, MODEL, "dragons") == 0


def test_probes_keep_their_order_and_are_used_up(store: Store) -> None:
    player = entered(store)
    tried = [Probe(number, prompt, ("x", "y")) for number, prompt in ((1, "c"), (0, "b"), (0, "a"))]
    assert [store.keep_probe(player, MODEL, "dark", 9, each, most=2) for each in tried] == [
        True
    ] * 3
    assert not store.keep_probe(player, MODEL, "dark", 9, Probe(0, "d", ()), most=2)
    assert store.probes(player, MODEL, "dark", 9) == (tried[1], tried[2], tried[0])
    assert store.keep_probe(player, MODEL, "dark", 10, Probe(0, "d", ()), most=2)


def test_a_round_is_kept_at_each_answer_until_it_is_closed(url: str, store: Store) -> None:
    player, other = entered(store), entered(store)
    dealt = Round("quiz", 3_000_000_000, (None,) * 3, "a1", "v1")
    assert store.note(player, MODEL, dealt, {}) == (None, None, None)
    begun = store.round_of(player, MODEL, "quiz")
    assert begun is not None
    assert begun.opened is not None
    assert store.note(player, MODEL, dealt, {2: "мяу"}) == (None, None, "мяу")
    assert store.note(player, MODEL, dealt, {0: 1}) == (1, None, "мяу")
    store.note(player, OTHER, Round("quiz", 5, (None,)), {0: 2})
    store.close()
    again = Store.open(url)
    kept = replace(dealt, answers=(1, None, "мяу"), opened=begun.opened)
    assert again.round_of(player, MODEL, "quiz") == kept
    again.close_round(player, MODEL, "quiz")
    again.close_round(player, MODEL, "quiz")
    assert again.round_of(player, MODEL, "quiz") is None
    assert again.round_of(other, OTHER, "quiz") is None
    left = again.round_of(player, OTHER, "quiz")
    assert left is not None
    assert (left.seed, left.answers) == (5, (2,))
    again.close()


def test_answers_to_another_round_are_no_answers_to_this_one(store: Store) -> None:
    player = entered(store)
    rounds = ((1, "a1", "v1"), (2, "a1", "v1"), (2, "a2", "v1"), (2, "a2", "v2"))
    for seed, atlas, version in rounds:
        begun = Round("quiz", seed, (None, None), atlas, version)
        assert store.note(player, MODEL, begun, {1: seed}) == (None, seed)


def test_answers_that_come_at_once_are_all_kept(store: Store) -> None:
    player, begun = entered(store), Round("quiz", 1, (None,) * 12)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda place: store.note(player, MODEL, begun, {place: place}), range(12)))
    assert store.note(player, MODEL, begun, {}) == tuple(range(12))


def test_an_attempt_closes_its_round(store: Store) -> None:
    player = entered(store)
    for level in ("quiz", "other"):
        store.note(player, MODEL, Round(level, 5, (2,)), {})
    store.record(player, MODEL, attempt("quiz"))
    assert store.round_of(player, MODEL, "quiz") is None
    assert store.round_of(player, MODEL, "other") is not None


def test_everything_survives_a_restart(url: str, store: Store) -> None:
    made = store.players.enter(None)
    player = made.id
    store.record(player, MODEL, attempt(stars=3))
    store.record(player, MODEL, replace(attempt("dragons", 1), verdict={"a": 1}))
    store.sit(player, MODEL, 1, ["spot"])
    store.open_hints(player, MODEL, "cats", 2)
    store.close()
    again = Store.open(url)
    assert again.players.enter(made.secret) == made
    assert again.best(player, MODEL)["cats"].stars == 3
    assert again.hints(player, MODEL, "cats") == 2
    assert again.sittings(player, MODEL) == {1: ("spot",)}
    kept = again.replay(player, MODEL, "dragons")
    assert kept is not None
    assert kept.verdict == {"a": 1}
    again.close()


def test_an_unknown_player_is_told_so(store: Store) -> None:
    for write in (
        lambda: store.record(NOBODY, MODEL, attempt()),
        lambda: store.open_hints(NOBODY, MODEL, "cats", 1),
        lambda: store.sit(NOBODY, MODEL, 1, []),
        lambda: store.keep_probe(NOBODY, MODEL, "cats", 0, Probe(0, "", ()), most=1),
        lambda: store.note(NOBODY, MODEL, Round("cats", 0, ()), {}),
    ):
        with pytest.raises(PlayerError, match="site.stranger"):
            write()


# -- what everybody shares -------------------------------------------------------------------------
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


# -- a database that fails -------------------------------------------------------------------------
def test_a_store_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    blocked, damaged = tmp_path / "file", tmp_path / "damaged.db"
    blocked.write_text("no folder")
    damaged.write_text("no database " * 100)
    urls = {
        f"sqlite:///{blocked}/progress.db": "file exists|not a directory",
        f"sqlite:///{damaged}": "not a database",
        f"sqlite:///{tmp_path}": "unable to open",
        "no url at all": "could not parse",
        "postgresql+nosuchdriver://me:secret@here/game": "nosuchdriver",
    }
    for url, reason in urls.items():
        with pytest.raises(AuthorError, match=f"(?i)^PLAYGROUND_DB=.*({reason})") as caught:
            Store.open(url)
        assert "secret" not in str(caught.value)


@ONE_FILE
def test_a_locked_database_is_one_sentence_and_nothing_is_half_written(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = entered(store)
    store.close()
    monkeypatch.setattr("playground.store.database.BUSY_SECONDS", 0.1)
    hasty, blocking = Store.open(f"sqlite:///{path}"), create_engine(f"sqlite:///{path}")
    with blocking.connect() as other:
        other.execute(text("UPDATE players SET lot = lot"))
        with pytest.raises(StoreError, match="did not answer .*locked.*nothing was kept") as caught:
            hasty.record(player, MODEL, replace(attempt(stars=3), verdict={"a": 1}))
        assert "мяу" not in str(caught.value.__cause__)  # an answer has no place in a log
        assert hasty.best(player, MODEL) == {}  # who reads waits for nobody
    assert hasty.replay(player, MODEL, "cats") is None
    assert hasty.record(player, MODEL, attempt()).attempt.round == 0
    hasty.close()
    blocking.dispose()


@ONE_FILE
def test_a_database_that_is_gone_is_one_sentence(path: Path, store: Store) -> None:
    player = entered(store)
    aside = path.with_name("aside.db")
    path.rename(aside)
    for ask in (lambda: store.best(player, MODEL), lambda: store.record(player, MODEL, attempt())):
        with pytest.raises(StoreError, match=f"moved or deleted.*{path.name}.*start the game"):
            ask()
    aside.rename(path)
    assert store.best(player, MODEL) == {}
