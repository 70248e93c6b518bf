from functools import partial

import pytest

from playground.errors import AuthorError
from playground.levels.dealing import questions
from playground.levels.dealing.deals import SHIPPED_SEEDS
from playground.levels.dealing.questions import Portrait
from playground.levels.kinds import name
from playground.levels.kinds.name import NameLevel
from playground.text.words import Words
from tests.kind_parts import cat_bench, fields, picks, shipped_round

SAY = Words().said


def level(rounds: int = 5, win: int = 5, **more: object) -> NameLevel:
    return NameLevel.model_validate({**fields("name", rounds, win, 6, 7), **more})


def test_a_name_and_its_two_proofs() -> None:
    asked, bench = level(1, 2, concepts=["cats"]), cat_bench()
    mark = partial(questions.mark, asked, bench)
    choose, fire, miss = tuple(asked.deal(bench, 0))
    assert asked.count == 3
    assert len(set(choose.question.options)) == name.OPTIONS
    assert SAY(choose.question.options[int(str(choose.solution))]) == "cats"
    assert choose.guess == choose.solution
    assert all(not e.named for e in choose.question.exhibits if isinstance(e, Portrait))
    assert [s.question.form for s in (fire, miss)] == ["write", "write"]
    assert mark(fire, "look at the cat").right
    assert not mark(fire, "a train left").right
    said = SAY(mark(fire, "the cat").why)  # a fake token has no space before it
    assert said.startswith("Your text peaks on “cat” (a piece of “thecat”): 2 activation units")
    assert mark(miss, "a purple train left").right
    assert "“purple”" in SAY(mark(miss, "a purple train left").why)
    assert not mark(miss, "a red bus left").right  # shares no word
    assert not mark(miss, "a purple kitten").right  # fires
    for proof in (fire, miss):
        assert mark(proof, proof.solution).right
        assert not mark(proof, None).right


def test_other_names_do_not_fit() -> None:
    bench = cat_bench()
    (choose, *_) = level(1, 2, concepts=["cats"]).deal(bench, 3)
    others = set(map(SAY, choose.question.options)) - {"cats"}
    assert others <= {"chess", "snow", "trains", "weddings"}


def test_a_name_that_the_texts_do_not_bear_out_is_not_asked() -> None:
    silent = ["The snow fell on the hill. It was a quiet day for all of us."]
    with pytest.raises(AuthorError, match=r"level example: needs 1 features .* has 0 that fit"):
        tuple(level(1, 2, concepts=["cats"]).deal(cat_bench(about=silent), 0))


def test_too_few_features_are_told() -> None:
    with pytest.raises(AuthorError, match=r"needs 5 features .* has 1 that fit .* of cats at"):
        tuple(level(concepts=["cats"]).deal(cat_bench(), 0))


@pytest.mark.parametrize("seed", SHIPPED_SEEDS)
def test_a_shipped_round_asks_for_names_and_then_for_proofs_of_one(seed: int) -> None:
    dealt = shipped_round("name-things", seed)
    *asked, fire, miss = dealt
    features = picks(dealt)
    assert len(set(features[: len(asked)])) == len(asked)
    assert len(set(features[-3:])) == 1
    assert [each.question.form for each in (fire, miss)] == ["write", "write"]
    for sealed in asked:
        assert len({SAY(option).lower() for option in sealed.question.options}) == name.OPTIONS
