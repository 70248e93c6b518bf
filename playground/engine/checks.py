"""Whether a request can be served, said in words before any work is done."""

import math
from collections.abc import Mapping

from playground.engine.records import MAX_DIALS, MAX_REPLY_TOKENS, Dial, Request, Sampling, Site
from playground.errors import EngineError, PlayerError


def check(request: Request, prompt_tokens: int, sites: Mapping[str, Site], context: int) -> None:
    """Raises EngineError for an unknown site, PlayerError for whatever else a player may have
    chosen wrongly."""
    if len(request.dials) > MAX_DIALS:
        raise PlayerError(
            f"There are {len(request.dials)} dials; a reply can have {MAX_DIALS} at most."
        )
    for dial in request.dials:
        check_dial(dial, sites)
    check_sampling(request.sampling)
    if prompt_tokens == 0:
        raise PlayerError("This model needs a prompt; write at least one word.")
    room = context - request.sampling.max_tokens
    if prompt_tokens > room:
        raise PlayerError(
            f"The prompt has {prompt_tokens} tokens; with a reply of {request.sampling.max_tokens} "
            f"it can have {room} at most."
        )


def check_dial(dial: Dial, sites: Mapping[str, Site]) -> None:
    if dial.site not in sites:
        raise EngineError(f"There is no site {dial.site!r}; there are {', '.join(sites)}.")
    width = sites[dial.site].width
    if dial.vector is not None:
        found, wanted = len(dial.vector.values), sites[dial.site].d_out
        if found != wanted:
            raise EngineError(
                f"The vector {dial.vector.name!r} has {found} numbers; at site {dial.site} it "
                f"takes {wanted}."
            )
    elif not 0 <= dial.feature < width:
        raise PlayerError(
            f"There is no feature {dial.feature} at site {dial.site}; "
            f"they go from 0 to {width - 1}."
        )
    if dial.opening < 1:
        raise PlayerError(f"An opening of {dial.opening} tokens is too short; it has one at least.")


def check_sampling(sampling: Sampling) -> None:
    if not (math.isfinite(sampling.temperature) and sampling.temperature >= 0):
        raise PlayerError(f"Temperature {sampling.temperature} is out of range; it is 0 or more.")
    if not 0 < sampling.top_p <= 1:
        raise PlayerError(
            f"Top-p {sampling.top_p} is out of range; it is more than 0 and 1 at most."
        )
    if not 1 <= sampling.max_tokens <= MAX_REPLY_TOKENS:
        raise PlayerError(
            f"A reply of {sampling.max_tokens} tokens is impossible; "
            f"it has 1 to {MAX_REPLY_TOKENS}."
        )
    if not 0 <= sampling.seed < 1 << 63:
        raise PlayerError(
            f"Seed {sampling.seed} is out of range; it is 0 or more and below 2 to the power of 63."
        )
