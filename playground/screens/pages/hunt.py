"""The screen of the level kind `hunt`: write texts that a feature should fire in and others, look,
collect, submit, see the evidence. Judges nothing itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import gradio as gr
from markupsafe import Markup

from playground.engine.records import Reading
from playground.errors import PlayerError
from playground.game.exploring import Contrasted, Firing
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import Pick
from playground.screens.parts import brief, card, frame, giving_up, hunt_verdict, search
from playground.screens.render import render
from playground.screens.stage import Stage, collection_state, listen, player_state, when_opened
from playground.store.records import Player, PlayerId

EACH = 6  # texts of either sort


class Read(NamedTuple):
    """A text as it was written, and what fires in it."""

    text: str
    reading: Reading


@dataclass(frozen=True)
class HuntDesk:
    """What lies before the player of one hunt level. here, there: the texts that the feature should
    fire in, and those that it should not; newest last."""

    level: str = ""
    here: tuple[Read, ...] = ()
    there: tuple[Read, ...] = ()
    token: tuple[int, int] | None = None  # a text's place among all, and a token's in it
    pick: Pick | None = None  # the feature whose card is open and that colours the texts

    @property
    def texts(self) -> tuple[Read, ...]:
        return (*self.here, *self.there)

    def without(self, text: str) -> "HuntDesk":
        here, there = (tuple(e for e in side if e.text != text) for side in (self.here, self.there))
        return replace(self, here=here, there=there, token=None)


class Change(NamedTuple):
    """New values of the screen's outputs, in their order; None leaves one as it is."""

    desk: HuntDesk | None = None
    collection: list[str] | None = None
    text: str | None = None
    reading: str | None = None
    candidates: str | None = None
    card: str | None = None
    hints: str | None = None
    verdict: str | None = None
    intro: str | None = None
    solution: str | None = None

    def row(self) -> list[object]:
        return [gr.skip() if value is None else value for value in self]


# -- drawing -------------------------------------------------------------------------------------
def picks_of(collection: Sequence[str]) -> list[Pick]:
    return [frame.pick_of(*key.split("/")) for key in collection]


def draw_reading(stage: Stage, desk: HuntDesk, collection: Sequence[str]) -> Markup:
    """The texts in colour, and the features of the chosen token or those that tell them apart."""
    texts, exploring = desk.texts, stage.game.exploring
    if not texts:
        return frame.empty(stage.words("hunt.nothing"))
    contrasts = tuple[Contrasted, ...]()
    firings = tuple[Firing, ...]()
    on_token = ""
    if desk.token is None:
        here, there = ([each.reading for each in side] for side in (desk.here, desk.there))
        contrasts = exploring.contrast(here, there, desk.level)
    else:
        text, token = desk.token
        reading = texts[text].reading
        firings = exploring.firings(reading, token, desk.level)
        on_token = reading.tokens[token].strip() or "␣"
    shown = desk.pick if desk.pick and desk.pick.site == texts[0].reading.site else None
    return render(
        stage.words,
        "pages/hunt/reading",
        texts=[each.reading.tokens for each in texts],
        values=[values_of(stage, each.reading, shown) for each in texts],
        counts=(len(desk.here), len(desk.there)),
        contrasts=contrasts,
        firings=firings,
        on_token=on_token,
        name=exploring.name(shown, desk.level) if shown else None,
        token=desk.token,
        pick=desk.pick,
        collected=picks_of(collection),
    )


def values_of(stage: Stage, reading: Reading, pick: Pick | None) -> tuple[float, ...]:
    """Of one feature on each token, or the strongest of any."""
    if pick is not None:
        return stage.game.exploring.trail(reading, pick.feature)
    return tuple(max((value for _, value in fired), default=0.0) for fired in reading.features)


def draw_candidates(stage: Stage, desk: HuntDesk, collection: Sequence[str]) -> Markup:
    """The collected features, each with a button to submit it."""
    picks = picks_of(collection)
    candidates = [(pick, stage.game.exploring.name(pick, desk.level)) for pick in picks]
    return render(stage.words, "pages/hunt/candidates", candidates=candidates, chosen=desk.pick)


def draw_card(stage: Stage, desk: HuntDesk, collection: Sequence[str]) -> Markup:
    if desk.pick is None:
        return frame.empty(stage.words("card.empty"))
    if not stage.game.exploring.measured(desk.pick):
        return card.bare(stage.words, desk.pick, open_page=True)
    shown = stage.game.exploring.card(desk.pick, desk.level)
    names = [
        stage.game.exploring.name(Pick(shown.site, index), desk.level)
        for index in shown.topkCosSimIndices[: card.NEAREST_SHOWN]
    ]
    name = stage.game.exploring.name(desk.pick, desk.level)
    kept = frame.pick_key(desk.pick) in collection
    # Where a level hides labels nothing links to the page that shows them.
    return card.draw(stage.words, shown, name, names, bool(shown.explanations), kept)


def examples(stage: Stage, level: HuntLevel) -> Markup:
    if not level.examples:
        return Markup()
    return render(stage.words, "pages/hunt/examples", texts=level.examples)


# -- events --------------------------------------------------------------------------------------
def opened(
    stage: Stage, player: Player, collection: list[str], request: gr.Request
) -> list[object]:
    """player, desk, collection, intro, main row, examples, hints, candidates, site."""
    level = request.query_params.get("level", "")
    try:
        start = stage.game.course.start(player.id, level)
        if not isinstance(start.level, HuntLevel):
            raise PlayerError("level.missing")
    except PlayerError as error:
        return [
            player.secret,
            HuntDesk(),
            gr.skip(),
            frame.apology(stage.words, error),
            gr.Row(visible=False),
            "",
            "",
            "",
            gr.skip(),
        ]
    desk = HuntDesk(level)
    kept = search.known(stage, collection)
    return [
        player.secret,
        desk,
        kept,
        brief.intro(stage.words, start),
        gr.Row(visible=True),
        examples(stage, start.level),
        brief.hints(stage.words, start),
        draw_candidates(stage, desk, kept),
        gr.Radio(
            [(stage.words.site(s.name), s.name) for s in start.sites],
            value=start.sites[(len(start.sites) - 1) // 2].name,
            visible=len(start.sites) > 1,
        ),
    ]


def look(
    stage: Stage, player: PlayerId, desk: HuntDesk, collection: list[str], text: str, site: str
) -> list[object]:
    """A text that the feature should fire in."""
    return laid(stage, player, desk, collection, text, site, about=True)


def look_beside(
    stage: Stage, player: PlayerId, desk: HuntDesk, collection: list[str], text: str, site: str
) -> list[object]:
    """A text that it should not fire in."""
    return laid(stage, player, desk, collection, text, site, about=False)


def laid(
    stage: Stage,
    player: PlayerId,
    desk: HuntDesk,
    collection: list[str],
    text: str,
    site: str,
    about: bool,
    typed: str | None = None,
) -> list[object]:
    """Reads a text and lays it to its like; one that lies there already changes its side."""
    seen = desk.without(text)
    if len(seen.here if about else seen.there) >= EACH:
        raise PlayerError("hunt.full", count=EACH)
    read = Read(text, stage.game.exploring.on_behalf(player).read(text, site))
    seen = moved(stage, player, seen, site)
    if about:
        seen = replace(seen, here=(*seen.here, read))
    else:
        seen = replace(seen, there=(*seen.there, read))
    return Change(desk=seen, text=typed, reading=draw_reading(stage, seen, collection)).row()


def moved(stage: Stage, player: PlayerId, desk: HuntDesk, site: str) -> HuntDesk:
    """The same texts as another site reads them."""
    if all(each.reading.site == site for each in desk.texts):
        return desk
    exploring = stage.game.exploring.on_behalf(player)
    here, there = (
        tuple(Read(each.text, exploring.read(each.text, site)) for each in side)
        for side in (desk.here, desk.there)
    )
    return replace(desk, here=here, there=there, token=None)


def look_elsewhere(
    stage: Stage, player: PlayerId, desk: HuntDesk, collection: list[str], site: str
) -> list[object]:
    seen = moved(stage, player, desk, site)
    return Change(desk=seen, reading=draw_reading(stage, seen, collection)).row()


def act(
    stage: Stage,
    desk: HuntDesk,
    collection: list[str],
    player: PlayerId,
    site: str,
    event: gr.EventData,
) -> Iterator[list[object]]:
    """Whatever was clicked on one of the boards."""
    what = event._data["act"]
    if what in ("token", "whole", "drop"):
        seen = replace(desk, token=None)
        if what == "token":
            seen = replace(desk, token=(int(event._data["row"]), int(event._data["token"])))
        elif what == "drop":
            seen = desk.without(desk.texts[int(event._data["row"])].text)
        yield Change(desk=seen, reading=draw_reading(stage, seen, collection)).row()
    elif what == "example":
        start = stage.game.course.start(player, desk.level)
        assert isinstance(start.level, HuntLevel)
        number = int(event._data["number"])
        text = start.level.examples[number]
        yield laid(stage, player, desk, collection, text, site, number == 0, text)
    elif what == "give_up":
        found = stage.game.course.give_up(player, desk.level)
        start = stage.game.course.seen(player, desk.level)
        drawn = giving_up.draw(stage, start.level, found, take=False)
        yield Change(hints=brief.hints(stage.words, start), solution=drawn).row()
    elif what == "hint":
        yield Change(
            hints=brief.hints(stage.words, stage.game.course.hint(player, desk.level))
        ).row()
    else:
        yield from act_on(
            stage,
            desk,
            collection,
            player,
            what,
            frame.pick_of(event._data["site"], event._data["feature"]),
        )


def act_on(
    stage: Stage, desk: HuntDesk, collection: list[str], player: PlayerId, what: str, pick: Pick
) -> Iterator[list[object]]:
    """open, collect or submit one feature."""
    key = frame.pick_key(pick)
    if what == "open":
        seen = replace(desk, pick=pick)
        yield Change(
            desk=seen,
            reading=draw_reading(stage, seen, collection),
            candidates=draw_candidates(stage, seen, collection),
            card=draw_card(stage, seen, collection),
        ).row()
    elif what == "collect":
        kept = [k for k in collection if k != key] if key in collection else [*collection, key]
        yield Change(
            collection=kept,
            reading=draw_reading(stage, desk, kept),
            candidates=draw_candidates(stage, desk, kept),
            card=None if desk.pick is None else draw_card(stage, desk, kept),
        ).row()
    elif what == "submit":
        yield Change(verdict=render(stage.words, "pages/hunt/judging")).row()
        try:
            verdict = stage.game.attempts.submit(player, desk.level, pick)
        except PlayerError:
            yield Change(verdict="").row()
            raise
        best = brief.intro(stage.words, stage.game.course.seen(player, desk.level))
        drawn = hunt_verdict.draw(stage, player, verdict)
        yield Change(verdict=drawn, intro=best).row()


def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    sites = [(words.site(site.name), site.name) for site in stage.game.exploring.sites]
    player, collection, desk = player_state(stage), collection_state(stage), gr.State(HuntDesk())
    frame.header(stage, "home")
    intro = frame.board(frame.opening(words), elem_id="intro")
    with gr.Row(visible=False, equal_height=False) as main:
        with gr.Column(scale=6, min_width=300):
            frame.board(frame.step(1, words("hunt.step1"), words("hunt.step1_more")))
            text = gr.Textbox(
                label=words("hunt.text"),
                placeholder=words("hunt.placeholder"),
                lines=3,
                max_lines=8,
                elem_id="text",
            )
            chips = frame.board(elem_id="examples")
            site = gr.Radio(
                sites, label=words("hunt.site"), info=words("hunt.site_info"), value=sites[0][1]
            )
            with gr.Row():
                here = gr.Button(words("hunt.look"), variant="primary", elem_id="look")
                beside = gr.Button(words("hunt.beside"), elem_id="beside")
            frame.board(frame.step(2, words("hunt.step2"), words("hunt.step2_more")))
            reading = frame.board(frame.empty(words("hunt.nothing")), elem_id="reading")
        with gr.Column(scale=5, min_width=300):
            frame.board(frame.step(3, words("hunt.step3"), words("hunt.step3_more")))
            candidates = frame.board(elem_id="candidates")
            hints = frame.board(elem_id="hints")
            solution = frame.board(elem_id="solution")
            opened_card = frame.board(frame.empty(words("card.empty")), elem_id="card")
    verdict = frame.board(elem_id="verdict")
    frame.footer(words)
    changed = [
        desk, collection, text, reading, candidates, opened_card, hints, verdict, intro, solution,
    ]  # fmt: skip
    when_opened(
        stage,
        page,
        opened,
        [player, collection],
        [player, desk, collection, intro, main, chips, hints, candidates, site],
    )
    given = [player, desk, collection, text, site]
    for event in (here.click, text.submit):
        listen(stage, event, look, given, changed, device=True)
    listen(stage, beside.click, look_beside, given, changed, device=True)
    given = [player, desk, collection, site]
    listen(stage, site.input, look_elsewhere, given, changed, device=True)
    given = [desk, collection, player, site]
    for one in (chips, reading, candidates, hints, opened_card, solution):
        listen(stage, one.act, act, given, changed, device=True, trigger="multiple")
