"""The levels that are steered: choose features and strengths, compare replies, see the scores."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import gradio as gr
from markupsafe import Markup

from playground.engine.records import MAX_DIALS
from playground.errors import PlayerError
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.schema import Pick
from playground.messages import Message
from playground.screens.parts import (
    bookmark,
    brief,
    dials,
    forms,
    frame,
    giving_up,
    pictures,
    search,
    steer_verdict,
    streams,
    wheel,
)
from playground.screens.parts.terms import glossary
from playground.screens.render import render
from playground.screens.stage import Stage, collection_state, listen, player_state, when_opened
from playground.store.records import Player, PlayerId


@dataclass(frozen=True)
class SteerDesk:
    """What lies before the player of one level: a feature or None for each of its dials."""

    level: str = ""
    picks: tuple[Pick | None, ...] = (None,)

    @property
    def pick(self) -> Pick | None:
        """The feature, in a level with one dial."""
        return self.picks[0] if len(self.picks) == 1 else None

    @property
    def taken(self) -> list[Pick]:
        return [pick for pick in self.picks if pick is not None]


# -- drawing -------------------------------------------------------------------------------------
def picked(stage: Stage, desk: SteerDesk) -> Markup:
    """The chosen feature and where in the model it sits. Several stand on their dials; of them
    only the places are drawn."""
    words = stage.words
    drawn = Markup()
    if desk.taken:
        places = {words.site(pick.site) for pick in desk.taken}
        sites = [replace(site, name=words.site(site.name)) for site in stage.game.exploring.sites]
        alt = ", ".join(
            words("card.id", site=words.site(pick.site), index=pick.feature) for pick in desk.taken
        )
        drawn = pictures.stack(sites, places, alt)
    if len(desk.picks) > 1:
        return drawn
    chosen = search.chosen_line(stage, desk.pick)
    return render(words, "pages/steer/chosen", line=chosen, places=drawn) if drawn else chosen


def push(stage: Stage, player: PlayerId, desk: SteerDesk, level: SteeringLevel) -> Markup:
    """What this level's push does and where, once a feature says which."""
    words = stage.words
    par = stage.game.attempts.par(player, desk.level)
    goal = f" {words('steer.par', par=f'{par:.2f}')}" if par is not None else ""
    title = words("steer.step2" if turned(level) else "steer.step2_fixed")
    if not desk.taken:
        first = "steer.step2_first" if turned(level) else "steer.step2_fixed_first"
        return frame.step(2, title, words(first) + goal)
    made = stage.game.attempts.dials(
        desk.level, desk.taken, [level.start_strength] * len(desk.taken)
    )
    ways = {(dial.method, dial.scope, dial.opening): dial for dial in made}
    more = [
        words(
            "steer.step2_more",
            method=words(f"sandbox.method_{dial.method}"),
            scope=words(f"sandbox.scope_{dial.scope}", tokens=dial.opening),
        )
        for dial in ways.values()
    ]
    return frame.step(2, title, " ".join(more) + goal)


def turned(level: SteeringLevel) -> bool:
    """Whether a dial of the level has a strength to set."""
    low, high = level.limits
    return low < high


def boards(
    stage: Stage,
    player: PlayerId,
    desk: SteerDesk,
    level: SteeringLevel,
    query: str,
    collection: list[str],
) -> list[object]:
    """results, collected, chosen, push, then the dials' columns and titles, and the line for none:
    all that depends on the chosen features."""
    several = len(desk.picks) > 1
    padded = (
        [*desk.picks, *[None] * (MAX_DIALS - len(desk.picks))] if several else [None] * MAX_DIALS
    )
    empty = stage.words("steer.no_dials", dials=len(desk.picks)) if several else ""
    return [
        search.results(stage, query, None, desk.pick),
        search.collected(stage, search.known(stage, collection), desk.pick),
        picked(stage, desk),
        push(stage, player, desk, level),
        *dials.slots(stage, padded, empty),
    ]


def sliders(stage: Stage, level: SteeringLevel, strengths: Sequence[float] = ()) -> list[gr.Slider]:
    """The one slider of a level with one dial, then those of the slots, as they begin. strengths:
    of the dials, where they do not stand as they do at first."""
    low, high = level.limits
    info = stage.words("steer.strength_info" if low == 0 else "steer.strength_info_below")
    if not turned(level):
        low, high = -1.0, 0.0  # hidden; a range of no width cannot be drawn
    one, start = level.slots == 1, level.start_strength
    values = [min(high, max(low, each)) for each in strengths]
    values += [start] * (MAX_DIALS - len(values))
    return [
        gr.Slider(low, high, value=value, info=info, visible=turned(level) and here)
        for here, value in ((one, values[0]), *((not one, each) for each in values))
    ]


# -- events --------------------------------------------------------------------------------------
def steering_level(stage: Stage, player: PlayerId, level: str) -> SteeringLevel:
    chosen = stage.game.course.start(player, level).level
    if not isinstance(chosen, SteeringLevel):
        raise PlayerError("level.missing")
    return chosen


def opened(
    stage: Stage, player: Player, collection: list[str], request: gr.Request
) -> list[object]:
    """The page's state and boards, in the order of layout's outputs."""
    skip = gr.skip()
    id = request.query_params.get("level", "")
    try:
        level = steering_level(stage, player.id, id)
    except PlayerError as error:
        rest = [skip] * (5 + 2 * MAX_DIALS + 1 + 1 + MAX_DIALS)
        hidden = gr.Column(visible=False)
        return [player.secret, SteerDesk(), skip, frame.apology(stage.words, error), hidden, *rest]
    start = stage.game.course.start(player.id, id)
    picks, strengths = bookmark.dials(stage, level, request.query_params)
    query = bookmark.query(request.query_params)
    desk, kept = SteerDesk(id, picks), search.known(stage, collection)
    _, *shown = boards(stage, player.id, desk, level, "", kept)
    example = Message(f"concepts.{level.concept}")
    return [
        player.secret,
        desk,
        kept,
        brief.intro(stage.words, start),
        gr.Column(visible=True),
        gr.Textbox(query, placeholder=stage.words("steer.placeholder", concept=example)),
        brief.hints(stage.words, start),
        *shown,
        *sliders(stage, level, strengths),
    ]


def find(stage: Stage, desk: SteerDesk, query: str) -> str:
    return search.results(stage, query, None, desk.pick)


def here(stage: Stage, desk: SteerDesk, query: str, strength: float, *rows: float) -> Markup:
    """The page's address with all that was typed and turned."""
    strengths = (strength,) if len(desk.picks) == 1 else rows
    return bookmark.draw(desk.level, query, desk.picks, strengths)


def hint(stage: Stage, desk: SteerDesk, player: PlayerId, event: gr.EventData) -> list[object]:
    """hints and solution: the next hint, or how it is done."""
    course, words = stage.game.course, stage.words
    if forms.text(event, "act") != "give_up":
        return [brief.hints(words, course.hint(player, desk.level)), gr.skip()]
    found, start = course.give_up(player, desk.level), course.seen(player, desk.level)
    return [brief.hints(words, start), giving_up.draw(stage, start.level, found, take=True)]


def take(
    stage: Stage, desk: SteerDesk, collection: list[str], player: PlayerId, query: str
) -> list[object]:
    """desk, boards and sliders as the solution has them, for who has given up."""
    level = steering_level(stage, player, desk.level)
    turns = [step.turn for step in stage.game.course.give_up(player, desk.level).steps]
    picks = [turn.pick for turn in turns]
    seen = replace(desk, picks=(*picks, *[None] * (level.slots - len(picks))))
    strengths = [turn.strength for turn in turns]
    shown = boards(stage, player, seen, level, query, collection)
    return [seen, *shown, *sliders(stage, level, strengths)]


def act(
    stage: Stage,
    desk: SteerDesk,
    collection: list[str],
    player: PlayerId,
    query: str,
    event: gr.EventData,
) -> list[object]:
    """desk, then boards after a click on a board."""
    picks = list(desk.picks)
    if forms.text(event, "act") == "remove":
        picks[forms.place(event, "number", len(picks))] = None
    else:
        pick = forms.pick(event)
        stage.game.exploring.check(pick)
        if len(picks) == 1:
            picks = [pick]
        elif None not in picks:
            raise PlayerError("sandbox.full", dials=len(picks))
        elif pick not in picks:
            picks[picks.index(None)] = pick
    seen = replace(desk, picks=tuple(picks))
    level = steering_level(stage, player, desk.level)
    return [seen, *boards(stage, player, seen, level, query, collection)]


def strengths_of(
    desk: SteerDesk, level: SteeringLevel, strength: float, rows: object
) -> list[float]:
    """One for each taken feature: from the one slider, or from those of the dials in use."""
    assert isinstance(rows, tuple)
    if not turned(level):
        return [0.0] * len(desk.taken)
    if len(desk.picks) == 1:
        return [strength]
    return [value for pick, value in zip(desk.picks, rows, strict=False) if pick is not None]


def run(
    stage: Stage, desk: SteerDesk, player: PlayerId, strength: float, *rows: float
) -> Iterator[list[object]]:
    """status, columns, verdict, button to write, button to stop, brief, push: while it writes and
    after. The page stays where the replies are."""
    words = stage.words
    if not desk.taken:
        raise PlayerError("steer.pick_first")
    skip = gr.skip()
    idle = [gr.Button(interactive=True), gr.Button(visible=False)]
    busy = [gr.Button(interactive=False), gr.Button(visible=True), skip, skip]
    level = steering_level(stage, player, desk.level)
    strengths = strengths_of(desk, level, strength, rows)
    going = streams.Run(", ".join(f"{each:g}" for each in strengths))
    try:
        yield [going.progress(words), "", "", *busy]
        events = stage.game.attempts.steer(player, desk.level, desk.taken, strengths)
        with closing(streams.paced(events, going)) as shown_events:
            for event in shown_events:
                if isinstance(event, SteerVerdict):
                    yield [*ended(stage, player, event), *idle, *known_now(stage, player, desk)]
                else:
                    yield [going.progress(words), going.columns(words), *[skip] * 5]
    except Exception:
        yield ["", "", "", *idle, skip, skip]
        raise


def ended(stage: Stage, player: PlayerId, verdict: SteerVerdict) -> list[Markup]:
    """status, columns, verdict."""
    return [
        steer_verdict.result(stage.words, verdict),
        steer_verdict.reply_columns(stage.words, verdict, 0),
        steer_verdict.draw_verdict(stage, player, verdict),
    ]


def known_now(stage: Stage, player: PlayerId, desk: SteerDesk) -> list[Markup]:
    """brief, with the best so far, and push, which may say what was hidden before a win."""
    start = stage.game.course.seen(player, desk.level)
    assert isinstance(start.level, SteeringLevel)
    return [brief.intro(stage.words, start), push(stage, player, desk, start.level)]


def stopped(stage: Stage) -> list[object]:
    """status, button to write, button to stop."""
    return [
        streams.halted(stage.words, "steer.stopped"),
        gr.Button(interactive=True),
        gr.Button(visible=False),
    ]


# -- layout --------------------------------------------------------------------------------------
def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    player, collection, desk = (
        player_state(stage),
        collection_state(stage),
        gr.State(SteerDesk()),
    )
    frame.header(stage, "home")
    address = frame.board()
    intro = frame.board(frame.opening(words), elem_id="intro")
    with gr.Column(visible=False) as main:
        with gr.Row(equal_height=False):
            with gr.Column(scale=6, min_width=300):
                frame.board(frame.step(1, words("steer.step1"), words("steer.step1_more")))
                query = gr.Textbox(label=words("steer.search"), elem_id="search")
                results = frame.board(elem_id="results")
                collected = frame.board(elem_id="collected")
            with gr.Column(scale=5, min_width=300):
                hand = wheel.lay_out(stage)
                frame.board(glossary(words, *dials.WORDS, "effect"), js=None)
        status, stop = streams.status_row(words)
        replies = frame.board(frame.empty(words("steer.waiting")), elem_id="streams")
        result = frame.board(elem_id="verdict")
    frame.footer(words)
    shown = [collected, hand.chosen, hand.push, *hand.faces]
    begun = [player, desk, collection, intro, main, query, hand.hints, *shown, *hand.sliders]
    when_opened(stage, page, opened, [player, collection], begun)
    listen(stage, query.change, find, [desk, query], [results], trigger="always_last")
    every = [results, *shown]
    for one in (results, collected, *(row.title for row in hand.rows)):
        listen(
            stage,
            one.act,
            act,
            [desk, collection, player, query],
            [desk, *every],
            trigger="multiple",
        )
    listen(stage, hand.hints.act, hint, [desk, player], [hand.hints, hand.solution])
    listen(
        stage,
        hand.solution.act,
        take,
        [desk, collection, player, query],
        [desk, *every, *hand.sliders],
    )
    for changed in (desk, query, *hand.sliders):
        turns = [desk, query, *hand.sliders]
        listen(stage, changed.change, here, turns, [address], trigger="always_last")
    writing = listen(
        stage,
        hand.write.click,
        run,
        [desk, player, *hand.sliders],
        [status, replies, result, hand.write, stop, intro, hand.push],
    )
    # First the run ends, then the screen says so: a late update would say otherwise.
    halt = stop.click(None, cancels=[writing], api_visibility="private")
    listen(stage, halt.then, stopped, [], [status, hand.write, stop])
