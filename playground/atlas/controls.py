"""What a steering result is held against: the same push along directions that are not about the
concept, half of them decoder rows of other features of the site, half of them random.

A random direction alone is a weak rival: most of the space moves no word. Another live feature's
row lies where the model reads. Knows neither engine nor texts.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from playground.engine.records import Control, Dial

if TYPE_CHECKING:
    from playground.atlas.atlas import Atlas

ALIKE = 32  # features whose firing rate is nearest to the dial's own, of which some are drawn


@dataclass(frozen=True)
class Peer:
    """A feature of a site. rate: share of tokens on which it fires; topics: the concepts that it
    tells from others."""

    feature: int
    rate: float
    topics: frozenset[str]


def controls_for(atlas: "Atlas", dial: Dial, count: int, draw: int = 0) -> tuple[Dial, ...]:
    """`count` controls of a dial on this model, as `controls` draws them."""
    return controls(dial, atlas.peers(dial.site), count, draw)


def controls(dial: Dial, peers: Sequence[Peer], count: int, draw: int = 0) -> tuple[Dial, ...]:
    """The dial's push along `count` other directions, by turns another feature's and a random one:
    features of like firing rate that share no concept with the dial's own, as far as there are
    any. The push is as long whatever a row's length is, so that rows need not be alike in it.

    The same for the same feature everywhere; each `draw` gives others. A vector is taken to be
    about the concept that it is named after.
    """
    named = dial.vector.name if dial.vector else dial.feature
    rng = random.Random(f"{dial.site}/{named}/{draw}")
    own = next((each for each in peers if each.feature == dial.feature), None)
    topics = own.topics if own else frozenset((str(named),))
    others = [p for p in peers if p.rate > 0 and p.feature != dial.feature]
    others = [p for p in others if not p.topics & topics]
    rate = own.rate if own and own.rate else median([p.rate for p in others] or [1.0])
    others.sort(key=lambda p: (abs(math.log(p.rate / rate)), p.feature))
    alike = others[:ALIKE]
    drawn = [p.feature for p in rng.sample(alike, min(len(alike), (count + 1) // 2))]
    found = list[Control]()
    while len(found) < count:
        if drawn and len(found) % 2 == 0:
            found.append(Control("feature", drawn.pop()))
        else:
            found.append(Control("random", rng.randrange(1 << 30)))
    return tuple(replace(dial, control=each) for each in found)
