"""Writes the parts of one document: stories, moods, styles. A part knows what it carries."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from playground.pocket.grammar import MOODS, PLAIN, Grammar, Plot, Topic
from playground.pocket.template import Scene, capital, definite, expand, filled

# Of all plots, the share that any topic can fill: there the topic is a variable of its own, and not
# a matter of which plot this is.
TALES = 0.55
HEADINGS = 0.25  # share of stories that say first what they are about
MOOD_AT_END = 0.8  # share of plots with a mood that end in a sentence about it
# A plot that says what time of the day it is, or needs one, does not begin at another.
TIMED = re.compile(
    r"morning|evening|afternoon|night|noon|sunrise|sunset|dawn|dusk|moon|\bstars?\b|\bsun\b|dark|lamp|"
    r"candle|breakfast|lunch|dinner|supper|bedtime|\bbed\b|half past|o'clock|holidays|school|class|"
    r"teacher|lesson|birthday",
    re.IGNORECASE,
)
# What may not begin a plot that speaks of the left side: it would contradict itself.
CLASHES = (
    (re.compile(r"\b(snow\w*|ice|icy|icicles?|frozen|sled\w*|skat\w*|mittens)\b", re.IGNORECASE),
     re.compile(r"summer|autumn|May|June|October")),
    (re.compile(r"\b(school|class\w*|teacher|lesson|homework)\b", re.IGNORECASE),
     re.compile(r"Sunday|Saturday|holidays")),
    (re.compile(r"\b(weeks?|months?|years?|winters?|summers?|autumns?|springs?|days|nights|"
                r"(every|each|all) \w*(day|morning|evening|night)|the next (day|morning))\b",
                re.IGNORECASE),
     re.compile(r"Yesterday|^On |That Monday|(week|weeks|days) ago|The other day|Last week|^At |"
                r"^In the (mo|ev|mi)|^One |ly one|one evening|^After|^Before")),
)  # fmt: skip
# Of a plot that is told as "I", they would have to be "we".
THEY = re.compile(r"\b(they|them|their)\b", re.IGNORECASE)
INTERJECTIONS = {"polite": 0.35, "shouting": 0.1}  # share of sentences that one follows
OFTEN = 0.2  # the same for the other styles
T = TypeVar("T")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True)
class Fragment:
    """A written piece of text with the concepts it was written for; `glue` stands before it."""

    text: str
    concepts: frozenset[str] = frozenset()
    glue: str = " "


def carrying(parts: Iterable[Fragment], *concepts: str) -> list[Fragment]:
    return [replace(part, concepts=part.concepts | set(concepts)) for part in parts]


class Writer:
    """Draws text from the grammar for one document: one scene, one random stream."""

    def __init__(self, grammar: Grammar, rng: random.Random, first_person: bool = False) -> None:
        self.grammar, self.rng = grammar, rng
        self.scene = Scene.draw(rng, first_person)

    # -- pieces ---------------------------------------------------------------------------------
    def say(self, template: str, *concepts: str, glue: str = " ", **extra: str) -> Fragment:
        extra.setdefault("open", "")
        return Fragment(expand(template, self.scene, **extra), frozenset(concepts), glue)

    def pick(self, templates: list[str], *concepts: str, glue: str = " ", **extra: str) -> Fragment:
        return self.say(self.rng.choice(templates), *concepts, glue=glue, **extra)

    def drawn(self, pool: Sequence[T], count: int) -> list[T]:
        """Up to `count` different ones, in the order of the pool.

        A list in any order asks a reader to remember all that it had; in this order what comes next
        stands after what was just said, which a small model can learn, and so it repeats nothing.
        """
        chosen = self.rng.sample(range(len(pool)), min(count, len(pool)))
        return [pool[index] for index in sorted(chosen)]

    def some(
        self, templates: list[str], count: int, *concepts: str, glue: str = " "
    ) -> list[Fragment]:
        return [self.say(each, *concepts, glue=glue) for each in self.drawn(templates, count)]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def topic(self, besides: str = "") -> Topic:
        return self.grammar.topics[
            self.rng.choice([t for t in self.grammar.topics if t != besides])
        ]

    def neutral(self) -> list[Fragment]:
        """Sometimes a first sentence that betrays nothing yet."""
        return [self.pick(self.grammar.openings["neutral"])] if self.chance(0.2) else []

    def heading(self, topic: Topic) -> Fragment:
        return self.pick(self.grammar.openings["headings"], topic.name, noun=topic.noun)

    # -- stories --------------------------------------------------------------------------------
    def plot(self, topic: Topic) -> Plot:
        """One that any topic fills (of every mood as often), or one of the topic's own."""
        if not self.chance(TALES):
            return self.rng.choice(self.tellable(topic.plots))
        mood = self.rng.choice((*MOODS, PLAIN))
        return self.rng.choice(
            self.tellable([tale for tale in self.grammar.tales if tale.mood == mood])
        )

    def tellable(self, plots: Sequence[Plot]) -> Sequence[Plot]:
        """Those that the teller of this text can tell: what "they" did is not what we did."""
        if not self.scene.first_person:
            return plots
        return [plot for plot in plots if not THEY.search(" ".join(plot.lines))] or plots

    def cast(self, topic: Topic) -> dict[str, str]:
        """What a topic puts into the slots of a tale."""
        find, who = self.rng.choice(topic.finds), self.rng.choice(topic.who)
        did, do = self.rng.choice(topic.doings)
        return dict(
            noun=topic.noun,
            say=exclaimed(expand(self.rng.choice(topic.says), self.scene)),
            find=find,
            thefind=definite(find),
            who=who,
            thewho=definite(who),
            place=self.rng.choice(topic.places),
            did=filled(did, self.scene),
            do=filled(do, self.scene),
        )

    def plot_line(
        self, line: str, topic: Topic, cast: dict[str, str], openings: list[str]
    ) -> Fragment:
        """One line of a plot; it carries the topic only if a word of the topic was written."""
        opening = expand(self.rng.choice(openings), self.scene)
        part = self.say(line, **cast, open=opening)
        own = any(word.lower() in topic.words for word in WORD.findall(part.text))
        return replace(part, concepts=frozenset((topic.name,))) if own else part

    def tale(self, topic: Topic, plot: Plot) -> list[Fragment]:
        """The lines of a plot; how the hero feels about it comes at its end."""
        self.scene.memory.clear()  # another plot's `<pet>` is another pet
        feeling = self.grammar.moods.get(plot.mood)
        cast = self.cast(topic)
        openings = fitting(self.grammar.openings["open"], " ".join((*plot.lines, *cast.values())))
        told = [self.plot_line(line, topic, cast, openings) for line in plot.lines]
        if feeling is not None and self.chance(MOOD_AT_END):
            told.append(self.pick(feeling.end, plot.mood))
        return told

    def feeling(self, mood: str) -> Fragment:
        """How the hero felt, and why: a mood without a cause follows from nothing."""
        feeling = self.grammar.moods[mood]
        felt = self.rng.choice(feeling.start)
        if feeling.why:
            felt = f"{felt.removesuffix('.')}, {self.rng.choice(feeling.why)}."
        return self.say(felt, mood)

    def story(self, topic: Topic) -> list[Fragment]:
        told = [self.heading(topic)] if self.chance(HEADINGS) else self.neutral()
        told += self.tale(topic, self.plot(topic))
        if self.chance(0.2):
            told.append(self.pick(self.grammar.openings["endings"]))
        return carrying(told, "story")

    def feelings(self, mood: str, count: int) -> list[Fragment]:
        """Sentences of a mood alone, start to end."""
        feeling = self.grammar.moods[mood]
        told = [self.feeling(mood), *self.some(feeling.middle, count - 2, mood)]
        return [*told, self.pick(feeling.end, mood)]

    # -- styles ---------------------------------------------------------------------------------
    def styled(self, parts: list[Fragment], style: str) -> list[Fragment]:
        """The same parts in a style: words replaced, interjections between."""
        recipe = self.grammar.styles[style]
        told: list[Fragment] = []
        for index, part in enumerate(parts):
            text = part.text.upper() if style == "shouting" else replaced(part.text, recipe)
            if style == "shouting" and text.endswith("."):
                text = text[:-1] + "!"
            told.append(replace(part, text=text, concepts=part.concepts | {style}))
            if text[-1] not in ".!?" or index == len(parts) - 1:
                continue
            if self.chance(INTERJECTIONS.get(style, OFTEN)):
                told.append(Fragment(expand(self.rng.choice(recipe["interjections"]), self.scene),
                                 frozenset((style,))))  # fmt: skip
        return told


def fitting(openings: Sequence[str], told: str) -> list[str]:
    """Beginnings that do not contradict what is told after them."""
    clashing = [against for speaks_of, against in CLASHES if speaks_of.search(told)]
    if TIMED.search(told):
        clashing.append(TIMED)
    return [each for each in openings if not any(against.search(each) for against in clashing)]


def exclaimed(saying: str) -> str:
    return saying[:-1] + "!" if saying.endswith(".") else saying


def replaced(text: str, recipe: dict[str, object]) -> str:
    """A text with the style's words for ours, capitals kept."""
    table = recipe.get("replace", {})
    assert isinstance(table, dict)
    if not table:
        return text
    longest_first = sorted(table, key=len, reverse=True)
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, longest_first)) + r")\b", re.IGNORECASE)

    def swap(match: re.Match[str]) -> str:
        new = table[match.group(0).lower()]
        return capital(new) if match.group(0)[0].isupper() and match.group(0) != "I" else new

    return pattern.sub(swap, text)
