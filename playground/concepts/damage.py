"""What a push cost a text (damage), by the same measure however long the text is.

Each token is held against the untouched model's own text at the same place, in windows of one
length; so is repetition, by the share of n-grams that came before in the window (seq-rep-n: Welleck
et al., Neural Text Generation With Unlikelihood Training, 2020). Knows nothing of models, concepts
or levels: it reads text and the log-probabilities that a Trace brings along.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from playground.engine.records import Trace

WINDOW = 12  # tokens judged together; a longer text has more windows, not longer ones
SHOCK = 6.0  # nats that one token counts for at most: an odd name or a change of voice is no damage
# A window is whole up to so many deviations beyond what the model's own texts have at their worst;
# at BROKEN_NATS a token it is word salad.
WHOLE_DEVIATIONS, BROKEN_NATS = 2.0, 3.0
FRAGMENT_TOKENS = 8  # a shorter reply is a fragment, damaged by the share that is missing
WORDS, GRAM = 24, 3  # of a window for repetition, and of one n-gram
GRAMS_NORMAL, GRAMS_BROKEN = 0.2, 0.6  # share that came before: of ordinary text, of a loop
PLACES_APART = 3  # over which a profile is smoothed, either way
PROMPT_WEIGHT = 4  # untouched replies to a prompt that weigh as much as the profile of all prompts
UNDAMAGED_AT_MOST = 33.0

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Usual:
    """What is usual for a model, from its own samples, in nats a token.

    profile: mean log-probability of a reply's first token, its second and so on; where it ends, the
    last one goes on. excess, excess_sd: how far the worst window of a sample stays below that.
    """

    profile: tuple[float, ...]
    excess: float
    excess_sd: float
    samples: int

    def at(self, place: int) -> float:
        return self.profile[min(place, len(self.profile) - 1)]

    def beside(self, untouched: Sequence[Trace]) -> "Usual":
        """What is usual after one prompt, from untouched replies to it: the more there are, the
        less the profile of all prompts counts."""
        own = profile_of([trace.logprobs for trace in untouched], least=1)
        if not own:
            return self
        weight = len(untouched) / (len(untouched) + PROMPT_WEIGHT)
        length = max(len(own), len(self.profile))
        moved = [weight * (own[n] - self.at(n)) if n < len(own) else 0.0 for n in range(length)]
        profile = tuple(self.at(n) + shift for n, shift in enumerate(moved))
        return replace(self, profile=profile)


@dataclass(frozen=True)
class Checked:
    """How the score was checked on the replies of a model: it agrees with a reader on `right` of
    `of` replies that were read as fine or broken and chose no constant; `same` of `stored` get one
    verdict at all lengths."""

    model: str
    right: int
    of: int
    same: int
    stored: int
    lengths: tuple[int, ...]  # tokens


CHECKED = (
    Checked("pocket", right=24, of=24, same=181, stored=200, lengths=(24, 36, 64)),
    Checked("smollm2", right=52, of=57, same=160, stored=200, lengths=(24, 36, 64)),
)


@dataclass(frozen=True)
class Damage:
    """What a text lost, 0..100 each: total = 1 - (1 - unnatural)(1 - repetition)(1 - missing)."""

    total: float
    unnatural: float
    repetition: float
    missing: float  # how far below FRAGMENT_TOKENS
    excess: float  # nats a token that the worst window stays below the usual; negative: likelier


def usual_of(traces: Sequence[Trace]) -> Usual:
    """From samples that nobody steered. Raises ValueError for fewer than two."""
    own = [trace.logprobs for trace in traces if len(trace.logprobs) >= FRAGMENT_TOKENS]
    if len(own) < 2:
        raise ValueError(f"{len(own)} samples of {FRAGMENT_TOKENS} tokens or more; two are needed")
    profile = tuple(round(each, 5) for each in profile_of(own, least=max(1, len(own) // 10)))
    plain = Usual(profile, 0.0, 0.0, len(own))
    worst = [excess(each, plain) for each in own]
    return replace(plain, excess=round(fmean(worst), 5), excess_sd=round(stdev(worst), 5))


def profile_of(replies: Sequence[Sequence[float]], least: int) -> list[float]:
    """Mean log-probability by place, smoothed; as far as `least` replies go."""
    longest = max(map(len, replies), default=0)
    columns = [[each[n] for each in replies if n < len(each)] for n in range(longest)]
    means = [fmean(column) for column in columns if len(column) >= least]
    return [
        fmean(means[max(0, n - PLACES_APART) : n + PLACES_APART + 1]) for n in range(len(means))
    ]


def excess(logprobs: Sequence[float], usual: Usual) -> float:
    """Nats a token that the least likely WINDOW tokens in a row stay below what is usual at their
    places, each counting at most SHOCK; a shorter text is one window, 0 for none."""
    lost = [min(SHOCK, usual.at(n) - each) for n, each in enumerate(logprobs)]
    starts = range(max(1, len(lost) - WINDOW + 1))
    return max(fmean(lost[start : start + WINDOW] or [0.0]) for start in starts)


def repetition(text: str) -> float:
    """Share of GRAM-grams of words that came before within WORDS words, of the window that has
    most: 0..1."""
    words = [word.lower() for word in _WORD.findall(text)]
    starts = range(max(1, len(words) - WORDS + 1))
    return max(repeated(words[start : start + WORDS]) for start in starts)


def repeated(words: Sequence[str]) -> float:
    grams = list(zip(*(words[n:] for n in range(GRAM)), strict=False))
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def ramp(value: float, zero: float, one: float) -> float:
    """0 at `zero`, 1 at `one`, linear between, flat outside."""
    return min(1.0, max(0.0, (value - zero) / (one - zero)))


def damage(text: str, logprobs: Sequence[float], usual: Usual) -> Damage:
    """Of any text. logprobs: nats, of each of its tokens under the undialled model."""
    far = excess(logprobs, usual)
    whole = min(usual.excess + WHOLE_DEVIATIONS * usual.excess_sd, 0.9 * BROKEN_NATS)
    a = ramp(far, whole, BROKEN_NATS)
    b = ramp(repetition(text), GRAMS_NORMAL, GRAMS_BROKEN)
    c = max(0, FRAGMENT_TOKENS - len(logprobs)) / FRAGMENT_TOKENS
    return Damage(100 * (1 - (1 - a) * (1 - b) * (1 - c)), 100 * a, 100 * b, 100 * c, far)
