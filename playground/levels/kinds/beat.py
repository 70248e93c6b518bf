"""The kind `beat`: which features keep up with a linear probe, or push as well as one, if any does?

Kantamneni et al., Are Sparse Autoencoders Useful? (2025), compare features with probes; AxBench (Wu
et al. 2025) compares what they push. On some concepts the SAE loses, and that is an answer.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import ClassVar, Literal, TypeVar

from pydantic import Field

from playground.atlas.rivals import Gap, Push, Steering, Telling
from playground.levels.dealing import candidates, rivalry
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Portrait,
    Question,
    Reply,
    Sealed,
    shuffled,
)
from playground.levels.dealing.rivalry import KEEPERS, PUSHERS, keeper, pusher
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Message

Compared = TypeVar("Compared", Telling, Steering)
MOST_OF_ONE = 0.6  # of a round's answers: who says the same each time must not win


class BeatLevel(AskLevel):
    """by: what is compared, how well texts are told apart or how well replies are steered."""

    word: ClassVar[str] = "beat"
    group: ClassVar[Group] = "auditing"
    rounds: int = Field(default=6, ge=2, le=12)
    by: Literal["telling", "steering"] = "telling"

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept, from what was measured before: the model is not asked. Raises
        AuthorError where it was not, or decides too little."""
        rng, found = shuffled(seed, self.id), rivalry.measured(self, bench)
        if self.by == "steering":
            pushes = one_each(rivalry.rarest_first(found.steering, pusher, rng))
            pushes = rivalry.mixed(pushes, pusher, self.rounds, rng)
            self._check([pusher(each) for each in pushes])
            yield from (pushed(bench, each) for each in pushes)
            return
        tellings = one_each(rivalry.rarest_first(found.telling, keeper, rng))
        tellings = rivalry.mixed(tellings, keeper, self.rounds, rng)
        self._check([keeper(each) for each in tellings])
        yield from (told(bench, each, rng) for each in tellings)

    def _check(self, answers: Sequence[str | None]) -> None:
        most = max((answers.count(each) for each in answers), default=0)
        if len(answers) < self.rounds or most > MOST_OF_ONE * self.rounds:
            what = "a probe beside them, and comparisons that the texts decide in several ways"
            raise candidates.too_few(self, self.rounds, what, len(answers))


def one_each(pool: Sequence[Compared]) -> list[Compared]:
    """The first of each concept, and of each feature."""
    seen, kept = set[object](), list[Compared]()
    for each in pool:
        names = {each.concept, *features(each)}
        if not names & seen:
            kept.append(each)
        seen |= names
    return kept


def features(each: Telling | Steering) -> Sequence[Pick]:
    if isinstance(each, Telling):
        return [Pick(each.site, feature) for feature in each.features]
    return [Pick(each.site, each.feature_index)]


# -- telling texts apart ---------------------------------------------------------------------------
def told(bench: Bench, telling: Telling, rng: Random) -> Sealed:
    """The two best features stand in a random order."""
    order: list[int] = rng.sample((0, 1), 2)
    answer = keeper(telling)
    assert answer is not None
    place = KEEPERS.index(answer)
    if place < 2:
        place = order.index(place)
    topic, picks = bench.concept(telling.concept).message, features(telling)
    cards = tuple(
        Portrait(picks[which], caption=Message("beat.card", name=name))
        for name, which in zip("AB", order, strict=True)
    )
    ask = Message(
        "beat.ask",
        topic=topic,
        site=telling.site,
        probe=100 * telling.probe,
        close=100 * rivalry.CLOSE,
    )
    rows = (
        (Message("beat.probe_bar"), telling.probe),
        (Message("beat.means_bar"), telling.means),
        *(
            (Message("beat.feature_bar", name=name), telling.aurocs[which])
            for name, which in zip("AB", order, strict=True)
        ),
        (Message("beat.both_bar"), telling.both),
    )
    gaps = [telling.gaps[which] for which in order]
    return Sealed(
        question=Question(ask, "choose", cards, tuple(Message(f"beat.{each}") for each in KEEPERS)),
        solution=place,
        guess=KEEPERS.index("either"),
        why=Message(
            f"beat.why_{answer if answer in ('either', 'both', 'probe') else 'one'}",
            topic=topic, name="AB"[place] if place < 2 else "", about=telling.texts[0],
            others=telling.texts[1], first=said(gaps[0]), second=said(gaps[1]),
            together=said(telling.both_gap),
        ),
        reveal=(
            Bars(rows, Message("beat.unit"), 1.0, Message("beat.bars")),
            *(Portrait(picks[which], named=True) for which in order),
        ),
        right=frozenset({place}),
    )  # fmt: skip


def said(gap: Gap) -> Message:
    return Message("beat.gap", value=100 * gap.value, low=100 * gap.low, high=100 * gap.high)


# -- steering --------------------------------------------------------------------------------------
def pushed(bench: Bench, steering: Steering) -> Sealed:
    answer, topic = pusher(steering), bench.concept(steering.concept).message
    ways: dict[str, Push] = {way: getattr(steering, way) for way in (*PUSHERS[:-1], "control")}
    replies = tuple(
        Reply("", "\n\n".join(ways[way].samples), Message(f"beat.replies_{way}"))
        for way in PUSHERS[:-1]
    )
    place = PUSHERS.index(answer)
    ask = Message("beat.ask_push", topic=topic, site=steering.site, count=steering.of)
    hits = tuple((Message(f"beat.push_{way}"), float(each.hits)) for way, each in ways.items())
    harm = tuple((Message(f"beat.push_{way}"), each.damage) for way, each in ways.items())
    return Sealed(
        question=Question(
            ask, "choose", replies, tuple(Message(f"beat.push_{each}") for each in PUSHERS)
        ),
        solution=place,
        guess=seen(bench, steering),
        why=Message(
            "beat.why_none" if answer == "none" else "beat.why_push",
            topic=topic,
            way=Message(f"beat.push_{answer}"),
            count=steering.of,
            **{way: each.hits for way, each in ways.items()},
        ),
        reveal=(
            Bars(hits, Message("beat.hits"), float(steering.of), Message("beat.hits_bars")),
            Bars(harm, Message("common.of_100"), 100.0, Message("beat.harm_bars")),
            Portrait(Pick(steering.site, steering.feature_index), named=True),
        ),
        right=frozenset({place}),
    )


def seen(bench: Bench, steering: Steering) -> int:
    """Of who counts words of the topic in the replies that are shown."""
    pattern = bench.concept(steering.concept).pattern
    counts = [
        len(pattern.findall("\n".join(getattr(steering, way).samples))) for way in PUSHERS[:-1]
    ]
    top = max(counts)
    return counts.index(top) if counts.count(top) == 1 else PUSHERS.index("none")
