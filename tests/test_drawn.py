"""Moulds, the lots that fill them, the daily challenge and the exam: on a model that can be worked
out by hand, and the proofs on the shipped one."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from markupsafe import escape

from playground.atlas.atlas import Atlas
from playground.atlas.cards import ConceptEntry, CurvePoint
from playground.errors import AuthorError, PlayerError
from playground.game import daily, exam
from playground.game.finds import Finds
from playground.game.game import Game, House
from playground.game.library import Library
from playground.levels import templates
from playground.levels.dealing.deals import Deals
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds import KINDS
from playground.levels.proving import lottery
from playground.levels.proving.lottery import Drawn, lots
from playground.levels.schema import Pick
from playground.levels.shelf import LEVELS, Shelf
from playground.levels.templates import Draw, draw_of, load_moulds
from playground.levels.verdicts import kept, shown
from playground.screens.parts import brief
from playground.settings import SHIPPED
from playground.store.records import Attempt, PlayerId
from playground.store.store import Store
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, NOISE, FakeAtlas, FakeEngine

SHELF = Shelf.load()
DAY = date(2026, 11, 25)
TEXTS = {
    name: [LabelledText(f"the {word} {n}", True) for n in range(4)]
    + [LabelledText(f"the train {n}", False) for n in range(4)]
    for name, word in (("cats", "cat"), ("chocolate", "cocoa"))
}


class MeasuredAtlas(FakeAtlas):
    """Its recipes are measured at their own strength too."""

    def concept(self, name: str) -> ConceptEntry:
        entry = super().concept(name)
        curve = (*entry.recipes[0].curve, CurvePoint(0.8, 0.8, 0.0, 0.8, 0.0, 0.0))
        return replace(entry, recipes=(replace(entry.recipes[0], curve=curve),))


def fake_bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, MeasuredAtlas()), TEXTS)


class Lots(Drawn):
    """What the fake model can play is not the question: two kinds hold."""

    def _known(self, draw: Draw) -> bool:
        return draw.kind in ("hunt", "steer")


class Days:
    def __init__(self) -> None:
        self.now = DAY

    def __call__(self) -> date:
        return self.now


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def game(tmp_path: Path, days: Days) -> Iterator[Game]:
    bench = fake_bench()
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    house = House(bench, store, SHELF, Deals(bench), Finds(bench, store), Lots(bench, SHELF), days)
    game = Game(house, SHELF)
    yield game
    game.close()


# -- moulds ----------------------------------------------------------------------------------------
def test_every_kind_has_a_mould_and_a_place_in_the_exam() -> None:
    assert set(SHELF.moulds) == set(KINDS)
    assert sorted(kind for group in exam.GROUPS for kind in group) == sorted(KINDS)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_filled_mould_leaves_no_gap_open(kind: str, language: Any) -> None:
    concepts = ("pirate", "forest")[2 - len(KINDS[kind].drawn) :]
    level = SHELF.told_in(language).drawn(Draw("exam-3", kind, concepts))
    texts = {**level.model_dump(), "hints": ""}
    assert "{" not in str(texts).replace("{'", "").replace("{}", "")
    assert level.needs == ()
    if concepts:
        assert (level.concept, *level.concepts) == concepts
    assert draw_of(level.id) == Draw("exam-3", kind, concepts)


@pytest.mark.parametrize(
    "id",
    ["spot-any", "daily-2026-11-25", "daily-2026-11-25-chess", "exam-1-spot-cats", "exam-1-hunt",
     "exam-1-hunt-nothing", "exam-1-blend-cats", "exam-x-spot", "exam-1-blend-cats-nothing"],
)  # fmt: skip
def test_other_ids_are_no_draws(id: str) -> None:
    assert draw_of(id) is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[spot]", "[dance]", "found 'dance'; allowed: beat, before, blend, breaking"),
        (
            'like = "spot-any"',
            'like = "find-cats"',
            "`spot.like`: found 'find-cats'; .*spot-",
        ),
        ("rounds = 5", "rounds = 50", "`rounds`: found 50"),
        ("rounds = 5", "turns = 5", "`turns` is unknown"),
        ('title = "Five strangers"', "", "`title` is missing"),
        ('measure = "right"\nat_least = 4', 'measure = "fun"\nat_least = 4', "'fun' is unknown"),
    ],
)
def test_a_broken_mould_gets_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (LEVELS / templates.MOULDS).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / templates.MOULDS
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AuthorError, match=message) as caught:
        load_moulds(path, SHELF.by_id)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


# -- lots ------------------------------------------------------------------------------------------
def test_a_lot_is_the_same_for_everybody_and_another_for_each_player() -> None:
    bench = fake_bench()
    one, other = Lots(bench, SHELF), Lots(bench, SHELF)
    kinds = ["golf", "hunt", "steer"]
    assert one.lot("daily-2026-11-25", kinds) == other.lot("daily-2026-11-25", kinds)
    assert one.lot("daily-2026-11-25", kinds).kind == "hunt"  # golf does not hold
    drawn = {one.fresh("exam-1", ["hunt"], f"player {n}").concepts for n in range(20)}
    assert drawn == {("cats",), ("chocolate",)}
    with pytest.raises(AuthorError, match="can play no level of golf"):
        one.fresh("exam-1", ["golf"])


def test_what_cannot_be_won_is_not_drawn() -> None:
    """On the fake model the recipe brings chocolate and cats; a hunt is won by one feature in ten,
    so luck is too likely and the proof fails."""
    drawn = Drawn(fake_bench(), SHELF)
    with pytest.raises(AuthorError, match="exam-1: this model can play no level of hunt"):
        drawn.proven("exam-1", ["hunt"])
    # What was proven is known, so it is not drawn again.
    with pytest.raises(AuthorError, match="can play no level of hunt"):
        drawn.fresh("exam-1", ["hunt"])


def test_drawing_asks_no_model_and_takes_what_is_proven_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, store = fake_bench(), Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    for name in ("generate", "read"):
        monkeypatch.setattr(FakeEngine, name, None)
    plain = Drawn(bench, SHELF, store)
    key = plain.key("hunt", ("chocolate",))
    knowing = Drawn(bench, SHELF, store, {key: lottery.WHOLE})
    players = [f"player {n}" for n in range(12)]
    assert {knowing.fresh("exam-1", ["hunt"], each).concepts for each in players} == {
        ("chocolate",)
    }
    plain.save(plain.key("hunt", ("cats",)), 0)
    assert {plain.fresh("exam-1", ["hunt"], each).concepts for each in players} == {("chocolate",)}
    # The challenge of a day stays as it was drawn, whatever is proven after it.
    day = plain.lot("daily-2026-11-25", ["steer"])
    other = ("cats",) if day.concepts == ("chocolate",) else ("chocolate",)
    proven = Drawn(bench, SHELF, store, {plain.key("steer", other): 3})
    assert proven.lot("daily-2026-11-25", ["steer"]) == day
    store.close()


def test_concepts_of_a_lot_are_those_that_the_atlas_supports() -> None:
    bench = fake_bench()
    rng = random.Random(1)
    assert sorted(lots(SHELF.mould("steer"), bench, rng)) == [("cats",), ("chocolate",)]
    assert list(lots(SHELF.mould("blend"), bench, rng)) == []  # no style has a recipe
    assert list(lots(SHELF.mould("spot"), bench, rng)) == [()]


# -- the daily challenge ---------------------------------------------------------------------------
def test_each_kind_comes_once_in_as_many_days() -> None:
    first = date(2026, 1, 1)
    start = first - timedelta(days=first.toordinal() % len(KINDS))
    week = [daily.kinds(start + timedelta(days=n))[0] for n in range(len(KINDS))]
    assert sorted(week) == sorted(KINDS)
    assert sorted(daily.kinds(DAY)) == sorted(KINDS)


def test_a_day_is_played_and_its_stars_are_kept(game: Game, days: Days) -> None:
    player, other = game.players.enter(None).id, game.players.enter(None).id
    today = game.challenges.daily(player)
    assert today.level.id == game.challenges.daily(other).level.id
    assert (today.day, today.stars) == (DAY, None)
    assert game.challenges.today(player) == (DAY, None)
    start = game.course.start(player, today.level.id)
    assert (start.series, start.chapter, start.next_level) == ("daily", "", None)
    concept = today.level.concept
    assert win(game, player, today.level.id, CAT if concept == "cats" else COCOA).won
    assert game.challenges.daily(player).stars == game.challenges.today(player)[1] == 3
    assert game.challenges.today(other)[1] is None
    assert game.course.home(player).stars == 0  # the course is counted by itself
    days.now += timedelta(days=1)
    assert game.challenges.daily(player).past[0] == (DAY, 3)
    game.course.start(player, today.level.id)  # begun before midnight
    days.now += timedelta(days=1)
    with pytest.raises(PlayerError, match="errors.not_today"):
        game.course.start(player, today.level.id)


def test_only_the_lot_of_the_day_is_played(game: Game) -> None:
    player = game.players.enter(None).id
    for id in ("daily-2026-11-25-spot", "daily-2026-11-26-spot", "daily-2026-13-99-spot"):
        with pytest.raises(PlayerError, match="errors.not_today|errors.no_exam_part"):
            game.course.start(player, id)


def win(game: Game, player: PlayerId, level: str, feature: int) -> Any:
    """One try with this feature of the late site."""
    pick = Pick("late", feature)
    if isinstance(Library(SHELF).level(level), SteeringLevel):
        *_, verdict = game.attempts.steer(player, level, [pick], [0.8])
        return verdict
    return game.attempts.submit(player, level, pick)


# -- the exam --------------------------------------------------------------------------------------
@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exam of the two kinds that the fake model can play."""
    monkeypatch.setattr(exam, "GROUPS", (("hunt",), ("steer",)))


def opened(game: Game) -> PlayerId:
    player = game.players.enter(None).id
    for level in SHELF.levels:
        game._house.store.record(player, SHIPPED, Attempt(level.id, True, 1, 50.0, 0, {}, {}))
    return player


def test_the_exam_opens_with_half_of_each_chapter(game: Game) -> None:
    player = game.players.enter(None).id
    needs = dict(game.challenges.exam(player).needs)
    assert needs.keys() == {chapter.title for chapter in SHELF.chapters if chapter.levels}
    first = SHELF.chapters[0]
    for id in first.levels[: needs[first.title]]:
        game._house.store.record(player, SHIPPED, Attempt(id, True, 1, 50.0, 0, {}, {}))
    assert first.title not in dict(game.challenges.exam(player).needs)
    with pytest.raises(PlayerError, match="errors.no_exam"):
        game.challenges.sit(player)
    assert game.challenges.exam(opened(game)).needs == ()


def right(level: str) -> int:
    return CAT if "cats" in level else COCOA


@pytest.mark.usefixtures("short")
def test_an_exam_from_the_first_part_to_the_certificate(game: Game) -> None:
    player = opened(game)
    game.challenges.sit(player)
    begun = game.challenges.exam(player)
    assert (begun.sitting, begun.stars, begun.total, begun.needed) == (1, 0, 6, 3)
    hunted, pushed = (part.id for part in begun.parts)
    assert [part.tries_left for part in begun.parts] == [1, 3]
    with pytest.raises(PlayerError, match="errors.not_passed"):
        game.challenges.certificate(player)
    with pytest.raises(PlayerError, match="errors.no_exam"):
        game.challenges.sit(player)
    start = game.course.start(player, hunted)
    assert (start.series, start.hints, start.hints_left) == ("exam", (), 0)
    with pytest.raises(PlayerError, match="errors.no_hint"):
        game.course.hint(player, hunted)
    assert not win(game, player, hunted, NOISE).won
    for again in (
        lambda: game.course.start(player, hunted),
        lambda: win(game, player, hunted, CAT),
    ):
        with pytest.raises(PlayerError, match="errors.part_done"):
            again()
    assert game.course.seen(player, hunted).level.id == hunted  # its verdict is still shown
    assert not win(game, player, pushed, NOISE).won
    assert win(game, player, pushed, right(pushed)).won
    done = game.challenges.exam(player)
    assert (done.finished, done.passed, done.stars, done.best) == (True, True, 3, 3)
    made = game.challenges.certificate(player)
    assert (made.stars, made.total) == (3, 6)
    assert made.steer is not None
    assert made.steer.level == Library(SHELF).level(pushed).title
    counted = {made.steer.text[a:b].lower() for a, b in made.steer.spans}
    assert counted & {"cocoa", "kitten", "fudge", "purr"}
    with pytest.raises(PlayerError, match="errors.no_exam_part"):
        game.course.start(game.players.enter(None).id, pushed)


@pytest.mark.usefixtures("short")
def test_another_exam_counts_only_if_it_is_better(game: Game) -> None:
    player = opened(game)
    for features in ((None, None), (NOISE, NOISE)):
        game.challenges.sit(player)
        for part, feature in zip(game.challenges.exam(player).parts, features, strict=True):
            win(game, player, part.id, right(part.id) if feature is None else feature)
    now = game.challenges.exam(player)
    assert (now.sitting, now.stars, now.best, now.passed) == (2, 0, 6, True)
    assert game.challenges.certificate(player).stars == 6


def test_questions_of_an_exam_differ_by_player_and_sitting() -> None:
    seeds = {exam.seed(player, number) for player in ("a", "b") for number in (1, 2)}
    assert len(seeds) == 4
    assert exam.lots("a", 1) == exam.lots("a", 1)
    assert len({str(exam.lots(str(n), 1)) for n in range(20)}) > 5


# -- tries that are shown again --------------------------------------------------------------------
def test_the_best_try_is_shown_again_without_the_model(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = opened(game)
    hunted = game.attempts.submit(player, "find-cats", Pick("late", CAT))
    game.attempts.submit(player, "find-cats", Pick("late", NOISE))
    *_, steered = game.attempts.steer(player, "steer-chocolate", [Pick("late", COCOA)], [0.8])
    told = game.in_language("ru")
    for name in ("generate", "read", "score"):
        monkeypatch.setattr(FakeEngine, name, None)
    assert game.attempts.replay(player, "find-cats") == hunted
    assert game.attempts.replay(player, "steer-chocolate") == steered
    russian = told.attempts.replay(player, "steer-chocolate")
    assert isinstance(russian, SteerVerdict)
    assert russian.goals[0].says == SHELF.told_in("ru").level("steer-chocolate").goals[0].says
    with pytest.raises(PlayerError, match="errors.no_replay"):
        game.attempts.replay(player, "hunt-bees")


def test_a_try_of_another_form_is_refused_kindly(game: Game) -> None:
    player = opened(game)
    level = SHELF.level("find-cats")
    verdict = game.attempts.submit(player, "find-cats", Pick("late", CAT))
    data = kept(level, verdict)
    assert shown(level, data) == verdict
    assert shown(level, kept(level, replace(verdict, goals=()))).goals == ()
    with pytest.raises(PlayerError, match="errors.old_try"):
        shown(level, {**data, "texts": "none"})


def test_a_loss_names_the_nearest_goal(game: Game) -> None:
    verdict = game.attempts.submit(opened(game), "find-cats", Pick("late", NOISE))
    assert not any(goal.met for goal in verdict.goals)
    assert all(goal.short > 0 for goal in verdict.goals)
    goals = [replace(verdict.goals[0], says=f"goal {n}", short=n) for n in (3.0, 1.0, 2.0)]
    assert brief.nearest([*goals, replace(goals[0], says="met", met=True, short=0.0)]) == goals[1]
    assert brief.nearest([replace(goals[0], met=True)]) is None
    said = brief.head(Words.load(), game.course.seen(opened(game), "find-cats"), verdict)
    missed = brief.nearest(verdict.goals)
    assert missed and escape(missed.says) in said
