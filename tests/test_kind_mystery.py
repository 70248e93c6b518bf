import random
from collections.abc import Sequence
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import ConceptEntry
from playground.concepts.concepts import load_concepts
from playground.engine.records import Request, Sampling, Token, Trace
from playground.errors import AuthorError
from playground.levels.dealing.candidates import Steered
from playground.levels.dealing.questions import Reply
from playground.levels.judging import Bench
from playground.levels.kinds.mystery import OPTIONS, REPLIES, Heard, MysteryLevel, guess
from tests.fake_model import FakeAtlas

LEVEL = {
    "id": "mystery-two",
    "kind": "mystery",
    "title": "What is on?",
    "brief": "Name it.",
    "concept": "cats",
    "rounds": 2,
    "probes": 6,
    "difficulty": 3,
    "minutes": 5,
    "goals": [{"measure": "right", "at_least": 2, "says": "Both are named."}],
    "stars": {"measure": "right", "two": 2, "three": 3},
    "hints": {"nudge": "n", "method": "m", "answer": "a"},
    "win": "Won.",
    "learned": {"text": "t", "words": ["dial"], "source": "s"},
}
CATS = "Her kitten began to purr while the cat licked a paw."
BOTH = "The cat saw a train at the station, a kitten saw its wagon, and the rails began to purr."
PLAIN = "The wind was kind and Mia went home for warm soup."


def test_a_guess_counts_what_the_dial_brought() -> None:
    options = [load_concepts()[name] for name in ("dogs", "cats", "trains")]
    assert guess(options, "The dog saw a kennel.", "The dog, a kitten and a purr.") == 1
    assert guess(options, "Nothing.", "Nothing.") == 0


class Listed(FakeAtlas):
    """Nine topics, one of which has a feature."""

    def concepts(self) -> tuple[str, ...]:
        return ("cats", "chess", "snow", "trains", "weddings", "ocean", "clocks", "banks", "music")

    def concept(self, name: str) -> ConceptEntry:
        return super().concept(name) if name == "cats" else ConceptEntry(name, (), ())


def told(pushed: Sequence[str], plain: Sequence[str] = (PLAIN,) * REPLIES) -> Heard:
    def traces(texts: Sequence[str]) -> list[Trace]:
        return [
            Trace(Request("On Monday", (), Sampling(seed=n)), (Token(0, text),), (-1.0,), "end")
            for n, text in enumerate(texts)
        ]

    atlas = Listed()
    (recipe, *_) = atlas.concept("cats").recipes
    about = Steered(load_concepts()["cats"], recipe, recipe.curve[0])
    return Heard.by(about, traces(plain), traces(pushed))


def others(asked: Heard) -> set[str]:
    bench = Bench(cast(Any, None), cast(Atlas, Listed()), {}, tuned={})
    return {each.name for each in asked.alternatives(bench, (), random.Random(0))}


def test_replies_tell_the_answer_from_the_others_or_it_is_not_asked_about() -> None:
    clear = told([CATS] * 7 + [PLAIN])
    assert (clear.hits, clear.untouched) == (7, 0)
    assert len(others(clear)) == OPTIONS - 1
    assert len(others(told([CATS] * 4, [PLAIN] * 4))) == OPTIONS - 1
    # Two of eight and none of eight may be of one true share.
    assert others(told([CATS] * 2 + [PLAIN] * 6)) == set()


def test_what_comes_up_as_often_is_no_wrong_answer() -> None:
    mixed = told([BOTH] * 8)
    assert "trains" not in others(mixed) and len(others(mixed)) == OPTIONS - 1


def test_what_comes_without_the_dial_is_not_asked_about() -> None:
    assert others(told([CATS] * 8, [CATS] * 8)) == set()


def test_the_fullest_replies_are_shown_first() -> None:
    (_, first), *_ = told([PLAIN] * 3 + [CATS] * 5).pairs
    assert first.text == CATS


def test_a_deal_hides_two_dials_at_two_places_and_shows_what_names_them(shipped: Bench) -> None:
    level = MysteryLevel.model_validate(LEVEL)
    dealt = tuple(level.deal(shipped, 3))
    assert len({each.solution for each in dealt}) == 2
    assert len({each.trial for each in dealt}) == 2
    for each in dealt:
        options = each.question.options
        assert len(set(options)) == OPTIONS
        right = options[int(str(each.solution))]
        topic = next(name for name, known in load_concepts().items() if known.message == right)
        pushed = [reply for reply in each.question.exhibits if isinstance(reply, Reply)][1::2]
        concept = load_concepts()[topic]
        assert pushed and all(concept.pattern.search(reply.text) for reply in pushed)
        assert each.guess == each.solution
    assert tuple(level.deal(shipped, 3)) == dealt


def test_a_probe_is_untouched_and_dialled(shipped: Bench) -> None:
    level = MysteryLevel.model_validate(LEVEL)
    sealed = next(level.deal(shipped, 0))
    plain, pushed = level.probe(sealed, "On Monday")
    assert (plain.prompt, pushed.prompt) == ("On Monday", "On Monday")
    assert plain.sampling == pushed.sampling
    assert plain.dials == () and len(pushed.dials) == 1


def test_too_few_recipes_are_told(shipped: Bench) -> None:
    silent = [n for n in shipped.atlas.concepts() if not shipped.atlas.concept(n).recipes]
    if not silent:
        pytest.skip("every concept of this atlas has a recipe")
    level = MysteryLevel.model_validate(LEVEL | {"concept": silent[0], "concepts": silent[:1]})
    with pytest.raises(AuthorError, match="mystery-two: needs 2 concepts"):
        tuple(level.deal(shipped, 0))
