"""What fires in a reply of a conversation, token by token: the model reads the reply again where it
stands, and its features are seen on a panel below the talk, one press from a dial."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import Any, cast

import gradio as gr
from markupsafe import Markup

from playground.engine.records import GIANT, NO_FEATURE, Reading
from playground.errors import PlayerError
from playground.game.exploring import Exploring
from playground.game.talking import KeptDial, KeptTurn
from playground.levels.dealing.triples import ROWS, Row
from playground.levels.schema import Pick
from playground.screens.parts import forms, frame
from playground.screens.parts.talk_dials import CHANGED, DialColumn, add
from playground.screens.render import macro
from playground.screens.stage import Stage, listen, waited
from playground.store.records import PlayerId


@dataclass(frozen=True)
class Hearing:
    """A reply that is looked at. number: of its turn, among all of the talk; token: the place of
    the one whose features are listed, None for the whole reply; pick: the feature that colours."""

    number: int
    turn: KeptTurn
    row: Row
    site: str
    reading: Reading
    token: int | None = None
    pick: Pick | None = None


# -- drawing -------------------------------------------------------------------------------------
def colours(
    exploring: Exploring, reading: Reading, pick: Pick | None
) -> tuple[tuple[float, ...], float]:
    """How far the feature fires on each token, and what full colour stands for; zeros without."""
    if pick is None:
        return (0.0,) * len(reading.tokens), 0.0
    values = exploring.trail(reading, pick.feature)
    return values, max(*values, exploring.card(pick).maxActApprox)


def draw(stage: Stage, look: Hearing) -> Markup:
    exploring, reading, pick = stage.game.exploring, look.reading, look.pick
    values, top = colours(exploring, reading, pick)
    return macro(
        stage.words,
        "heard:panel",
        look,
        tuple(look.turn.replies),
        sites(stage),
        tuple(called(stage, each) for each in look.turn.dials or ()),
        values,
        top,
        None if pick is None else exploring.name(pick),
        pick,
        exploring.firings(reading, look.token),
        round(GIANT),
    )


def sites(stage: Stage) -> list[str]:
    """Where there are features."""
    return [each.name for each in stage.game.exploring.sites if each.width]


def called(stage: Stage, dial: KeptDial) -> str:
    """What was on a dial, and how strongly."""
    words = stage.words
    if dial.feature != NO_FEATURE:
        name = words.said(stage.game.exploring.name(Pick(dial.sites[0], dial.feature)))
    else:
        name = words(f"concepts.{dial.concept}") if dial.concept else dial.name
    return f"{name} {dial.strength:g}"


def beat(stage: Stage, seconds: float) -> list[object]:
    words = stage.words
    said = (
        words("heard.reading_for", seconds=round(seconds))
        if seconds >= 1
        else words("heard.reading")
    )
    return [gr.skip(), frame.waiting(said)]


# -- events: look, panel ---------------------------------------------------------------------------
def hear(stage: Stage, player: PlayerId, event: gr.EventData) -> Iterator[list[object]]:
    """A reply whose features somebody wants to see: where it was pushed, if there are any."""
    number, row = forms.whole(event, "number"), row_of(event)
    now, known = stage.game.talking.conversation(player), sites(stage)
    place = number - now.dropped
    if not 0 <= place < len(now.turns):
        raise PlayerError("heard.gone")
    turn = now.turns[place]
    pushed = [site for dial in turn.dials or () for site in dial.sites if site in known]
    site = pushed[0] if pushed and row != "baseline" else known[(len(known) - 1) // 2]
    yield from read(stage, player, number, turn, row, site)


def row_of(event: gr.EventData, otherwise: Row | None = None) -> Row:
    """PlayerError for what is none, where there is nothing to take instead."""
    told = forms.text(event, "row")
    if told in ROWS:
        return cast(Row, told)
    if otherwise is None:
        raise PlayerError("heard.gone")
    return otherwise


def read(
    stage: Stage, player: PlayerId, number: int, turn: KeptTurn, row: Row, site: str
) -> Iterator[list[object]]:
    def work(left: Event) -> Reading:
        return stage.game.talking.reread(player, number, row, site, left)

    yield beat(stage, 0.0)
    try:
        reading = yield from waited(work, partial(beat, stage))
    except Exception:
        yield [None, ""]
        raise
    found = stage.game.exploring.firings(reading)
    look = Hearing(number, turn, row, site, reading, pick=found[0].pick if found else None)
    yield [look, draw(stage, look)]


def shut(stage: Stage) -> list[object]:
    return [None, ""]


def act(
    stage: Stage,
    player: PlayerId,
    look: Hearing | None,
    first: float,
    second: float,
    event: gr.EventData,
) -> Iterator[list[object]]:
    """A click on the panel: look, panel, then the choices and slots of the dials."""
    what, still = forms.text(event, "act"), [gr.skip(), gr.skip()]
    if look is None:
        return
    if what == "dial":
        yield [*still, *add(stage, player, forms.pick(event), (first, second))]
        return
    same = [gr.skip()] * CHANGED
    if what == "close":
        yield [*shut(stage), *same]
    elif what in ("row", "site"):
        row, site = row_of(event, look.row), forms.text(event, "site") or look.site
        if site not in sites(stage):
            raise PlayerError("errors.no_site", site=site, known=tuple(sites(stage)))
        for shown in read(stage, player, look.number, look.turn, row, site):
            yield [*shown, *same]
    else:
        seen = looked(stage, look, event)
        yield [seen, draw(stage, seen), *same]


def looked(stage: Stage, look: Hearing, event: gr.EventData) -> Hearing:
    """At a token, at all of them, or by another feature."""
    what = forms.text(event, "act")
    if what == "open":
        pick = forms.pick(event)
        stage.game.exploring.check(pick)
        return replace(look, pick=pick)
    tokens = len(look.reading.tokens)
    return replace(look, token=forms.place(event, "token", tokens) if what == "token" else None)


# -- layout --------------------------------------------------------------------------------------
def open_from(
    stage: Stage,
    player: gr.BrowserState,
    panel: gr.HTML,
    talk: gr.HTML,
    turning: DialColumn,
    leaving: Sequence[Any],
) -> None:
    """Where the model has features. talk: the board that reports which reply is to be looked at;
    leaving: events by which the learner goes on, which shut the panel."""
    if not stage.game.exploring.has_features:
        return
    look, dials = gr.State(None), [turning.choices, *turning.faces]
    looks = [
        listen(stage, talk.answer, hear, [player], [look, panel], trigger="multiple"),
        listen(
            stage, panel.act, act, [player, look, *turning.strengths], [look, panel, *dials],
            trigger="multiple",
        ),
    ]  # fmt: skip
    gone = partial(gr.on, leaving, cancels=looks)
    listen(stage, gone, shut, [], [look, panel], queued=False)
