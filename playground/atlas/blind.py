"""A blind reading of an atlas' names: cards without names, the names in another order, and the key.

Whoever reads says of each card which name it has, or judges each name beside its card without
knowing how it was made. Knows nothing of who reads.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from playground.atlas import tables
from playground.atlas.atlas import Atlas
from playground.atlas.cards import Activation, Card
from playground.text.words import Words

CARDS, NAMES, KEY = "cards.md", "names.md", "key.json"
TEXTS = 8  # of a card's strongest
PUSHED = 6  # tokens that it makes likelier
HEAD = """# Cards without names

Each text is one in which the feature fires most; **[...]** is the token on which it peaks, and
*token* one on which it fires at least half as strongly. Likelier: tokens that it makes likelier.
"""


@dataclass(frozen=True)
class BlindCard:
    """A card of the reading. name: in words, empty where it has none."""

    card: Card
    name: str


def draw(atlas: Atlas, each: int, seed: int) -> list[BlindCard]:
    """So many features of each site that fire, by chance, in a random order."""
    rng, words, made = random.Random(seed), Words(), list[BlindCard]()
    for site in atlas.sites:
        firing = [feature for feature, most in atlas.maxima(site).items() if most > 0]
        for feature in rng.sample(firing, min(each, len(firing))):
            card = atlas.card(site, feature)
            named = [words.said(told.description) for told in card.explanations]
            made.append(BlindCard(card, "".join(named)))
    rng.shuffle(made)
    return made


def write(atlas: Atlas, out: Path, each: int, seed: int) -> str:
    """Writes the three files; how many cards there are, and how many with a name."""
    drawn = draw(atlas, each, seed)
    names = sorted({one.name for one in drawn if one.name})
    random.Random(seed + 1).shuffle(names)
    cards = "\n".join(sheet(n, one.card) for n, one in enumerate(drawn, 1))
    listed = "\n".join(f"{n}. {name}" for n, name in enumerate(names, 1))
    key = {
        str(n): {"site": one.card.site, "feature": one.card.index, "name": one.name or None}
        for n, one in enumerate(drawn, 1)
    }
    for file, text in (
        (CARDS, f"{HEAD}\n{cards}"),
        (NAMES, f"# Names, in no order\n\n{listed}\n"),
        (KEY, json.dumps(key, ensure_ascii=False, indent=1) + "\n"),
    ):
        tables.whole(out / file, lambda path, text=text: path.write_text(text, encoding="utf-8"))
    carry = sum(bool(one.name) for one in drawn)
    return f"{out}: {len(drawn)} cards, {carry} of them with a name"


def sheet(number: int, card: Card) -> str:
    texts = [f"- {marked(each)}" for each in card.intervals[0][:TEXTS]] if card.activations else []
    likelier = ", ".join(f"`{token.strip()}`" for token in card.pos_str[:PUSHED])
    head = f"## Card {number}\n\nFires on {100 * card.frac_nonzero:.2g} % of the tokens."
    return "\n".join([head, "", *texts, "", f"Likelier: {likelier}", ""])


def marked(text: Activation) -> str:
    made = ""
    for n, (token, value) in enumerate(zip(text.tokens, text.values, strict=True)):
        bare = token.strip(" ")
        space = token[: len(token) - len(token.lstrip(" "))]
        shown = bare.replace("\n", "↵")
        if n == text.maxValueTokenIndex:
            shown = f"**[{shown}]**"
        elif value >= text.maxValue / 2 and shown:
            shown = f"*{shown}*"
        made += space + shown
    return made.strip()
