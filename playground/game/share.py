"""The sandbox' state and the few characters of a link that bring it back.

Knows no model: features are not looked up.
"""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from playground.engine.records import (
    MAX_DIALS,
    MAX_REPLY_TOKENS,
    Dial,
    Method,
    Sampling,
    Scope,
    check_whole,
)
from playground.errors import PlayerError

VERSION = "1"  # the first character of every link
MAX_CODE = 4000  # characters
MAX_PACKED = 8000  # bytes unpacked: a link is no place for a zip bomb
MAX_PROMPT = 1000  # characters
MAX_SEED = 2**31 - 1
DAMAGED, NEWER = "errors.damaged_link", "errors.newer_link"


@dataclass(frozen=True)
class Sandbox:
    """The whole state of the sandbox; `encode` makes it the end of a link."""

    prompt: str
    dials: tuple[Dial, ...] = ()
    sampling: Sampling = Sampling()


class Packed(BaseModel):
    """What a link holds; one letter a field keeps it short."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    p: Annotated[str, Field(max_length=MAX_PROMPT)]
    # site, feature, strength, method, scope, opening
    d: Annotated[
        list[
            tuple[
                Annotated[str, Field(max_length=40)],
                Annotated[int, Field(ge=0)],
                float,
                Method,
                Scope,
                Annotated[int, Field(ge=1, le=MAX_REPLY_TOKENS)],
            ]
        ],
        Field(max_length=MAX_DIALS),
    ]
    # temperature, top_p, max_tokens, seed, stop_at_end
    s: tuple[
        Annotated[float, Field(ge=0, le=2)],
        Annotated[float, Field(gt=0, le=1)],
        Annotated[int, Field(ge=1, le=MAX_REPLY_TOKENS)],
        Annotated[int, Field(ge=0, le=MAX_SEED)],
        bool,
    ]


def encode(state: Sandbox) -> str:
    """URL-safe characters. Raises PlayerError for a state that no link can hold."""
    sampling = state.sampling
    check_whole(state.prompt)
    try:
        packed = Packed(
            p=state.prompt,
            d=[(d.site, d.feature, d.strength, d.method, d.scope, d.opening) for d in state.dials],
            s=(
                sampling.temperature,
                sampling.top_p,
                sampling.max_tokens,
                sampling.seed,
                sampling.stop_at_end,
            ),
        )
    except ValidationError as error:
        raise PlayerError("errors.link", reason=error.errors()[0]["msg"]) from error
    squeezed = zlib.compress(packed.model_dump_json().encode(), 9)
    code = VERSION + urlsafe_b64encode(squeezed).decode().rstrip("=")
    if len(code) > MAX_CODE:
        raise PlayerError("errors.long_link")
    return code


def decode(code: str) -> Sandbox:
    """The state of a link. Raises PlayerError for anything else."""
    if not code or len(code) > MAX_CODE or not code.isascii():
        raise PlayerError(DAMAGED)
    if code[0] != VERSION:
        raise PlayerError(NEWER if code[0].isdigit() else DAMAGED)
    try:
        squeezed = urlsafe_b64decode(code[1:] + "=" * (-len(code[1:]) % 4))
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(squeezed, MAX_PACKED)
        if not unpacker.eof:
            raise PlayerError(DAMAGED)
        packed = Packed.model_validate_json(text)
    except (NotBase64, zlib.error, ValueError) as error:
        raise PlayerError(DAMAGED) from error
    dials = tuple(
        Dial(site, feature, strength, method, scope, opening)
        for site, feature, strength, method, scope, opening in packed.d
    )
    temperature, top_p, max_tokens, seed, stop = packed.s
    return Sandbox(packed.p, dials, Sampling(temperature, top_p, max_tokens, seed, stop))
