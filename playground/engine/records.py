"""What goes into the engine and what comes out: records only, no torch."""

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args, overload

import numpy as np

from playground.errors import EngineError, PlayerError

Method = Literal["add", "clamp", "ablate", "project"]
Scope = Literal["all", "prompt", "reply", "opening"]
Device = Literal["cpu", "cuda", "mps"]
METHODS: tuple[Method, ...] = get_args(Method)
SCOPES: tuple[Scope, ...] = get_args(Scope)
DEVICES: tuple[Device, ...] = get_args(Device)
OPENING_TOKENS = 10  # how many reply tokens the scope `opening` covers unless a dial says otherwise
MAX_STRENGTH = 4.0
MAX_DIALS = 4
MAX_REPLY_TOKENS = 256
# A small model's odds are good and its tail is not: cooler and narrower than it was trained to be.
TEMPERATURE, TOP_P = 0.5, 0.9


NO_FEATURE = -1  # of a dial along a vector


@dataclass(frozen=True)
class Vector:
    """A direction that is no feature's: a difference of means, a probe, a random draw. values: of
    any length but 0, where the site's SAE writes; only where they point counts. Raises EngineError
    for one that points nowhere."""

    name: str
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not any(self.values) or not all(map(math.isfinite, self.values)):
            raise EngineError(f"The vector {self.name!r} points nowhere: it is 0 or no number.")


@dataclass(frozen=True)
class Control:
    """Whose unit direction is pushed along instead of a dial's own: a random one's, number is its
    seed, or a decoder row's of another feature of the site, number says which."""

    sort: Literal["random", "feature"]
    number: int


@dataclass(frozen=True)
class Dial:
    """One direction turned to one strength at one site: a feature's, or (`along`) a vector's.

    strength: fraction of the site's residual norm N. With d the unit decoder row and a the
    feature's activation on a token times the length of its decoder row: add h + sNd;
    clamp h + (sN - a)d; ablate h - ad; project h + (sN - h.d)d.
    A vector has no encoder. What its methods take for its own part is the component along it:
    clamp and project are one, ablate h - (h.d)d; no activation of it is told (nan).
    control: None, or the direction that is pushed along instead, by the same coefficient, token by
    token. A row's own length plays no part in it.
    """

    site: str
    feature: int
    strength: float
    method: Method = "clamp"
    scope: Scope = "opening"
    opening: int = OPENING_TOKENS
    control: Control | None = None
    vector: Vector | None = None

    @staticmethod
    def along(
        site: str, vector: Vector, strength: float, method: Method = "add", scope: Scope = "opening"
    ) -> "Dial":
        return Dial(site, NO_FEATURE, strength, method, scope, vector=vector)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise PlayerError("errors.method", method=self.method, known=METHODS)
        if self.scope not in SCOPES:
            raise PlayerError("errors.scope", scope=self.scope, known=SCOPES)
        if not -MAX_STRENGTH <= self.strength <= MAX_STRENGTH:  # also refuses NaN
            raise PlayerError("errors.strength", strength=self.strength, most=MAX_STRENGTH)


@dataclass(frozen=True)
class Sampling:
    """temperature 0 takes the likeliest token; `seed` fixes the random numbers of a row, step by
    step."""

    temperature: float = TEMPERATURE
    top_p: float = TOP_P
    max_tokens: int = 64
    seed: int = 0
    stop_at_end: bool = True


@dataclass(frozen=True)
class Exchange:
    """What somebody said, and what was answered."""

    said: str
    answer: str


@dataclass(frozen=True)
class Talk:
    """What stands before a message to an instruct model. system: what it is told beforehand, None:
    what its chat template tells it by itself; turns: the oldest first."""

    system: str | None = None
    turns: tuple[Exchange, ...] = ()


@dataclass(frozen=True)
class Request:
    """One row: one prompt, its dials, its sampling. Baseline, steered and control are three
    requests of one seed. To an instruct model the prompt is the last message of a talk; plain: a
    text that it is to go on with, as to any other model."""

    prompt: str
    dials: tuple[Dial, ...] = ()
    sampling: Sampling = Sampling()
    talk: Talk = Talk()
    plain: bool = False


@dataclass(frozen=True)
class Alternative:
    text: str
    probability: float


@dataclass(frozen=True)
class Token:
    """One generated token, as it streams. `before` and `after` hold one activation per dial (in the
    SAE's own units), before and after the edit of the state that predicted this token; nan where
    the dial did not reach it. `alternatives`: the likeliest tokens there, at temperature 1."""

    id: int
    text: str
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class InLine:
    """Of rows that wait for their first token: how many others are served before, and in how many
    seconds it should come; None where too little has been seen to say. fetching: it is a GPU that
    they wait for, which somebody else lends."""

    ahead: int
    seconds: float | None = None
    fetching: bool = False


Finish = Literal["end", "length", "cancelled"]


@dataclass(frozen=True)
class Trace:
    """A finished reply; the end-of-text token that ends it is no part of it. `logprobs`: natural
    log-probability of each token under the undialled model, given all before it."""

    request: Request
    tokens: tuple[Token, ...]
    logprobs: tuple[float, ...]
    finish: Finish

    @property
    def text(self) -> str:
        return "".join(token.text for token in self.tokens)


Firing = tuple[tuple[int, float], ...]  # (feature, value) of a token, strongest first


class Fired(Sequence[Firing]):
    """What fires on each token, in eight bytes a feature: thousands of texts are remembered."""

    def __init__(self, features: "array[int]", values: "array[float]", ends: Sequence[int]) -> None:
        """features, values: of all tokens, one after the other; ends: where each token's end."""
        self._features, self._values = features, values
        self._bounds = (0, *ends)

    @staticmethod
    def of(lines: Iterable[Iterable[tuple[int, float]]]) -> "Fired":
        features, values, ends = array("i"), array("f"), list[int]()
        for line in lines:
            for feature, value in line:
                features.append(feature)
                values.append(value)
            ends.append(len(features))
        return Fired(features, values, ends)

    def joined(self, groups: Sequence[int]) -> "Fired":
        """The same with tokens put together, so many at a time; each feature has its highest value.
        The groups take up all tokens."""
        if len(groups) == len(self):
            return self
        lines, start = list[Firing](), 0
        for size in groups:
            highest = dict[int, float]()
            for firing in self[start : start + size]:
                for feature, value in firing:
                    highest[feature] = max(value, highest.get(feature, 0.0))
            lines.append(tuple(sorted(highest.items(), key=lambda each: -each[1])))
            start += size
        return Fired.of(lines)

    def __len__(self) -> int:
        return len(self._bounds) - 1

    @overload
    def __getitem__(self, place: int) -> Firing: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Firing, ...]: ...
    def __getitem__(self, place: int | slice) -> Firing | tuple[Firing, ...]:
        if isinstance(place, slice):
            return tuple(self[each] for each in range(len(self))[place])
        token = range(len(self))[place]
        part = slice(self._bounds[token], self._bounds[token + 1])
        return tuple(zip(self._features[part], self._values[part], strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def trail(self, feature: int) -> tuple[float, ...]:
        """One feature's activation on every token, 0 where it is silent."""
        found = [0.0] * len(self)
        for at, each in enumerate(self._features):
            if each == feature:
                found[bisect_right(self._bounds, at) - 1] = self._values[at]
        return tuple(found)

    def peaks(self) -> dict[int, float]:
        """The highest activation of each feature that fires anywhere."""
        highest: dict[int, float] = {}
        for feature, value in zip(self._features, self._values, strict=True):
            if value > highest.get(feature, 0.0):
                highest[feature] = value
        return highest


@dataclass(frozen=True)
class Reading:
    """What fires in a text at one site: all of it, and nothing of what the model reads before it.
    Tokens that spell one character (an emoji, a Chinese sign) stand as one; it has the highest
    activation of theirs. features: of each token. odd: places of tokens that were left out, so that
    nothing fires there: their state is of giant length. A text that is read by itself has none, but
    for what is left out before it."""

    site: str
    tokens: tuple[str, ...]
    features: Fired
    odd: frozenset[int] = frozenset()


# A few tokens carry a state dozens of times as long as all others, the first position above all: it
# says nothing of the text (Sun et al., Massive Activations in Large Language Models, 2024).
GIANT = 8.0  # times the median of a text, from which on a state is left out
Place = Literal["written", "neurons"]  # where a site's SAE writes; its block's MLP neurons


@dataclass(frozen=True, eq=False)
class States:
    """What stands at a place of the model on each token of a text. tokens: as in a Reading; of
    those that spell one character together the last one's state is taken. values: [tokens, width]
    float32. bare: how many of the first tokens have nothing before them; their states are of a
    kind of their own and tell nothing of the text."""

    tokens: tuple[str, ...]
    values: np.ndarray
    bare: int = 0

    @property
    def telling(self) -> np.ndarray:
        """All but the bare ones and giants, unless there are no others. [tokens, width]"""
        if len(self.values) <= self.bare:
            return self.values
        values = self.values[self.bare :]
        lengths = np.linalg.norm(values, axis=-1)
        return values[lengths <= GIANT * np.median(lengths)]


@dataclass(frozen=True)
class Lens:
    """The last tokens of a text, read as if the model stopped after each block: the residual there
    through the final norm and the head (the logit lens). tokens: as a Reading has them. answers:
    the token that the whole model says after each. guesses: after each block, for each token, the
    likeliest next tokens, the likeliest first; chances: likewise, the probability of its answer."""

    tokens: tuple[str, ...]
    answers: tuple[str, ...]
    guesses: tuple[tuple[tuple[Alternative, ...], ...], ...]
    chances: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Spliced:
    """What each token of a text costs the model: minus its log-probability, in nats. plain: as the
    model is; spliced: with what its SAE makes of it in the place of what stands at a site; wiped:
    with 0 there, empty where nobody asked. What the model reads first stays as it is; a first token
    that nothing stands before costs 0."""

    site: str
    tokens: tuple[str, ...]
    plain: tuple[float, ...]
    spliced: tuple[float, ...]
    wiped: tuple[float, ...] = ()

    @property
    def lost(self) -> tuple[float, ...]:
        """What the SAE's version costs more, token by token, in nats; negative where it helps."""
        return tuple(s - p for s, p in zip(self.spliced, self.plain, strict=True))


@dataclass(frozen=True)
class Site:
    """A place in the model with an SAE: `name` early, middle or late; `layer` counts blocks from 0;
    `norm` is the length that a strength is a fraction of, the usual one where the SAE writes;
    `width` features. point: where in or after the block it writes (`resid_post`: the residual
    after it); reads: where its features look, the same but for a transcoder. d_out: numbers of a
    vector where it writes, 0 where nobody has told."""

    name: str
    layer: int
    norm: float
    width: int
    point: str = "resid_post"
    reads: str = "resid_post"
    d_out: int = field(default=0, compare=False)


def check_whole(text: str) -> None:
    """Raises PlayerError for half of a pair that only together is a character: it cannot be spelt
    in bytes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PlayerError("engine.half_character") from error
