"""What a link to the game shows where it is shared: a title, a sentence, and a picture with what
the model wrote. Draws no page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import parse_qs, urlencode

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from playground.errors import PlayerError, PlaygroundError
from playground.game.first_minute import FirstMinute
from playground.screens.parts import postcard
from playground.screens.render import render
from playground.screens.stage import Offer
from playground.text.words import Words

PICTURE = "postcard.png"
DAY = 24 * 3600  # seconds that a picture may be kept; it never changes
KEPT = 64  # pictures
AT_ONCE = 2  # pictures that are being made
PATIENCE = 20  # seconds; who shows links waits no longer


@dataclass(frozen=True)
class Shown:
    """A dial of the first page, where it stands, and the dice. place: of the model."""

    place: str
    dial: str
    at: float
    seed: int

    @classmethod
    def asked(cls, first: FirstMinute, place: str, query: Mapping[str, str]) -> Self | None:
        """Of an address; None for one that says nothing of it, or what there is not."""
        try:
            found = cls(place, query["dial"], float(query["at"]), int(query["seed"]))
            first.checked(found.dial, found.at, found.seed)
        except (KeyError, ValueError, PlayerError):
            return None
        return found

    @property
    def query(self) -> str:
        told = {"model": self.place, "dial": self.dial, "at": f"{self.at:g}", "seed": self.seed}
        return urlencode(told)


class Previews:
    def __init__(self, offers: Sequence[Offer], root: str = "") -> None:
        """root: the path below which a proxy shows the game, or its whole address."""
        self._offers = {each.place: each for each in offers}
        self._root = root
        self._limit = CapacityLimiter(AT_ONCE)
        self._drawn = lru_cache(KEPT)(self._draw)

    @property
    def routes(self) -> list[Route]:
        return [Route(f"/{PICTURE}", self.picture)]

    def head(self, words: Words, scope: Scope) -> str:
        """The HTML of a page's head. scope: of the request, with the place that was found in it."""
        place = str(scope.get("place", ""))
        first = self._first(place)
        if first is None or first.file is None:
            return str(render(words, "preview", image="", shown=None, file=None))
        shown = Shown.asked(first, place, told(scope))
        opening = first.file.dials[0]
        of = shown or Shown(place, opening.concept, 1.0, first.file.seed)
        image = f"{self._address(scope)}/{PICTURE}?{of.query}"
        return str(render(words, "preview", image=image, shown=shown, file=first.file))

    async def picture(self, request: Request) -> Response:
        place = request.query_params.get("model", "")
        first = self._first(place)
        shown = Shown.asked(first, place, request.query_params) if first else None
        if shown is None:
            return PlainTextResponse("There is no such picture.\n", 404)
        try:
            with anyio.fail_after(PATIENCE):
                made = await to_thread.run_sync(
                    self._drawn, shown, abandon_on_cancel=True, limiter=self._limit
                )
        except (TimeoutError, PlaygroundError):
            return PlainTextResponse("The picture could not be made now.\n", 503)
        return Response(made, 200, {"cache-control": f"public, max-age={DAY}"}, "image/png")

    def _first(self, place: str) -> FirstMinute | None:
        return self._offers[place].game.first_minute if place in self._offers else None

    def _draw(self, shown: Shown) -> bytes:
        offer = self._offers[shown.place]
        first = offer.game.first_minute
        assert first.file is not None
        text = first.text(shown.dial, shown.at, shown.seed)
        begun = "" if offer.model.chat else first.file.dial(shown.dial).prompt
        return postcard.draw(begun, text, shown.at, Words.load()("site.title"))

    def _address(self, scope: Scope) -> str:
        """Of the whole game; pictures of links have to be told by whole addresses."""
        if "://" in self._root:
            return self._root
        host = Headers(scope=scope).get("host", "")
        return f"{scope['scheme']}://{host}{self._root}"


def told(scope: Scope) -> dict[str, str]:
    """What the address of a request asks for, each name once."""
    query = scope.get("query_string", b"").decode("latin-1")
    return {name: values[0] for name, values in parse_qs(query).items()}
