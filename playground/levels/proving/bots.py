"""Players who have only what a screen shows: they read cards, search by a topic's name, turn a
slider by halves. A level that none of them wins may still be fair; the proofs only report them.

They know no solution and ask the atlas for no ranking.
"""

from collections.abc import Sequence

from playground.levels.dealing import passages, steering
from playground.levels.dealing.steering import SteeringLevel, SteerVerdict, Turn
from playground.levels.judging import Bench
from playground.levels.kinds import hunt
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import Pick

SPOKEN, TOGETHER = 12, 4  # words that come to mind about a topic; of them in one text
PLAIN = "On Monday Tom went to the shop with his sister and bought some bread for the week."
LOOKED = 16  # cards of one site that are opened, those that fire closest to their own maximum first
WEAKER = 0.5  # of its share on the topic: what fires more than so on another text is put aside
HALVINGS = 5  # attempts at one slider
TOO_MUCH = 33.0  # damage from which on a player turns down


# -- hunting ---------------------------------------------------------------------------------------
def hunted(level: HuntLevel, bench: Bench) -> Pick | None:
    """Fires on texts about the topic and not on others; of those the feature whose card shows the
    topic most often, then the one that fires in most of them. Labels are hidden in these levels."""
    concept = bench.concept(level.concept)
    said = [concept.words[n : n + TOGETHER] for n in range(0, SPOKEN, TOGETHER)]
    about = [level.examples[0], *(" ".join(words) for words in said if words)]
    found = list[tuple[float, int, float, Pick]]()
    for site in level.sites:
        if site not in bench.engine.sites:
            continue
        each = [shares(bench, site, [text]) for text in about]
        here, there = strongest(each), shares(bench, site, [*level.examples[1:], PLAIN])
        known = [f for f in here if there.get(f, 0.0) < WEAKER * here[f]]
        for feature in sorted(known, key=lambda f: (-here[f], f))[:LOOKED]:
            texts = passages.top_texts(bench.atlas.card(site, feature))
            told = ["".join(one.tokens) for one in texts]
            fits = sum(bool(concept.pattern.search(text)) for text in told) / max(1, len(told))
            fires = sum(feature in one for one in each)
            found.append((fits, fires, here[feature], Pick(site, feature)))
    return max(found, key=lambda one: one[:3])[3] if found else None


def strongest(read: Sequence[dict[int, float]]) -> dict[int, float]:
    return {f: max(one.get(f, 0.0) for one in read) for each in read for f in each}


def shares(bench: Bench, site: str, texts: Sequence[str]) -> dict[int, float]:
    """Of each feature that fires its peak as a share of the strongest it ever fired."""
    peaks: dict[int, float] = {}
    for reading in bench.engine.read(texts, site) if texts else []:
        for feature, value in reading.features.peaks().items():
            peaks[feature] = max(value, peaks.get(feature, 0.0))
    tops = bench.atlas.maxima(site)
    return {f: peak / tops[f] for f, peak in peaks.items() if tops.get(f, 0.0) > 0}


def best_hunt(level: HuntLevel, bench: Bench) -> hunt.HuntVerdict | None:
    pick = hunted(level, bench)
    return None if pick is None else hunt.judge(level, bench, pick)


# -- steering --------------------------------------------------------------------------------------
def steered(level: SteeringLevel, bench: Bench) -> SteerVerdict | None:
    """The first hit of a search for each topic; the strength by halves, all dials alike: down where
    the text breaks, up where it does not. None where a search finds nothing."""
    picks = searched(level, bench)
    if not picks:
        return None
    low, high = level.limits
    upward = abs(high) >= abs(low)
    least, most = 0.0, high if upward else low
    best: SteerVerdict | None = None
    # Where things are taken out, nothing pushed is the first thing to try.
    strength = (least + most) / 2 if upward else 0.0
    for _ in range(HALVINGS if low < high else 1):
        verdict = played(level, bench, [Turn(pick, strength) for pick in picks])
        if best is None or (verdict.won, verdict.score) > (best.won, best.score):
            best = verdict
        if verdict.won:
            break
        if verdict.steered.damage > TOO_MUCH:
            most = strength
        else:
            least = strength
        strength = (least + most) / 2
    return best


def searched(level: SteeringLevel, bench: Bench) -> list[Pick]:
    """What the search field lists first for each topic, at the level's sites."""
    picks = list[Pick]()
    for name in (level.concept, *level.concepts):
        hits = bench.atlas.search(bench.concept(name).title, None, LOOKED)
        usable = (Pick(hit.site, hit.index) for hit in hits if hit.site in level.sites)
        pick = next((each for each in usable if each not in picks), None)
        if pick is None:
            return []
        picks.append(pick)
    return picks


def played(level: SteeringLevel, bench: Bench, turns: Sequence[Turn]) -> SteerVerdict:
    """One attempt, written out to the end."""
    run = steering.run(level, bench, steering.dials_of(level, bench.atlas, turns))
    while True:
        try:
            next(run)
        except StopIteration as end:
            return steering.judge(level, bench, end.value)
