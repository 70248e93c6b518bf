"""A fake bench for the kinds that ask about one feature, and the rounds that ship."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, cast

from playground.atlas import labels
from playground.atlas.atlas import Atlas
from playground.atlas.cards import Activation, Card, Explanation
from playground.levels.dealing import deals, questions
from playground.levels.judging import Bench, LabelledText
from playground.levels.shelf import LEVELS
from playground.settings import SHIPPED
from tests.fake_model import FakeAtlas, FakeEngine

HEAD = "On {day} a friend of mine came by and told us the whole long story."
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LEVEL: dict[str, Any] = {
    "id": "example",
    "title": "An example",
    "brief": "Do it.",
    "concept": "cats",
    "difficulty": 2,
    "minutes": 5,
    "hints": {"nudge": "Look.", "method": "Look twice.", "answer": "Look at the card."},
    "win": "Done.",
    "learned": {"text": "Much.", "words": ["feature"], "source": "A paper (2023)"},
}


def fields(kind: str, rounds: int, win: int, two: float, three: float) -> dict[str, Any]:
    goal = {"measure": "right", "at_least": win, "says": f"At least {win} are right."}
    stars = {"measure": "right", "two": two, "three": three}
    return {**LEVEL, "kind": kind, "rounds": rounds, "goals": [goal], "stars": stars}


class CatAtlas(FakeAtlas):
    """Cats have one detector, and its card shows texts that are no held-out ones."""

    def concepts(self) -> tuple[str, ...]:
        return ("cats", "chess", "snow", "trains", "weddings")

    def concept(self, name: str) -> Any:
        entry = super().concept("cats")
        return entry if name == "cats" else replace(entry, concept=name, detectors=())

    def card(self, site: str, index: int) -> Card:
        tokens = ("my", "little", "kitten", "slept", "by", "the", "purple", "lamp")
        values = (0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        spaced = tuple(f" {token}" for token in tokens)
        example = Activation(spaced, values, 2.0, 2, 1.0, 2.0, 1.0, "own samples")
        label = (Explanation(labels.called("cats"), "concept-auroc"),)
        return replace(super().card(site, index), activations=(example,) * 3, explanations=label)


def cat_bench(about: Sequence[str] = (), other: Sequence[str] = ()) -> Bench:
    """Held-out texts on cats: the given ones, or seven of two sentences with a kitten each."""
    own = about or [f"{HEAD.format(day=day)} Then a kitten jumped up." for day in DAYS]
    strange = other or [f"{HEAD.format(day=day)} A purple train left." for day in DAYS]
    texts = [LabelledText(text, True) for text in own]
    texts += [LabelledText(text, False) for text in strange]
    return Bench(FakeEngine(), cast(Atlas, CatAtlas()), {"cats": texts})


@cache
def shipped() -> Mapping[tuple[str, str], list[str]]:
    """Keys of the rounds of pocket's course that ship dealt, by level and seed, in order."""
    found = dict[tuple[str, str], list[tuple[int, str]]]()
    for key in kept():
        _, _, model, _, level, _, seed, number = key.split("/")
        if model == SHIPPED:
            found.setdefault((level, seed), []).append((int(number), key))
    return {place: [key for _, key in sorted(keys)] for place, keys in found.items()}


@cache
def kept() -> Mapping[str, Any]:
    return deals.read_shipped(LEVELS)


def shipped_round(id: str, seed: int) -> tuple[questions.Sealed, ...]:
    """A round of pocket's course that ships dealt."""
    return tuple(deals.SEALED.validate_python(kept()[key]) for key in shipped()[id, str(seed)])


def picks(dealt: Sequence[questions.Sealed]) -> list[Any]:
    """The feature of each question, in order."""
    return [
        exhibit.pick
        for sealed in dealt
        for exhibit in sealed.question.exhibits
        if isinstance(exhibit, questions.Portrait)
    ]
