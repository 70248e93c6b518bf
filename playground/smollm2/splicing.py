"""What the model loses when what an SAE makes of its state takes the state's place: on replies of
the shards that no SAE was trained on.

Source: Gao et al., Scaling and evaluating sparse autoencoders, 2024 (loss with the reconstruction
spliced in, beside a state of zeros).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from playground.engine.protocol import Engine
from playground.engine.records import Spliced

AT_ONCE = 8  # texts
END = "<|im_end|>"  # of a message
SHORTEST = 80  # characters of a reply that is read


@dataclass(frozen=True)
class SplicedLoss:
    """Nats a token: of the model as it is, with the SAE's version at a site, and with zeros there.
    recovered: what share of the way from zeros back to the model the SAE's version goes."""

    site: str
    tokens: int
    plain: float
    spliced: float
    wiped: float

    @property
    def recovered(self) -> float:
        return (self.wiped - self.spliced) / (self.wiped - self.plain)


def replies(shards: Sequence[Path], count: int) -> list[str]:
    """As plain texts, without the mark that ends a message; so many at most."""
    found = list[str]()
    for path in shards:
        with np.load(path) as kept:
            told = json.loads(bytes(kept["texts"]))
        found += [each["reply"].partition(END)[0] for each in told if "reply" in each]
    return [each for each in found if len(each) >= SHORTEST][:count]


def losses(engine: Engine, texts: Sequence[str]) -> Iterator[SplicedLoss]:
    """Of each site, all tokens weighing the same; those that the model reads first are left out."""
    for site in sorted(engine.sites.values(), key=lambda each: each.layer):
        read = list[Spliced]()
        for start in range(0, len(texts), AT_ONCE):
            read += engine.spliced(texts[start : start + AT_ONCE], site.name, True)
        yield loss_of(site.name, read)


def loss_of(site: str, read: Sequence[Spliced]) -> SplicedLoss:
    tokens = sum(len(each.plain) for each in read)
    plain, spliced, wiped = (
        sum(sum(getattr(each, way)) for each in read) / tokens
        for way in ("plain", "spliced", "wiped")
    )
    return SplicedLoss(site, tokens, plain, spliced, wiped)
