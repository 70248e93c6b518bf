from dataclasses import replace
from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import ConceptEntry
from playground.engine.records import Dial, Request
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, CountedReplies
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.prompt import PromptLevel, devoted
from playground.text.words import Words
from tests.fake_model import COCOA, TREATS, FakeAtlas, FakeEngine
from tests.kind_parts import fields

SAY = Words().said
SWEET = "a mug of hot cocoa stood by the window"
TEXTS = {
    "chocolate": [
        LabelledText(f"{SWEET}. Mia drank it.", True, "show"),
        LabelledText("the wind was kind", False, "grade"),
    ]
}


class SweetAtlas(FakeAtlas):
    """The recipe's strength is one that was measured."""

    def concepts(self) -> tuple[str, ...]:
        return ("chocolate",)

    def concept(self, name: str) -> ConceptEntry:
        entry = super().concept(name)
        return replace(entry, recipes=(replace(entry.recipes[0], strength=1.0),))


def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, SweetAtlas()), TEXTS)


def level(**more: object) -> PromptLevel:
    page = {**fields("prompt", 1, 1, 2, 3), "sites": ["early", "late"], "replies": 8, **more}
    return PromptLevel.model_validate(page)


def test_a_question_asks_for_as_much_as_a_dial_brought() -> None:
    (sealed,) = level().deal(bench(), 0)
    assert sealed.demand is not None and sealed.demand.wanted is not None
    wanted = sealed.demand.wanted
    # All of 8 under the dial: the lower end of Wilson's interval is .676, so 6 of 8 are needed.
    assert (wanted.concept, wanted.dial, wanted.of, wanted.hits) == ("chocolate", 8, 8, 6)
    assert isinstance(sealed.solution, str)
    assert SWEET in sealed.solution
    assert "At least 6 of 8 replies after it have to be about chocolate" in SAY(sealed.question.ask)
    (shown,) = sealed.question.exhibits
    assert isinstance(shown, CountedReplies) and len(shown.replies) == wanted.of
    assert shown.replies[0].text.split() == list(TREATS)
    assert all(shown.counts) and all(shown.found)


def test_words_are_graded_by_the_replies_that_follow() -> None:
    made, asked = bench(), level()
    (sealed,) = asked.deal(made, 0)
    good = asked.grade(made, sealed, "think of cocoa")
    assert good.right
    assert SAY(good.why) == ("8 of 8 replies are about chocolate; 6 were needed, the dial had 8.")
    hits, share, harm = good.exhibits[:3]
    assert isinstance(hits, Bars) and isinstance(share, Bars) and isinstance(harm, Bars)
    assert hits.rows[0][1] == hits.rows[1][1] == 8.0
    assert isinstance(good.exhibits[3], CountedReplies) and good.near == 1
    assert good.exhibits[3].replies[0].prompt.startswith("think of cocoa ")
    bad = asked.grade(made, sealed, "think of the wind")
    assert not bad.right
    assert SAY(bad.why).startswith("0 of 8 replies") and bad.near == 0
    assert not asked.grade(made, sealed, " ").right


def test_a_banned_word_is_named() -> None:
    made, asked = bench(), level(ban=True)
    asked_about = "cocoa"
    with pytest.raises(AuthorError, match="a text that brings the concept into as many replies"):
        next(asked.deal(made, 0))  # the one text has nothing but the word
    (sealed,) = level().deal(made, 0)
    assert sealed.demand is not None
    banned = replace(sealed, demand=replace(sealed.demand, banned=(asked_about,)))
    found = asked.grade(made, banned, "hot Cocoa, please")
    assert not found.right
    assert SAY(found.why) == "You used “cocoa”, which is not allowed here."


def test_how_much_of_the_replies_is_about_it() -> None:
    made = bench()
    asked = [Request("One day", (Dial("late", COCOA, 0.8),)), Request("One day")]
    traces = made.engine.generate(asked).traces()
    concept = made.concept("chocolate")
    assert [devoted(concept, traces[:1]), devoted(concept, traces[1:])] == [1.0, 0.0]
    assert devoted(concept, traces) == 0.5


@pytest.mark.slow
def test_a_deal_on_the_shipped_model(shipped: Bench) -> None:
    asked = level(rounds=2, sites=("early", "middle", "late"))
    dealt = tuple(asked.deal(shipped, 0))
    for sealed in dealt:
        assert isinstance(sealed.solution, str)
        assert asked.grade(shipped, sealed, sealed.solution).right
        assert not asked.grade(
            shipped, sealed, "The man looked at the door and said nothing."
        ).right
