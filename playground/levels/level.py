"""What a kind of level is to everybody who lists, draws, proves or examines levels. Knows no kind.

A kind is one file of kinds/: a class on one of the three families (ask, hunt, steer), which have
their screens, and what they say here. docs/kinds.md shows how one is written.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from playground.concepts.concepts import Kind
from playground.levels.judging import Bench
from playground.levels.schema import LevelBase, Pick

# What the parts of the exam ask for, in their order: one kind of each group is drawn.
Group = Literal[
    "reading", "naming", "hunting", "comparing", "steering", "combining", "measuring", "auditing"
]
GROUPS: tuple[Group, ...] = get_args(Group)
# Ways to play a level, beside those that need no insight: the solution, which wins; its texts, in
# which a hunter has to see the feature fire; somebody who goes by first looks, who may do either;
# somebody who understood half of it; the best rule of thumb. Who answers by chance is told of on
# the level's page.
REFERENCE, TEXTS, GREEDY = "reference", "texts", "greedy"
RANDOM, WRONG, THUMB = "random", "plausible wrong", "rule of thumb"
CHANCE_SEED = 7


@dataclass(frozen=True)
class Try:
    """What came of one try. figure: the family's measure, 0..100."""

    won: bool
    stars: int
    figure: float


@dataclass(frozen=True)
class Played:
    """How somebody fared who plays in one way. more: what a table adds to it."""

    player: str
    tries: tuple[Try, ...]
    more: str = ""


class Level(LevelBase):
    """word: what a level file calls the kind. group: of the exam. drawn: the kinds of the concepts
    that fill a mould, in order; without any, the questions differ by themselves. tries: how often
    an exam part may be played. brings_in: whether a try brings a concept into a text, so that a
    certificate can quote it."""

    word: ClassVar[str] = ""
    group: ClassVar[Group]
    screen: ClassVar[str]
    drawn: ClassVar[tuple[Kind, ...]] = ()
    tries: ClassVar[int] = 1
    brings_in: ClassVar[bool] = False

    def players(self, bench: Bench, seed: int, greedy: bool) -> Iterator[Played]:
        """The solution and ways without insight on this model. seed: of what is dealt; greedy:
        also who goes by first looks. Raises AuthorError where the model lacks something for it."""
        raise NotImplementedError

    def suits(self, bench: Bench, concept: str) -> bool:
        """Whether the atlas makes it likely that a level about this concept can be won."""
        raise NotImplementedError

    def by_chance(self, bench: Bench, count: int) -> list[Pick]:
        """Features by chance at the level's sites; the same ones each time."""
        rng = random.Random(CHANCE_SEED)
        sites = [bench.engine.sites[name] for name in self.sites if name in bench.engine.sites]
        chosen = [rng.choice(sites) for _ in range(count)]
        return [Pick(site.name, rng.choice(bench.atlas.features(site.name))) for site in chosen]
