"""The evidence of levels that ask, as HTML: texts, replies, cards, curves, bars. Has no events."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from html import escape

from playground.atlas.cards import CurvePoint
from playground.levels.dealing.questions import (
    Bars,
    Doses,
    Exhibit,
    Portrait,
    Question,
    Reply,
    Strip,
)
from playground.screens.parts import card, frame, pictures
from playground.screens.stage import Stage
from playground.text.words import Words

LONG_TOKENS = 80  # a longer strip folds away on a phone
LONG_CHARACTERS = 600  # a longer reply too
ROUND = "round"  # the id of the form that all fields of a round belong to


def field(number: int) -> str:
    """The name under which the answer to a question is reported."""
    return f"q{number}"


def title_id(number: int) -> str:
    """The id of a question's heading, which names its fields."""
    return f"ask-{number}"


# -- all kinds of exhibit --------------------------------------------------------------------------
def draw(stage: Stage, exhibits: Sequence[Exhibit], earlier: Collection[Exhibit] = ()) -> str:
    """Side by side where there is room. `earlier`: what the page showed before; it stays folded."""
    portraits = sum(isinstance(each, Portrait) for each in exhibits)
    drawn = "".join(
        one(
            stage,
            each,
            each in earlier,
            # Strips are read as lines; a card alone has nothing to be compared with.
            wide=isinstance(each, Strip) or (isinstance(each, Portrait) and portraits == 1),
        )
        for each in exhibits
    )
    return f'<div class="exhibits">{drawn}</div>' if drawn else ""


def one(stage: Stage, exhibit: Exhibit, seen: bool, wide: bool) -> str:
    """Its caption above, so that “Reply A” is read before the reply."""
    caption = exhibit.caption
    if isinstance(exhibit, Portrait):
        body, caption = portrait(stage, exhibit), caption or stage.words("ask.portrait")
    elif isinstance(exhibit, Strip):
        body = strip(exhibit)
    elif isinstance(exhibit, Reply):
        body = reply(exhibit)
    elif isinstance(exhibit, Doses):
        body = doses(stage.words, exhibit)
    else:
        body = bars(exhibit)
    kind = "exhibit wide" if wide else "exhibit"
    if seen or is_long(exhibit) or isinstance(exhibit, Portrait):
        # touch.js closes what carries data-fold where the screen is small.
        small = " data-fold" if seen or is_long(exhibit) else ""
        return (
            f'<details class="{kind}"{"" if seen else " open"}{small}>'
            f"<summary>{escape(caption or stage.words('ask.more'))}</summary>{body}</details>"
        )
    above = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure class="{kind}">{above}{body}</figure>'


def is_long(exhibit: Exhibit) -> bool:
    if isinstance(exhibit, Strip):
        return len(exhibit.tokens) > LONG_TOKENS
    if isinstance(exhibit, Reply):
        return len(exhibit.prompt + exhibit.text) > LONG_CHARACTERS
    # A card without its name is what the question is about.
    return isinstance(exhibit, Portrait) and exhibit.named


# -- one by one ------------------------------------------------------------------------------------
def strip(exhibit: Strip) -> str:
    values = exhibit.values or (0.0,) * len(exhibit.tokens)
    top = exhibit.top or max(values, default=0.0)
    return frame.strip(exhibit.tokens, values, top)


def reply(exhibit: Reply) -> str:
    return (
        f'<div class="said"><span class="prompt">{escape(exhibit.prompt)}</span>'
        f"{escape(exhibit.text)}</div>"
    )


def portrait(stage: Stage, exhibit: Portrait) -> str:
    """The card without neighbours, and without what tells its name where that is to be guessed.

    Open stands only what is to be looked at first, so that the answer is not a page away.
    """
    words, pick = stage.words, exhibit.pick
    shown = stage.game.exploring.card(pick)
    head = ""
    if exhibit.named:
        number = words("card.id", site=words.site(pick.site), index=pick.feature)
        head = (
            f'<div class="inline"><h3>{escape(stage.game.exploring.name(pick))}</h3>'
            f'<a class="chip num" href="{escape(card.link(pick))}">{escape(number)}</a></div>'
        )
    else:
        shown = replace(shown, explanations=(), concepts=())
    texts = tuple(replace(each, dataSource="") for each in shown.activations)
    shown = replace(shown, activations=texts)
    more = card.weaker(words, shown) + card.next_words(words, shown)
    return (
        f'<div class="card stack">{head}<div>{card.strongest(words, shown)}</div>'
        f"<p><b>{escape(words('card.often'))}:</b> "
        f"{escape(card.often(words, shown.frac_nonzero))}</p>"
        f"{card.fold(words('ask.card_more'), more)}</div>"
    )


def doses(words: Words, exhibit: Doses) -> str:
    """The dose-response, with a ring at `own` if the exhibit marks a strength."""
    if not exhibit.points:
        return ""
    own = exhibit.own
    names = {
        "effect": words("steer.line_effect"),
        "damage": words("steer.line_damage"),
        "control": words("steer.line_control"),
        "you": words("ask.doses_here"),
        "title": words("ask.doses_title"),
        "x": words("steer.curve_x"),
    }
    ringed = None if own is None else on_curve(exhibit.points, own)
    return pictures.curve(exhibit.points, ringed, names)


def on_curve(points: Sequence[CurvePoint], strength: float) -> CurvePoint:
    """The point of a strength: the measured one, or on the line between its neighbours."""
    rising = sorted(points, key=lambda point: point.strength)
    below = [point for point in rising if point.strength <= strength] or rising[:1]
    above = [point for point in rising if point.strength >= strength] or rising[-1:]
    low, high = below[-1], above[0]
    gap = high.strength - low.strength
    share = (strength - low.strength) / gap if gap > 0 else 0.0
    return replace(low, strength=strength, effect=low.effect + share * (high.effect - low.effect))


def bars(exhibit: Bars) -> str:
    """Length is the size of a number; one below zero is hatched and keeps its sign."""
    rows = ""
    for name, value in exhibit.rows:
        weight = abs(value) / exhibit.top if exhibit.top > 0 else 0.0
        below = ' class="below"' if value < 0 else ""
        rows += (
            f"<li{below}><span>{escape(name)}</span>{frame.bar(weight)}"
            f'<span class="num">{value:.3g}</span></li>'
        )
    return f'<ul class="list bars">{rows}</ul><p class="small soft">{escape(exhibit.unit)}</p>'


# -- what is answered with -------------------------------------------------------------------------
def pickable(words: Words, question: Question, number: int) -> str:
    """The question's strip as one group of radio buttons: the browser walks it with arrow keys."""
    asked = question.exhibits[0]
    assert isinstance(asked, Strip)
    values = asked.values or (0.0,) * len(asked.tokens)
    top = asked.top or max(values, default=0.0)
    tokens = ""
    for place, (token, value) in enumerate(zip(asked.tokens, values, strict=True)):
        stripped = token.lstrip(" ") or token
        space, body = token[: len(token) - len(stripped)], escape(stripped).replace("\n", "↵\n")
        # The pieces of one word stand close together.
        part = " part" if place and not space and token[:1].isalnum() else ""
        weight = min(1.0, value / top) if top > 0 else 0.0
        blank = "" if token.strip() else f' aria-label="{escape(words("ask.blank"))}"'
        body = body.replace("\n", "")  # the mark ↵ stands for it
        tokens += (
            f'{space}<label class="tok pickable{part}" style="--w:{weight:.2f}">'
            f"{radio(number, place, f'class=hushed{blank}')}<span>{body}</span></label>"
        )
    caption = f'<p class="small soft">{escape(asked.caption)}</p>' if asked.caption else ""
    return (
        f'{caption}<div class="strip" role="radiogroup" aria-labelledby="{title_id(number)}">'
        f"{tokens}</div>"
    )


def options(question: Question, number: int) -> str:
    rows = "".join(
        f'<label class="option">{radio(number, place)}<span>{escape(option)}</span></label>'
        for place, option in enumerate(question.options)
    )
    return (
        f'<div class="options" role="radiogroup" aria-labelledby="{title_id(number)}">{rows}</div>'
    )


def radio(number: int, place: int, more: str = "") -> str:
    return (
        f'<input type="radio" name="{field(number)}" value="{place}" form="{ROUND}" '
        f'data-change="answer" {more}>'
    )


def writing(words: Words, question: Question, number: int) -> str:
    """A text field with the count of its words, which touch.js keeps, and the button to try it."""
    name = field(number)
    count = escape(words("ask.count", count="\0", words=question.words))
    count = count.replace("\0", f'<b data-count="{name}">0</b>')
    return (
        f'<textarea class="field" name="{name}" form="{ROUND}" rows="3" data-change="answer" '
        f'data-words="{question.words}" aria-labelledby="{title_id(number)}" '
        f'aria-describedby="count-{number}"></textarea>'
        f'<p class="small soft num" id="count-{number}">{count}'
        f'<b class="over"> · {escape(words("ask.too_many"))}</b></p>'
        f'<div class="inline"><button type="button" class="plain" data-act="try" '
        f'data-number="{number}" data-key="try{number}" form="{ROUND}">'
        f"{escape(words('ask.try'))}</button>"
        f'<span class="small soft">{escape(words("ask.try_more"))}</span></div>'
    )
