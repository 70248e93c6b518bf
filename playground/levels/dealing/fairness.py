"""What a round of questions has to be, so that nobody wins it by an estimate or a first look alone;
and how it is put together, question by question. Knows no kind.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from playground.errors import AuthorError
from playground.levels.dealing.questions import AskLevel, Sealed
from playground.levels.dealing.thumb import Balance

MISLED = 4  # of so many questions an estimate may mislead in one
PATIENCE = 8  # questions that are passed over since a rule of thumb has been right often enough


def traps(rounds: int, rng: random.Random) -> list[bool]:
    """Which questions of a round a first look has to have wrong: more than half of them."""
    found = [n <= rounds // 2 for n in range(rounds)]
    rng.shuffle(found)
    return found


@dataclass(frozen=True)
class FairTerms:
    """What a question has to be. held: the graph's estimate has it right; trap: a first look has it
    wrong; what is not asked for may be either way."""

    held: bool
    trap: bool

    @classmethod
    def of(cls, rounds: int, rng: random.Random) -> "list[FairTerms]":
        """Of a round: in one question of four the estimate may be wrong, and in more than half of
        them a first look is."""
        held = [n >= rounds // MISLED for n in range(rounds)]
        rng.shuffle(held)
        return [cls(*each) for each in zip(held, traps(rounds, rng), strict=True)]

    def met(self, estimate: bool, look: bool) -> bool:
        """Whether those who go by the estimate, or by a first look, may be right or wrong so."""
        return (estimate or not self.held) and not (look and self.trap)


def first_of_each(
    level: AskLevel, questions: Iterable[Iterable[Sealed | None]], needed: str
) -> Iterator[Sealed]:
    """Of each question the first try that can be asked, and with which no rule of thumb comes to
    win the round; a question is tried when it is wanted. needed: what there have to be as many of
    as the level has rounds, for the AuthorError where one cannot be asked."""
    balance = Balance(level)
    for number, tries in enumerate(questions):
        sealed = first_fair(balance, (each for each in tries if each))
        if sealed is None:
            raise AuthorError(
                f"level {level.id}: needs {level.rounds} {needed}; there were {number}"
            )
        balance.take(sealed)
        yield sealed


def first_fair(balance: Balance, tries: Iterator[Sealed]) -> Sealed | None:
    """Where a model has none for long, a round that a rule may win is better than none."""
    refused = list[Sealed]()
    for sealed in tries:
        if balance.fits(sealed):
            return sealed
        refused.append(sealed)
        if len(refused) == PATIENCE:
            break
    return refused[0] if refused else None
