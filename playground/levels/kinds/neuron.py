"""The kind `neuron`: of an MLP neuron and an SAE's feature of the same block, which tells the texts
of a concept from others better?

Bricken et al., Towards Monosemanticity (2023), compare features with neurons; Gurnee et al.,
Finding Neurons in a Haystack (2023), look for concepts in single neurons and in sets of them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from playground.atlas.rivals import Telling
from playground.levels.dealing import candidates, passages, rivalry
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Portrait,
    Question,
    Sealed,
    Strip,
    even,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Message

SHORTEST, LONGEST = 6, 26  # words of a piece of text
ABOUT, OTHERS = 2, 2  # texts that are shown
Sort = Literal["feature", "neuron"]
NAMES = "AB"
# What is asked: whose letter is cleaner, and what it is.
ANSWERS: tuple[tuple[int, Sort], ...] = (
    (0, "feature"), (0, "neuron"), (1, "feature"), (1, "neuron"),
)  # fmt: skip


class NeuronLevel(AskLevel):
    """rounds: concepts, each with one question."""

    word: ClassVar[str] = "neuron"
    group: ClassVar[Group] = "reading"
    rounds: int = Field(default=6, ge=2, le=12)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """Raises AuthorError where too few concepts have a clear winner, or texts to show."""
        rng, found = shuffled(seed, self.id), rivalry.measured(self, bench)
        pool = [each for each in found.telling if winner(each) and shown_of(bench, each)]
        asked = rivalry.mixed(one_site_each(pool, rng), winner, self.rounds, rng)
        if len(asked) < self.rounds:
            what = "a feature and a neuron of which one is clearly ahead, and texts to show"
            raise candidates.too_few(self, self.rounds, what, len(asked))
        # Each of the four answers about equally often.
        letters = {
            sort: iter(even(count, len(NAMES), rng))
            for sort, count in Counter(map(winner, asked)).items()
        }
        for telling in asked:
            yield sealed(bench, telling, next(letters[winner(telling)]), rng)


def winner(telling: Telling) -> Sort | None:
    """Who is ahead beyond doubt."""
    if telling.neuron_gap.ahead:
        return "feature"
    return "neuron" if telling.neuron_gap.behind else None


def one_site_each(pool: Sequence[Telling], rng: Random) -> list[Telling]:
    """One site of each concept, by chance; where a neuron wins anywhere, there."""
    order = sorted(rng.sample(list(pool), len(pool)), key=lambda each: winner(each) != "neuron")
    return list({each.concept: each for each in reversed(order)}.values())


def shown_of(bench: Bench, telling: Telling) -> bool:
    """Whether there are texts of *show* of both sorts."""
    sorts = (bench.texts(telling.concept, about, "show") for about in (True, False))
    return all(len(each) >= ABOUT for each in sorts)


def pieces(bench: Bench, concept: str, about: bool, count: int, rng: Random) -> list[str]:
    """Of *show*: a short piece of as many texts, the first ones that have such a piece."""
    texts = [each.text for each in bench.texts(concept, about, "show")]
    made = list[str]()
    for text in rng.sample(texts, len(texts)):
        cuts = passages.cuts(text, SHORTEST, LONGEST) or [passages.opening(text, LONGEST)]
        made.append(rng.choice(cuts))
        if len(made) == count:
            break
    return made


# -- the question ----------------------------------------------------------------------------------
def sealed(bench: Bench, telling: Telling, letter: int, rng: Random) -> Sealed:
    """letter: place of the feature among NAMES."""
    name, site = telling.concept, telling.site
    texts = pieces(bench, name, True, ABOUT, rng) + pieces(bench, name, False, OTHERS, rng)
    rows: dict[Sort, list[Strip]] = {
        "feature": fired(bench, telling, texts),
        "neuron": excited(bench, telling, texts),
    }
    order: list[Sort] = ["neuron", "neuron"]
    order[letter] = "feature"
    strips = list[Strip]()
    for place, sort in enumerate(order):
        top = max((max(each.values, default=0.0) for each in rows[sort]), default=0.0)
        for number, each in enumerate(rows[sort]):
            caption = Message("neuron.strips", name=NAMES[place]) if number == 0 else ""
            strips.append(Strip(each.tokens, each.values, top, caption))
    won = winner(telling)
    assert won is not None
    place = ANSWERS.index((letter if won == "feature" else 1 - letter, won))
    topic = bench.concept(name).message
    aurocs: dict[Sort, float] = {"feature": telling.aurocs[0], "neuron": telling.neuron_auroc}
    gap = telling.neuron_gap
    return Sealed(
        question=Question(
            Message("neuron.ask", topic=topic, site=site, about=ABOUT),
            "choose",
            tuple(strips),
            tuple(Message(f"neuron.{sort}", name=NAMES[at]) for at, sort in ANSWERS),
        ),
        solution=place,
        guess=ANSWERS.index((quieter(rows, order), order[quieter(rows, order)])),
        why=Message(
            "neuron.why", name=NAMES[letter], topic=topic, feature=100 * aurocs["feature"],
            neuron=100 * aurocs["neuron"], low=100 * min(abs(gap.low), abs(gap.high)),
            high=100 * max(abs(gap.low), abs(gap.high)), won=won, about=telling.texts[0],
            others=telling.texts[1],
        ),
        reveal=(
            Bars(
                tuple((Message(f"neuron.bar_{sort}", name=NAMES[at]), aurocs[sort])
                      for at, sort in enumerate(order)),
                Message("beat.unit"), 1.0, Message("neuron.bars"),
            ),
            Portrait(Pick(site, telling.features[0]), named=True),
        ),
        right=frozenset({place}),
    )  # fmt: skip


def fired(bench: Bench, telling: Telling, texts: Sequence[str]) -> list[Strip]:
    feature = telling.features[0]
    return [
        Strip(each.tokens, each.features.trail(feature))
        for each in bench.engine.read(texts, telling.site)
    ]


def excited(bench: Bench, telling: Telling, texts: Sequence[str]) -> list[Strip]:
    """The neuron towards the side that it was chosen for; what lies on the other side is 0."""
    return [
        Strip(
            each.tokens,
            tuple(np.maximum(telling.sign * each.values[:, telling.neuron], 0.0).tolist()),
        )
        for each in bench.engine.states(texts, telling.site, "neurons")
    ]


def quieter(rows: dict[Sort, list[Strip]], order: Sequence[Sort]) -> int:
    """Of who looks which one is silent on the other texts: the place of the one that is more so."""

    def apart(strips: Sequence[Strip]) -> float:
        peaks = [max(each.values, default=0.0) for each in strips]
        return (max(peaks[:ABOUT]) - max(peaks[ABOUT:])) / (max(peaks) or 1.0)

    return max((0, 1), key=lambda place: apart(rows[order[place]]))
