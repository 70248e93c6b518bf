"""Whether a request can be served, said in words before any work is done."""

import math
from collections.abc import Mapping

from playground.engine.records import MAX_DIALS, MAX_REPLY_TOKENS, Dial, Request, Sampling, Site
from playground.errors import EngineError, PlayerError


def check(request: Request, prompt_tokens: int, sites: Mapping[str, Site], context: int) -> None:
    """Raises EngineError for an unknown site, PlayerError for whatever else a player may have
    chosen wrongly."""
    if len(request.dials) > MAX_DIALS:
        raise PlayerError("errors.dials", count=len(request.dials), limit=MAX_DIALS)
    for dial in request.dials:
        check_dial(dial, sites)
    check_sampling(request.sampling)
    if prompt_tokens == 0:
        raise PlayerError("errors.no_prompt")
    room = context - request.sampling.max_tokens
    if prompt_tokens > room:
        raise PlayerError(
            "errors.prompt_tokens",
            count=prompt_tokens,
            reply=request.sampling.max_tokens,
            limit=room,
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
        raise PlayerError("errors.no_feature", feature=dial.feature, site=dial.site, last=width - 1)
    if dial.control and dial.control.sort == "feature" and not 0 <= dial.control.number < width:
        feature, last = dial.control.number, width - 1
        raise PlayerError("errors.no_feature", feature=feature, site=dial.site, last=last)
    if dial.opening < 1:
        raise PlayerError("errors.opening", count=dial.opening)


def check_sampling(sampling: Sampling) -> None:
    if not (math.isfinite(sampling.temperature) and sampling.temperature >= 0):
        raise PlayerError("errors.temperature", value=sampling.temperature)
    if not 0 < sampling.top_p <= 1:
        raise PlayerError("errors.top_p", value=sampling.top_p)
    if not 1 <= sampling.max_tokens <= MAX_REPLY_TOKENS:
        raise PlayerError("errors.reply", count=sampling.max_tokens, limit=MAX_REPLY_TOKENS)
    if not 0 <= sampling.seed < 1 << 63:
        raise PlayerError("errors.seed", value=str(sampling.seed))
