"""The page of one feature, or of two side by side, reachable by its address; and of none: a place
to wander, and the search over all of them."""

from collections.abc import Iterator, Sequence
from random import Random

import gradio as gr
from markupsafe import Markup

from playground.concepts.concepts import KINDS
from playground.errors import PlayerError
from playground.levels.judging import MEASURED
from playground.levels.schema import Pick
from playground.messages import Message
from playground.screens.parts import card, fires, forms, frame, plane, search
from playground.screens.parts.terms import glossary
from playground.screens.render import macro, render
from playground.screens.stage import Stage, collection_state, listen, player_state, when_opened
from playground.store.records import Player, PlayerId

TOPICS = 24  # of a kind, before the others are folded away


# -- drawing -------------------------------------------------------------------------------------
def results(stage: Stage, query: str) -> Markup:
    """What was found, as links to the pages."""
    wanted = query.strip()
    if not wanted:
        return Markup()
    hits = search.found(stage, query, None)
    return macro(stage.words, "search:links", hits, wanted[: search.ECHOED])


def wander(stage: Stage, collection: Sequence[str]) -> Markup:
    """Before anything is asked for."""
    exploring = stage.game.exploring
    picks = [frame.pick_of(*key.split("/")) for key in search.known(stage, collection)]
    kept = [(pick, exploring.name(pick)) for pick in picks]
    return macro(stage.words, "wander:start", exploring.topics(), KINDS, kept, TOPICS)


def both(stage: Stage, pick: Pick, beside: Pick) -> Markup:
    """What two features have in common."""
    exploring = stage.game.exploring
    told = [
        {name for name, _ in exploring.card(each).concepts} if exploring.measured(each) else set()
        for each in (pick, beside)
    ]
    shared = tuple(Message(f"concepts.{name}") for name in sorted(told[0] & told[1]))
    names = [exploring.name(each) for each in (pick, beside)]
    return macro(stage.words, "wander:both", names, shared)


def whole_card(stage: Stage, pick: Pick) -> str:
    """Or what is known of a feature that nobody has measured."""
    if not stage.game.exploring.measured(pick):
        return card.bare(stage.words, pick)
    shown = stage.game.exploring.card(pick)
    near = [
        stage.game.exploring.name(Pick(pick.site, index))
        for index in shown.topkCosSimIndices[: card.NEAREST_SHOWN]
    ]
    return card.draw(stage.words, shown, stage.game.exploring.name(pick), near, open_page=False)


def steps(
    stage: Stage, pick: Pick, collection: Sequence[str], beside: Pick | None = None
) -> Markup:
    """Before, after, collect, steer, compare with one that is collected."""
    others = [frame.pick_of(*key.split("/")) for key in search.known(stage, collection)]
    width = next(site.width for site in stage.game.exploring.sites if site.name == pick.site)
    return render(
        stage.words,
        "pages/feature/steps",
        pick=pick,
        before=Pick(pick.site, (pick.feature - 1) % width),
        after=Pick(pick.site, (pick.feature + 1) % width),
        kept=pick in others,
        others=[(each, stage.game.exploring.name(each)) for each in others if each != pick],
        beside=beside,
    )


# -- events --------------------------------------------------------------------------------------
def opened(
    stage: Stage, player: Player, collection: list[str], request: gr.Request
) -> list[object]:
    """player, pick, steps, card, the button that measures, the test's column, the second card and
    its column, what is there before anything is asked for."""
    words, query = stage.words, request.query_params
    site, number = query.get("site"), query.get("feature", "")
    off, hidden = gr.Button(visible=False), gr.Column(visible=False)

    def without(shown: str, start: bool = False) -> list[object]:
        return [player.secret, None, "", shown, off, hidden, "", hidden, gr.Column(visible=start)]

    if not stage.game.exploring.has_features:
        return without(frame.apology(words, PlayerError("errors.no_features")))
    if site is None and "surprise" not in query:
        return without(wander(stage, collection), start=True)
    try:
        chance = stage.game.exploring.surprise(Random()) if site is None else None
        pick = chance or frame.pick_of(site or "", number)
        drawn = whole_card(stage, pick)
        beside = frame.pick_of(*query["beside"].partition("/")[::2]) if "beside" in query else None
        second = whole_card(stage, beside) + both(stage, pick, beside) if beside else ""
    except PlayerError as error:
        return without(frame.apology(words, error))
    moves, one = steps(stage, pick, collection, beside), beside is None
    return [
        player.secret, pick, moves, drawn, offer(stage, pick), gr.Column(visible=one),
        second, gr.Column(visible=not one), hidden,
    ]  # fmt: skip


def offer(stage: Stage, pick: Pick) -> gr.Button:
    """The button that measures, where there is something to measure."""
    return gr.Button(visible=not stage.game.exploring.measured(pick))


def measure(stage: Stage, player: PlayerId, pick: Pick | None) -> Iterator[list[object]]:
    """card, the button."""
    if pick is None:
        return
    texts = stage.words.number(MEASURED)
    yield [frame.waiting(stage.words("feature.measuring", texts=texts)), gr.Button(visible=False)]
    try:
        stage.game.exploring.on_behalf(player).measure(pick)
    finally:  # the card, or the way to try again
        yield [whole_card(stage, pick), offer(stage, pick)]


def test(stage: Stage, player: PlayerId, pick: Pick | None, text: str) -> str:
    """A text of the player's under this one feature."""
    if pick is None:
        return ""
    reading = stage.game.exploring.on_behalf(player).read(text, pick.site)
    values = stage.game.exploring.trail(reading, pick.feature)
    peak = max(values, default=0.0)
    known = (
        stage.game.exploring.card(pick).maxActApprox if stage.game.exploring.measured(pick) else 0.0
    )
    return render(
        stage.words,
        "pages/feature/tested",
        tokens=reading.tokens,
        values=values,
        peak=peak,
        full=max(peak, known),
    )


def asked_for(stage: Stage, event: gr.EventData) -> Pick:
    """PlayerError for a feature that this model has not."""
    pick = forms.pick(event)
    stage.game.exploring.check(pick)
    return pick


def collect(stage: Stage, collection: list[str], event: gr.EventData) -> list[object]:
    """collection, steps."""
    pick = asked_for(stage, event)
    key = frame.pick_key(pick)
    kept = [k for k in collection if k != key] if key in collection else [*collection, key]
    return [kept, steps(stage, pick, kept)]


def follow(stage: Stage, collection: list[str], event: gr.EventData) -> list[object]:
    """pick, steps, card, the button that measures after a click on a neighbour."""
    pick = asked_for(stage, event)
    moves = steps(stage, pick, collection)
    return [pick, moves, whole_card(stage, pick), offer(stage, pick)]


def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    player, collection, pick = (
        player_state(stage),
        collection_state(stage),
        gr.State(None),
    )
    frame.header(stage, "features")
    frame.board(frame.heading(words("feature.title")))
    query = gr.Textbox(
        label=words("feature.search"), placeholder=words("feature.placeholder"), elem_id="search"
    )
    found = frame.board(elem_id="results")
    with gr.Column(visible=False) as start:
        fires.layout(stage, player)
        plane.layout(stage)
    moves = frame.board(elem_id="steps")
    with gr.Row(equal_height=False):
        with gr.Column(scale=6, min_width=300):
            shown = frame.board(frame.opening(words), elem_id="card")
            begin = gr.Button(words("feature.measure"), visible=False, elem_id="measure")
            frame.board(glossary(words, *card.WORDS), js=None)
        with gr.Column(scale=4, min_width=300, visible=False) as tester:
            frame.board(frame.heading(words("feature.try"), 2))
            text = gr.Textbox(label=words("feature.try_text"), lines=3, elem_id="text")
            button = gr.Button(words("feature.try_look"), elem_id="look")
            tested = frame.board(elem_id="tested")
        with gr.Column(scale=6, min_width=300, visible=False) as other:
            second = frame.board(elem_id="second")
    frame.footer(words)
    when_opened(
        stage, page, opened, [player, collection],
        [player, pick, moves, shown, begin, tester, second, other, start],
    )  # fmt: skip
    listen(stage, begin.click, measure, [player, pick], [shown, begin])
    listen(stage, query.change, results, [query], [found], trigger="always_last")
    listen(stage, moves.act, collect, [collection], [collection, moves])
    listen(stage, shown.act, follow, [collection], [pick, moves, shown, begin])
    listen(stage, button.click, test, [player, pick, text], [tested])
