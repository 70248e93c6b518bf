"""`python -m scripts.ahead CONCEPT SITE [FEATURE]`: does a feature of pocket fire on the words of a
concept, or before them? The counts of docs/handbook/before-the-word.md.

Reads every graded text once. Without FEATURE it takes the concept's best detector at the site.
"""

import sys
from collections import Counter
from collections.abc import Sequence

from playground.concepts.concepts import Concept
from playground.levels.dealing import passages
from playground.levels.dealing.passages import Passage
from playground.levels.judging import Bench
from playground.levels.kinds.before import AHEAD, FIRES, Spoken
from playground.levels.schema import Pick
from playground.settings import shipped


def counts(read: Sequence[Passage], about: Concept, highest: float) -> Counter[str]:
    """Tokens: bright ones by where they stand, and those like a bright one on which the feature is
    silent, in texts in which it is bright somewhere."""
    found = Counter[str]()
    bright = {
        passages.plain(token)
        for each in read
        for token, value in zip(each.tokens, each.values, strict=True)
        if value >= FIRES * highest
    }
    for each in read:
        spoken, fires = Spoken.of(about, each.tokens), each.peak >= FIRES * highest
        for place, (token, value) in enumerate(zip(each.tokens, each.values, strict=True)):
            if value >= FIRES * highest:
                soon = spoken.soon(place) is not None
                found["on" if place in spoken.tokens else "ahead" if soon else "apart"] += 1
            elif fires and not value and passages.plain(token) in bright:
                found["silent"] += place not in spoken.tokens
                found["followed"] += spoken.soon(place) is not None
    return found


def main() -> None:
    concept, site, *feature = sys.argv[1:]
    bench = Bench.open(shipped())
    try:
        own = [e for e in bench.atlas.concept(concept).detectors if e.site == site]
        best = int(feature[0]) if feature else max(own, key=lambda each: each.sure).feature
        texts = {
            each.text: None
            for name in bench.atlas.concepts()
            for each in bench.texts(name, about=True)
        }
        read = passages.read(bench, Pick(site, best), list(texts))
        found = counts(read, bench.concept(concept), bench.atlas.maxima(site)[best])
    finally:
        bench.engine.close()
    bright = found["on"] + found["ahead"] + found["apart"]
    print(f"feature {best} of {site}, {len(texts)} texts: bright on {bright} tokens (from {FIRES})")
    for where in ("on", "ahead", "apart"):
        print(f"  {where}: {found[where]}, {found[where] / max(1, bright):.0%}")
    print(f"the same tokens, silent: {found['silent']}, of which a word of the topic begins")
    print(f"  within {AHEAD} tokens: {found['followed']}")


if __name__ == "__main__":
    main()
