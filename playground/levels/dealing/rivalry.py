"""Questions on what stands in for a feature: what a model's atlas has measured of probes, means and
neurons, and who is ahead of whom beyond doubt.

Knows no kind of level.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from random import Random
from typing import Literal, TypeVar

from playground.atlas.rivals import Gap, Rivals, Steering, Telling
from playground.errors import AuthorError
from playground.levels.dealing.questions import AskLevel
from playground.levels.intervals import difference
from playground.levels.judging import Bench

CLOSE = 0.02  # of AUROC: who is no further behind keeps up
# Of two features beside a probe: which keeps up with it alone, if any.
Keeper = Literal["first", "second", "either", "both", "probe"]
KEEPERS: tuple[Keeper, ...] = ("first", "second", "either", "both", "probe")
# Of three directions that push: which brings clearly more than each other, if any.
Pusher = Literal["feature", "probe", "means", "none"]
PUSHERS: tuple[Pusher, ...] = ("feature", "probe", "means", "none")

T = TypeVar("T")


def measured(level: AskLevel, bench: Bench) -> Rivals:
    """At the level's sites, of its concepts. Raises AuthorError where nobody has measured them."""
    found = bench.atlas.rivals.at(level.sites)
    if not found.telling:
        raise AuthorError(
            f"level {level.id}: needs probes and neurons measured beside this model's features at "
            f"{', '.join(level.sites)}; make that with `python -m playground.atlas rivals`"
        )
    names = {level.concept, *level.concepts} if level.concepts else set(bench.atlas.concepts())
    return Rivals(
        tuple(each for each in found.telling if each.concept in names),
        tuple(each for each in found.steering if each.concept in names),
    )


def keeper(telling: Telling) -> Keeper | None:
    """None where the texts do not decide it."""
    one, two = (kept(each) for each in telling.gaps)
    together = kept(telling.both_gap)
    if one is None or two is None:
        return None
    if one or two:
        return "either" if one and two else "first" if one else "second"
    return None if together is None else "both" if together else "probe"


def kept(gap: Gap) -> bool | None:
    """Whether it keeps up; None for one that is behind, but not beyond doubt."""
    if gap.behind:
        return False
    return True if gap.value >= -CLOSE else None


def pusher(steering: Steering) -> Pusher:
    hits = {way: getattr(steering, way).hits for way in PUSHERS[:-1]}
    best = max(PUSHERS[:-1], key=lambda way: hits[way])
    others = (hits[way] for way in hits if way != best)
    ahead = (difference(hits[best], steering.of, each, steering.of).low > 0 for each in others)
    return best if all(ahead) else "none"


def rarest_first(pool: Sequence[T], answer: Callable[[T], Hashable | None], rng: Random) -> list[T]:
    """Those with an answer in random order, but rare answers before common ones, so that whoever
    takes the first of those that cannot stand together keeps the rare."""
    found = [each for each in rng.sample(list(pool), len(pool)) if answer(each) is not None]
    count = Counter(map(answer, found))
    return sorted(found, key=lambda each: count[answer(each)])


def mixed(
    pool: Sequence[T], answer: Callable[[T], Hashable | None], wanted: int, rng: Random
) -> list[T]:
    """As many as are wanted, or all there are, no answer much more often than another; those
    without an answer are left out."""
    by_answer = defaultdict[Hashable, list[T]](list)
    for each in rng.sample(list(pool), len(pool)):
        if (said := answer(each)) is not None:
            by_answer[said].append(each)
    groups = list(by_answer.values())
    rng.shuffle(groups)
    chosen = list[T]()
    while any(groups) and len(chosen) < wanted:
        for group in groups:
            if group and len(chosen) < wanted:
                chosen.append(group.pop())
    rng.shuffle(chosen)
    return chosen
