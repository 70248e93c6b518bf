"""How the game is, for machines that watch it: /healthz (it is alive), /readyz (a player can play),
/metrics. Says nothing of players.

Source: the names are those of Kubernetes' own servers, the format of /metrics Prometheus'.
"""

import logging
from collections.abc import Mapping
from time import monotonic
from typing import Protocol

import anyio
from anyio import CapacityLimiter, to_thread
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from playground.errors import PlaygroundError
from playground.hosting.metrics import Metrics

PATIENCE = 10.0  # seconds in which model and store must have answered
FRESH = 2.0  # seconds for which an answer holds, however many ask


class Answering(Protocol):
    """A game, as far as it can be asked how it is."""

    def check(self) -> None:
        """Raises PlaygroundError where it cannot be played now."""
        ...


class Health:
    """games: by the names of their models. `opened` is set once all models are loaded."""

    def __init__(self, games: Mapping[str, Answering], metrics: Metrics) -> None:
        self.opened = False
        self._games = games
        self._metrics = metrics
        self._limit = CapacityLimiter(len(games) + 1)  # threads of its own: players wait in others
        self._asking = anyio.Lock()
        self._known: tuple[float, dict[str, str]] | None = None  # when, and what is wrong

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def alive(self, request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def ready(self, request: Request) -> Response:
        """503 where a player could not play, with the reason for each model."""
        wrong = await self.troubles()
        return JSONResponse({"ready": not wrong, "wrong": wrong}, 503 if wrong else 200)

    async def metrics(self, request: Request) -> Response:
        await self.troubles()
        return Response(self._metrics.text(), media_type=CONTENT_TYPE_LATEST)

    async def troubles(self) -> dict[str, str]:
        """By model, empty where all is well."""
        async with self._asking:
            if self._known is None or monotonic() - self._known[0] > FRESH:
                wrong = await self._ask() if self.opened else dict.fromkeys(self._games, "loading")
                if self._known is None or wrong.keys() != self._known[1].keys():
                    say = logging.getLogger(__name__)
                    say.warning("not ready: %s", wrong) if wrong else say.info("ready")
                self._known = monotonic(), wrong
                self._metrics.ready(not wrong)
            return self._known[1]

    async def _ask(self) -> dict[str, str]:
        wrong = dict[str, str]()

        async def one(name: str, game: Answering) -> None:
            try:
                with anyio.fail_after(PATIENCE):
                    await to_thread.run_sync(
                        game.check, abandon_on_cancel=True, limiter=self._limit
                    )
            except PlaygroundError as error:
                wrong[name] = str(error)
            except TimeoutError:
                wrong[name] = f"no answer within {PATIENCE:g} seconds"

        async with anyio.create_task_group() as group:
            for name, game in self._games.items():
                group.start_soon(one, name, game)
        return wrong
