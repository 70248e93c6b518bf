"""Where a learner makes directions of two lists of texts: the form, what came out, those that are
kept. Knows no dials: the page around it is told which direction is wanted on one."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from playground.engine.directions import MOST, WAYS, Direction, TextContrast, Way, typed
from playground.engine.records import MAX_DIALS
from playground.errors import PlayerError
from playground.game.exploring import Along
from playground.screens.parts import forms, frame
from playground.screens.render import macro
from playground.screens.stage import STORAGE_SECRET, Stage, listen, own, when_opened
from playground.store.records import PlayerId

KEPT = 12  # directions a browser keeps
SHOWN = 3  # texts of each list that are shown with their values
STRONG = 3.0  # standard deviations that have full colour
LINES = 4
KEY, DRAFT_KEY = "steering-playground-directions", "steering-playground-direction-draft"

Saved = list[dict[str, Any]]  # contrasts as a browser keeps them


@dataclass(frozen=True)
class BuilderParts:
    """Its parts. saved: contrasts that the browser keeps; shelf: the board that reports `take`
    with the number of one; trying: a text to look at; current: the direction it is read by."""

    saved: gr.BrowserState
    shelf: gr.HTML


# -- what a browser keeps --------------------------------------------------------------------------
def contrasts(stage: Stage, saved: Saved) -> list[TextContrast]:
    """Those that this model has a site for; what a browser has damaged is passed over."""
    found, sites = list[TextContrast](), {site.name for site in stage.game.exploring.sites}
    for each in saved if isinstance(saved, list) else ():
        try:
            name, site, way = (str(each[key]) for key in ("name", "site", "way"))
            lists = (tuple(map(str, each[key])) for key in ("about", "others"))
            made = TextContrast(name, site, way, *lists)  # type: ignore[arg-type]
        except (KeyError, TypeError, PlayerError):
            continue
        if site in sites:
            found.append(made)
    return found


def added(saved: Sequence[TextContrast], one: TextContrast) -> list[TextContrast]:
    """The latest first; a name is used once."""
    return [one, *(each for each in saved if each.name != one.name)][:KEPT]


def kept(saved: Sequence[TextContrast]) -> Saved:
    return [asdict(each) for each in saved]


# -- drawing ---------------------------------------------------------------------------------------
def shelf(stage: Stage, saved: Sequence[TextContrast]) -> Markup:
    return macro(stage.words, "builder:shelf", saved) if saved else Markup()


def strips(stage: Stage, direction: Direction, texts: Sequence[str]) -> list[Along]:
    return [stage.game.exploring.along(direction, text) for text in texts]


def result(stage: Stage, direction: Direction) -> Markup:
    """What came out: how well it tells texts that it has not seen, and some of its own."""
    contrast = direction.contrast
    return macro(
        stage.words,
        "builder:result",
        contrast,
        stage.game.exploring.left_out(contrast),
        strips(stage, direction, contrast.about[:SHOWN]),
        strips(stage, direction, contrast.others[:SHOWN]),
        STRONG,
    )


# -- events ----------------------------------------------------------------------------------------
def opened(stage: Stage, saved: Saved, draft: object) -> list[object]:
    """shelf, then the fields as they were left; what a browser keeps may be anything."""
    left = draft if isinstance(draft, dict) else {}
    left = {name: value for name, value in left.items() if isinstance(value, str)}
    sites = [site.name for site in stage.game.exploring.sites]
    site = left.get("site")
    return [
        shelf(stage, contrasts(stage, saved)),
        left.get("name", ""),
        left.get("way") if left.get("way") in WAYS else WAYS[0],
        site if site in sites else sites[len(sites) // 2],
        left.get("about", ""),
        left.get("others", ""),
    ]


def noted(stage: Stage, name: str, way: Way, site: str, about: str, others: str) -> dict[str, str]:
    """The draft, kept as it is typed."""
    return {"name": name, "way": way, "site": site, "about": about, "others": others}


def make(
    stage: Stage,
    player: PlayerId,
    saved: Saved,
    name: str,
    way: Way,
    site: str,
    about: str,
    others: str,
) -> Iterator[list[object]]:
    """saved, shelf, result, current."""
    skip = gr.skip()
    contrast = typed(name or "", site, way, about or "", others or "")
    yield [skip, skip, frame.waiting(stage.words("builder.making")), skip]
    try:
        direction = stage.game.exploring.on_behalf(player).direction(contrast)
        drawn = result(stage, direction)
    except Exception:
        yield [skip, skip, "", skip]
        raise
    now = added(contrasts(stage, saved), contrast)
    yield [kept(now), shelf(stage, now), drawn, contrast]


def clicked(stage: Stage, saved: Saved, event: gr.EventData) -> list[object]:
    """saved, shelf, then the fields, result, current: after a direction was forgotten or opened."""
    now, act = contrasts(stage, saved), forms.text(event, "act")
    number = place_of(event, now)
    skip = gr.skip()
    if act == "forget":
        del now[number]
        return [kept(now), shelf(stage, now), *[skip] * 7]
    if act != "look":
        return [skip] * 9
    one = now[number]
    lists = ("\n".join(texts) for texts in (one.about, one.others))
    drawn = result(stage, stage.game.exploring.direction(one))
    return [skip, skip, one.name, one.way, one.site, *lists, drawn, one]


def taken(stage: Stage, saved: Saved, event: gr.EventData) -> Direction | None:
    """The direction that is wanted on a dial, if that was the click."""
    if forms.text(event, "act") != "take":
        return None
    now = contrasts(stage, saved)
    return stage.game.exploring.direction(now[place_of(event, now)])


def place_of(event: gr.EventData, shown: Sequence[TextContrast]) -> int:
    """On the shelf. PlayerError for one that does not lie there."""
    number = forms.whole(event, "number")
    if number >= len(shown):
        raise PlayerError("builder.gone")
    return number


def read(stage: Stage, player: PlayerId, current: TextContrast | None, text: str) -> Markup:
    """What the direction that was made last detects in a text."""
    if current is None:
        raise PlayerError("builder.none")
    exploring = stage.game.exploring.on_behalf(player)
    along = exploring.along(exploring.direction(current), text or "")
    return macro(stage.words, "builder:read", current.name, along, STRONG)


# -- layout ----------------------------------------------------------------------------------------
def layout(stage: Stage, page: gr.Blocks, player: gr.BrowserState, alone: bool) -> BuilderParts:
    """alone: whether it is the only way to a dial, and stands open."""
    words = stage.words
    saved = gr.BrowserState([], storage_key=own(KEY, stage), secret=STORAGE_SECRET)
    draft = gr.BrowserState({}, storage_key=own(DRAFT_KEY, stage), secret=STORAGE_SECRET)
    current = gr.State(None)
    with gr.Accordion(words("builder.title"), open=alone, elem_id="builder"):
        frame.board(macro(words, "builder:lead", MOST, MAX_DIALS))
        name = gr.Textbox(
            label=words("builder.name"), placeholder=words("builder.name_example"), max_lines=1,
            elem_id="direction-name",
        )  # fmt: skip
        about, others = (
            gr.Textbox(
                label=words(f"builder.{key}"), placeholder=words(f"builder.{key}_example"),
                info=words("builder.lines"), lines=LINES, max_lines=3 * LINES,
                elem_id=f"texts-{key}",
            )
            for key in ("about", "others")
        )  # fmt: skip
        ways: list[tuple[str, str]] = [(words(f"directions.{way}"), way) for way in WAYS]
        places = [(words.site(site.name), site.name) for site in stage.game.exploring.sites]
        way = gr.Radio(
            choices=ways,
            value=WAYS[0],
            label=words("builder.way"),
            info=words("builder.way_info"),  # type: ignore[arg-type]
        )
        site = gr.Radio(
            choices=places, value=places[len(places) // 2][1], label=words("builder.site"),  # type: ignore[arg-type]
            info=words("builder.site_info"),
        )  # fmt: skip
        button = gr.Button(words("builder.make"), variant="secondary", elem_id="make-direction")
        made = frame.board(elem_id="direction")
        text = gr.Textbox(
            label=words("builder.try"), placeholder=words("builder.try_example"),
            elem_id="direction-text",
        )  # fmt: skip
        look = gr.Button(words("builder.look"), elem_id="read-direction")
        strip = frame.board(elem_id="direction-strip")
    board = frame.board(elem_id="directions")
    fields = [name, way, site, about, others]
    when_opened(stage, page, opened, [saved, draft], [board, *fields])
    for each in fields:
        listen(stage, each.input, noted, fields, [draft], trigger="always_last")
    listen(
        stage,
        button.click,
        make,
        [player, saved, *fields],
        [saved, board, made, current],
    )
    listen(stage, board.act, clicked, [saved], [saved, board, *fields, made, current])
    for event in (look.click, text.submit):
        listen(stage, event, read, [player, current, text], [strip])
    return BuilderParts(saved, board)
