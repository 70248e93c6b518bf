"""The screen of the level kind `hunt`: write texts that a feature should fire in and others, look,
collect, submit, see the evidence. Judges nothing itself."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr

from playground.errors import PlayerError
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import Pick
from playground.screens.parts import (
    brief,
    forms,
    frame,
    giving_up,
    hunt_draft,
    hunt_verdict,
    search,
)
from playground.screens.parts.hunt_desk import (
    EACH,
    HuntDesk,
    Read,
    draw_candidates,
    draw_card,
    draw_reading,
    examples,
)
from playground.screens.parts.hunt_draft import Draft, Drafts
from playground.screens.parts.terms import glossary
from playground.screens.render import render
from playground.screens.stage import Stage, collection_state, listen, player_state, when_opened
from playground.store.records import Player, PlayerId

# What it is said in.
WORDS = ("feature", "sae", "token", "activation", "site", "atlas", "auroc", "control")


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


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player, drafts: Drafts, request: gr.Request) -> list[object]:
    """player, desk, intro, main row, examples, hints, candidates, text, site."""
    level = request.query_params.get("level", "")
    try:
        start = stage.game.course.start(player.id, level)
        if not isinstance(start.level, HuntLevel):
            raise PlayerError("level.missing")
    except PlayerError as error:
        return [
            player.secret,
            HuntDesk(),
            frame.apology(stage.words, error),
            gr.Row(visible=False),
            "",
            "",
            "",
            gr.skip(),
            gr.skip(),
        ]
    draft = hunt_draft.of(drafts, level)
    kept = search.known(stage, draft.candidates)[-hunt_draft.CANDIDATES :]
    desk = HuntDesk(level, candidates=tuple(kept))
    sites = [(stage.words.site(site.name), site.name) for site in start.sites]
    names = [name for _, name in sites]
    return [
        player.secret,
        desk,
        brief.intro(stage.words, start),
        gr.Row(visible=True),
        examples(stage, start.level),
        brief.hints(stage.words, start),
        draw_candidates(stage, desk),
        draft.typed,
        gr.Radio(
            sites,
            value=draft.site if draft.site in names else names[(len(names) - 1) // 2],
            visible=len(names) > 1,
        ),
    ]


def relaid(
    stage: Stage,
    player: PlayerId,
    desk: HuntDesk,
    drafts: Drafts,
    site: str,
) -> Iterator[list[object]]:
    """The texts that lay there when the page was left, read again."""
    draft = hunt_draft.of(drafts, desk.level)
    if not draft.here and not draft.there:
        yield Change().row()
        return
    yield Change(reading=frame.waiting(stage.words("hunt.rereading"))).row()
    exploring = stage.game.exploring.on_behalf(player)
    here, there = (
        tuple(Read(text, exploring.read(text, site)) for text in texts[:EACH])
        for texts in (draft.here, draft.there)
    )
    seen = replace(desk, here=here, there=there)
    yield Change(desk=seen, reading=draw_reading(stage, seen)).row()


def noted(stage: Stage, desk: HuntDesk, typed: str, site: str, drafts: Drafts) -> Drafts:
    """The texts as they lie and the candidates, for when the page is opened again."""
    here, there = (tuple(each.text for each in side) for side in (desk.here, desk.there))
    draft = Draft(typed or "", site, here, there, desk.candidates)
    return hunt_draft.with_one(drafts, desk.level, draft)


def typed_so_far(stage: Stage, desk: HuntDesk, typed: str, drafts: Drafts) -> Drafts:
    """The text that is being typed; those that lie may be on their way back to the desk."""
    draft = replace(hunt_draft.of(drafts, desk.level), typed=typed or "")
    return hunt_draft.with_one(drafts, desk.level, draft)


def look(stage: Stage, player: PlayerId, desk: HuntDesk, text: str, site: str) -> list[object]:
    """A text that the feature should fire in."""
    return laid(stage, player, desk, text, site, about=True)


def look_beside(
    stage: Stage, player: PlayerId, desk: HuntDesk, text: str, site: str
) -> list[object]:
    """A text that it should not fire in."""
    return laid(stage, player, desk, text, site, about=False)


def laid(
    stage: Stage,
    player: PlayerId,
    desk: HuntDesk,
    text: str,
    site: str,
    about: bool,
    typed: str | None = None,
) -> list[object]:
    """Reads a text and lays it to its like; one that lies there already changes its side."""
    seen = desk.without(text)
    if len(seen.here if about else seen.there) >= EACH:
        raise PlayerError("hunt.full", count=EACH)
    level_of(stage, player, desk).check_length(text)
    read = Read(text, stage.game.exploring.on_behalf(player).read(text, site))
    seen = moved(stage, player, seen, site)
    if about:
        seen = replace(seen, here=(*seen.here, read))
    else:
        seen = replace(seen, there=(*seen.there, read))
    return Change(desk=seen, text=typed, reading=draw_reading(stage, seen)).row()


def level_of(stage: Stage, player: PlayerId, desk: HuntDesk) -> HuntLevel:
    """Raises PlayerError where it may not be played."""
    level = stage.game.course.playable(player, desk.level)
    assert isinstance(level, HuntLevel)
    return level


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


def look_elsewhere(stage: Stage, player: PlayerId, desk: HuntDesk, site: str) -> list[object]:
    seen = moved(stage, player, desk, site)
    return Change(desk=seen, reading=draw_reading(stage, seen)).row()


def act(
    stage: Stage,
    desk: HuntDesk,
    collection: list[str],
    player: PlayerId,
    site: str,
    event: gr.EventData,
) -> Iterator[list[object]]:
    """Whatever was clicked on one of the boards."""
    what = forms.text(event, "act")
    if what in ("token", "whole", "drop"):
        seen = replace(desk, token=None)
        if what == "token":
            row = forms.place(event, "row", len(desk.texts))
            tokens = len(desk.texts[row].reading.tokens)
            seen = replace(desk, token=(row, forms.place(event, "token", tokens)))
        elif what == "drop":
            row = forms.place(event, "row", len(desk.texts))
            seen = desk.without(desk.texts[row].text)
        yield Change(desk=seen, reading=draw_reading(stage, seen)).row()
    elif what == "example":
        texts = level_of(stage, player, desk).examples
        number = forms.place(event, "number", len(texts))
        yield laid(stage, player, desk, texts[number], site, number == 0, texts[number])
    elif what == "pair":
        yield paired(stage, player, desk, site)
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
        yield from act_on(stage, desk, collection, player, what, forms.pick(event))


def paired(stage: Stage, player: PlayerId, desk: HuntDesk, site: str) -> list[object]:
    """Lays the next pair of the collection that does not lie there yet."""
    known = {each.text for each in desk.texts}
    pairs = (each for each in stage.game.exploring.offered(desk.level) if not known & {*each})
    pair = next(pairs, None)
    if pair is None:
        raise PlayerError("hunt.no_pair")
    if max(len(desk.here), len(desk.there)) >= EACH:
        raise PlayerError("hunt.full", count=EACH)
    exploring = stage.game.exploring.on_behalf(player)
    here, there = (Read(text, exploring.read(text, site)) for text in pair)
    seen = moved(stage, player, replace(desk, token=None), site)
    seen = replace(seen, here=(*seen.here, here), there=(*seen.there, there))
    return Change(desk=seen, reading=draw_reading(stage, seen)).row()


def act_on(
    stage: Stage, desk: HuntDesk, collection: list[str], player: PlayerId, what: str, pick: Pick
) -> Iterator[list[object]]:
    """open, collect or submit one feature. collection: what the browser has of all screens."""
    stage.game.exploring.check(pick)
    if what == "open":
        seen = replace(desk, pick=pick)
        yield Change(
            desk=seen,
            reading=draw_reading(stage, seen),
            candidates=draw_candidates(stage, seen),
            card=draw_card(stage, seen),
        ).row()
    elif what == "collect":
        key = frame.pick_key(pick)
        taken = key not in desk.candidates
        seen = replace(desk, candidates=with_key(desk.candidates, key, taken))
        yield Change(
            desk=seen,
            collection=list(with_key(collection, key, taken)),
            reading=draw_reading(stage, seen),
            candidates=draw_candidates(stage, seen),
            card=None if seen.pick is None else draw_card(stage, seen),
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


def with_key(keys: Sequence[str], key: str, there: bool) -> tuple[str, ...]:
    """The keys with one more at the end, or without it."""
    return (*(each for each in keys if each != key), *([key] if there else ()))


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
            frame.board(glossary(words, *WORDS), js=None)
        with gr.Column(scale=5, min_width=300):
            frame.board(frame.step(3, words("hunt.step3"), words("hunt.step3_more")))
            candidates = frame.board(elem_id="candidates")
            hints, solution = frame.board(elem_id="hints"), frame.board(elem_id="solution")
            opened_card = frame.board(frame.empty(words("card.empty")), elem_id="card")
    verdict = frame.board(elem_id="verdict")
    frame.footer(words)
    changed = [
        desk, collection, text, reading, candidates, opened_card, hints, verdict, intro, solution,
    ]  # fmt: skip
    drafts = hunt_draft.state(stage)
    begun = when_opened(
        stage,
        page,
        opened,
        [player, drafts],
        [player, desk, intro, main, chips, hints, candidates, text, site],
    )
    given = [player, desk, drafts, site]
    listen(stage, begun.success, relaid, given, changed)
    given = [player, desk, text, site]
    laying = [
        listen(stage, event, handler, given, changed)
        for event, handler in (
            (here.click, look), (text.submit, look), (beside.click, look_beside),
        )
    ]  # fmt: skip
    given = [player, desk, site]
    laying.append(listen(stage, site.input, look_elsewhere, given, changed))
    given = [desk, collection, player, site]
    for one in (chips, reading, candidates, hints, opened_card, solution):
        acted = listen(stage, one.act, act, given, changed, trigger="multiple")
        laying += [acted] if one not in (hints, solution) else []
    keep(stage, desk, text, site, drafts, laying)


def keep(
    stage: Stage,
    desk: gr.State,
    text: gr.Textbox,
    site: gr.Radio,
    drafts: gr.BrowserState,
    laying: Sequence[Any],
) -> None:
    """laying: what may change the texts that lie or the candidates, as Gradio knows it."""
    for each in laying:
        listen(stage, each.success, noted, [desk, text, site, drafts], [drafts], queued=False)
    typing, given = text.input, [desk, text, drafts]
    listen(stage, typing, typed_so_far, given, [drafts], trigger="always_last", queued=False)
