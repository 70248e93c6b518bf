"""Levels about what an SAE misses, on a fake model that loses on chosen words only."""

from collections.abc import Sequence
from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.engine.records import Spliced
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, Pillars, Reply, Sealed
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.misses import MissesLevel, apart
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.kind_parts import fields

SAY = Words().said
# What a word costs as it is, and more with the SAE's version: nats, at either site.
COSTS = {
    "lost": (0.5, {"early": 4.0, "late": 1.0}),
    "hard": (5.0, {"early": 0.0, "late": 0.0}),
    "slow": (1.0, {"early": 0.0, "late": 2.0}),
}
WIPED = 8.0
WORDS = "one two three four five six seven eight nine ten eleven twelve"
DULL = tuple(f"{WORDS} {name} hard" for name in ("Ann", "Bob", "Cid", "Dan", "Eve", "Fay"))


class SplicedEngine(FakeEngine):
    def spliced(self, texts: Sequence[str], site: str, floor: bool = False) -> list[Spliced]:
        return [self._paid(text, site, floor) for text in texts]

    def _paid(self, text: str, site: str, floor: bool) -> Spliced:
        tokens = text.split(" ")
        paid = [COSTS.get(each, (1.0, {"early": 0.0, "late": 0.0})) for each in tokens]
        plain = tuple(cost for cost, _ in paid)
        spliced = tuple(cost + more[site] for cost, more in paid)
        spelt = tuple(f" {each}" if n else each for n, each in enumerate(tokens))
        return Spliced(site, spelt, plain, spliced, (WIPED,) * len(tokens) if floor else ())


def level(rounds: int = 1, *asks: str, **more: object) -> MissesLevel:
    page = {**fields("misses", rounds, rounds, rounds, rounds + 1), "asks": asks or ("text",)}
    return MissesLevel.model_validate({**page, **more})


def bench(*texts: str) -> Bench:
    labelled = [LabelledText(text, True) for text in texts]
    return Bench(SplicedEngine(), cast(Atlas, FakeAtlas()), {"cats": labelled, "chocolate": ()})


def dealt(asks: str, *texts: str, sites: Sequence[str] = ("early",)) -> Sealed:
    return next(level(1, asks, sites=sites).deal(bench(*texts), 0))


def test_the_text_that_loses_most_token_for_token_suffers_most() -> None:
    sealed = dealt("text", f"{WORDS} lost hard", *DULL[:3])
    assert isinstance(sealed.solution, int)
    texts = [each for each in sealed.question.exhibits if isinstance(each, Reply)]
    assert texts[sealed.solution].text == f"{WORDS} lost hard"
    assert [SAY(each.caption) for each in texts] == ["text A", "text B", "text C", "text D"]
    bars, lost = sealed.reveal
    assert isinstance(bars, Bars) and isinstance(lost, Pillars)
    assert [value for _, value in bars.rows].count(0.0) == 3
    assert bars.rows[sealed.solution][1] == pytest.approx(4 / 14)
    assert lost.values[12] == pytest.approx(4.0)
    assert "It loses 0.29, the next one 0.00." in SAY(sealed.why)


def test_near_the_worst_is_no_wrong_option() -> None:
    near = [f"{WORDS} {name} slow" for name in ("Ann", "Bob", "Cid")]
    lacks = "level example: needs 1 texts in which it is clear what the SAEs at late lose"
    with pytest.raises(AuthorError, match=lacks):
        dealt("text", f"{WORDS} lost slow", *near, sites=("late",))


def test_the_token_that_becomes_dearest_stands_among_one_that_is_dear_anyway() -> None:
    sealed = dealt("token", f"{WORDS} lost hard")
    assert isinstance(sealed.solution, int) and isinstance(sealed.guess, int)
    options = list(map(SAY, sealed.question.options))
    assert options[sealed.solution] == "“lost”"
    assert options[sealed.guess] == "“hard”"
    (costs,) = sealed.question.exhibits
    assert isinstance(costs, Pillars)
    assert len(costs.marked) == 4 and {12, 13} < {*costs.marked}
    assert costs.values[12] == 0.5  # what it loses is not told
    assert SAY(sealed.why) == (
        "“lost” goes from 0.5 to 4.5 nats; none of the other three rises by more than 0.0."
    )


def test_a_word_that_stands_twice_cannot_be_asked_about() -> None:
    with pytest.raises(AuthorError, match="there were 0"):
        dealt("token", f"{WORDS} lost and lost")


def test_a_share_is_turned_back_into_a_loss() -> None:
    sealed = dealt("loss", f"{WORDS} lost lost")
    assert isinstance(sealed.solution, int)
    plain, spliced = 13 / 14, 21 / 14
    options = list(map(SAY, sealed.question.options))
    assert options[sealed.solution] == f"{spliced:.2f} nats a token"
    assert len(set(options)) == 4
    share = (WIPED - spliced) / (WIPED - plain)
    assert f"recovers {share:.0%} of that" in SAY(sealed.question.ask)
    assert f"= {spliced:.2f}" in SAY(sealed.why)


def test_the_site_of_the_tallest_bar_is_not_where_most_is_lost() -> None:
    sealed = dealt("site", f"{WORDS} lost slow slow slow", sites=("early", "late"))
    assert list(map(SAY, sealed.question.options)) == ["the early site", "the late site"]
    assert (sealed.solution, sealed.guess) == (1, 0)
    assert SAY(sealed.why).endswith("The tallest single bar stands at the early site.")
    early, late = sealed.question.exhibits
    assert isinstance(early, Pillars) and isinstance(late, Pillars)
    assert (max(early.values), max(late.values)) == (4.0, 2.0)


def test_where_bar_and_sum_agree_everywhere_they_are_asked_about_all_the_same() -> None:
    texts = [f"{WORDS} lost {name}" for name in "abcdefghi"]
    sealed = dealt("site", *texts, sites=("early", "late"))
    assert (sealed.solution, sealed.guess) == (0, 0)
    assert SAY(sealed.why) == "The early site: 0.29 nats a token on average, the next one 0.07."


def test_one_site_alone_cannot_be_compared() -> None:
    with pytest.raises(AuthorError, match="the SAEs at early lose"):
        dealt("site", f"{WORDS} lost slow slow slow")


def test_a_model_without_the_sites_is_told_so() -> None:
    with pytest.raises(AuthorError, match="the SAEs at its sites lose; there were 0"):
        dealt("text", *DULL, sites=("middle",))


def test_losses_to_choose_from_lie_apart() -> None:
    assert apart(1.0, (1.05, 1.2, 1.25, 0.5, 3.0, 9.0)) == [1.2, 0.5, 3.0]
    assert apart(1.0, (1.05, 1.3)) == [1.3]


def test_the_same_seed_asks_the_same() -> None:
    texts = (f"{WORDS} lost hard lost", *DULL, f"{WORDS} lost or hard", f"{WORDS} lost lost")
    asks, both = ("text", "token", "loss"), ("early",)
    fake = bench(*texts)
    for seed in range(3):
        rounds = [list(level(1, ask, sites=both).deal(fake, seed)) for ask in asks]
        assert rounds == [list(level(1, ask, sites=both).deal(fake, seed)) for ask in asks]
