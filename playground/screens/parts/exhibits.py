"""The evidence of levels that ask: texts, replies, cards, curves, bars. How it looks stands in
templates/exhibits.html. Has no events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from playground.atlas.cards import CurvePoint
from playground.levels.dealing.questions import (
    Answer,
    Bars,
    CountedReplies,
    Doses,
    Exhibit,
    Grid,
    Pillars,
    Portrait,
    Question,
    Reply,
    Strip,
)
from playground.levels.dealing.sets import members
from playground.screens.parts import card, frame, pictures
from playground.screens.render import macro
from playground.screens.stage import Stage
from playground.text.words import Words

LONG_TOKENS = 80  # a longer strip folds away on a phone
LONG_CHARACTERS = 600  # a longer reply too
BLANK = "\0"  # where the count goes in its sentence
DRAWN: Mapping[type, str] = {  # by a macro of the template, without more ado
    Reply: "reply", CountedReplies: "replies", Bars: "bars", Grid: "grid", Pillars: "pillars",
}  # fmt: skip
ROUND = "round"  # the id of the form that all fields of a round belong to


def field(number: int, written: bool = False) -> str:
    """The name under which the answer to a question is reported: a number, or a text."""
    return f"{'w' if written else 'q'}{number}"


def title_id(number: int) -> str:
    """The id of a question's heading, which names its fields."""
    return f"ask-{number}"


# -- all kinds of exhibit --------------------------------------------------------------------------
def draw(stage: Stage, exhibits: Sequence[Exhibit], known: Sequence[Exhibit] = ()) -> Markup:
    """Side by side where there is room. known: those of the question before; a card among them
    stands closed, so that the answers are in view."""
    if not exhibits:
        return Markup()
    portraits = sum(isinstance(each, Portrait) for each in exhibits)
    drawn = [
        one(
            stage,
            each,
            # Some are read as lines; a card alone has nothing to be compared with.
            wide=isinstance(each, Strip | Grid | Pillars | CountedReplies)
            or (isinstance(each, Portrait) and portraits == 1),
            known=isinstance(each, Portrait) and each in known,
        )
        for each in exhibits
    ]
    return macro(stage.words, "exhibits:all", drawn)


def one(stage: Stage, exhibit: Exhibit, wide: bool, known: bool = False) -> Markup:
    """With its caption; a card has one in any case."""
    caption, long = exhibit.caption, is_long(exhibit)
    if isinstance(exhibit, Portrait):
        caption = caption or stage.words("ask.portrait")
    folds = long or isinstance(exhibit, Portrait)
    body = body_of(stage, exhibit)
    return macro(stage.words, "exhibits:one", body, caption, wide, folds, long, known)


def body_of(stage: Stage, exhibit: Exhibit) -> Markup:
    if isinstance(exhibit, Portrait):
        return portrait(stage, exhibit)
    if isinstance(exhibit, Strip):
        return strip(exhibit)
    if isinstance(exhibit, Doses):
        return doses(stage.words, exhibit)
    return macro(stage.words, f"exhibits:{DRAWN[type(exhibit)]}", exhibit)


def is_long(exhibit: Exhibit) -> bool:
    if isinstance(exhibit, Strip):
        return len(exhibit.tokens) > LONG_TOKENS
    if isinstance(exhibit, Reply):
        return len(exhibit.prompt + exhibit.text) > LONG_CHARACTERS
    # A card without its name is what the question is about.
    return isinstance(exhibit, Portrait) and exhibit.named


# -- one by one ------------------------------------------------------------------------------------
def strip(exhibit: Strip) -> Markup:
    return frame.strip(exhibit.tokens, *colours(exhibit))


def colours(exhibit: Strip) -> tuple[Sequence[float], float]:
    """A value a token, and the one of full colour."""
    values = exhibit.values or (0.0,) * len(exhibit.tokens)
    return values, exhibit.top or max(values, default=0.0)


def portrait(stage: Stage, exhibit: Portrait) -> Markup:
    """The card without neighbours, and without what tells its name where that is to be guessed.

    Open stands only what is to be looked at first, so that the answer is not a page away.
    """
    words, pick = stage.words, exhibit.pick
    shown = stage.game.exploring.card(pick)
    texts = tuple(replace(each, dataSource="") for each in shown.activations)
    name = stage.game.exploring.name(pick) if exhibit.named else ""
    often = card.often(words, shown.frac_nonzero)
    return macro(words, "exhibits:portrait", replace(shown, activations=texts), pick, name, often)


def doses(words: Words, exhibit: Doses) -> Markup:
    """The dose-response, with a ring at `own` if the exhibit marks a strength."""
    if not exhibit.points:
        return Markup()
    names = {
        "effect": words("steer.line_effect"),
        "damage": words("steer.line_damage"),
        "control": words("steer.line_control"),
        "you": words("ask.doses_here"),
        "title": words("ask.doses_title"),
        "x": words("steer.curve_x"),
    }
    own = None if exhibit.own is None else on_curve(exhibit.points, exhibit.own)
    return pictures.curve(exhibit.points, own, names)


def on_curve(points: Sequence[CurvePoint], strength: float) -> CurvePoint:
    """The point of a strength: the measured one, or on the line between its neighbours."""
    rising = sorted(points, key=lambda point: point.strength)
    below = [point for point in rising if point.strength <= strength] or rising[:1]
    above = [point for point in rising if point.strength >= strength] or rising[-1:]
    low, high = below[-1], above[0]
    gap = high.strength - low.strength
    share = (strength - low.strength) / gap if gap > 0 else 0.0
    return replace(low, strength=strength, effect=low.effect + share * (high.effect - low.effect))


# -- what is answered with -------------------------------------------------------------------------
def pickable(words: Words, question: Question, number: int, answer: Answer = None) -> Markup:
    """The question's strip as one group of radio buttons: the browser walks it with arrow keys."""
    asked = question.exhibits[0]
    assert isinstance(asked, Strip)
    return fields(words, "pickable", number, answer, asked, *colours(asked))


def options(words: Words, question: Question, number: int, answer: Answer = None) -> Markup:
    return fields(words, "options", number, answer, question)


def together(words: Words, question: Question, number: int, answer: Answer = None) -> Markup:
    """Boxes to tick; touch.js keeps the set as the one number that is reported, and closes the
    others when enough are ticked."""
    ticked = members(answer) if isinstance(answer, int) else ()
    return fields(words, "together", number, answer, question, ticked)


def writing(words: Words, question: Question, number: int, answer: Answer = None) -> Markup:
    """A text field with the count of its words, which touch.js keeps, and the button to try it."""
    before, _, after = words("ask.count", count=BLANK, words=question.words).partition(BLANK)
    return fields(words, "writing", number, answer, question, (before, after))


def fields(words: Words, kind: str, number: int, answer: Answer, *values: object) -> Markup:
    """All fields of a question carry its number, belong to the round's form, and show what was
    answered before."""
    name = field(number, written=kind == "writing")
    names = {"name": name, "title": title_id(number), "form": ROUND}
    return macro(words, f"exhibits:{kind}", *values, number=number, answer=answer, **names)
