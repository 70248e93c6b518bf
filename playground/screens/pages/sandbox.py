"""The sandbox: any features and directions of the learner's own, all methods and scopes, no goals;
the address keeps the state."""

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from markupsafe import Markup

from playground.engine.directions import Direction
from playground.engine.records import (
    MAX_DIALS,
    MAX_REPLY_TOKENS,
    Dial,
    Sampling,
    Trace,
)
from playground.errors import PlayerError
from playground.game.exploring import Outcome
from playground.game.share import Sandbox
from playground.levels.dealing.triples import ROWS, Row
from playground.levels.schema import Pick
from playground.screens.parts import builder, dials, forms, frame, links, search, streams
from playground.screens.parts.dials import Turned
from playground.screens.parts.terms import glossary
from playground.screens.render import render
from playground.screens.stage import Stage, collection_state, listen, player_state, when_opened
from playground.store.records import Player, PlayerId
from playground.text.words import Words

MAX_TEMPERATURE = 2.0
MAX_SEED = 9999
LINK = "s"  # the query parameter that holds the state


@dataclass(frozen=True)
class Workbench:
    """What is on the dials (None: a free slot) and the replies of the last run."""

    picks: tuple[Turned, ...] = (None,) * MAX_DIALS
    prompt: str = ""
    traces: tuple[Trace, ...] = ()
    strength: str = ""


# -- drawing -------------------------------------------------------------------------------------
def fired(trace: Trace) -> list[float | None]:
    """How strongly the first dial's feature fired at each token; None where it was not read."""
    first = [token.before[0] if token.before else math.nan for token in trace.tokens]
    return [None if math.isnan(value) else value for value in first]


def finished(stage: Stage, bench: Workbench, chosen: tuple[int, int] | None) -> Markup:
    """The replies as tokens to click; colour shows the first dial's feature where it was read."""
    replies: dict[Row, Markup] = {}
    for number, (row, trace) in enumerate(zip(ROWS, bench.traces, strict=False)):
        values = [value or 0.0 for value in fired(trace)]
        replies[row] = frame.key_strip(
            [token.text for token in trace.tokens],
            values,
            max(values, default=0.0),
            chosen[1] if chosen and chosen[0] == number else None,
            stage.words(f"steer.{row}"),
            number,
        )
    return streams.columns(stage.words, bench.prompt, replies, bench.strength)


def detail(stage: Stage, bench: Workbench, number: int, index: int) -> Markup:
    """What else the model might have said at one token."""
    trace = bench.traces[number]
    return render(
        stage.words,
        "pages/sandbox/detail",
        token=trace.tokens[index],
        logprob=trace.logprobs[index],
        before=fired(trace)[index],
    )


def link(stage: Stage, state: Sandbox, request: gr.Request) -> Markup:
    """Or why there is none; the dials can be turned all the same."""
    try:
        code = stage.game.exploring.encode(state)
    except PlayerError as error:
        return frame.empty(stage.words.said(error.said))
    address = links.below(request, f"?{LINK}={code}")
    return links.drawn(stage.words, address, stage.words("sandbox.link_info"), own=True)


# -- events --------------------------------------------------------------------------------------
def opened(
    stage: Stage, player: Player, collection: list[str], request: gr.Request
) -> list[object]:
    """player, notice, bench, collected, prompt, sampling, plain, slots, then their values."""
    notice, words = "", stage.words
    state = Sandbox(words("sandbox.default_prompt"))
    try:
        code = request.query_params.get(LINK)
        if code:
            state = stage.game.exploring.decode(code)
        elif "site" in request.query_params:
            site, feature = request.query_params["site"], request.query_params.get("feature", "")
            if search.known(stage, [f"{site}/{feature}"]):
                state = Sandbox(state.prompt, (Dial(site, int(feature), dials.START_STRENGTH),))
    except PlayerError as error:
        notice = frame.apology(words, error)
    picks = [turned(dial) for dial in state.dials]
    padded = (*picks, *[None] * (MAX_DIALS - len(picks)))
    values: list[object] = []
    for number in range(MAX_DIALS):
        dial = (
            state.dials[number] if number < len(state.dials) else Dial("", 0, dials.START_STRENGTH)
        )
        values += [dial.strength, dial.method, dial.scope]
    chosen = state.sampling
    return [
        player.secret,
        notice,
        Workbench(padded),
        search.collected(stage, search.known(stage, collection), None),
        state.prompt,
        chosen.temperature,
        chosen.top_p,
        chosen.max_tokens,
        chosen.seed,
        state.plain,
        *dials.slots(stage, padded, undialled(stage)),
        *values,
    ]


def turned(dial: Dial) -> Turned:
    return dial.vector if isinstance(dial.vector, Direction) else Pick(dial.site, dial.feature)


def find(stage: Stage, query: str) -> str:
    return search.results(stage, query, None, None)


def act(stage: Stage, bench: Workbench, event: gr.EventData) -> list[object]:
    """bench and slots after a feature was added or a dial taken out."""
    if forms.text(event, "act") != "remove":
        pick = forms.pick(event)
        stage.game.exploring.check(pick)
        return with_one(stage, bench, pick)
    number = forms.place(event, "number", len(bench.picks))
    return dialled(stage, bench, (*bench.picks[:number], None, *bench.picks[number + 1 :]))


def take(stage: Stage, bench: Workbench, saved: builder.Saved, event: gr.EventData) -> list[object]:
    """bench and slots after a direction of the learner's own was wanted on a dial."""
    direction = builder.taken(stage, saved, event)
    return (
        dialled(stage, bench, bench.picks)
        if direction is None
        else with_one(stage, bench, direction)
    )


def with_one(stage: Stage, bench: Workbench, one: Turned) -> list[object]:
    """On the first free dial."""
    if None not in bench.picks:
        raise PlayerError("sandbox.full", dials=MAX_DIALS)
    free = bench.picks.index(None)
    return dialled(stage, bench, (*bench.picks[:free], one, *bench.picks[free + 1 :]))


def dialled(stage: Stage, bench: Workbench, picks: tuple[Turned, ...]) -> list[object]:
    kept = replace(bench, picks=picks)
    return [kept, *dials.slots(stage, picks, undialled(stage))]


def undialled(stage: Stage) -> str:
    """What is said while there is no dial."""
    features = stage.game.exploring.has_features
    return stage.words("sandbox.no_dials" if features else "sandbox.no_dials_bare")


def relink(
    stage: Stage,
    request: gr.Request,
    bench: Workbench,
    prompt: str,
    temperature: float,
    top_p: float,
    tokens: float,
    seed: float,
    plain: bool,
    *values: object,
) -> Markup:
    """The address after something was turned, so that a reload brings it back."""
    state = state_of(bench, prompt, temperature, top_p, tokens, seed, plain, values)
    return link(stage, state, request)


def state_of(
    bench: Workbench,
    prompt: str,
    temperature: float,
    top_p: float,
    tokens: float,
    seed: float,
    plain: bool,
    values: Sequence[Any],
) -> Sandbox:
    """The sandbox as the controls stand; `values` are strength, method and scope of every slot."""
    on = list[Dial]()
    for number, pick in enumerate(bench.picks):
        start = dials.SLOT_INPUTS * number
        strength, method, scope = values[start : start + dials.SLOT_INPUTS]
        strength = strength or 0.0  # of a field that was emptied
        if isinstance(pick, Direction):
            on.append(Dial.along(pick.contrast.site, pick, strength, method, scope))
        elif pick is not None:
            on.append(Dial(pick.site, pick.feature, strength, method, scope))
    sampling = Sampling(temperature, top_p, int(tokens), int(seed or 0))
    return Sandbox(prompt or "", tuple(on), sampling, bool(plain))


def run(
    stage: Stage,
    request: gr.Request,
    player: PlayerId,
    bench: Workbench,
    prompt: str,
    temperature: float,
    top_p: float,
    tokens: float,
    seed: float,
    plain: bool,
    *values: object,
) -> Iterator[list[object]]:
    """bench, columns, status, link, button to write, button to stop: while it writes and after."""
    words, skip = stage.words, gr.skip()
    state = state_of(bench, prompt, temperature, top_p, tokens, seed, plain, values)
    going = streams.Run(", ".join(f"{dial.strength:g}" for dial in state.dials))
    shown = link(stage, state, request)
    idle = [gr.Button(interactive=True), gr.Button(visible=False)]
    busy = [gr.Button(interactive=False), gr.Button(visible=True)]
    try:
        yield [skip, "", going.progress(words), shown, *busy]
        events = stage.game.exploring.on_behalf(player).sandbox(state)
        with closing(streams.paced(events, going)) as shown_events:
            for event in shown_events:
                if isinstance(event, Outcome):
                    done = Workbench(bench.picks, state.prompt, event.traces, going.strength)
                    hint = render(words, "pages/sandbox/more")
                    yield [done, finished(stage, done, None), hint, shown, *idle]
                else:
                    yield [skip, going.columns(words), going.progress(words), skip, skip, skip]
    except Exception:
        yield [skip, skip, "", skip, *idle]
        raise


def look(stage: Stage, bench: Workbench, event: gr.EventData) -> list[object]:
    """columns and status after a click on a token of a finished reply."""
    number = forms.place(event, "row", len(bench.traces))
    index = forms.place(event, "token", len(bench.traces[number].tokens))
    return [finished(stage, bench, (number, index)), detail(stage, bench, number, index)]


def stopped(stage: Stage) -> list[object]:
    """status, button to write, button to stop."""
    return [
        streams.halted(stage.words, "sandbox.stopped"),
        gr.Button(interactive=True),
        gr.Button(visible=False),
    ]


# -- layout --------------------------------------------------------------------------------------
def sampling(words: Words, chats: bool) -> list[gr.Slider | gr.Number | gr.Checkbox]:
    """temperature, top_p, tokens, seed, whether an instruct model is to go on with the text."""
    with gr.Accordion(words("sandbox.sampling"), open=False):
        return [
            gr.Slider(
                0,
                MAX_TEMPERATURE,
                step=0.05,
                label=words("sandbox.temperature"),
                info=words("sandbox.temperature_info"),
            ),
            gr.Slider(
                0.05, 1, step=0.05, label=words("sandbox.top_p"), info=words("sandbox.top_p_info")
            ),
            gr.Slider(1, MAX_REPLY_TOKENS, step=1, label=words("sandbox.tokens")),
            gr.Number(
                label=words("sandbox.seed"),
                info=words("sandbox.seed_info"),
                precision=0,
                minimum=0,
                maximum=MAX_SEED,
            ),
            gr.Checkbox(
                label=words("sandbox.plain"), info=words("sandbox.plain_info"), visible=chats,
                elem_id="plain",
            ),
        ]  # fmt: skip


def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    player, collection = player_state(stage), collection_state(stage)
    bench = gr.State(Workbench())
    frame.header(stage, "sandbox")
    features = stage.game.exploring.has_features
    frame.board(render(words, "pages/sandbox/lead", dials=MAX_DIALS, features=features))
    notice = frame.board()
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=300):
            prompt = gr.Textbox(
                label=words("sandbox.prompt"), info=words("sandbox.prompt_info"), lines=2,
                elem_id="prompt",
            )  # fmt: skip
            chosen = sampling(words, stage.model.chat)
            query = gr.Textbox(
                label=words("steer.search"), placeholder=words("feature.placeholder"),
                elem_id="search", visible=features,
            )  # fmt: skip
            results = frame.board(elem_id="results")
            collected = frame.board(elem_id="collected")
            building = builder.layout(stage, page, player, alone=not features)
        with gr.Column(scale=6, min_width=300):
            frame.board(frame.heading(words("sandbox.dials"), 2))
            none = frame.board(elem_id="no-dials")
            made = [dials.slot(stage, number) for number in range(MAX_DIALS)]
            frame.board(glossary(words, *dials.WORDS), js=None)
            write = gr.Button(words("sandbox.run"), variant="primary", elem_id="write")
            share = frame.board(js=links.SCRIPT, elem_id="link")
    status, stop = streams.status_row(words)
    columns = frame.board(elem_id="streams")
    frame.footer(words)
    faces = [part for each in made for part in (each.column, each.title)] + [none]
    values = [part for each in made for part in (each.strength, each.method, each.scope)]
    shown = [player, notice, bench, collected, prompt, *chosen, *faces, *values]
    when_opened(stage, page, opened, [player, collection], shown)
    state = [bench, prompt, *chosen, *values]
    listen(stage, query.change, find, [query], [results], trigger="always_last")
    for one in (results, collected, *(each.title for each in made)):
        acted = listen(stage, one.act, act, [bench], [bench, *faces], trigger="multiple")
        listen(stage, acted.success, relink, state, [share])
    shelf, taking = building.shelf, [bench, building.saved]
    took = listen(stage, shelf.act, take, taking, [bench, *faces], trigger="multiple")
    listen(stage, took.success, relink, state, [share])
    for each in state[1:]:
        listen(stage, each.input, relink, state, [share], trigger="always_last")
    writing = [bench, columns, status, share, write, stop]
    written(stage, write.click, [player, *state], writing, bench)


def written(
    stage: Stage, clicked: Any, inputs: Sequence[Any], outputs: Sequence[Any], bench: gr.State
) -> None:
    """The run, its stop, and the tokens of what was written. outputs: those of `run`."""
    _, columns, status, _, write, stop = outputs
    writing = listen(stage, clicked, run, inputs, outputs)
    listen(stage, columns.act, look, [bench], [columns, status], trigger="multiple")
    # First the run ends, then the screen says so: a late update would say otherwise.
    halt = stop.click(None, cancels=[writing], api_visibility="private")
    listen(stage, halt.then, stopped, [], [status, write, stop])
