"""Runs of words that texts share."""

import pytest

from playground.concepts.overlap import RUN, Runs

GRADED = "The tabby cat stretched on the windowsill and watched the mouse under the shed."


def test_eight_words_in_a_row_are_found_in_any_case_and_place() -> None:
    known = Runs([GRADED])
    text = "Yesterday THE TABBY CAT stretched on the windowsill, for it rained."
    assert not known.shared(text) and known.spans(text) == []  # seven words
    text = text.replace("for it", "and it")
    assert (text.index("THE"), text.index(" it")) in known.spans(text)
    assert known.shared(text)


@pytest.mark.parametrize(
    "text",
    [
        "the-tabby-cat-stretched-on-the-windowsill-and",  # signs between
        "the 2 tabby 3 cat stretched on the windowsill and",  # numbers between
    ],
)
def test_readers_who_count_words_in_other_ways_find_them_too(text: str) -> None:
    assert Runs([GRADED]).shared(text)


def test_signs_count_for_those_who_split_at_spaces() -> None:
    sums = "1 + 2 = 3 , 4 + 5 = 9"
    assert Runs([sums]).shared("1 + 2 = 3 , 4 +")
    assert not Runs([sums]).shared("1 + 2 - 3 , 4 + 5")


def test_nothing_is_shared_with_nothing() -> None:
    assert not Runs() and not Runs().shared(GRADED) and Runs().spans(GRADED) == []
    assert Runs([GRADED]) and not Runs([" ".join(GRADED.split()[: RUN - 1])])
