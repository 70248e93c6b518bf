"""More deals than ship are counted one by one, and the count goes on where it stopped."""

from collections.abc import Iterator
from dataclasses import replace

from playground.errors import AuthorError
from playground.levels.dealing.questions import AskLevel, Question, Sealed
from playground.levels.judging import Bench
from playground.levels.proving import series
from playground.levels.proving.fared import ByRule, Fared, Odds
from tests.kind_parts import cat_bench, fields

dealt = list[int]()


class Rounds:
    """Deals anew; the model has too little for deal 3."""

    def questions(self, level: AskLevel, seed: int) -> tuple[Sealed, ...]:
        dealt.append(seed)
        if seed == 3:
            raise AuthorError("too few")
        return tuple(level.deal(cat_bench(), seed))


class Long(AskLevel):
    """The longest of four options is always right."""

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        for place in range(self.rounds):
            options = ["cat"] * 4
            options[place % 4] = "elephants"
            asked = Question("Which?", "choose", (), tuple(options))
            yield Sealed(asked, place % 4, 0, right=frozenset({place % 4}))


LEVEL = Long.model_validate(fields("spot", 5, 4, 4, 5))


def counted(known: Fared | None, deals: int, bench: Bench | None = None) -> list[Fared]:
    dealt.clear()
    found = series.counted(LEVEL, bench or cat_bench(), known, Rounds(), deals)
    return [each.fared for each in found]


def test_it_goes_on_where_it_stopped_and_a_deal_that_cannot_be_made_is_lost() -> None:
    first = counted(None, 2)[-1]
    assert dealt == [0, 1] and first.reference == Odds(2, 2)
    assert first.by_rule is not None and first.by_rule.rounds == 2
    assert first.by_rule.wins["longest"] == 2
    last = counted(first, 5)[-1]
    assert dealt == [2, 3, 4]
    assert last.reference == Odds(4, 5) and last.by_chance is not None
    assert last.by_chance.tries == 800
    assert counted(last, 5) == []


def test_what_was_counted_without_rules_of_thumb_begins_anew() -> None:
    old = Fared(LEVEL.version, None, Odds(3, 3), Odds(0, 600))
    counted(old, 1)
    assert dealt == [0]
    counted(replace(old, by_rule=ByRule({}, 3)), 4)
    assert dealt == [3]
