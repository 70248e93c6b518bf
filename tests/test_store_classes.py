"""Classes in the store: who joins, what is kept of members, two who become one, what is forgotten;
and that nothing of one class is reached through another."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest

from playground.errors import PlayerError
from playground.store import codes, personal
from playground.store.records import Attempt, PlannedLevel, PlayerId, Probe, Round, SchoolClass
from playground.store.store import Store
from playground.store.tables import Base, VisitRow

MODEL, OTHER = "pocket", "gpt2"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store.open(url)
    yield store
    store.close()


@pytest.fixture
def school(store: Store) -> SchoolClass:
    return store.classes.create("Monday", MODEL, "Europe/Berlin")


def entered(store: Store) -> PlayerId:
    return store.players.enter(None).id


def tried(
    level: str = "cats", stars: int = 0, score: float = 10.0, n: int | None = None
) -> Attempt:
    verdict = {"score": score}
    return Attempt(level, stars > 0, stars, score, 0, {"n": n}, {}, verdict=verdict)


# -- codes -----------------------------------------------------------------------------------------
def test_codes_are_read_however_they_are_typed() -> None:
    code = codes.drawn(codes.SECRET_LETTERS)
    assert codes.plain(codes.spaced(code)) == codes.plain(f" {code.lower()} ") == code
    assert codes.spaced("ABCDEFGH2") == "ABCD-EFGH-2"
    assert not set("0O1ILU") & set(codes.LETTERS)
    assert len({codes.drawn(6) for _ in range(1000)}) > 990


# -- joining ---------------------------------------------------------------------------------------
def test_a_class_is_joined_by_its_code_while_it_is_open(store: Store, school: SchoolClass) -> None:
    me = entered(store)
    joined = store.classes.join(school.code.lower(), me, "  Ada\u200b \n Lovelace ")
    assert (joined.of, joined.member.name) == (school, "Ada Lovelace")
    assert store.classes.current(me, MODEL) == joined
    assert store.classes.current(me, OTHER) is None
    store.classes.set_open(school.id, False)
    assert store.classes.current(me, MODEL) is None
    with pytest.raises(PlayerError, match="join.no_class"):
        store.classes.join(school.code, entered(store), "Bob")
    with pytest.raises(PlayerError, match="join.no_class"):
        store.classes.by_code(school.code)
    store.classes.set_open(school.id, True)
    again = store.classes.join(school.code, me, "Ada L.")
    assert (again.member.id, again.member.name) == (joined.member.id, "Ada L.")
    store.classes.leave(school.id, me)
    assert store.classes.of_player(me) == []


def test_a_name_is_one_learners_however_it_is_written(store: Store, school: SchoolClass) -> None:
    store.classes.join(school.code, entered(store), "Straße")
    for name in ("STRASSE", "strasse", "Straße"):
        with pytest.raises(PlayerError, match="join.taken"):
            store.classes.join(school.code, entered(store), name)
    for name, said in (("", "join.no_name"), (" \u200b", "join.no_name"), ("x" * 41, "long_name")):
        with pytest.raises(PlayerError, match=said):
            store.classes.join(school.code, entered(store), name)
    assert [each.name for each in store.classes.members(school.id)] == ["Straße"]


def test_of_twelve_who_want_one_name_at_once_one_gets_it(store: Store, school: SchoolClass) -> None:
    players, barrier = [entered(store) for _ in range(12)], Barrier(12)

    def come(player: PlayerId) -> bool:
        barrier.wait()
        try:
            store.classes.join(school.code, player, "Cat")
        except PlayerError as error:
            assert error.said.key == "join.taken"
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(come, players)) == 1
    assert len(store.classes.members(school.id)) == 1


def test_one_who_joins_twelve_times_at_once_is_there_once(
    store: Store, school: SchoolClass
) -> None:
    me, barrier = entered(store), Barrier(12)

    def come(number: int) -> None:
        barrier.wait()
        store.classes.join(school.code, me, f"Cat {number}")

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(come, range(12)))
    assert len(store.classes.members(school.id)) == 1


def test_a_roster_is_entered_whole_or_not_at_all(store: Store, school: SchoolClass) -> None:
    made = store.classes.enroll(school.id, ["Ada", "Bob"])
    assert [member.name for member, _ in made] == ["Ada", "Bob"]
    with pytest.raises(PlayerError, match="join.taken"):
        store.classes.enroll(school.id, ["Cyd", "ada"])
    assert [each.name for each in store.classes.members(school.id)] == ["Ada", "Bob"]
    member, code = made[0]
    back = store.players.resume(codes.spaced(code).lower())
    assert back.id == member.player
    assert store.players.known(back.secret).id == member.player
    with pytest.raises(PlayerError, match="join.no_resume"):
        store.players.resume(back.secret)  # a browser's key is no code
    again = store.players.renew(member.player, "resume")
    with pytest.raises(PlayerError, match="join.no_resume"):
        store.players.resume(code)
    assert store.players.resume(again).id == member.player
    assert store.players.known(back.secret).id == member.player  # a new code ends no browser
    assert store.players.ways(member.player) == {"browser": 2, "resume": 1}


def test_what_is_planned_and_ruled_comes_back(store: Store, school: SchoolClass) -> None:
    at = datetime(2026, 12, 1, 8, tzinfo=UTC)
    plan = (PlannedLevel("cats", at), PlannedLevel("dogs"))
    store.classes.set_plan(school.id, plan)
    store.classes.rule(school.id, "Tuesday", False, True, at, at + timedelta(hours=2))
    found = store.classes.get(school.id)
    assert (found.plan, found.title, found.hints, found.ordered) == (plan, "Tuesday", False, True)
    assert (found.begins, found.ends) == (at, at + timedelta(hours=2))
    store.classes.join(school.code, entered(store), "Ada")
    other = store.classes.copy(school.id, "Copy")
    assert (other.plan, other.begins, other.hints) == (plan, at, False)
    assert other.code != school.code
    assert [(each.title, count) for each, count in store.classes.all()] == [
        ("Copy", 0), ("Tuesday", 1),
    ]  # fmt: skip
    store.classes.delete(school.id)
    assert [each.title for each, _ in store.classes.all()] == ["Copy"]
    with pytest.raises(PlayerError, match="teach.no_class"):
        store.classes.get(school.id)


def test_a_member_is_reached_through_their_own_class_alone(
    store: Store, school: SchoolClass
) -> None:
    other = store.classes.create("Other", MODEL, "UTC")
    member = store.classes.join(school.code, entered(store), "Ada").member
    for act in (
        lambda: store.classes.member(other.id, member.id),
        lambda: store.classes.rename(other.id, member.id, "Eve"),
        lambda: store.classes.remove(other.id, member.id),
    ):
        with pytest.raises(PlayerError, match="teach.no_member"):
            act()
    assert store.classes.members(school.id) == [member]
    assert store.rolls.entries(other) == []
    assert list(store.rolls.attempts(other)) == []


# -- what is seen of members -----------------------------------------------------------------------
def test_entries_tell_stars_tries_and_minutes_of_members_alone(
    store: Store, school: SchoolClass
) -> None:
    me, stranger = entered(store), entered(store)
    member = store.classes.join(school.code, me, "Ada").member
    for player in (me, stranger):
        store.record(player, MODEL, tried(stars=0))
        store.record(player, MODEL, tried(stars=2, score=60.0))
        store.record(player, OTHER, tried("dogs", stars=3))
    store.classes.visit(me, MODEL, "cats")
    store.classes.visit(me, MODEL, "birds")
    found = {each.level: each for each in store.rolls.entries(school)}
    assert found.keys() == {"cats", "birds"}
    cats, birds = found["cats"], found["birds"]
    assert (cats.member, cats.stars, cats.score, cats.tries) == (member.id, 2, 60.0, 2)
    assert (birds.stars, birds.tries, birds.seconds) == (0, 0, 0)
    assert cats.latest is not None
    assert [(name, each.stars) for name, each in store.rolls.attempts(school)] == [
        ("Ada", 0), ("Ada", 2),
    ]  # fmt: skip


def test_pauses_are_no_time_at_a_level(store: Store) -> None:
    me = entered(store)
    key = {"player": me, "model": MODEL, "level": "cats"}
    store.classes.visit(me, MODEL, "cats")
    for back, seconds in ((60, 60), (1, 60), (299, 359), (400, 359)):
        with store._database.writing() as session:
            row = session.get_one(VisitRow, key)
            row.latest = datetime.now(UTC) - timedelta(seconds=back)
        store.classes.visit(me, MODEL, "cats")
        with store._database.reading() as session:
            row = session.get_one(VisitRow, key)
            assert abs(row.seconds - seconds) <= 1


# -- all that is of a player -----------------------------------------------------------------------
def filled(store: Store, school: SchoolClass, name: str) -> PlayerId:
    """A player with a row in every table that has players."""
    me = entered(store)
    store.classes.join(school.code, me, name)
    store.record(me, MODEL, tried(stars=1))
    store.record(me, MODEL, tried(stars=1))
    store.open_hints(me, MODEL, "cats", 1)
    store.sit(me, MODEL, 1, ["a"])
    store.note(me, MODEL, Round("dogs", 0, (None, None)), {0: 1})
    store.keep_talk(me, MODEL, lambda _: {"turns": [name]})
    store.keep_probe(me, MODEL, "cats", 0, Probe(0, "Once", ("a", "b")), 3)
    store.classes.visit(me, MODEL, "cats")
    store.personal.certify(me, MODEL, 12, 24, date(2026, 11, 30), lambda code: None)
    return me


def test_everything_of_a_player_is_told_and_forgotten(store: Store, school: SchoolClass) -> None:
    me, other = filled(store, school, "Ada"), filled(store, school, "Bob")
    told = store.personal.told(me)
    tables = {each.name for each in personal.owned()} | {"players"}
    assert told.keys() == tables == {each.name for each in Base.metadata.sorted_tables} - {
        "classes", "shared", "teacher_sessions", "written",
    }  # fmt: skip
    assert all(told.values()), "a table that nobody filled"
    assert told["members"][0]["title"] == "Monday"
    assert "Bob" not in str(told)
    assert "digest" not in str(told)
    before = store.personal.counts(other)
    assert before == {name: len(rows) for name, rows in store.personal.told(other).items()
                      if name != "players"}  # fmt: skip
    store.personal.delete(me)
    with pytest.raises(PlayerError, match="site.stranger"):
        store.personal.told(me)
    assert store.personal.counts(other) == before
    assert set(store.personal.counts(me).values()) == {0}
    with pytest.raises(PlayerError, match="site.stranger"):
        store.personal.delete(me)


def test_a_reset_takes_what_was_done_on_a_model_and_leaves_the_rest(
    store: Store, school: SchoolClass
) -> None:
    me = filled(store, school, "Ada")
    store.record(me, OTHER, tried())
    store.record(me, MODEL, tried("dogs"))
    store.personal.reset(me, MODEL, "cats")
    assert store.best(me, MODEL).keys() == {"dogs"}
    assert store.round_of(me, MODEL, "dogs") is None  # handed in
    store.personal.reset(me, MODEL)
    assert store.best(me, MODEL) == {}
    assert store.sittings(me, MODEL) == {}
    assert store.talk(me, MODEL) is not None
    assert store.best(me, OTHER).keys() == {"cats"}
    assert [each.member.name for each in store.classes.of_player(me)] == ["Ada"]


def test_two_become_one_and_no_try_is_lost(store: Store, school: SchoolClass) -> None:
    gone, into = filled(store, school, "Ada"), filled(store, school, "Ada 2")
    key = store.players.grant(gone, "browser")
    store.record(gone, MODEL, tried(stars=3, score=90.0))
    store.record(gone, MODEL, tried("dogs", stars=1))
    store.open_hints(gone, MODEL, "cats", 3)
    store.personal.merge(gone, into)
    rounds = [each.round or 0 for each in store.attempts(into, MODEL, "cats")]
    assert rounds == [2, 3, 0, 1, 4]  # by id; those of `gone` go on after the others
    assert sorted(rounds) == [0, 1, 2, 3, 4]
    assert store.best(into, MODEL)["cats"].stars == 3
    assert store.best(into, MODEL)["dogs"].attempts == 1
    replay = store.replay(into, MODEL, "cats")
    assert replay is not None
    assert (replay.stars, replay.verdict) == (3, {"score": 90.0})
    assert store.hints(into, MODEL, "cats") == 3
    assert store.talk(into, MODEL) == {"turns": ["Ada 2"]}
    assert store.players.known(key).id == into
    assert [each.name for each in store.classes.members(school.id)] == ["Ada 2"]
    with pytest.raises(PlayerError, match="site.stranger"):
        store.personal.told(gone)
    store.personal.merge(into, into)
    assert store.best(into, MODEL)["cats"].attempts == 5
    assert store.record(into, MODEL, tried()).attempt.round == 5


def test_merges_both_ways_at_once_lose_nothing(store: Store, school: SchoolClass) -> None:
    one, two = filled(store, school, "Ada"), filled(store, school, "Bob")
    barrier = Barrier(2)

    def join(pair: tuple[PlayerId, PlayerId]) -> bool:
        barrier.wait()
        try:
            store.personal.merge(*pair)
        except PlayerError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(join, [(one, two), (two, one)])) == [False, True]
    (left,) = store.classes.members(school.id)
    assert store.best(left.player, MODEL)["cats"].attempts == 4


# -- instructors and certificates ------------------------------------------------------------------
def test_a_session_is_worth_nothing_without_its_secret(store: Store) -> None:
    token = store.teachers.begin("a long secret")
    assert store.teachers.knows(["a long secret"], token)
    assert not store.teachers.knows(["another secret"], token)
    assert not store.teachers.knows(["a long secret"], token + "x")
    assert not store.teachers.knows(["a long secret"], "\ud800")
    store.teachers.end(["a long secret"], token)
    assert not store.teachers.knows(["a long secret"], token)


def test_a_certificate_keeps_its_code(store: Store) -> None:
    me, day = entered(store), date(2026, 11, 30)
    first = store.personal.certify(me, MODEL, 12, 24, day, lambda code: f"of {code}")
    assert first.holder == f"of {first.code}"
    later = store.personal.certify(me, MODEL, 20, 24, day, lambda code: None)
    assert (later.code, later.stars, later.holder) == (first.code, 20, first.holder)
    assert store.personal.certificate(codes.spaced(first.code)) == later
    assert store.personal.certificate("x" * 16) is None
    assert (
        store.personal.certify(entered(store), MODEL, 1, 2, day, lambda _: None).code != first.code
    )
