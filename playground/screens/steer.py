"""The level kind `steer`: choose a feature and a strength, compare replies, see the scores."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from html import escape
from statistics import fmean

import gradio as gr

from playground.concepts import UNDAMAGED_AT_MOST, ReplyScore, Score
from playground.errors import PlayerError
from playground.game import Row
from playground.levels.kinds.steer import SteerLevel, SteerVerdict
from playground.levels.schema import Pick
from playground.screens import parts, pictures, play, search, streams
from playground.screens.words import Words

STRENGTH_STEP = 0.05


@dataclass(frozen=True)
class Desk:
    """What lies before the player of one steer level."""

    level: str = ""
    pick: Pick | None = None


# -- drawing -------------------------------------------------------------------------------------
def score_cards(words: Words, verdict: SteerVerdict) -> str:
    """The four numbers of the steered replies, each beside the control's and the untouched."""
    steered, control, baseline = verdict.steered, verdict.control, verdict.baseline
    replies, unit = steered.replies, words("steer.of")

    def beside(measure: str) -> str:
        values: dict[str, Score] = {"beside": control, "untouched": baseline}
        return ", ".join(
            words(f"steer.{key}", value=f"{getattr(s, measure):.0f}") for key, s in values.items()
        )

    damage_more = words(
        "steer.damage_more",
        unnatural=f"{fmean(r.parts.unnatural for r in replies):.0f}",
        repetition=f"{fmean(r.parts.repetition for r in replies):.0f}",
        missing=f"{fmean(r.parts.missing for r in replies):.0f}",
    )
    effect_more = words("steer.effect_more", on=sum(r.on for r in replies), count=len(replies))
    both_more = words("steer.both_more", bound=f"{UNDAMAGED_AT_MOST:.0f}")
    cards = (
        parts.score(
            words("steer.total"),
            steered.steering,
            unit,
            words("steer.total_more"),
            beside("steering"),
            total=True,
        )
        + parts.score(words("steer.effect"), steered.effect, unit, effect_more, beside("effect"))
        + parts.score(words("steer.damage"), steered.damage, unit, damage_more, beside("damage"))
        + parts.score(words("steer.both"), steered.both, "%", both_more, beside("both"))
    )
    return f'<div class="scores">{cards}</div>'


def tag(words: Words, reply: ReplyScore) -> str:
    on = (
        f'<span class="chip{" on" if reply.on else ""}">'
        f"{escape(words('steer.on' if reply.on else 'steer.off'))}</span>"
    )
    return (
        f'<div class="inline">{on}<span class="chip num">'
        f"{escape(words('steer.damaged', damage=f'{reply.damage:.0f}'))}</span></div>"
    )


def reply_columns(words: Words, verdict: SteerVerdict, number: int) -> str:
    """One triple with the words that counted marked."""
    triple = verdict.triples[number]
    scored: dict[Row, tuple[str, ReplyScore]] = {
        "baseline": (triple.baseline, verdict.baseline.replies[number]),
        "steered": (triple.steered, verdict.steered.replies[number]),
        "control": (triple.control, verdict.control.replies[number]),
    }
    drawn: dict[Row, str] = {
        row: parts.marked(text, score.spans) for row, (text, score) in scored.items()
    }
    tags: dict[Row, str] = {row: tag(words, score) for row, (_, score) in scored.items()}
    return streams.columns(words, triple.prompt, drawn, f"{verdict.dial.strength:g}", tags)


def replies(words: Words, verdict: SteerVerdict) -> str:
    """Every triple but the first, which stands in the columns above, behind a fold each."""
    folds = "".join(
        f"<details><summary>"
        f"{escape(words('steer.reply', number=i + 1, prompt=triple.prompt))}</summary>"
        f"{reply_columns(words, verdict, i)}</details>"
        for i, triple in enumerate(verdict.triples)
        if i > 0
    )
    return f'<div class="card stack"><h3>{escape(words("steer.replies"))}</h3>{folds}</div>'


def draw_curve(words: Words, verdict: SteerVerdict) -> str:
    curve = verdict.curve
    names = {
        "effect": words("steer.line_effect"),
        "damage": words("steer.line_damage"),
        "control": words("steer.line_control"),
        "you": words("steer.curve_you"),
        "title": words("steer.curve_title", strength=f"{curve.own.strength:g}"),
        "x": words("steer.curve_x"),
    }
    more = words("steer.curve_more_atlas" if curve.source == "atlas" else "steer.curve_more_own")
    return (
        f'<figure class="curve stack"><h3>{escape(words("steer.curve"))}</h3>'
        f"{pictures.curve(curve.points, curve.own, names)}"
        f'<figcaption class="small soft">{escape(more)}</figcaption></figure>'
    )


def draw_verdict(stage: parts.Stage, player: str, verdict: SteerVerdict) -> str:
    words, start = stage.words, stage.game.start(player, verdict.level)
    end = ""
    if verdict.won:
        following = play.onward(stage, player, start)
        link = play.link("steer", verdict.level)
        learned = play.learned(words, start.level.learned, following, link)
        end = f'<div class="pair">{draw_curve(words, verdict)}{learned}</div>'
    return (
        f'<section class="sheet verdict stack">'
        f"{play.head(words, verdict.won, verdict.stars, verdict.sentence, start.level.win)}"
        f"{parts.goal_list(words, verdict.goals)}{score_cards(words, verdict)}{end}"
        f"{replies(words, verdict)}</section>"
    )


def picked(stage: parts.Stage, desk: Desk) -> str:
    """The chosen feature and where in the model it sits."""
    chosen = search.chosen_line(stage, desk.pick)
    if desk.pick is None:
        return chosen
    alt = stage.words("card.id", site=desk.pick.site, index=desk.pick.feature)
    return (
        f'<div class="withstack">{chosen}{pictures.stack(stage.game.sites, desk.pick.site, alt)}'
        f"</div>"
    )


def push(stage: parts.Stage, desk: Desk, level: SteerLevel) -> str:
    """What this level's push does and where, once a feature says which."""
    words = stage.words
    if desk.pick is None:
        return parts.step(2, words("steer.step2"), words("steer.step2_first"))
    dial = stage.game.dial(desk.level, desk.pick, level.start_strength)
    scope = words(f"sandbox.scope_{dial.scope}", tokens=dial.opening)
    more = words("steer.step2_more", method=words(f"sandbox.method_{dial.method}"), scope=scope)
    return parts.step(2, words("steer.step2"), more)


# -- events --------------------------------------------------------------------------------------
def opened(
    stage: parts.Stage, player: str | None, collection: list[str], request: gr.Request
) -> list[object]:
    """The page's state and boards, in the order of layout's outputs."""
    known, skip = stage.game.player(player), gr.skip()
    level = request.query_params.get("level", "")
    try:
        start = stage.game.start(known, level)
        if start.level.kind != "steer":
            raise PlayerError(stage.words("level.missing"))
    except PlayerError as error:
        sorry = parts.apology(stage.words, error)
        return [known, Desk(), skip, sorry, gr.Column(visible=False), "", "", "", "", skip, skip]
    desk, kept = Desk(level), search.known(stage, collection)
    hint = stage.words("steer.placeholder", concept=start.level.concept)
    return [
        known,
        desk,
        kept,
        play.intro(stage.words, start),
        gr.Column(visible=True),
        play.hints(stage.words, start),
        search.collected(stage, kept, None),
        picked(stage, desk),
        push(stage, desk, start.level),
        gr.Textbox(placeholder=hint),
        gr.Slider(maximum=start.level.max_strength, value=start.level.start_strength),
    ]


def find(stage: parts.Stage, desk: Desk, query: str) -> str:
    return search.results(stage, query, None, desk.pick)


def act(
    stage: parts.Stage,
    desk: Desk,
    collection: list[str],
    player: str,
    query: str,
    event: gr.EventData,
) -> list[object]:
    """desk, hints, results, collected, chosen, push after a click on a board."""
    skip = gr.skip()
    if event._data["act"] == "hint":
        return [
            skip,
            play.hints(stage.words, stage.game.hint(player, desk.level)),
            skip,
            skip,
            skip,
            skip,
        ]
    seen = replace(desk, pick=parts.pick_of(event._data["site"], event._data["feature"]))
    start = stage.game.start(player, desk.level)
    assert start.level.kind == "steer"
    return [
        seen,
        skip,
        search.results(stage, query, None, seen.pick),
        search.collected(stage, search.known(stage, collection), seen.pick),
        picked(stage, seen),
        push(stage, seen, start.level),
    ]


def run(stage: parts.Stage, desk: Desk, player: str, strength: float) -> Iterator[list[object]]:
    """status, columns, verdict, button to write, button to stop: while it writes and after."""
    words = stage.words
    if desk.pick is None:
        raise PlayerError(words("steer.pick_first"))
    idle, skip = [gr.Button(interactive=True), gr.Button(visible=False)], gr.skip()
    busy = [gr.Button(interactive=False), gr.Button(visible=True)]
    going = streams.Run(f"{strength:g}")
    try:
        yield [going.progress(words), "", "", *busy]
        events = stage.game.steer(player, desk.level, desk.pick, strength)
        with closing(streams.paced(events, going)) as shown_events:
            for event in shown_events:
                if isinstance(event, SteerVerdict):
                    shown = reply_columns(words, event, 0)
                    yield ["", shown, draw_verdict(stage, player, event), *idle]
                else:
                    yield [going.progress(words), going.columns(words), skip, skip, skip]
    except Exception:
        yield ["", "", "", *idle]
        raise


def stopped(stage: parts.Stage) -> list[object]:
    """status, button to write, button to stop."""
    return [
        streams.halted(stage.words, "steer.stopped"),
        gr.Button(interactive=True),
        gr.Button(visible=False),
    ]


def layout(stage: parts.Stage, page: gr.Blocks) -> None:
    words = stage.words
    player, collection, desk = parts.player_state(), parts.collection_state(), gr.State(Desk())
    parts.header(words, "home")
    intro = parts.board(parts.opening(words), elem_id="intro")
    with gr.Column(visible=False) as main:
        with gr.Row(equal_height=False):
            with gr.Column(scale=6, min_width=300):
                parts.board(parts.step(1, words("steer.step1"), words("steer.step1_more")))
                query = gr.Textbox(label=words("steer.search"), elem_id="search")
                results = parts.board(elem_id="results")
                collected = parts.board(elem_id="collected")
            with gr.Column(scale=5, min_width=300):
                chosen = parts.board(elem_id="chosen")
                second = parts.board(elem_id="push")
                strength = gr.Slider(
                    0,
                    1,
                    step=STRENGTH_STEP,
                    label=words("steer.strength"),
                    info=words("steer.strength_info"),
                    elem_id="strength",
                )
                parts.board(parts.step(3, words("steer.step3"), words("steer.step3_more")))
                write = gr.Button(words("steer.run"), variant="primary", elem_id="write")
                hints = parts.board(elem_id="hints")
        status, stop = streams.status_row(words)
        replies_board = parts.board(
            f'<p class="empty">{escape(words("steer.waiting"))}</p>', elem_id="streams"
        )
        result = parts.board(elem_id="verdict")
    parts.footer(words)
    parts.listen(
        stage,
        page.load,
        opened,
        [player, collection],
        [player, desk, collection, intro, main, hints, collected, chosen, second, query, strength],
    )
    parts.listen(stage, query.change, find, [desk, query], [results], trigger="always_last")
    changed = [desk, hints, results, collected, chosen, second]
    for one in (results, collected, hints):
        parts.listen(
            stage, one.act, act, [desk, collection, player, query], changed, trigger="multiple"
        )
    writing = parts.listen(
        stage,
        write.click,
        run,
        [desk, player, strength],
        [status, replies_board, result, write, stop],
        device=True,
    )
    # First the run ends, then the screen says so: a late update would say otherwise.
    halt = stop.click(None, cancels=[writing], api_visibility="private")
    parts.listen(stage, halt.then, stopped, [], [status, write, stop])
