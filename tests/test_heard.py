"""What fires in a conversation: a reply is read again where it stands, and the panel shows it. On
pocket, talked to by a template of the tests."""

from collections.abc import Iterator
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from playground.engine.records import Dial, Exchange, Reading, Request, Sampling, Talk
from playground.errors import AbandonedError, PlayerError
from playground.game.game import Game
from playground.game.talking import Conversation, KeptDial, KeptTurn, with_one
from playground.levels.dealing.triples import ROWS, Row
from playground.levels.schema import Pick
from playground.messages import Message
from playground.screens.pages import chat
from playground.screens.parts import heard
from playground.screens.parts.heard import Hearing
from playground.screens.parts.talk_dials import CHANGED
from playground.screens.stage import Stage
from playground.store.records import PlayerId
from tests import chatting
from tests.served import needs_model
from tests.stages import stage_of

pytestmark = needs_model
SAID, SITE, FEATURE, TOKENS = "The cat sat on the mat.", "middle", 5, 24
ON = KeptDial(sites=(SITE,), feature=FEATURE, strength=1.0)


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Game]:
    made = Game.open(chatting.pocket(tmp_path_factory.mktemp("heard")))
    yield made
    made.close()


@pytest.fixture
def stage(game: Game) -> Stage:
    return stage_of(game)


@pytest.fixture
def player(game: Game) -> PlayerId:
    found = game.players.enter(None).id
    game.talking.turn(found, lambda _: (ON,))
    return found


def say(game: Game, player: PlayerId, said: str = SAID, **more: Any) -> KeptTurn:
    *_, turn = game.talking.say(player, said, TOKENS, **more)
    assert isinstance(turn, KeptTurn)
    return turn


def event(**data: object) -> gr.EventData:
    return cast(gr.EventData, SimpleNamespace(_data=data))


# -- the game --------------------------------------------------------------------------------------
def asked(game: Game, turn: KeptTurn, talk: Talk, *dials: Dial) -> Reading:
    """As the engine reads it, asked by hand."""
    request = Request(turn.said, dials, Sampling(max_tokens=1), talk)
    return game._house.bench.engine.reread(request, turn.replies["steered"], SITE)


def test_a_reply_is_read_with_the_dial_that_was_on(game: Game, player: PlayerId) -> None:
    turn = say(game, player)
    dial = Dial(SITE, FEATURE, 1.0, "add", "reply")
    found = game.talking.reread(player, 0, "steered", SITE)
    assert found == asked(game, turn, Talk(), dial)
    assert "".join(found.tokens) == turn.replies["steered"]
    # Its push is seen: the feature fires on every token that is not left out.
    trail = found.features.trail(FEATURE)
    assert all(value > 0 or n in found.odd for n, value in enumerate(trail))
    # Whatever is turned since, it is what was on then.
    game.talking.turn(player, lambda _: ())
    game.talking.tell(player, "be brief")
    assert game.talking.reread(player, 0, "steered", SITE) == found
    untouched = game.talking.reread(player, 0, "baseline", SITE)
    assert "".join(untouched.tokens) == turn.replies["baseline"]
    assert not all(untouched.features.trail(FEATURE))
    chance = game.talking.reread(player, 0, "control", SITE)
    assert "".join(chance.tokens) == turn.replies["control"]


def test_a_reply_is_read_behind_what_was_said_before(game: Game, player: PlayerId) -> None:
    game.talking.tell(player, "Be brief.")
    first = say(game, player)
    second = say(game, player, "And then the dog came.")
    talk = Talk("Be brief.", (Exchange(SAID, first.replies["steered"]),))
    now = game.talking.conversation(player)
    assert (now.before(0), now.before(1)) == (Talk("Be brief."), talk)
    assert now.whole == {0, 1}
    dial = Dial(SITE, FEATURE, 1.0, "add", "reply")
    found = game.talking.reread(player, 1, "steered", SITE)
    assert found == asked(game, second, talk, dial)
    assert found.features != asked(game, second, Talk(), dial).features


def test_what_is_not_kept_whole_is_not_read(game: Game, player: PlayerId) -> None:
    turn = say(game, player)
    for number, row in ((1, "steered"), (-1, "steered"), (0, "nothing")):
        with pytest.raises(PlayerError, match="heard.gone"):
            game.talking.reread(player, number, cast(Row, row), SITE)
    old = turn.model_copy(update={"dials": None})
    assert Conversation(turns=(old,)).before(0) is None
    # What it was shown is not there any more.
    gone = turn.model_copy(update={"forgotten": 1})
    assert Conversation(turns=(turn, gone, gone), dropped=2).whole == frozenset()
    assert Conversation(turns=(turn, gone, gone), dropped=1).whole == {2, 3}
    assert Conversation(turns=(turn, gone, gone), dropped=1).before(3) == Talk(
        None, (turn.exchange, gone.exchange)
    )
    again = with_one(Conversation(turns=(turn,)), gone, instead=True)
    assert again.turns == (gone,)


def test_who_has_left_is_not_read_to(game: Game, player: PlayerId) -> None:
    say(game, player)
    left = Event()
    left.set()
    with pytest.raises(AbandonedError):
        game.talking.reread(player, 0, "steered", SITE, left)


# -- the panel -------------------------------------------------------------------------------------
def opened(stage: Stage, player: PlayerId, row: Row = "steered") -> tuple[Hearing, str]:
    waiting, *_, last = heard.hear(stage, player, event(act="hear", number="0", row=row))
    assert 'class="pulse"' in str(waiting[1])
    look, drawn = last
    assert isinstance(look, Hearing)
    return look, str(drawn)


def pressed(stage: Stage, player: PlayerId, look: Hearing, **data: object) -> list[Any]:
    *_, last = heard.act(stage, player, look, 1.0, 0.0, event(**data))
    assert len(last) == 2 + CHANGED
    return last


def test_every_reply_has_a_way_to_it(game: Game, stage: Stage, player: PlayerId) -> None:
    say(game, player)
    drawn = chat.history(stage, game.talking.conversation(player))
    for row in ROWS:
        assert drawn.count(f'data-key="hear-0-{row}"') == 1
    # Not where the turn cannot be read again.
    now = game.talking.conversation(player)
    old = now.model_copy(update={"turns": (now.turns[0].model_copy(update={"dials": None}),)})
    assert "hear-0" not in chat.history(stage, old)


def test_the_panel_shows_the_reply_and_what_fires_most(
    game: Game, stage: Stage, player: PlayerId
) -> None:
    turn = say(game, player)
    look, drawn = opened(stage, player)
    assert (look.number, look.row, look.site, look.token) == (0, "steered", SITE, None)
    firings = game.exploring.firings(look.reading)
    assert look.pick == firings[0].pick and len(firings) > 3
    assert drawn.count('data-act="token"') == len(look.reading.tokens)
    assert drawn.count('data-act="dial"') == len(firings)
    assert f"feature?site={SITE}&amp;feature={firings[0].pick.feature}" in drawn
    name = stage.words.said(game.exploring.name(Pick(SITE, FEATURE)))
    assert f"{name} 1" in drawn and stage.words("heard.title_steered") in drawn
    assert all(f'data-row="{row}"' in drawn for row in turn.replies)
    plain, drawn = opened(stage, player, "baseline")
    assert plain.site == "middle" and stage.words("heard.read_plain") in drawn


def test_the_panel_is_walked(game: Game, stage: Stage, player: PlayerId) -> None:
    say(game, player)
    look, whole = opened(stage, player)
    full = max(n for n, each in enumerate(look.reading.features) if each)
    at, drawn, *rest = pressed(stage, player, look, act="token", token=str(full))
    assert at.token == full and 'data-act="whole"' in drawn and len(rest) == CHANGED
    other = game.exploring.firings(look.reading)[1].pick
    by, drawn, *_ = pressed(
        stage, player, at, act="open", site=other.site, feature=str(other.feature)
    )
    assert (by.pick, by.token) == (other, full) and drawn != whole
    assert pressed(stage, player, by, act="whole")[0].token is None
    late, *_ = pressed(stage, player, look, act="site", site="late")
    assert (late.site, late.reading.site) == ("late", "late")
    plain, *_ = pressed(stage, player, look, act="row", row="baseline")
    assert plain.row == "baseline" and plain.reading != look.reading
    assert pressed(stage, player, look, act="close")[:2] == [None, ""]
    assert list(heard.act(stage, player, None, 1.0, 0.0, event(act="close"))) == []


def test_a_feature_goes_onto_a_dial(game: Game, stage: Stage, player: PlayerId) -> None:
    say(game, player)
    look, _ = opened(stage, player)
    pick = game.exploring.firings(look.reading)[1].pick
    pressed(stage, player, look, act="dial", site=pick.site, feature=str(pick.feature))
    dials = game.talking.conversation(player).dials
    assert [(each.sites, each.feature) for each in dials] == [
        ((SITE,), FEATURE), ((pick.site,), pick.feature),
    ]  # fmt: skip
    with pytest.raises(PlayerError, match="full"):
        pressed(stage, player, look, act="dial", site=pick.site, feature=str(pick.feature))


def test_tokens_that_are_left_out_are_marked(game: Game, stage: Stage, player: PlayerId) -> None:
    say(game, player)
    look, drawn = opened(stage, player)
    odd = Reading(SITE, look.reading.tokens, look.reading.features, frozenset({1, 3}))
    assert 'class="tok odd"' not in drawn
    drawn = heard.draw(stage, Hearing(0, look.turn, "steered", SITE, odd, 3, look.pick))
    assert drawn.count(" odd") == 2 and drawn.count(stage.words("heard.left_out")) >= 2
    assert stage.words.said(Message("heard.odd", count=2)) in drawn
