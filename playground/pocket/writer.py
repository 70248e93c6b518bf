"""Writes the parts of one document: stories, moods, styles. A part knows what it carries."""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from playground.pocket.grammar import Grammar, Plot, Topic
from playground.pocket.template import Scene, capital, expand

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

    def some(self, templates: list[str], count: int, *concepts: str, glue: str = " ") -> list[Part]:
        chosen = self.rng.sample(templates, min(count, len(templates)))
        return [self.say(each, *concepts, glue=glue) for each in chosen]

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

    # -- stories --------------------------------------------------------------------------------
    def plot(self, topic: Topic, mood: str | None = None) -> Plot:
        fitting = [p for p in topic.plots if mood is None or p.mood == mood]
        return self.rng.choice(fitting or topic.plots)

    def plot_line(self, line: str, topic: Topic) -> Part:
        """One line of a plot; it carries the topic only if a word of the topic was written."""
        opening = expand(self.rng.choice(self.grammar.openings["open"]), self.scene)
        part = self.say(line, open=opening)
        own = any(word.lower() in topic.words for word in WORD.findall(part.text))
        return replace(part, concepts=frozenset((topic.name,))) if own else part

    def tale(self, topic: Topic, plot: Plot, start: int = 0, stop: int | None = None) -> list[Part]:
        """Lines start..stop of a plot with sentences about its mood between them."""
        told: list[Part] = []
        feeling = self.grammar.moods.get(plot.mood)
        chosen = list(enumerate(plot.lines))[start:stop]
        for index, line in chosen:
            told.append(self.plot_line(line, topic))
            if feeling is None:
                continue
            if index == 0 and self.chance(0.75):
                told.append(self.pick(feeling.start, plot.mood))
            elif index == len(plot.lines) - 1 and self.chance(0.8):
                told.append(self.pick(feeling.end, plot.mood))
            elif index == len(plot.lines) // 2 and self.chance(0.5):
                told.append(self.pick(feeling.middle, plot.mood))
        return told

    def story(self, topic: Topic) -> list[Part]:
        told = self.neutral() + self.tale(topic, self.plot(topic))
        if self.chance(0.4):
            told.append(self.saying(topic))
        if self.chance(0.25):
            told.append(self.pick(self.grammar.openings["endings"]))
        return carrying(told, "story")

    def feelings(self, mood: str, count: int) -> list[Part]:
        """Sentences of a mood alone, start to end."""
        feeling = self.grammar.moods[mood]
        told = [self.pick(feeling.start, mood), *self.some(feeling.middle, count - 2, mood)]
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
