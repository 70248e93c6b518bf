"""Writes the parts of one document: stories, moods, styles. A part knows what it carries."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from playground.pocket.grammar import MOODS, PLAIN, Grammar, Plot, Topic
from playground.pocket.template import Scene, capital, definite, expand, filled

# Of all plots, the share that any topic can fill: there the topic is a variable of its own, and not
# a matter of which plot this is. Outings have nothing but their topic.
TALES, OUTINGS = 0.55, 0.08
HEADINGS = 0.25  # share of stories that say first what they are about
SCENES = 0.02  # after a line within a plot, a sentence of its topic that fits anywhere
CHEERFUL = ("happy", "calm", PLAIN)  # moods in which a hero may end with a saying
MOOD_AT_END = 0.8  # share of plots with a mood that end in a sentence about it
# A plot that says what time of the day it is, or needs one, does not begin at another.
TIMED = re.compile(
    r"morning|evening|afternoon|night|noon|sunrise|sunset|dawn|dusk|moon|\bstars?\b|\bsun\b|dark|lamp|"
    r"candle|breakfast|lunch|dinner|supper|bedtime|\bbed\b|half past|o'clock|holidays|school|class|"
    r"teacher|lesson|birthday",
    re.IGNORECASE,
)
T = TypeVar("T")
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@dataclass(frozen=True)
class Part:
    """A written piece of text with the concepts it was written for; `glue` stands before it."""

    text: str
    concepts: frozenset[str] = frozenset()
    glue: str = " "


def carrying(parts: Iterable[Part], *concepts: str) -> list[Part]:
    return [replace(part, concepts=part.concepts | set(concepts)) for part in parts]


class Writer:
    """Draws text from the grammar for one document: one scene, one random stream."""

    def __init__(self, grammar: Grammar, rng: random.Random, first_person: bool = False) -> None:
        self.grammar, self.rng = grammar, rng
        self.scene = Scene.draw(rng, first_person)

    # -- pieces ---------------------------------------------------------------------------------
    def say(self, template: str, *concepts: str, glue: str = " ", **extra: str) -> Part:
        extra.setdefault("open", "")
        return Part(expand(template, self.scene, **extra), frozenset(concepts), glue)

    def pick(self, templates: list[str], *concepts: str, glue: str = " ", **extra: str) -> Part:
        return self.say(self.rng.choice(templates), *concepts, glue=glue, **extra)

    def drawn(self, pool: Sequence[T], count: int) -> list[T]:
        """Up to `count` different ones, in the order of the pool.

        A list in any order asks a reader to remember all that it had; in this order what comes next
        stands after what was just said, which a small model can learn, and so it repeats nothing.
        """
        chosen = self.rng.sample(range(len(pool)), min(count, len(pool)))
        return [pool[index] for index in sorted(chosen)]

    def some(self, templates: list[str], count: int, *concepts: str, glue: str = " ") -> list[Part]:
        return [self.say(each, *concepts, glue=glue) for each in self.drawn(templates, count)]

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def topic(self, besides: str = "") -> Topic:
        return self.grammar.topics[
            self.rng.choice([t for t in self.grammar.topics if t != besides])
        ]

    def saying(self, topic: Topic) -> Part:
        quote = expand(self.rng.choice(topic.says), self.scene)
        if quote.endswith("."):
            quote = quote[:-1] + ","
        if self.scene.first_person:
            return Part(f'"{quote}" I said.', frozenset((topic.name,)))
        return Part(f'"{quote}" said {self.scene.hero}.', frozenset((topic.name,)))

    def neutral(self) -> list[Part]:
        """Sometimes a first sentence that betrays nothing yet."""
        return [self.pick(self.grammar.openings["neutral"])] if self.chance(0.2) else []

    def heading(self, topic: Topic) -> Part:
        return self.pick(self.grammar.openings["headings"], topic.name, noun=topic.noun)

    # -- stories --------------------------------------------------------------------------------
    def plot(self, topic: Topic) -> Plot:
        """One that any topic fills (of every mood as often), or one of the topic's own."""
        if not self.chance(TALES):
            return self.rng.choice(topic.plots)
        mood = self.rng.choice((*MOODS, PLAIN))
        return self.rng.choice([tale for tale in self.grammar.tales if tale.mood == mood])

    def cast(self, topic: Topic) -> dict[str, str]:
        """What a topic puts into the slots of a tale: things, people, places, doings, scenes."""
        finds, people = self.rng.sample(topic.finds, 2), self.rng.sample(topic.who, 2)
        places, doings = self.rng.sample(topic.places, 2), self.rng.sample(topic.doings, 2)
        scenes = self.rng.sample(topic.scenes, 2)
        told: dict[str, str] = dict(
            noun=topic.noun, say=expand(self.rng.choice(topic.says), self.scene)
        )
        for n, mark in enumerate(("", "2")):
            told |= {f"find{mark}": finds[n], f"thefind{mark}": definite(finds[n]),
                     f"who{mark}": people[n], f"thewho{mark}": definite(people[n]),
                     f"place{mark}": places[n], f"scene{mark}": expand(scenes[n], self.scene),
                     f"did{mark}": filled(doings[n][0], self.scene),
                     f"do{mark}": filled(doings[n][1], self.scene)}  # fmt: skip
        return told

    def plot_line(self, line: str, topic: Topic, cast: dict[str, str], openings: list[str]) -> Part:
        """One line of a plot; it carries the topic only if a word of the topic was written."""
        opening = expand(self.rng.choice(openings), self.scene)
        part = self.say(line, **cast, open=opening)
        own = any(word.lower() in topic.words for word in WORD.findall(part.text))
        return replace(part, concepts=frozenset((topic.name,))) if own else part

    def tale(self, topic: Topic, plot: Plot, start: int = 0, stop: int | None = None) -> list[Part]:
        """Lines start..stop of a plot; how the hero feels about it comes at its end."""
        told: list[Part] = []
        self.scene.memory.clear()  # another plot's `<pet>` is another pet
        feeling = self.grammar.moods.get(plot.mood)
        cast = self.cast(topic)
        chosen = list(enumerate(plot.lines))[start:stop]
        openings = self.grammar.openings["open"]
        if TIMED.search(" ".join(plot.lines)):
            openings = [each for each in openings if not TIMED.search(each)]
        for index, line in chosen:
            told.append(self.plot_line(line, topic, cast, openings))
            if 0 < index < len(plot.lines) - 1 and self.chance(SCENES):
                told.append(self.pick(topic.scenes, topic.name))
            if feeling is None:
                continue
            if index == len(plot.lines) - 1 and self.chance(MOOD_AT_END):
                told.append(self.pick(feeling.end, plot.mood))
        return told

    def feeling(self, mood: str) -> Part:
        """How the hero felt, and why: a mood without a cause follows from nothing."""
        feeling = self.grammar.moods[mood]
        felt = self.rng.choice(feeling.start)
        if feeling.why:
            felt = f"{felt.removesuffix('.')}, {self.rng.choice(feeling.why)}."
        return self.say(felt, mood)

    def outing(self, topic: Topic) -> list[Part]:
        """What the hero did and saw, one thing after another."""
        count = self.rng.randint(2, 3)
        first, *others = self.rng.sample(topic.doings, count + 1)
        opening = expand(self.rng.choice(self.grammar.openings["open"]), self.scene)
        place = self.rng.choice(topic.places)
        told = [f"{opening} {{hero}} {first[0]} {place}."]
        scenes = self.rng.sample(topic.scenes, count)
        for did, scene in zip(others, scenes, strict=True):
            told += [scene, f"[Then|After that|A little later|Soon] {{hero}} {did[0]}."]
        return [self.say(line, topic.name) for line in told]

    def story(self, topic: Topic) -> list[Part]:
        plot = None if self.chance(OUTINGS) else self.plot(topic)
        told = [self.heading(topic)] if self.chance(HEADINGS) else self.neutral()
        told += self.tale(topic, plot) if plot else self.outing(topic)
        if (plot is None or plot.mood in CHEERFUL) and self.chance(0.25):
            told.append(self.saying(topic))
        if self.chance(0.2):
            told.append(self.pick(self.grammar.openings["endings"]))
        return carrying(told, "story")

    def feelings(self, mood: str, count: int) -> list[Part]:
        """Sentences of a mood alone, start to end."""
        feeling = self.grammar.moods[mood]
        told = [self.feeling(mood), *self.some(feeling.middle, count - 2, mood)]
        return [*told, self.pick(feeling.end, mood)]

    # -- styles ---------------------------------------------------------------------------------
    def styled(self, parts: list[Part], style: str) -> list[Part]:
        """The same parts in a style: words replaced, interjections between."""
        recipe = self.grammar.styles[style]
        told: list[Part] = []
        for index, part in enumerate(parts):
            text = part.text.upper() if style == "shouting" else replaced(part.text, recipe)
            if style == "shouting" and text.endswith("."):
                text = text[:-1] + "!"
            told.append(replace(part, text=text, concepts=part.concepts | {style}))
            if text[-1] not in ".!?" or index == len(parts) - 1:
                continue
            if self.chance(0.45 if style != "shouting" else 0.15):
                told.append(Part(expand(self.rng.choice(recipe["interjections"]), self.scene),
                                 frozenset((style,))))  # fmt: skip
        return told


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
