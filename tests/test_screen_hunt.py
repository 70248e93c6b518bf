"""The screen of a hunt, its handlers called as Gradio would: what lies there outlives a reload."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.errors import PlayerError
from playground.game.game import Game
from playground.levels.judging import Bench, LabelledText
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.messages import Message
from playground.screens.pages import hunt
from playground.screens.parts import hunt_draft
from playground.screens.parts.hunt_desk import EACH, HuntDesk
from playground.screens.parts.hunt_draft import Draft
from playground.screens.stage import Stage
from playground.store.records import Player
from playground.store.store import Store
from tests.fake_model import CAT, FakeAtlas, FakeEngine
from tests.stages import stage_of

LEVEL = "find-cats"
CAT_TEXT, OTHER = "the kitten began to purr", "the wind was kind"
ROW = hunt.Change._fields


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), Shelf.load())
    yield stage_of(game)
    game.close()


@pytest.fixture
def player(stage: Stage) -> Player:
    return stage.game.players.enter(None)


def opened(stage: Stage, player: Player, drafts: Any) -> list[Any]:
    request: Any = SimpleNamespace(query_params={"level": LEVEL})
    return hunt.opened(stage, player, drafts, request)


def laid(stage: Stage, player: Player) -> HuntDesk:
    """A text of either sort."""
    desk = HuntDesk(LEVEL)
    first = hunt.look(stage, player.id, desk, CAT_TEXT, "late")
    second = hunt.look_beside(stage, player.id, cast(HuntDesk, first[0]), OTHER, "late")
    return cast(HuntDesk, second[0])


def test_texts_that_lay_there_are_read_again_after_a_reload(stage: Stage, player: Player) -> None:
    desk = laid(stage, player)
    drafts = hunt.noted(stage, desk, "and one mo", "late", {})
    found = opened(stage, player, drafts)
    assert found[1] == HuntDesk(LEVEL) and found[-2] == "and one mo"
    assert found[-1].value == "late"
    waiting, read = hunt.relaid(stage, player.id, found[1], drafts, "late")
    assert "Reading your texts again" in str(waiting[ROW.index("reading")])
    assert read[0] == desk
    drawn = str(read[ROW.index("reading")])
    assert "kitten" in drawn and f'data-feature="{CAT}"' in drawn


def test_what_is_typed_leaves_the_texts_that_lie(stage: Stage, player: Player) -> None:
    drafts = hunt.noted(stage, laid(stage, player), "", "late", {})
    # A page that was just opened has not read its texts yet.
    drafts = hunt.typed_so_far(stage, HuntDesk(LEVEL), "A kit", drafts)
    assert hunt_draft.of(drafts, LEVEL) == Draft("A kit", "late", (CAT_TEXT,), (OTHER,))


def clicked(stage: Stage, player: Player, desk: HuntDesk, **data: object) -> list[Any]:
    """What a click brings at last; the browser has one feature of another hunt."""
    sent: Any = SimpleNamespace(_data=data)
    *_, last = hunt.act(stage, desk, ["late/1"], player.id, "late", sent)
    return last


def test_candidates_are_those_of_one_hunt(stage: Stage, player: Player) -> None:
    desk, site = HuntDesk(LEVEL), {"site": "late", "feature": str(CAT)}
    row = clicked(stage, player, desk, act="collect", **site)
    assert row[ROW.index("collection")] == ["late/1", f"late/{CAT}"]  # for the sandbox
    drawn = str(row[ROW.index("candidates")])
    assert drawn.count('data-act="submit"') == 1 and f'data-feature="{CAT}"' in drawn
    desk = cast(HuntDesk, row[0])
    drafts = hunt.noted(stage, desk, "", "late", {})
    assert opened(stage, player, drafts)[1].candidates == (f"late/{CAT}",)
    other: Any = SimpleNamespace(query_params={"level": "hunt-bees"})
    assert cast(HuntDesk, hunt.opened(stage, player, drafts, other)[1]).candidates == ()
    gone = clicked(stage, player, desk, act="collect", **site)
    assert (gone[0].candidates, gone[ROW.index("collection")]) == ((), ["late/1"])
    odd = {LEVEL: {"candidates": ["late/1", "late/99999", "x", 5, "a/b/c", None]}}
    assert opened(stage, player, odd)[1].candidates == ("late/1",)


def test_the_answer_of_a_hunt_leads_to_its_feature(stage: Stage, player: Player) -> None:
    rows = [clicked(stage, player, HuntDesk(LEVEL), act="hint") for _ in range(3)]
    hints = str(rows[-1][ROW.index("hints")])
    assert f'data-act="open" data-site="late" data-feature="{CAT}"' in hints
    shown = clicked(stage, player, HuntDesk(LEVEL), act="open", site="late", feature=str(CAT))
    assert shown[0].pick == Pick("late", CAT)


def test_a_page_without_a_draft_is_left_as_it_is(stage: Stage, player: Player) -> None:
    found = opened(stage, player, {})
    assert found[-2] == ""
    (row,) = hunt.relaid(stage, player.id, found[1], {}, "late")
    assert row[0] == {"__type__": "update"}


def test_hunts_are_kept_apart_and_the_oldest_goes() -> None:
    drafts: dict[str, Any] = {}
    for number in range(hunt_draft.KEPT + 1):
        drafts = hunt_draft.with_one(drafts, f"hunt-{number}", Draft(f"text {number}"))
    assert hunt_draft.of(drafts, "hunt-0") == Draft()
    assert hunt_draft.of(drafts, "hunt-1").typed == "text 1"
    drafts = hunt_draft.with_one(drafts, "hunt-1", Draft("again"))
    drafts = hunt_draft.with_one(drafts, "new", Draft())
    assert hunt_draft.of(drafts, "hunt-2") == Draft() != hunt_draft.of(drafts, "hunt-1")


@pytest.mark.parametrize(
    "kept", [None, [], {LEVEL: 3}, {LEVEL: {"here": "abc", "typed": 5, "site": None}}]
)
def test_what_a_browser_has_damaged_is_passed_over(kept: Any) -> None:
    assert hunt_draft.of(kept, LEVEL) == Draft()
    drafts = hunt_draft.with_one(kept, LEVEL, Draft("new"))
    assert hunt_draft.of(drafts, LEVEL).typed == "new"


def test_more_texts_than_a_side_takes_are_left_out(stage: Stage, player: Player) -> None:
    texts = tuple(f"the cat number {number}" for number in range(EACH + 2))
    drafts = hunt_draft.with_one({}, LEVEL, Draft("", "late", (*texts, texts[0]), ()))
    *_, last = hunt.relaid(stage, player.id, HuntDesk(LEVEL), drafts, "late")
    assert [each.text for each in cast(HuntDesk, last[0]).here] == list(texts[:EACH])


def test_a_text_longer_than_the_level_allows_is_refused(stage: Stage, player: Player) -> None:
    level = hunt.level_of(stage, player.id, HuntDesk(LEVEL))
    most = " ".join(["cat"] * level.max_words)
    (desk, *_) = hunt.look(stage, player.id, HuntDesk(LEVEL), most, "late")
    assert [each.text for each in cast(HuntDesk, desk).here] == [most]
    with pytest.raises(PlayerError) as refused:
        hunt.look_beside(stage, player.id, cast(HuntDesk, desk), f"{most} cat", "late")
    assert refused.value.said == Message("hunt.too_long", count=61, limit=60)


def test_who_does_not_know_what_to_write_lays_pairs_of_the_collection(tmp_path: Path) -> None:
    texts = [
        LabelledText("The cat and its kitten ran over to the sofa.", True, "show"),
        LabelledText("A cat and its kitten sat by the door. It rained.", True, "show"),
        LabelledText("The cat and kitten of all verdicts are kept away.", True, "grade"),
        LabelledText("The train left the station at nine.", False, "show"),
        LabelledText("We baked bread with my aunt on Sunday.", False, "show"),
    ]
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {"cats": texts})
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), Shelf.load())
    stage = stage_of(game)
    player, desk = game.players.enter(None), HuntDesk(LEVEL)
    assert 'data-act="pair"' in opened(stage, player, {})[4]
    for count in (1, 2):
        desk = cast(HuntDesk, hunt.paired(stage, player.id, desk, "late")[0])
        assert (len(desk.here), len(desk.there)) == (count, count)
    assert {each.text for each in desk.texts} == {
        each.text for each in texts if each.part == "show"
    }
    with pytest.raises(PlayerError, match="hunt.no_pair"):
        hunt.paired(stage, player.id, desk, "late")
    game.close()


def test_a_model_without_texts_offers_no_pairs(stage: Stage, player: Player) -> None:
    assert 'data-act="pair"' not in opened(stage, player, {})[4]
