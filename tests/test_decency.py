"""What a model wrote and a class should not read makes no question."""

import gzip
import json

import pytest

from playground.levels.dealing.decency import UNFIT, decent
from playground.levels.shelf import LEVELS
from playground.settings import ASSETS


@pytest.mark.parametrize("text", ["The anus is the anus.", "Oh, SHIT!", "porn, of all things"])
def test_a_word_out_of_place_is_found(text: str) -> None:
    assert not decent(text)


@pytest.mark.parametrize(
    "text", ["A cockatoo, grapes and Scunthorpe.", "The rapid river, titanic."]
)
def test_a_word_that_only_looks_like_one_is_not(text: str) -> None:
    assert decent(text)


@pytest.mark.parametrize(
    "path", [LEVELS / "deals.json.gz", ASSETS / "smollm2" / "atlas" / "deals.json.gz"], ids=str
)
def test_no_first_round_that_ships_holds_one(path: str) -> None:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        told = json.dumps(json.load(file), ensure_ascii=False)
    assert UNFIT.findall(told) == []
