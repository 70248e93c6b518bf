"""Where directions without an SAE push best: found on a small random instruct model, written down,
and read again by the game."""

from pathlib import Path

import pytest

from playground.atlas import best_means, means
from playground.atlas.best_means import BEGIN, END, BestPush, PushAt
from playground.concepts.concepts import ReplyScore, summed
from playground.concepts.damage import Damage
from playground.engine.records import Site
from playground.errors import AuthorError
from tests import chatting

SITES = {"early": Site("early", 1, 2.0, 0), "late": Site("late", 5, 3.0, 0)}


def scored(*both: bool) -> object:
    whole = Damage(0.0, 0.0, 0.0, 0.0, 0.0)
    return summed([ReplyScore(100.0 * each, whole, (), ()) for each in both])


def best(concept: str, hits: int, of: int = 4) -> BestPush:
    steered = scored(*(n < hits for n in range(of)))
    plain = scored(*(False for _ in range(of)))
    return BestPush(concept, PushAt(("late",), 0.5), steered, plain, plain)  # type: ignore[arg-type]


def test_the_table_has_a_row_a_concept_and_their_mean() -> None:
    lines = [*best_means.table([best("cats", 4), best("chess", 1)], SITES)]
    assert lines[2] == "| cats | 5 | 0.5 | reply | 4 of 4 | 4 of 4 | 0 of 4 | 0 of 4 |"
    assert lines[3] == "| chess | 5 | 0.5 | reply | 1 of 4 | 1 of 4 | 0 of 4 | 0 of 4 |"
    assert lines[4] == "| **mean** |  |  |  | **0.62** |  | **0.00** | **0.00** |"


def test_each_site_is_tried_alone_and_with_the_next() -> None:
    sites = [Site(name, layer, 1.0, 0) for layer, name in enumerate("abcd")]
    tried = best_means.settings_at(sites)
    assert [each.sites for each in tried if each.strength == best_means.SINGLE[0]] == [
        ("a",), ("b",), ("c",), ("d",),
    ]  # fmt: skip
    pairs = [("a", "b"), ("b", "c"), ("c", "d")]
    assert [each.sites for each in tried if each.strength == best_means.DOUBLE[0]] == pairs
    everywhere = [each for each in tried if each.scope == "all"]
    assert [each.sites for each in everywhere if each.strength == 0.15] == pairs


def test_the_file_names_those_that_push_best_first(tmp_path: Path) -> None:
    path = tmp_path / "new" / "directions.json"
    pushed = [best("snow", 1), best("chess", 2), best("cats", 4)]
    best_means.write(path, "sum", pushed, SITES)
    found = means.load(path)
    assert found.model == "sum" and list(found.concepts) == ["cats", "chess"]
    assert found.concepts["cats"] == means.Tuned(blocks=(5,), strength=0.5, replies=4, hits=4)
    assert [each.name for each in path.parent.iterdir()] == ["directions.json"]


def test_only_the_table_of_a_page_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    best_means.rewrite(page, ["| a |", "| b |"])
    assert page.read_text() == f"before\n{BEGIN}\n| a |\n| b |\n{END}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(AuthorError, match="lacks the marks"):
        best_means.rewrite(page, [])


def test_settings_are_chosen_and_graded_on_other_messages(tmp_path: Path) -> None:
    assert not set(best_means.SELECT) & set(best_means.GRADE)
    asked, out = chatting.settings(tmp_path), tmp_path / "directions.json"
    lines = [*best_means.measure(asked, ("cats", "space"), (0, 2), out)]
    assert [line.split()[1] for line in lines] == ["cats", "space", "**mean**"]
    places = {"early": 0, "late": 2}
    sites = [Site(name, layer, 1.0, 0) for name, layer in places.items()]
    tried = [
        (tuple(places[site] for site in each.sites), each.strength, each.scope)
        for each in best_means.settings_at(sites)
    ]
    told = [line.split("|")[5].split()[0] for line in lines[:-1]]
    assert len(means.load(out).concepts) == sum(int(hits) >= best_means.LEAST for hits in told)
    for tuned in means.load(out).concepts.values():
        assert (tuned.blocks, tuned.strength, tuned.scope) in tried
        assert tuned.replies == best_means.GRADED
    with pytest.raises(AuthorError, match="no concept 'catz'"):
        next(best_means.measure(asked, ("catz",), (0,), out))
