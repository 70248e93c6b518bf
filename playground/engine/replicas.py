"""Replicas of an engine on Ray Serve: what runs in each of them, how they are started, and how a
game finds them. All that knows Ray, which is imported when it is asked for.

Source: Ray 2.60, Ray Serve (autoscaling, streaming responses, deployment handles).
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from threading import Event
from typing import Any, TypeVar

from playground.engine.client import GONE
from playground.engine.protocol import Engine
from playground.engine.reception import Ask, Asker, LostError, Piece, Reception
from playground.engine.records import Request
from playground.errors import AbandonedError, AuthorError, EngineError, UnavailableError

PREFIX = "playground-"  # of a Serve application, before the name of its model
# All who ask are let in at once: whose turn it is the replica's own scheduler says, which is fair
# and knows who waits.
AT_ONCE = 256
BEAT = 0.5  # seconds between two looks whether anybody still waits
WATCHED, DEAD = 2.0, 10.0  # seconds: between two looks at a replica, and until it is given up
UP, DOWN = 3.0, 600.0  # seconds of more, and of less to do until there are more, or fewer
OVER = "end"
MISSING = (
    "Ray is not installed, without which there are no replicas: pip install "
    "'steering-playground[scale]', or `make scale`"
)
NONE = (
    "PLAYGROUND_ENGINE=ray: no Ray runs where this machine looks for one; start replicas with "
    "`python -m playground scale --replicas-only`, or name the cluster by RAY_ADDRESS"
)
T = TypeVar("T")
Opened = tuple[Engine, Sequence[str]]  # and how the model runs, a sentence each


def installed() -> bool:
    return find_spec("ray") is not None


def ray() -> Any:
    """Raises UnavailableError where it is not installed."""
    if not installed():
        raise UnavailableError(MISSING)
    return importlib.import_module("ray")


def serve() -> Any:
    ray()
    return importlib.import_module("ray.serve")


# -- in a replica ----------------------------------------------------------------------------------
class Replica:
    """One process with the model in it. Its methods run on Ray's event loop, all that waits for the
    model on threads."""

    def __init__(self, load: Callable[[], Opened]) -> None:
        self._reception = Reception(*load())
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="asked")

    async def ask(self, asker: Asker, what: Ask, values: tuple[Any, ...]) -> object:
        left = Event()
        try:
            return await self._waited(partial(self._reception.answer, asker, left, what, values))
        finally:
            left.set()

    async def write(self, asker: Asker, requests: tuple[Request, ...]) -> AsyncIterator[Piece]:
        """With signs of life, so that whoever waits can see whether to go on."""
        left = Event()
        pieces = self._reception.write(asker, left, requests)
        try:
            while True:
                coming = self._waited(partial(next, pieces, OVER))
                while not (await asyncio.wait([coming], timeout=BEAT))[0]:
                    yield None
                piece = coming.result()
                if isinstance(piece, str):
                    return
                yield piece
        finally:
            left.set()

    def check_health(self) -> None:
        """Ray asks it; a replica that fails is replaced."""
        if not self._reception.healthy:
            raise RuntimeError("the model's worker is dead")

    def _waited(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(self._threads, work)


@dataclass(frozen=True)
class Many:
    """least, most: replicas of each model; they become more when more than `busy` requests a
    replica are on their way. cores, cards: processors and GPUs of each replica; cards may be
    parts of one."""

    least: int = 1
    most: int = 1
    busy: int = 6
    cores: float = 1
    cards: float = 0

    def options(self) -> dict[str, Any]:
        """Of a Serve deployment."""
        scaling = {
            "min_replicas": self.least, "max_replicas": self.most, "upscale_delay_s": UP,
            "target_ongoing_requests": self.busy, "downscale_delay_s": DOWN,
        }  # fmt: skip
        return {
            "autoscaling_config": scaling,
            "max_ongoing_requests": AT_ONCE,
            "health_check_period_s": WATCHED,
            "health_check_timeout_s": DEAD,
            "ray_actor_options": {"num_cpus": self.cores, "num_gpus": self.cards},
        }


# -- those who start them --------------------------------------------------------------------------
def begin(cores: int | None = None) -> None:
    """Joins the Ray of this machine or of RAY_ADDRESS; where there is none, starts one here, for as
    long as this process runs. cores: that it may give away, None for all."""
    found = ray()
    if found.is_initialized():
        return
    try:
        found.init(address="auto", log_to_driver=False, configure_logging=False)
    except ConnectionError:
        found.init(
            num_cpus=cores, include_dashboard=False, log_to_driver=False, configure_logging=False
        )


def check_room(many: Many, models: int) -> None:
    """Raises AuthorError where so many would wait for processors or GPUs for ever."""
    there = ray().cluster_resources()
    for kind, each in (("CPU", many.cores), ("GPU", many.cards)):
        wanted, found = models * many.least * each, there.get(kind, 0)
        if wanted > found:
            raise AuthorError(
                f"{models * many.least} replicas need {wanted:g} x {kind}, and Ray has {found:g} "
                "here: ask for fewer replicas or smaller ones, or join more machines (ray start)"
            )


def deploy(name: str, load: Callable[[], Opened], many: Many) -> None:
    """Returns when so many replicas of a model answer as there have to be. load: in a replica.
    Raises EngineError where they do not come up."""
    served = serve()
    served.start(proxy_location="Disabled")  # nobody asks over HTTP
    bound = served.deployment(Replica, name="Engine").options(**many.options()).bind(load)
    try:
        served.run(bound, name=PREFIX + name, route_prefix=None)
    except RuntimeError as error:
        raise EngineError(f"{name}: the replicas do not come up ({error})") from error


def end(names: Sequence[str]) -> None:
    """Takes the replicas of models down, and Ray with them where it was started here."""
    for name in names:
        serve().delete(PREFIX + name)
    ray().shutdown()


# -- those who ask them ----------------------------------------------------------------------------
class RayFleet:
    """Implements Fleet. Any number of threads."""

    def __init__(self, handle: Any) -> None:
        """handle: of a Serve application."""
        found = ray().exceptions
        self._handle = handle
        self._writing = handle.options(stream=True)
        self._losses = (
            found.RayActorError, found.NodeDiedError, found.WorkerCrashedError,
            found.ObjectLostError, serve().exceptions.ReplicaUnavailableError,
        )  # fmt: skip

    @classmethod
    def of(cls, name: str) -> "RayFleet":
        """Of a model. Raises AuthorError where it has no replicas."""
        found = ray()
        try:
            if not found.is_initialized():
                found.init(address="auto", log_to_driver=False, configure_logging=False)
        except ConnectionError as error:
            raise AuthorError(NONE) from error
        served = serve()
        try:
            return cls(served.get_app_handle(PREFIX + name))
        except served.exceptions.RayServeException as error:
            raise AuthorError(
                f"PLAYGROUND_ENGINE=ray: there are no replicas of {name}; start them with `python "
                f"-m playground scale --replicas-only --model {name}`"
            ) from error

    @property
    def alive(self) -> bool:
        return ray().is_initialized()

    def ask(self, asker: Asker, left: Event, what: Ask, values: tuple[Any, ...]) -> object:
        answer = self._handle.ask.remote(asker, what, values)
        while True:
            try:
                return answer.result(timeout_s=BEAT)
            except TimeoutError:
                if left.is_set():
                    answer.cancel()
                    raise AbandonedError(GONE) from None
            except self._losses as error:
                raise lost(error) from error

    def write(
        self, asker: Asker, left: Event, requests: tuple[Request, ...]
    ) -> Generator[Piece, None, None]:
        pieces, whole = self._writing.write.remote(asker, requests), False
        try:
            yield from pieces
            whole = True
        except self._losses as error:
            raise lost(error) from error
        finally:
            if not whole:
                pieces.cancel()


def lost(error: Exception) -> LostError:
    return LostError((str(error) or type(error).__name__).splitlines()[0])
