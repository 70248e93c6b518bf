"""The first thing on the home page: what is recorded is true, what is not is written at once, and a
link to it shows a picture."""

from collections.abc import Iterator
from io import BytesIO
from math import nan
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import gradio as gr
import pytest
from PIL import Image
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.atlas.atlas import Atlas
from playground.concepts.concepts import find, load_concepts
from playground.engine.records import Vector
from playground.errors import AuthorError, PlayerError
from playground.game import first_minute, recording
from playground.game.first_minute import (
    ConceptPush,
    FirstDial,
    FirstMinute,
    FirstMinuteFile,
    RecordedText,
)
from playground.game.game import Game
from playground.levels.dealing.triples import Began, Said
from playground.levels.judging import Bench
from playground.levels.shelf import Shelf
from playground.models import registry
from playground.screens.parts import first_minute as part
from playground.screens.parts import postcard
from playground.screens.previews import Previews
from playground.screens.stage import Offer, Stage
from playground.settings import ASSETS, Settings
from playground.store.records import PlayerId
from playground.store.store import Store
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, FakeAtlas, FakeEngine
from tests.stages import stage_of

SHIPPED = [name for name, card in registry.load().models.items() if card.first_minute]


def fake_dial(concept: str, feature: int) -> FirstDial:
    told = {-1.0: " it was no", 0.0: " it was", 1.0: f" {concept}!"}
    recorded = tuple(RecordedText(at=at, text=text) for at, text in told.items())
    return FirstDial(
        concept=concept, prompt="Once", sites=("late",), feature=feature, strength=1, replies=4,
        hits=3, untouched=1,
        recorded=recorded,
    )  # fmt: skip


FILE = FirstMinuteFile(
    model="fake", temperature=0.5, top_p=0.9, tokens=20, seed=3,
    dials=(fake_dial("cats", CAT), fake_dial("chocolate", COCOA)),
)  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    game = Game.of(bench, store, Shelf.load(), first=FILE)
    yield stage_of(game)
    game.close()


def engine_of(stage: Stage) -> FakeEngine:
    return cast(FakeEngine, stage.game.first_minute._bench.engine)


def event(**data: object) -> gr.EventData:
    return cast(gr.EventData, SimpleNamespace(_data=data))


# -- what ships ------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", SHIPPED)
def test_what_is_recorded_is_of_this_model_and_does_what_it_says(model: str) -> None:
    card = registry.card(model)
    assert card.first_minute is not None and card.atlas is not None
    file = first_minute.load(ASSETS / card.first_minute)
    atlas = Atlas.open(ASSETS / card.atlas)
    assert file.model == atlas.meta["sums"]["model"]
    assert len(file.dials) == len({each.concept for each in file.dials})
    least = recording.LEAST_TALKING if card.chat else recording.LEAST
    assert len(file.dials) == recording.KEPT
    assert file.by_features == (not card.chat)
    assert file.tokens == (recording.TOKENS_TALKING if card.chat else recording.TOKENS)
    assert file.seed in (recording.GRADE_TALKING if card.chat else recording.GRADE)
    for dial in file.dials:
        assert dial.replies == len(recording.GRADE) >= 16
        assert dial.hits >= least * dial.replies
        assert {*dial.sites} <= atlas.places.keys()
        assert tuple(each.at for each in dial.recorded) == recording.PLACES
        rule = load_concepts()[dial.concept]
        assert len(find(rule, dial.recorded[-1].text)) >= rule.at_least
        assert all(
            len(find(rule, each.text)) < rule.at_least for each in dial.recorded if each.at <= 0
        )
        assert dial.untouched < dial.hits


def test_pocket_writes_what_is_recorded(shipped: Bench) -> None:
    file = first_minute.load(ASSETS / "pocket" / "firstminute.json")
    playing, player = FirstMinute(shipped, file), PlayerId(1)
    for dial, recorded in (
        (file.dials[0], file.dials[0].recorded[0]),
        (file.dials[1], file.dials[1].recorded[-1]),
    ):
        events = [*playing.write(player, dial.concept, recorded.at, file.seed)]
        assert (
            "".join(each.token.text for each in events if isinstance(each, Said)) == recorded.text
        )


def test_a_model_played_with_other_features_has_no_first_minute() -> None:
    asked = Settings(model="pocket", saes=(f"late={ASSETS / 'pocket/saes/late'}",))
    assert registry.choose(asked).card.first_minute is None


# -- the game --------------------------------------------------------------------------------------
def test_a_position_that_is_recorded_wakes_no_model(stage: Stage) -> None:
    first = stage.game.first_minute
    assert first.text("cats", 1.0, FILE.seed) == " cats!"
    assert engine_of(stage).written == 0
    written = first.text("cats", 0.75, FILE.seed)
    assert "kitten" in written and engine_of(stage).written == 1
    assert first.text("cats", 0.75, FILE.seed) == written and engine_of(stage).written == 1
    assert first.text("cats", 1.0, FILE.seed + 1) == written and engine_of(stage).written == 2


def test_it_is_written_with_the_dial_where_it_stands(stage: Stage) -> None:
    first, player = stage.game.first_minute, PlayerId(1)
    begun, *_ = events = [*first.write(player, "chocolate", 0.75, 9)]
    assert isinstance(begun, Began) and begun.rows == ("steered",)
    (dial,) = begun.dials
    assert (dial.site, dial.feature, dial.strength) == ("late", COCOA, 0.75)
    assert (dial.method, dial.scope) == ("add", "reply")
    assert len(events) > 5
    asked = engine_of(stage).streams[-1].traces()[0].request
    assert (asked.prompt, asked.sampling) == ("Once", FILE.request("Once", (), 9).sampling)
    begun, *_ = first.write(player, "chocolate", 0.0, 9)
    assert isinstance(begun, Began) and begun.dials == ()


def test_whoever_leaves_stops_the_model(stage: Stage) -> None:
    events = stage.game.first_minute.write(PlayerId(1), "cats", 0.5, 1)
    next(events)
    next(events)
    events.close()
    assert engine_of(stage).streams[-1].cancelled


@pytest.mark.parametrize(
    ("dial", "at", "seed", "key"),
    [
        ("dogs", 0.5, 1, "no_dial"), ("cats", 1.05, 1, "no_place"), ("cats", -1.05, 1, "no_place"),
        ("cats", nan, 1, "no_place"), ("cats", 0.5, -1, "no_place"),
        ("cats", 0.5, 2**31, "no_place"),
    ],
)  # fmt: skip
def test_what_there_is_not_is_refused(
    stage: Stage, dial: str, at: float, seed: int, key: str
) -> None:
    with pytest.raises(PlayerError, match=key):
        next(stage.game.first_minute.write(PlayerId(1), dial, at, seed))
    assert engine_of(stage).written == 0


def test_a_direction_comes_with_its_file(stage: Stage) -> None:
    way = first_minute.packed(Vector("cats", (3.0, 0.0, -4.0)))
    told: dict[str, object] = {"concept": "cats", "sites": ("early",), "strength": 0.5}
    (dial,) = ConceptPush.model_validate(told | {"ways": (way,)}).dials(0.5)
    assert dial.vector is not None and dial.vector.values == pytest.approx((0.6, 0.0, -0.8))
    assert (dial.site, dial.strength, dial.scope) == ("early", 0.25, "reply")
    for wrong in ({}, {"ways": (way, way)}, {"ways": (way,), "feature": 3}):
        with pytest.raises(ValidationError, match="either a feature or a way"):
            ConceptPush.model_validate(told | wrong)


def test_a_file_that_lacks_an_end_is_named(tmp_path: Path) -> None:
    path = tmp_path / "first.json"
    path.write_text(FILE.model_dump_json().replace('"at":1.0', '"at":0.5'))
    with pytest.raises(AuthorError, match=r"(?s)first\.json.*0 and 1 among them"):
        first_minute.load(path)


# -- how the file is made --------------------------------------------------------------------------
def test_dials_that_hit_are_kept_and_what_they_write_is_recorded(
    shipped: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "SELECT": range(2), "GRADE": range(10, 14), "KEPT": 1, "BEST": 1, "HARDER": (1.0,),
        "PLACES": (-1.0, 0.0, 1.0),
    }.items():  # fmt: skip
        monkeypatch.setattr(recording, name, value)
    out = tmp_path / "first.json"
    told = list(recording.record(shipped, {"pirate": "Yesterday Anna"}, out))
    made = first_minute.load(out)
    (dial,) = made.dials
    assert told == [f"pirate: {dial.hits} of 4 at {dial.strength:g}", str(out)]
    recipe = shipped.atlas.concept("pirate").recipes[0]
    assert (dial.sites, dial.feature) == ((recipe.site,), recipe.feature)
    assert FirstMinute(shipped, made).text("pirate", 1.0, made.seed) == dial.recorded[-1].text
    assert dial.recorded[1].text != dial.recorded[2].text


def test_too_few_good_dials_make_no_file(
    shipped: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "GRADE", range(2))
    out = tmp_path / "first.json"
    with pytest.raises(AuthorError, match="0 of 1 dials hit in 75% of their replies"):
        list(recording.record(shipped, {"exclaiming": "Yesterday Anna"}, out))
    assert not out.exists()
    with pytest.raises(AuthorError, match="no concept 'mice'"):
        list(recording.record(shipped, {"mice": "Yesterday Anna"}, out))


# -- the screen ------------------------------------------------------------------------------------
def test_the_first_view_holds_all_that_is_recorded(stage: Stage) -> None:
    drawn = part.draw(stage)
    assert drawn.count('class="kept"') == 6 and drawn.count("hidden>") > 4
    assert '<span class="kept" data-dial="cats" data-at="0"> it was</span>' in drawn
    assert "3 of 4 texts come out like that" in drawn and "without a push 1 of 4" in drawn
    assert "feature: one of the thousands" in drawn
    assert engine_of(stage).written == 0


def test_what_is_written_says_of_which_request_it_is(stage: Stage) -> None:
    asked = event(dial="cats", at="0.75", seed="5", number="12")
    *_, last = part.write(stage, PlayerId(1), asked)
    assert 'data-number="12"' in last and 'data-done="done"' in last and "purr" in last
    for wrong in ({"dial": "cats"}, {"dial": "cats", "at": "x", "seed": 1, "number": 1}):
        with pytest.raises(PlayerError, match="no_place"):
            list(part.write(stage, PlayerId(1), event(**wrong)))
    with pytest.raises(PlayerError, match="no_dial"):
        list(part.write(stage, PlayerId(1), event(dial="mice", at=1, seed=1, number=1)))


# -- the picture of a link -------------------------------------------------------------------------
def test_a_link_shows_the_reply_that_it_leads_to(stage: Stage) -> None:
    previews = Previews([stage.offer])
    scope = {
        "type": "http", "scheme": "https", "place": "", "headers": [(b"host", b"cats.example")],
        "query_string": b"dial=cats&at=0.75&seed=7",
    }  # fmt: skip
    head = previews.head(Words.of("en"), scope)
    picture = "https://cats.example/postcard.png?model=&amp;dial=cats&amp;at=0.75&amp;seed=7"
    assert f'<meta property="og:image" content="{picture}">' in head
    assert 'content="Cats, 75 %: a language model wrote this"' in head
    with TestClient(Starlette(routes=previews.routes)) as web:
        answer = web.get("/postcard.png?model=&dial=cats&at=0.75&seed=7")
        assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
        image = Image.open(BytesIO(answer.content))
        assert image.size == (postcard.WIDTH, postcard.HEIGHT) and len(answer.content) < 200_000
        again = web.get("/postcard.png?model=&dial=cats&at=0.75&seed=7")
        assert again.content == answer.content and engine_of(stage).written == 1
        for wrong in (
            "",
            "?dial=mice&at=1&seed=1",
            "?dial=cats&at=nan&seed=1",
            "?model=x&dial=cats",
        ):
            assert web.get(f"/postcard.png{wrong}").status_code == 404


def test_any_other_link_shows_the_first_dial(stage: Stage) -> None:
    previews = Previews([stage.offer], "https://a.example/play")
    scope = {"type": "http", "scheme": "http", "headers": [], "query_string": b"dial=mice&at=1"}
    head = previews.head(Words.of("ru"), scope)
    picture = "https://a.example/play/postcard.png?model=&amp;dial=cats&amp;at=1&amp;seed=3"
    assert picture in head and "Загляни" in head


def test_a_model_without_dials_shows_no_picture(stage: Stage) -> None:
    game = SimpleNamespace(first_minute=FirstMinute(cast(Bench, None), None))
    offer = Offer(cast(Game, game), registry.card("pocket"))
    head = Previews([offer]).head(Words.of("en"), {"query_string": b"", "headers": []})
    assert "og:title" in head and "og:image" not in head


@pytest.mark.parametrize("text", ["word " * 8, "word " * 60, "word " * 400, "w" * 300, ""])
def test_every_text_stands_above_the_slider(text: str) -> None:
    words = [(each, postcard.INK) for each in text.split()]
    lines, size = postcard.fitted(words)
    assert len(lines) * size * postcard.SPACING <= postcard.ROOM
    assert Image.open(BytesIO(postcard.draw("Once", text, 0.4, "Game"))).format == "PNG"
