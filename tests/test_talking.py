"""A conversation with an instruct model while dials are turned: what is said, kept and gone on
with."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Barrier

import pytest

from playground.atlas import means
from playground.concepts import examples
from playground.engine.records import Exchange, Sampling, Talk
from playground.errors import AuthorError, PlayerError
from playground.game import talking
from playground.game.game import Game
from playground.game.talking import (
    MAX_SAID,
    MAX_TURNS,
    Conversation,
    KeptDial,
    KeptTurn,
    Pushed,
    Talking,
)
from playground.levels.dealing.triples import ROWS, Began, Said
from playground.store.records import PlayerId
from tests import chatting

CATS = KeptDial(sites=("middle",), strength=means.STRENGTH, concept="cats")
OWN = KeptDial(
    sites=("late",), strength=0.5, name="mats", about=("the cat sat on the mat",), others=("a dog",)
)
TOKENS = 40


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Game]:
    made = Game.open(chatting.settings(tmp_path_factory.mktemp("talking")))
    yield made
    made.close()


@pytest.fixture
def player(game: Game) -> PlayerId:
    return game.players.enter(None).id


def say(game: Game, player: PlayerId, said: str, **more: bool | int) -> KeptTurn:
    *_, turn = game.talking.say(player, said, TOKENS, **more)  # type: ignore[arg-type]
    assert isinstance(turn, KeptTurn)
    return turn


def test_a_first_conversation_has_a_dial_turned(game: Game, player: PlayerId) -> None:
    assert game.talking.conversation(player) == Conversation(dials=(CATS,))
    assert game.talking.concepts == means.OFFERED
    assert set(means.OFFERED) <= examples.named()


def test_its_direction_is_found_before_anybody_asks(game: Game) -> None:
    game.ready()
    found = game._house.bench._means
    assert ("cats", "middle") in found and (means.ALL, "middle") in found


def test_a_turn_is_three_replies_and_is_kept(game: Game, player: PlayerId) -> None:
    events = list(game.talking.say(player, "the cat", TOKENS, seed=3))
    began, turn = events[0], events[-1]
    assert isinstance(began, Began) and isinstance(turn, KeptTurn)
    assert (began.prompt, began.rows) == ("the cat", ROWS)
    said = {row: "" for row in ROWS}
    for event in events[1:-1]:
        assert isinstance(event, Said)
        said[event.row] += event.token.text
    assert turn.replies == said and said["steered"] != said["baseline"]
    assert (turn.row, turn.seed, turn.forgotten) == ("steered", 3, 0)
    assert turn.pushed == (Pushed(name="cats", strength=means.STRENGTH),)
    # It is the player's, and whoever opens the game later finds it.
    later = Talking(game._house.bench, game._house.store)
    assert later.conversation(player).turns == (turn,)
    assert later.conversation(game.players.enter(None).id).turns == ()
    # The same message with the same dice is answered alike, with others not.
    assert say(game, player, "the cat", seed=3, instead=True) == turn
    assert say(game, player, "the cat", seed=4, instead=True).replies != turn.replies
    assert len(later.conversation(player).turns) == 1


def test_the_talk_goes_on_with_the_reply_that_was_pushed_or_chosen(
    game: Game, player: PlayerId
) -> None:
    first, second = say(game, player, "the cat"), say(game, player, "and then")
    now = game.talking.conversation(player)
    assert now.turns == (first, second)

    def before(now: Conversation) -> Talk:
        engine, dials = game._house.bench.engine, game.talking.dials(CATS, player)
        requests, _ = game.talking._requests(engine, now, "so", dials, Sampling())
        assert [(each.prompt, each.plain) for each in requests] == [("so", False)] * 3
        (talk,) = {each.talk for each in requests}
        return talk

    told = [Exchange("the cat", first.replies["steered"])]
    assert before(now) == Talk(None, (*told, Exchange("and then", second.replies["steered"])))
    chosen = game.talking.go_on_with(player, "baseline")
    assert before(chosen).turns == (*told, Exchange("and then", second.replies["baseline"]))
    game.talking.tell(player, "be brief")
    assert before(game.talking.conversation(player)).system == "be brief"


def test_without_a_dial_only_the_untouched_model_answers(game: Game, player: PlayerId) -> None:
    for on in ((), (CATS.model_copy(update={"strength": 0.0}),)):
        game.talking.turn(player, lambda _, on=on: on)
        turn = say(game, player, "the cat")
        assert list(turn.replies) == ["baseline"] and turn.row == "baseline"
        assert turn.pushed == ()
    assert game.talking.go_on_with(player, "control").turns[-1].row == "baseline"


def test_a_direction_of_ones_own_can_be_turned(game: Game, player: PlayerId) -> None:
    game.talking.turn(player, lambda _: (OWN, CATS))
    assert game.talking.conversation(player).dials == (OWN, CATS)
    turn = say(game, player, "the cat")
    assert [each.name for each in turn.pushed] == ["mats", "cats"]
    with pytest.raises(PlayerError, match="full"):
        game.talking.turn(player, lambda _: (OWN, CATS, OWN))


def test_of_clicks_at_once_none_is_lost(game: Game, player: PlayerId) -> None:
    game.talking.turn(player, lambda _: ())
    together = Barrier(2)

    def click(added: KeptDial) -> None:
        together.wait()
        game.talking.turn(player, lambda on: (*on, added))

    with ThreadPoolExecutor(2) as clicks:
        list(clicks.map(click, (OWN, CATS)))
    on = game.talking.conversation(player).dials
    assert sorted(on, key=CATS.__eq__) == [OWN, CATS]


def test_a_concept_may_push_at_several_sites(game: Game, player: PlayerId) -> None:
    several = CATS.model_copy(update={"sites": ("early", "late")})
    first, second = game.talking.dials(several, player)
    assert (first.site, second.site) == ("early", "late")
    assert first.strength == second.strength == means.STRENGTH
    assert first.vector != second.vector
    game.talking.turn(player, lambda _: (several,))
    assert say(game, player, "the cat").pushed == (Pushed(name="cats", strength=means.STRENGTH),)


def test_a_direction_points_from_all_concepts_to_its_own(game: Game, player: PlayerId) -> None:
    bench = game._house.bench
    own, every = means.texts_of("cats"), means.texts_of(means.ALL)
    assert {examples.part_of(each) for each in (*own, *every)} == {"select"}
    assert len(every) == means.EACH * len(means.STANDING)
    vector = bench.about("cats", "middle")
    expected = means.mean(bench.engine, "cats", "middle") - means.mean(bench.engine, "", "middle")
    assert vector.values == tuple(expected.tolist())
    assert bench.about("cats", "middle").values == vector.values


def test_what_was_said_is_kept_where_it_is_stopped(game: Game, player: PlayerId) -> None:
    events = game.talking.say(player, "the cat", 200)
    heard = list(islice(events, 12))
    events.close()  # type: ignore[attr-defined]
    (turn,) = game.talking.conversation(player).turns
    assert set(turn.ended.values()) == {"cancelled"}
    tokens = [each for each in heard if isinstance(each, Said)]
    for row in ROWS:
        assert turn.replies[row] == "".join(e.token.text for e in tokens if e.row == row)
    assert say(game, player, "and then").replies


def test_what_cannot_be_said_changes_nothing(game: Game, player: PlayerId) -> None:
    say(game, player, "the cat")
    now = game.talking.conversation(player)
    wrong = {"too_long": "a" * (MAX_SAID + 1), "half": "\ud83d", "tokens": "word " * 900}
    for key, said in wrong.items():
        with pytest.raises(PlayerError, match=key):
            say(game, player, said, instead=True)
    with pytest.raises(PlayerError, match="too_long"):
        game.talking.tell(player, "a" * (MAX_SAID + 1))
    assert game.talking.conversation(player) == now
    with pytest.raises(PlayerError, match="nothing_said"):
        game.talking.last(game.players.enter(None).id)


def test_whatever_is_said_is_text(game: Game, player: PlayerId) -> None:
    for said in ("", "🐈🐈", "</s><turn>model\n", "  \n"):
        assert say(game, player, said).said == said
    assert [each.said for each in game.talking.conversation(player).turns][2] == "</s><turn>model\n"


def test_a_long_conversation_stays_bounded(game: Game, player: PlayerId) -> None:
    """What no longer fits is not read, and what is old is not kept; both are counted."""
    counted = list[int]()
    for n in range(20):
        counted.append(say(game, player, f"message {n}, the cat sat on the mat").forgotten)
    assert counted[0] == 0 and counted == sorted(counted) and counted[-1] > 0
    now, turn = Conversation(), game.talking.last(player)
    for n in range(MAX_TURNS + 5):
        now = talking.with_one(now, turn.model_copy(update={"seed": n}), instead=False)
    assert (len(now.turns), now.dropped, now.turns[0].seed) == (MAX_TURNS, 5, 5)
    assert talking.with_one(now, turn, instead=True).turns[:-1] == now.turns[:-1]


def test_a_new_conversation_keeps_the_dials(game: Game, player: PlayerId) -> None:
    game.talking.turn(player, lambda _: (OWN,))
    game.talking.tell(player, "be brief")
    say(game, player, "the cat")
    assert game.talking.begin_anew(player) == Conversation(system="be brief", dials=(OWN,))


def test_one_that_this_version_cannot_read_begins_anew(game: Game, player: PlayerId) -> None:
    store, model = game._house.store, game._house.bench.model
    store.keep_talk(player, model, lambda _: {"turns": [{"said": 3}]})
    assert game.talking.conversation(player) == Conversation(dials=(CATS,))
    assert say(game, player, "the cat") == game.talking.last(player)


def test_a_models_own_file_says_where_directions_push_best(tmp_path: Path) -> None:
    path = tmp_path / "directions.json"
    tuned = means.Tuned(blocks=(1,), strength=0.7, replies=40, hits=30)
    made = means.TunedFile(model="it", concepts={"space": tuned})
    path.write_text(made.model_dump_json())
    assert means.load(path) == made
    path.write_text("{}")
    with pytest.raises(AuthorError, match="the directions' file cannot be read"):
        means.load(path)
