"""Rules of thumb: ways to answer a round by what stands on the screen without understanding any of
it, such as the longest option, or the largest number. Those that go by numbers are looked after as
a round is dealt, so that they seldom win one; all of them play in the proofs.

Knows no kind. Words are read in English.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from playground.levels.dealing.questions import (
    Answer,
    AskLevel,
    Bars,
    Exhibit,
    Grid,
    Question,
    Sealed,
)
from playground.messages import Line, Message
from playground.text.words import Words

RANKS = 4  # places in the order of a chart that somebody may go by
SHORTEST = 3  # letters of a word that two texts share
WORD = re.compile(r"[^\W\d_]+")
ENGLISH = Words.load()
Common = Callable[[str], int]  # how often a word stands in the model's texts


# -- by numbers ------------------------------------------------------------------------------------
def charts(question: Question) -> Iterator[tuple[float, ...]]:
    """What each chart shows of each option; the numbers in the options, if all have one, last."""
    count = len(question.options)
    for each in question.exhibits:
        if isinstance(each, Bars | Grid) and len(each.rows) == count > 1:
            yield heights(each)
    own = [number(each) for each in question.options]
    found = tuple(each for each in own if each is not None)
    if len(found) == count and len(set(found)) > 1:
        yield found


def heights(chart: Bars | Grid) -> tuple[float, ...]:
    if isinstance(chart, Bars):
        return tuple(value for _, value in chart.rows)
    return tuple(max((cell.share for cell in cells), default=0.0) for _, cells in chart.rows)


def number(option: Line) -> float | None:
    """The first that stands in an option."""
    if isinstance(option, str):
        found = re.search(r"\d+(?:\.\d+)?", option)
        return float(found.group()) if found else None
    for each in option.params.values():
        value = number(each) if isinstance(each, Message) else each
        if isinstance(value, int | float):
            return float(value)
    return None


def by_numbers(question: Question) -> Mapping[str, Answer]:
    """What each rule says that goes by the order on one chart; ranks and charts from 1."""
    found = dict[str, Answer]()
    for place, values in enumerate(charts(question), 1):
        order = sorted(range(len(values)), key=lambda n: -values[n])
        if question.form == "set":
            found[f"most of chart {place}"] = sum(1 << n for n in order[: question.most])
        else:
            for rank, option in enumerate(order[:RANKS], 1):
                found[f"rank {rank} of chart {place}"] = option
    return found


class Balance:
    """Keeps a round from being won by a rule that goes by numbers."""

    def __init__(self, level: AskLevel) -> None:
        self._telling = level.telling
        self._enough = max(goal.at_least or 0.0 for goal in level.goals)
        self._right = Counter[str]()

    def fits(self, sealed: Sealed) -> bool:
        """Whether every rule stays below what it takes to win."""
        return all(self._right[rule] + 1 < self._enough for rule in self._lucky(sealed))

    def take(self, sealed: Sealed) -> None:
        self._right.update(self._lucky(sealed))

    def _lucky(self, sealed: Sealed) -> set[str]:
        said = by_numbers(sealed.question).items()
        return {rule for rule, answer in said if answer in sealed.right} - self._telling


# -- by words --------------------------------------------------------------------------------------
def by_words(question: Question, beside: Sequence[str], common: Common) -> Mapping[str, Answer]:
    """What each rule says that goes by how the options are put. beside: what can be answered in
    all questions of the round."""
    options = answers(question)
    own = [words(each) for each in options]
    here = words(" ".join(written((question.ask, question.exhibits))))
    seen, alike = Counter(beside), likeness(own)
    known = [familiar(each, common) for each in options]
    found = dict[str, int]()
    for more, less, marks in (
        ("longest", "shortest", [len(each) for each in options]),
        ("echoes the question", "echoes it least", [len(each & here) for each in own]),
        ("offered most often", "offered least often", [seen[each] for each in options]),
        ("most like the others", "least like the others", alike),
        ("commonest word", "rarest word", known),
    ):
        found[more] = marks.index(max(marks))
        found[less] = marks.index(min(marks))
    if question.form == "set":
        return {rule: 1 << place for rule, place in found.items()}
    return dict(found)


def answers(question: Question) -> list[str]:
    """As they are read: the options, or the tokens of the text."""
    if question.form == "set":
        return [ENGLISH.said(each) for each in question.options]
    return [ENGLISH.said(question.said(each)) for each in question.choices]


def spoken(text: str) -> list[str]:
    """Its words, in lower case."""
    return WORD.findall(text.lower())


def words(text: str) -> set[str]:
    return {word for word in spoken(text) if len(word) >= SHORTEST}


def familiar(option: str, common: Common) -> int:
    """Of the rarest word of an option; one without words is as rare as can be."""
    return min(map(common, spoken(option)), default=0)


def likeness(own: Sequence[set[str]]) -> list[int]:
    """Of each option how many words it shares with the others."""
    return [sum(len(one & each) for each in own) - len(one) for one in own]


def written(shown: Any) -> Iterator[str]:
    """All words on the screen of a question."""
    if isinstance(shown, Message):
        yield ENGLISH(shown)
    elif isinstance(shown, str):
        yield shown
    elif isinstance(shown, Exhibit):
        for each in fields(shown):
            value = getattr(shown, each.name)
            yield from ("".join(value),) if each.name == "tokens" else written(value)
    elif isinstance(shown, tuple):
        for each in shown:
            yield from written(each)


# -- a round ---------------------------------------------------------------------------------------
def answered(dealt: Sequence[Sealed], common: Common) -> Mapping[str, Sequence[Answer]]:
    """A round by each rule; where a rule says nothing, the first option. Nothing of a round in
    which something is to be written."""
    asked = [each.question for each in dealt]
    if any(each.form == "write" for each in asked):
        return {}
    beside = [option for each in asked for option in dict.fromkeys(answers(each))]
    said = [{**by_words(each, beside, common), **by_numbers(each)} for each in asked]
    rules = dict.fromkeys(rule for each in said for rule in each)
    first = [1 if each.form == "set" else 0 for each in asked]
    return {
        rule: [each.get(rule, place) for each, place in zip(said, first, strict=True)]
        for rule in rules
    }
