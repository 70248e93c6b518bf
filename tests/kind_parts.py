"""A fake bench for the kinds that ask about one feature, and what is asked of all on a real one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from playground.atlas import labels
from playground.atlas.atlas import Atlas
from playground.atlas.cards import Activation, Card, Explanation
from playground.levels.dealing import questions
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench, LabelledText
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


def greedy_scores(level: AskLevel, bench: Bench) -> list[float]:
    """Scores of a greedy player in three deals, 100 for one that wins. No two deals ask the same,
    and the same seed asks the same again."""
    scores, asked = list[float](), list[tuple[questions.Question, ...]]()
    for seed in (0, 1, 2):
        dealt = tuple(level.deal(bench, seed))
        verdict = questions.judge(level, bench, dealt, [sealed.guess for sealed in dealt])
        scores.append(100.0 if verdict.won else verdict.score)
        asked.append(tuple(sealed.question for sealed in dealt))
    assert len(set(asked)) == len(asked)
    assert tuple(sealed.question for sealed in tuple(level.deal(bench, 0))) == asked[0]
    return scores


def picks(dealt: Sequence[questions.Sealed]) -> list[Any]:
    """The feature of each question, in order."""
    return [
        exhibit.pick
        for sealed in dealt
        for exhibit in sealed.question.exhibits
        if isinstance(exhibit, questions.Portrait)
    ]
