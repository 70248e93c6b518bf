"""Classes through the raw HTTP API: who has not shown the secret sees and changes nothing, a
learner reaches nobody else, an instructor only members of the class that is named, and whatever is
sent in the place of a form is refused or read as text."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from playground.errors import PlayerError
from playground.store.records import PlayerId
from playground.store.store import Store
from tests.load.tab import RefusedError, Tab, layout
from tests.served import Served, needs_model, served

pytestmark = [pytest.mark.slow, needs_model]
SECRET = "correct horse"
TEACHER, PLAYER = "steering-playground-teacher", "steering-playground-player"
ODD: list[Any] = [
    None, [], {}, 5, "x", {"act": None}, {"act": ["reset"]}, {"act": {"a": 1}}, {"form": []},
    {"act": "reset", "member": None}, {"act": "reset", "member": "1 OR 1=1"},
    {"act": "reset", "member": "9" * 5000}, {"act": "rename", "member": "²", "form": {"name": "x"}},
    {"act": "rename", "member": "-1"}, {"act": "merge", "member": "1", "form": {"into": []}},
    {"act": "add", "level": "../../etc/passwd"}, {"act": "chapter", "chapter": "2147483647"},
    {"act": "rule", "form": {"title": "x" * 100_000}}, {"act": "__class__"},
    {"act": "rule", "form": {"title": "x", "begins": "0000-99-99"}},
    {"act": "rule", "form": {"title": "x", "begins": "9999-12-31T23:59"}},
    {"act": "enroll", "form": {"names": "x" * 300_000}}, {"act": "enroll", "form": {"names": "\0"}},
]  # fmt: skip


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    file = tmp_path_factory.mktemp("api") / "p.db"
    with served(file, PLAYGROUND_TEACHER=SECRET) as game:
        yield game, file


@pytest.fixture(scope="module")
def token(host: tuple[Served, Path]) -> str:
    tab = Tab(host[0].address, "teach")
    tab.load()
    done(tab, "teach", {"act": "enter", "form": {"secret": SECRET}})
    found = tab.stored[TEACHER]
    tab.close()
    assert isinstance(found, str) and len(found) == 22
    return found


def done(tab: Tab, board: str, data: Any) -> str:
    """What the boards of a page say after an act."""
    return "".join(str(each) for came in tab.fire(board, "act", data) for each in came)


def refused(address: str, board: str, values: dict[str, Any], data: Any, **query: str) -> str:
    """On a page of its own: what one refusal leaves in the queue is not the next one's."""
    tab = Tab(address, board, values, **query)
    with pytest.raises(RefusedError) as error:
        done(tab, board, data)
    tab.close()
    return str(error.value)


def made(host: tuple[Served, Path], token: str, title: str) -> tuple[int, str]:
    """The id and the code of a new class."""
    tab = Tab(host[0].address, "teach", {TEACHER: token})
    form = {"title": title, "model": "pocket", "zone": "Europe/Berlin"}
    done(tab, "teach", {"act": "create", "form": form})
    tab.close()
    store = Store.open(f"sqlite:///{host[1]}")
    of, _ = store.classes.all()[0]
    store.close()
    assert of.title == title
    return of.id, of.code


def joined(host: tuple[Served, Path], code: str, name: str) -> Tab:
    tab = Tab(host[0].address, "join", None, **{"class": code})
    tab.load()
    assert name in done(tab, "join", {"act": "join", "form": {"code": code, "name": name}})
    return tab


def members(host: tuple[Served, Path], id: int) -> dict[str, tuple[int, PlayerId]]:
    store = Store.open(f"sqlite:///{host[1]}")
    found = {each.name: (each.id, each.player) for each in store.classes.members(id)}
    store.close()
    return found


def test_who_has_not_come_in_sees_and_changes_nothing(
    host: tuple[Served, Path], token: str
) -> None:
    id, code = made(host, token, "Closed doors")
    learner = joined(host, code, "Whisker the First")
    for wrong in (None, "x" * 22, SECRET, learner.stored[PLAYER], ["x"], {"a": 1}):
        tab = Tab(host[0].address, "class", {TEACHER: wrong}, id=str(id))
        tab.load()
        assert "Whisker" not in str(tab._values)
        for act in ("refresh", "delete", "export", "close", "measure"):
            data = {"act": act, "sort": "json"}
            said = refused(host[0].address, "class", {TEACHER: wrong}, data, id=str(id))
            assert "secret first" in said
        tab.close()
    assert members(host, id).keys() == {"Whisker the First"}
    learner.close()


def test_every_event_of_an_instructors_page_asks_who_it_is(
    host: tuple[Served, Path], token: str
) -> None:
    id, code = made(host, token, "Every event")
    joined(host, code, "Secret Name").close()
    config = layout(host[0].address)
    events = {each["id"]: each for each in config["dependencies"]}
    pages = [config["page"][each]["dependencies"] for each in ("class", "ru/class")]
    asked = 0
    for event in (events[each] for page in pages for each in page):
        body = {
            "data": ["x" * 22 for _ in event["inputs"]], "fn_index": event["id"],
            "session_hash": "abc", "event_data": {"act": "refresh"},
        }  # fmt: skip
        url = f"{host[0].address}gradio_api/run/predict"
        answer = httpx.post(url, json=body, params={"id": str(id)}, timeout=60)
        assert "Secret Name" not in answer.text
        asked += 1
    assert asked >= 4


def test_a_learner_reaches_nobody_else(host: tuple[Served, Path], token: str) -> None:
    id, code = made(host, token, "Two of us")
    other, _ = made(host, token, "Not mine")
    ada, bob = joined(host, code, "Ada"), joined(host, code, "Bob")
    secret = {each: each_tab.stored[PLAYER] for each, each_tab in (("Ada", ada), ("Bob", bob))}
    (_, bobs) = members(host, id)["Bob"]
    for forged in (int(bobs), str(bobs), [bobs], {"id": bobs}):
        tab = Tab(host[0].address, "me", {PLAYER: forged})
        tab.load()
        assert "Bob" not in str(tab._values) and "Two of us" not in str(tab._values)
        tab.close()
    me = Tab(host[0].address, "me", {PLAYER: secret["Ada"]})
    me.load()
    done(me, "me", {"act": "leave", "class": str(other)})
    for odd in ODD:
        tab = Tab(host[0].address, "me", {PLAYER: secret["Ada"]})
        with contextlib.suppress(RefusedError):
            done(tab, "me", odd)
        tab.close()
    assert members(host, id).keys() == {"Ada", "Bob"}
    done(me, "me", {"act": "leave", "class": str(id)})
    assert members(host, id).keys() == {"Bob"}
    done(me, "me", {"act": "delete"})
    store = Store.open(f"sqlite:///{host[1]}")
    assert store.players.known(secret["Bob"]).id == bobs
    with pytest.raises(PlayerError, match="stranger"):
        store.players.known(secret["Ada"])
    store.close()
    for tab in (ada, bob, me):
        tab.close()


def test_an_instructor_reaches_only_members_of_the_class_that_is_named(
    host: tuple[Served, Path], token: str
) -> None:
    mine, code = made(host, token, "Mine")
    other, other_code = made(host, token, "Other")
    joined(host, code, "Ada").close()
    joined(host, other_code, "Evelina").close()
    (eve, _), (ada, _) = members(host, other)["Evelina"], members(host, mine)["Ada"]
    for data in (
        {"act": "rename", "member": str(eve), "form": {"name": "Caught"}},
        {"act": "remove", "member": str(eve)},
        {"act": "reset", "member": str(eve)},
        {"act": "code", "member": str(eve)},
        {"act": "merge", "member": str(eve), "form": {"into": "Ada"}},
        {"act": "merge", "member": str(ada), "form": {"into": "Evelina"}},
    ):
        said = refused(host[0].address, "class", {TEACHER: token}, data, id=str(mine))
        assert "no such learner" in said
    assert members(host, other).keys() == {"Evelina"}
    looking = Tab(
        host[0].address, "class", {TEACHER: token}, id=str(mine), view="learner", member=str(eve)
    )
    looking.load()
    assert "Evelina" not in str(looking._values)
    looking.close()


def test_whatever_is_sent_is_refused_or_read_as_text(host: tuple[Served, Path], token: str) -> None:
    id, code = made(host, token, "Odd")
    joined(host, code, "Ada").close()
    for odd in ODD:
        tab = Tab(host[0].address, "class", {TEACHER: token}, id=str(id))
        try:
            done(tab, "class", odd)
        except RefusedError as error:
            assert "stumbled" not in str(error), odd
        tab.close()
    assert members(host, id).keys() == {"Ada"}
    for wrong in ("", "x", "-1", "9" * 5000, "1e3", "0"):
        tab = Tab(host[0].address, "class", {TEACHER: token}, id=wrong)
        tab.load()
        assert "Ada" not in str(tab._values)
        tab.close()
    evil = '<img src=x onerror="alert(1)">'
    shown = joined(host, code, evil[:40])
    boards = [v for id, v in shown._values.items() if shown._known[id]["type"] == "html"]
    assert "<img src=x" not in str(boards) and "&lt;img src=x" in str(boards)
    shown.close()
    assert httpx.get(f"{host[0].address}gradio_api/startup-events", timeout=60).status_code < 500


def test_files_are_had_by_their_address_alone(host: tuple[Served, Path], token: str) -> None:
    id, code = made(host, token, "Files")
    joined(host, code, "Ada").close()
    tab = Tab(host[0].address, "class", {TEACHER: token}, id=str(id))
    said = done(tab, "class", {"act": "export", "sort": "json"})
    path = said.split('href="')[1].split('"')[0]
    answer = httpx.get(host[0].address + path)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    assert json.loads(answer.text)["learners"][0]["name"] == "Ada"
    assert httpx.get(host[0].address + "ru/" + path).status_code == 200
    for wrong in ("download/", "download/x", "download/../p.db", path + "x"):
        assert httpx.get(host[0].address + wrong).status_code == 404
    codes = done(tab, "class", {"act": "enroll", "form": {"names": "Bob\nCyd"}})
    file = httpx.get(host[0].address + codes.split('href="')[1].split('"')[0]).text
    assert file.splitlines()[1].startswith("Bob,")
    back = Tab(host[0].address, "join")
    done(back, "join", {"act": "resume", "form": {"resume": file.splitlines()[2].split(",")[1]}})
    store = Store.open(f"sqlite:///{host[1]}")
    assert store.players.known(back.stored[PLAYER]).id == members(host, id)["Cyd"][1]
    store.close()
    back.close()
    tab.close()
