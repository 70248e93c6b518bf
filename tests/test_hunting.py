"""How well hunts rank: the bar on the shipped model, and the page that is written of it."""

import pytest

from playground.concepts.examples import part_of
from playground.levels.judging import Bench
from playground.levels.proving import hunting
from playground.levels.proving.hunting import CORPUS, FAR, HAND, NEAR, Ranking

BAR = 0.8  # of the draws
STEP = 10  # every tenth concept, so that it stays cheap; `levels hunts` does them all
SITE = "middle"


@pytest.mark.slow
def test_six_texts_of_either_sort_bring_a_clean_feature_to_the_first_three(shipped: Bench) -> None:
    concepts = sorted(shipped.atlas.concepts())[::STEP]
    found = [
        each
        for concept in concepts
        for each in hunting.rankings(shipped, concept, SITE, 1, [CORPUS])
        if each.each == max(hunting.SIDES)
    ]
    assert len({each.concept for each in found}) >= 0.8 * len(concepts)
    assert hunting.share(found) >= BAR


def test_a_hand_holds_no_graded_text_and_none_of_the_concept_among_the_others(
    shipped: Bench,
) -> None:
    hands = list(hunting.hands(shipped, "cats", 1, (CORPUS, HAND)))
    assert {(each.source, each.others) for each in hands} == {
        (source, others) for source in (CORPUS, HAND) for others in (FAR, NEAR)
    }
    cats = shipped.concept("cats")
    for hand in hands:
        assert len(set(hand.here)) == len(set(hand.there)) == max(hunting.SIDES)
        assert not any(part_of(text) == "grade" for text in (*hand.here, *hand.there))
        assert not any(len(set(cats.pattern.findall(text))) >= cats.at_least for text in hand.there)
    assert hands == list(hunting.hands(shipped, "cats", 1, (CORPUS, HAND)))


def test_the_page_counts_what_was_found() -> None:
    found = [
        Ranking("cats", "late", CORPUS, FAR, 6, clean=True, best=False),
        Ranking("cats", "late", CORPUS, FAR, 6, clean=True, best=True),
        Ranking("bees", "early", CORPUS, FAR, 6, clean=False, best=False),
        Ranking("bees", "early", HAND, NEAR, 3, clean=True, best=True),
    ]
    lines = hunting.page(found, ("early", "late")).splitlines()
    assert "| model's own corpus | anything else | 6 | late | 1.00 | 0.50 | 2 |" in lines
    assert "| model's own corpus | anything else | 6 | all | 0.67 | 0.33 | 3 |" in lines
    assert "| written by hand | near concepts | 3 | all | 1.00 | 1.00 | 1 |" in lines
    assert "| cats | - | 2 of 2 |" in lines and "| bees | 0 of 1 | - |" in lines


def test_the_page_that_is_kept_holds_the_bar() -> None:
    """In the plain case and in the hard one."""
    rows = hunting.PAGE.read_text(encoding="utf-8").splitlines()
    for others in (FAR, NEAR):
        start = f"| {CORPUS} | {others} | {max(hunting.SIDES)} | all | "
        (row,) = (each for each in rows if each.startswith(start))
        assert float(row.removeprefix(start).split(" | ")[0]) >= BAR
