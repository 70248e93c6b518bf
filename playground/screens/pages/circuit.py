"""The page on which a learner walks through an attribution graph, step by step, and has the model
show what is true of it. The list is the whole of it; the picture beside it says where one stands.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from urllib.parse import urlencode

import gradio as gr
from markupsafe import Markup

from playground.circuits.files import LARGEST, Stranger
from playground.errors import PlayerError
from playground.game.tracing import GROUPED, EdgeTried, NodesTried, Tracing, Walk
from playground.screens.parts import forms, frame, graph
from playground.screens.parts.graph import Look
from playground.screens.render import macro
from playground.screens.stage import Stage, listen, player_state, waited, when_opened
from playground.store.records import Player, PlayerId

EXAMPLES = (
    "The cat sat on the windowsill and began to",
    "Question: What does a train run on?\nAnswer: A train runs on",
    "The knight took his sword and rode to the",
)
TIMES: Mapping[str, float] = {"off": 0.0, "half": 0.5, "double": 2.0, "four": 4.0}
PACKED = 1_900_000  # characters of a packed file: a page may not send more than the gate lets in
BOARDS = 5  # that are drawn anew after a step


@dataclass(frozen=True)
class CircuitDesk:
    """at: the node that is looked at; trail: those before it; group: those that are changed
    together; hidden: left out of the picture."""

    prompt: str = ""
    at: str = ""
    trail: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def look(self) -> Look:
        return Look(self.at, frozenset(self.group), frozenset(self.hidden))

    @property
    def address(self) -> str:
        told = {"prompt": self.prompt, "at": self.at, "group": " ".join(self.group)}
        return "?" + urlencode({name: value for name, value in told.items() if value})


# -- drawing -------------------------------------------------------------------------------------
def drawn(
    stage: Stage,
    tracing: Tracing,
    desk: CircuitDesk,
    walk: Walk,
    tried: EdgeTried | None = None,
    heads: tuple[str, str, list[tuple[int, int, float]]] | None = None,
) -> list[object]:
    """desk, then the boards: what comes next, the node, the picture, the group."""
    place = tracing.place(walk, desk.at)
    spot = tracing.spot(walk.traced, place)
    node = macro(
        stage.words, "circuit:node", spot, walk, desk, tracing.inputs(walk, place),
        tracing.outputs(walk, place), tracing.note(spot.node), tried, heads,
    )  # fmt: skip
    group = [tracing.spot(walk.traced, tracing.place(walk, key)) for key in desk.group]
    title = stage.words("circuits.picture", prompt=desk.prompt)
    return [
        desk,
        macro(stage.words, "circuit:answer", walk, desk),
        node,
        macro(stage.words, "circuit:beside", graph.picture(stage.words, walk, desk.look, title),
              len(walk.spots) - len(desk.hidden), len(walk.graph.nodes), len(desk.hidden)),
        macro(stage.words, "circuit:group", group, GROUPED) if group else "",
    ]  # fmt: skip


def files(stage: Stage, desk: CircuitDesk, player: PlayerId) -> Markup:
    """Links that hold the files themselves, megabytes of them: made when somebody wants them."""
    tracing = stage.game.tracing.on_behalf(player, Event())
    walk = tracing.walk(desk.prompt)
    title = stage.words("circuits.picture", prompt=walk.graph.prompt)
    texts = {
        "json": ("application/json", tracing.exported(walk)),
        "svg": ("image/svg+xml", str(graph.file(stage.words, walk, title)).strip()),
    }
    links = {
        end: f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"
        for end, (kind, text) in texts.items()
    }
    return macro(stage.words, "circuit:saved", links)


def first(walk: Walk) -> str:
    """The likeliest next token, from which a walk begins."""
    return max(
        (spot for spot in walk.spots if spot.node.kind == "logit"), key=lambda each: each.node.value
    ).key


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player, request: gr.Request) -> list[object]:
    """player, desk, prompt, status."""
    query = request.query_params
    if not stage.game.tracing.offered:
        sorry = frame.apology(stage.words, PlayerError("circuits.none"))
        return [player.secret, CircuitDesk(), gr.skip(), sorry]
    group = tuple(filter(None, query.get("group", "").split(" ")))[:GROUPED]
    desk = CircuitDesk(query.get("prompt", "")[:400], query.get("at", ""), (), group)
    return [player.secret, desk, desk.prompt or EXAMPLES[0], ""]


def resumed(stage: Stage, desk: CircuitDesk, player: PlayerId) -> Iterator[list[object]]:
    """What an address leads to."""
    if not desk.prompt:
        yield [gr.skip()] * (BOARDS + 3)
        return
    yield from traced(stage, desk, player)


def trace(stage: Stage, desk: CircuitDesk, player: PlayerId, prompt: str) -> Iterator[list[object]]:
    """What a player wrote."""
    yield from traced(stage, CircuitDesk(prompt.strip()), player)


def traced(stage: Stage, desk: CircuitDesk, player: PlayerId) -> Iterator[list[object]]:
    """desk and boards, then status, tried, saved."""
    far = [0, 1]

    def say(done: int, most: int) -> None:
        far[:] = done, most

    def work(left: Event) -> Walk:
        return stage.game.tracing.on_behalf(player, left).walk(desk.prompt, say)

    def beat(_seconds: float) -> list[object]:
        shown = macro(stage.words, "circuit:progress", far[0], far[1])
        return [*unchanged(), shown, "", ""]

    try:
        walk = yield from waited(work, beat)
    except PlayerError as error:
        yield [*unchanged(), frame.apology(stage.words, error), "", ""]
        return
    keys = walk.graph.places
    group = tuple(each for each in desk.group if each in keys)
    desk = replace(desk, at=desk.at if desk.at in keys else first(walk), group=group)
    tracing = stage.game.tracing
    yield [*drawn(stage, tracing, desk, walk), "", "", macro(stage.words, "circuit:saved", {})]


def unchanged() -> list[object]:
    """Desk and boards as they are."""
    return [gr.skip() for _ in range(BOARDS)]


def stopped(stage: Stage) -> str:
    return frame.empty(stage.words("circuits.stopped"))


def moved(desk: CircuitDesk, act: str, key: str) -> CircuitDesk:
    """Where a click that only looks leads to."""
    if act == "go":
        return replace(desk, at=key, trail=(*desk.trail, desk.at)[-12:])
    if act == "back" and desk.trail:
        return replace(desk, at=desk.trail[-1], trail=desk.trail[:-1])
    if act == "group":
        held = desk.group
        kept = tuple(each for each in held if each != key) if key in held else (*held, key)
        return replace(desk, group=kept[:GROUPED])
    if act == "hide":
        return replace(desk, hidden=(*desk.hidden, key))
    if act == "show":
        return replace(desk, hidden=())
    return replace(desk, group=()) if act == "clear" else desk


def act(
    stage: Stage, desk: CircuitDesk, player: PlayerId, event: gr.EventData
) -> Iterator[list[object]]:
    """A click on the node, the picture or the group: desk and boards, then tried."""
    tracing = stage.game.tracing.on_behalf(player, Event())
    which, key = forms.text(event, "act"), forms.text(event, "node")
    walk = tracing.walk(desk.prompt)
    if which in ("off", "half", "double", "four"):
        keys = desk.group if forms.ticked(event, "all") else (key,)
        work = partial(tracing.tries, walk, keys, TIMES[which])
        result: NodesTried = yield from waited(lambda left: work(), lambda now: running(stage))
        yield [*[gr.skip()] * BOARDS, macro(stage.words, "circuit:tried", result)]
    elif which in ("edge", "heads"):
        source, target = forms.text(event, "source"), forms.text(event, "target")
        if which == "edge":
            shown = drawn(stage, tracing, desk, walk, tried=tracing.edge(walk, source, target))
        else:
            found = (source, target, tracing.heads(walk, source, target))
            shown = drawn(stage, tracing, desk, walk, heads=found)
        yield [*shown, gr.skip()]
    else:
        if key:
            tracing.place(walk, key)
        yield [*drawn(stage, tracing, moved(desk, which, key), walk), gr.skip()]


def running(stage: Stage) -> list[object]:
    return [*[gr.skip()] * BOARDS, frame.waiting(stage.words("circuits.running"))]


def open_file(stage: Stage, event: gr.EventData) -> Markup:
    """A graph of somebody else's, as the browser has packed it; empty where that is too large."""
    packed = forms.text(event, "packed", PACKED)
    if not packed:
        raise PlayerError("circuits.file_packed", limit=LARGEST >> 20)
    return stranger(stage, Tracing.opened(packed))


def stranger(stage: Stage, read: Stranger) -> Markup:
    strongest = sorted(read.links, key=lambda link: -abs(link[2]))[:40]
    return macro(stage.words, "circuit:stranger", read, strongest)


# -- layout --------------------------------------------------------------------------------------
def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    player, desk = player_state(stage), gr.State(CircuitDesk())
    frame.header(stage, "circuit")
    frame.board(macro(words, "circuit:lead"), js=None)
    prompt = gr.Textbox(label=words("circuits.prompt"), lines=2, elem_id="prompt")
    with gr.Row(elem_classes="tools"):
        begin = gr.Button(words("circuits.trace"), variant="primary", elem_id="trace")
        stop = gr.Button(words("circuits.stop"), elem_id="stop")
    examples = frame.board(macro(words, "circuit:examples", EXAMPLES), elem_id="examples")
    status = frame.board(elem_id="status")
    answer = frame.board(elem_id="answer")
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=300):
            node = frame.board(elem_id="node")
        with gr.Column(scale=6, min_width=300):
            picture = frame.board(elem_id="picture")
            group = frame.board(elem_id="group")
            tried = frame.board(elem_id="tried")
    kept = frame.board(elem_id="saved")
    with gr.Accordion(words("circuits.open"), open=False):
        sent = frame.board(macro(words, "circuit:opener", LARGEST >> 20, PACKED), elem_id="sent")
        other = frame.board(elem_id="other")
    frame.footer(words)
    boards = [desk, answer, node, picture, group]
    all_of_it = [*boards, status, tried, kept]
    come = when_opened(stage, page, opened, [player], [player, desk, prompt, status])
    again = listen(stage, come.success, resumed, [desk, player], all_of_it)
    begun = listen(stage, begin.click, trace, [desk, player, prompt], all_of_it)
    chosen = listen(stage, examples.act, written, [], [prompt])
    example = listen(
        stage, chosen.then, trace, [desk, player, prompt], all_of_it
    )  # fmt: skip
    halted = stop.click(
        None, cancels=[again, begun, example], queue=False, api_visibility="private"
    )
    listen(stage, halted.then, stopped, [], [status])
    for board in (answer, node, picture, group):
        listen(stage, board.act, act, [desk, player], [*boards, tried])
    listen(stage, kept.act, files, [desk, player], [kept])
    listen(stage, sent.act, open_file, [], [other], trigger="multiple")


def written(stage: Stage, event: gr.EventData) -> str:
    """An example's prompt."""
    return EXAMPLES[forms.place(event, "number", len(EXAMPLES))]
