"""Signing in with Hugging Face: the way there and back, whom nothing is proved to, and whom an
account lets in."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import gradio as gr
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from playground.atlas.atlas import Atlas
from playground.errors import AuthorError, PlayerError
from playground.game.game import Game
from playground.hosting.signin import BEGIN, COOKIE, END, FAILED, Account, Provider, SignIn
from playground.levels.judging import Bench, LabelledText
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.screens.pages import me, teach
from playground.screens.stage import Stage
from playground.settings import HUGGING_FACE, Settings
from playground.store.records import Player
from playground.store.store import Store
from tests import oauth_server
from tests.fake_model import CAT, FakeAtlas, FakeEngine
from tests.oauth_server import ID, SECRET, OAuthServer, flat
from tests.stages import stage_of

HERE = "http://127.0.0.1:7/play"
TEXTS = {"cats": [LabelledText("a kitten", True), LabelledText("the train", False)]}
ADA = {"sub": "0a1b", "preferred_username": "Ada", "email": "ada@example.org", "name": "Ada L"}


@pytest.fixture
def hub() -> Iterator[OAuthServer]:
    with oauth_server.running() as made:
        made.account = ADA
        yield made


@pytest.fixture
def signin(hub: OAuthServer) -> SignIn:
    return SignIn(Provider(ID, SECRET, hub.address, HERE))


def browser(signin: SignIn) -> TestClient:
    below = Mount(urlsplit(HERE).path, routes=signin.routes)
    return TestClient(Starlette(routes=[below]), HERE, follow_redirects=False)


def there(tab: TestClient, hub: OAuthServer, to: str = "me") -> str:
    """The way back that Hugging Face sends a browser on."""
    away = tab.get(BEGIN, params={"to": to}).headers["location"]
    assert away.startswith(f"{hub.address}/oauth/authorize?")
    return hub.authorised(flat(urlsplit(away).query))


def back(tab: TestClient, way: str) -> tuple[str, str]:
    """Page and proof."""
    assert way.startswith(HERE + END)
    to = tab.get(way).headers["location"]
    page, _, proof = to.partition("#signed=")
    return page.removeprefix(f"{HERE}/"), proof


# -- the way there and back ------------------------------------------------------------------------
def test_who_comes_back_has_proof_that_is_worth_something_once(
    signin: SignIn, hub: OAuthServer
) -> None:
    tab = browser(signin)
    assert there(tab, hub)  # a first way that was not gone to its end
    page, proof = back(tab, there(tab, hub, "teach"))
    assert page == "teach" and proof != FAILED
    assert signin.taken(proof) == Account("0a1b", "Ada")
    with pytest.raises(PlayerError):
        signin.taken(proof)
    asked = hub.asked[-1]
    assert (asked["scope"], asked["code_challenge_method"]) == ("openid profile", "S256")
    assert asked["redirect_uri"] == HERE + END


def test_a_way_back_is_of_the_browser_that_set_out(signin: SignIn, hub: OAuthServer) -> None:
    mine, other = browser(signin), browser(signin)
    way = there(mine, hub)
    assert back(other, way) == ("me", FAILED)  # without a cookie
    there(other, hub)
    assert back(other, way) == ("me", FAILED)  # with one of its own
    assert back(mine, way)[1] != FAILED  # nobody else has ended it
    assert back(mine, way) == ("me", FAILED)  # it is gone once
    for forged in (f"{END}?code=a", f"{END}?code=a&state=b", END):
        assert back(mine, HERE + forged) == ("me", FAILED)


def test_it_leads_to_pages_of_the_game_alone(signin: SignIn, hub: OAuthServer) -> None:
    for to in ("https://evil.example", "//evil.example", "../evil", "class", ""):
        tab = browser(signin)
        assert back(tab, there(tab, hub, to))[0] == "me"


def test_the_cookie_is_for_this_way_alone(signin: SignIn, hub: OAuthServer) -> None:
    said = browser(signin).get(BEGIN).headers["set-cookie"]
    flags = "HttpOnly; Max-Age=600; Path=/play/login; SameSite=lax"
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; {flags}", said)
    spaced = SignIn(Provider(ID, SECRET, hub.address, "https://me-game.hf.space"))
    said = browser(spaced).get(BEGIN).headers["set-cookie"]
    assert said.endswith("; Path=/login; SameSite=lax; Secure")


@pytest.mark.parametrize(
    "broken",
    [
        (500, b"{}"),
        (200, b"<html>"),
        (200, b"{}"),
        (200, b'{"access_token": ""}'),
        (200, b'{"access_token": "of nobody"}'),
    ],
)
def test_what_hugging_face_does_not_prove_is_not_believed(
    broken: tuple[int, bytes],
    signin: SignIn,
    hub: OAuthServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    tab = browser(signin)
    hub.broken = broken
    way = there(tab, hub)
    assert back(tab, way) == ("me", FAILED)
    told = "\n".join(each.getMessage() for each in caplog.records if "playground" in each.name)
    assert "a sign-in failed" in told
    assert flat(urlsplit(way).query)["code"] not in told and "of nobody" not in told


def test_a_refusal_and_an_account_without_a_name_prove_nothing(
    signin: SignIn, hub: OAuthServer
) -> None:
    tab = browser(signin)
    for account in (None, {"sub": "0a1b"}, {"sub": 7, "preferred_username": "Ada"}, {}):
        hub.account = account
        assert back(tab, there(tab, hub)) == ("me", FAILED)


def test_it_is_offered_where_the_host_has_a_key_and_an_address() -> None:
    key: dict[str, Any] = {"oauth_id": ID, "oauth_secret": SecretStr(SECRET)}
    assert Provider.of(Settings()) is None
    assert Provider.of(Settings(oauth_id=ID)) is None
    space = Provider.of(Settings(**key, space_host="me-game.hf.space"))
    assert space is not None and space.here == "https://me-game.hf.space"
    assert space.address == "https://huggingface.co"
    own = Provider.of(Settings(**key, root_path="https://a.org/play/"))
    assert own is not None and own.here == "https://a.org/play"
    with pytest.raises(AuthorError, match="PLAYGROUND_ROOT_PATH"):
        Provider.of(Settings(**key, root_path="/play"))


# -- whom it lets in -------------------------------------------------------------------------------
@pytest.fixture
def stage(tmp_path: Path, signin: SignIn) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    game = Game.of(bench, store, Shelf.load(), accounts=["ada", "Grace"])
    yield replace(stage_of(game), signin=signin)
    game.close()


def signed(stage: Stage, player: Player, act: str = "mine", proof: str = "") -> tuple[Any, str]:
    """Who is at the browser afterwards, and what is said and shown."""
    assert stage.signin is not None
    proof = proof or stage.signin.offer(Account("0a1b", "Ada"))
    event: Any = SimpleNamespace(_data={"act": act, "proof": proof})
    secret, said, main = me.act(stage, player, cast(gr.EventData, event))
    return secret and stage.game.players.known(secret), f"{said}{main}"


def play(stage: Stage, player: Player) -> None:
    stage.game.attempts.submit(player.id, "find-cats", Pick("late", CAT))


def tries(stage: Stage, player: Player) -> int:
    return len(stage.game._house.store.attempts(player.id, stage.game.model, "find-cats"))


def test_an_account_lets_in_who_has_shown_it_first(stage: Stage) -> None:
    players = stage.game.players
    one, other = players.enter(None), players.enter(None)
    play(stage, one)
    same, said = signed(stage, one)
    assert same == one and "From now on Ada" in said
    found, said = signed(stage, other)
    assert found.id == one.id and found.secret not in (one.secret, other.secret)
    assert "Welcome back, Ada" in said
    assert players.ways(one.id) == {"browser": 2, "account": 1}


def test_what_an_account_is_known_by_lets_nobody_in(stage: Stage) -> None:
    """It can be looked up at Hugging Face: only proof of the account counts."""
    players = stage.game.players
    one = players.enter(None)
    signed(stage, one)
    known = f"{HUGGING_FACE}/{ADA['sub']}"
    assert players.owner(known) == one.id
    assert players.enter(known).id != one.id
    with pytest.raises(PlayerError):
        players.known(known)


def test_nothing_is_done_before_somebody_says_that_the_account_is_theirs(stage: Stage) -> None:
    """A way back may be a link that somebody else has sent, with proof of an account of theirs."""
    players = stage.game.players
    one, other = players.enter(None), players.enter(None)
    play(stage, one)
    same, said = signed(stage, one, "signed")
    assert same == one and "Is that you?" in said and "account" not in players.ways(one.id)
    signed(stage, one)
    same, _ = signed(stage, other, "signed")
    assert same == other
    proof = re.search(r'data-act="mine" data-proof="([^"]+)"', said)
    assert proof
    found, _ = signed(stage, other, "mine", proof[1])
    assert found.id == one.id


def test_who_has_played_in_two_places_is_asked(stage: Stage) -> None:
    players = stage.game.players
    one, two, three = (players.enter(None) for _ in range(3))
    for each in (one, two, three):
        play(stage, each)
    signed(stage, one)
    same, said = signed(stage, two)
    assert same == two and "Was that you, too?" in said
    proof = re.search(r'data-act="together" data-proof="([^"]+)"', said)
    assert proof
    together, said = signed(stage, two, "together", proof[1])
    assert together.id == one.id and tries(stage, one) == 2 and "is with it now" in said
    with pytest.raises(PlayerError):  # proof is spent
        signed(stage, three, "together", proof[1])
    _, said = signed(stage, three)
    proof = re.search(r'data-act="switch" data-proof="([^"]+)"', said)
    assert proof
    back, _ = signed(stage, three, "switch", proof[1])
    assert back.id == one.id and tries(stage, one) == 2 and tries(stage, three) == 1


def test_an_account_is_taken_back_and_tied_anew(stage: Stage) -> None:
    players = stage.game.players
    one, other = players.enter(None), players.enter(None)
    signed(stage, one)
    _, said = signed(stage, one, "untie")
    assert "lets nobody in any more" in said and "account" not in players.ways(one.id)
    same, _ = signed(stage, other)
    assert same == other and players.ways(other.id)["account"] == 1
    stage.game.belonging.forget(other.id)
    same, _ = signed(stage, one)
    assert same == one


def test_nothing_of_an_account_is_kept_but_a_fingerprint(stage: Stage) -> None:
    one = stage.game.players.enter(None)
    signed(stage, one)
    told = stage.game.belonging.told(one.id)
    assert '"account"' in told and "0a1b" not in told and "Ada" not in told


def test_proof_that_proves_nothing_lets_nobody_in(stage: Stage) -> None:
    one = stage.game.players.enter(None)
    for act in me.ACCOUNT:
        with pytest.raises(PlayerError):
            signed(stage, one, act, FAILED)
    assert stage.game.players.ways(one.id) == {"browser": 1}
    assert "login/huggingface?to=me" in me.draw(stage, one.id)
    assert "login/huggingface" not in me.draw(replace(stage, signin=None), one.id)


def instructor(stage: Stage, name: str, token: str | None = None) -> tuple[Any, Any, Any]:
    assert stage.signin is not None
    proof = stage.signin.offer(Account("77", name))
    event: Any = SimpleNamespace(_data={"act": "signed", "proof": proof})
    return teach.act(stage, token, cast(gr.EventData, event), cast(gr.Request, None))


def test_instructors_come_in_by_the_names_that_the_host_has_named(stage: Stage) -> None:
    teaching = stage.game.teaching
    assert "login/huggingface?to=teach" in teach.door(stage) and not teaching.offered
    for name in ("ada", "ADA", "grace"):
        token, _, _ = instructor(stage, name)
        assert teaching.known(token).classes.all() == []
    with pytest.raises(PlayerError) as told:
        instructor(stage, "Mallory")
    assert told.value.said.key == "teach.not_named"
    with pytest.raises(PlayerError):
        teaching.enter("", "1.2.3.4")  # there is no secret
    without = type(teaching)(stage.game._house.store, None, ["Grace"])
    token, _, _ = instructor(stage, "ada")
    with pytest.raises(PlayerError):  # a name that was struck out
        without.known(token)
    teaching.leave(token)
    with pytest.raises(PlayerError):
        teaching.known(token)
