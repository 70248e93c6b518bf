"""The sandbox' state and the few characters of a link that bring it back.

Knows no model: features are not looked up, and a direction of the learner's own stands in a link as
the texts that it is made of.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from playground.engine.directions import MOST, MOST_CHARACTERS, Direction, TextContrast, Way
from playground.engine.records import (
    MAX_DIALS,
    MAX_REPLY_TOKENS,
    NO_FEATURE,
    Dial,
    Method,
    Sampling,
    Scope,
    check_whole,
)
from playground.errors import PlayerError

# The first character of every link: with features alone, with directions of the learner's own, and
# with a text that an instruct model is to go on with.
VERSION, OWN, PLAIN = "1", "2", "3"
MAX_CODE = 4000  # characters
MAX_PACKED = 16_000  # bytes unpacked: a link is no place for a zip bomb
MAX_PROMPT = 1000  # characters
MAX_SEED = 2**31 - 1
DAMAGED, NEWER = "errors.damaged_link", "errors.newer_link"


@dataclass(frozen=True)
class Sandbox:
    """The whole state of the sandbox; `encode` makes it the end of a link. plain: an instruct model
    is to go on with the prompt, and not to answer it."""

    prompt: str
    dials: tuple[Dial, ...] = ()
    sampling: Sampling = Sampling()
    plain: bool = False


Typed = Annotated[list[Annotated[str, Field(max_length=MOST_CHARACTERS)]], Field(max_length=MOST)]


class Packed(BaseModel):
    """What a link holds; one letter a field keeps it short. A dial whose feature is -n is along the
    n-th of the directions."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    p: Annotated[str, Field(max_length=MAX_PROMPT)]
    # site, feature, strength, method, scope, opening
    d: Annotated[
        list[
            tuple[
                Annotated[str, Field(max_length=40)],
                Annotated[int, Field(ge=-MAX_DIALS)],
                float,
                Method,
                Scope,
                Annotated[int, Field(ge=1, le=MAX_REPLY_TOKENS)],
            ]
        ],
        Field(max_length=MAX_DIALS),
    ]
    # directions: name, site, way, texts about it, other texts
    v: Annotated[
        list[tuple[str, Annotated[str, Field(max_length=40)], Way, Typed, Typed]],
        Field(max_length=MAX_DIALS),
    ] = []
    # temperature, top_p, max_tokens, seed, stop_at_end
    s: tuple[
        Annotated[float, Field(ge=0, le=2)],
        Annotated[float, Field(gt=0, le=1)],
        Annotated[int, Field(ge=1, le=MAX_REPLY_TOKENS)],
        Annotated[int, Field(ge=0, le=MAX_SEED)],
        bool,
    ]
    # whether the text is to be gone on with
    t: bool = False


def encode(state: Sandbox) -> str:
    """URL-safe characters. Raises PlayerError for a state that no link can hold."""
    sampling, own = state.sampling, contrasts(state.dials)
    check_whole(state.prompt)
    try:
        packed = Packed(
            p=state.prompt,
            d=[
                (d.site, numbered(d, own), d.strength, d.method, d.scope, d.opening)
                for d in state.dials
            ],
            v=[(c.name, c.site, c.way, list(c.about), list(c.others)) for c in own],
            s=(
                sampling.temperature,
                sampling.top_p,
                sampling.max_tokens,
                sampling.seed,
                sampling.stop_at_end,
            ),
            t=state.plain,
        )
    except ValidationError as error:
        raise PlayerError("errors.link", reason=error.errors()[0]["msg"]) from error
    without = {name for name, there in (("v", own), ("t", state.plain)) if not there}
    said = packed.model_dump_json(exclude=without).encode()
    code = urlsafe_b64encode(zlib.compress(said, 9)).decode().rstrip("=")
    if len(said) > MAX_PACKED or len(code) >= MAX_CODE:
        raise PlayerError("errors.long_link")
    return (PLAIN if state.plain else OWN if own else VERSION) + code


def contrasts(dials: Sequence[Dial]) -> list[TextContrast]:
    """Of all directions of the learner's own, each once."""
    vectors = (dial.vector for dial in dials)
    return list(dict.fromkeys(v.contrast for v in vectors if isinstance(v, Direction)))


def numbered(dial: Dial, own: Sequence[TextContrast]) -> int:
    """What stands for a dial's feature. Raises PlayerError for a vector of nobody's texts."""
    if dial.vector is None:
        return dial.feature
    if not isinstance(dial.vector, Direction):
        raise PlayerError("errors.link", reason=dial.vector.name)
    return -1 - own.index(dial.vector.contrast)


def decode(code: str, build: Callable[[TextContrast], Direction]) -> Sandbox:
    """The state of a link. build: makes a direction anew from its texts. Raises PlayerError for
    anything that is no link."""
    packed = unpacked(code)
    made = [
        build(TextContrast(name, site, way, tuple(about), tuple(others)))
        for name, site, way, about, others in packed.v
    ]
    dials = list[Dial]()
    for site, feature, strength, method, scope, opening in packed.d:
        if feature < -len(made):
            raise PlayerError(DAMAGED)
        vector = made[-1 - feature] if feature < 0 else None
        place = site if vector is None else vector.contrast.site
        number = feature if vector is None else NO_FEATURE
        dials.append(Dial(place, number, strength, method, scope, opening, vector=vector))
    temperature, top_p, max_tokens, seed, stop = packed.s
    sampling = Sampling(temperature, top_p, max_tokens, seed, stop)
    return Sandbox(packed.p, tuple(dials), sampling, packed.t)


def unpacked(code: str) -> Packed:
    if not code or len(code) > MAX_CODE or not code.isascii():
        raise PlayerError(DAMAGED)
    if code[0] not in (VERSION, OWN, PLAIN):
        raise PlayerError(NEWER if code[0].isdigit() else DAMAGED)
    try:
        squeezed = urlsafe_b64decode(code[1:] + "=" * (-len(code[1:]) % 4))
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(squeezed, MAX_PACKED)
        if not unpacker.eof:
            raise PlayerError(DAMAGED)
        return Packed.model_validate_json(text)
    except (NotBase64, zlib.error, ValueError) as error:
        raise PlayerError(DAMAGED) from error
