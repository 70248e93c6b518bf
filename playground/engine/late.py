"""An engine that loads its model when somebody first asks something of it, so that a page which
needs no model does not wait for one.

Knows nothing of how a model is opened.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from threading import Event
from typing import TYPE_CHECKING, Self, TypeVar

from playground.engine.client import HOUSE, Client
from playground.engine.protocol import Engine, Stream
from playground.engine.records import (
    Device,
    Lens,
    Place,
    Reading,
    Request,
    Site,
    Spliced,
    States,
)
from playground.engine.workload import Workload
from playground.errors import EngineError
from playground.store.shared import Shared

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from playground.engine.text import Text
    from playground.models.sae import Sae

T = TypeVar("T")
MODEL = "model"


class LateEngine:
    """Implements Engine."""

    def __init__(self, sites: Mapping[str, Site], load: Callable[[], Engine]) -> None:
        """sites: as they will be."""
        self._sites = dict(sites)
        self._load = load
        self._engine = Shared[str, Engine](1)
        self._closed = Event()
        self._client = HOUSE

    def _loaded(self) -> Engine:
        """Whoever comes while it loads waits for the same model; one whose worker has died is
        loaded anew. Raises AuthorError or EngineError, and the next one tries again."""
        if self._closed.is_set():
            raise EngineError("The engine is closed.")
        engine = self._engine.get(MODEL, lambda left: self._load())
        if not engine.healthy and not self._closed.is_set():
            logging.getLogger(__name__).error("a model's worker has died; it is loaded anew")
            self._engine.forget(MODEL, engine)
            engine.close()
            engine = self._engine.get(MODEL, lambda left: self._load())
        if self._closed.is_set():
            engine.close()
        return engine.on_behalf(self._client)

    @property
    def client(self) -> Client:
        return self._client

    @property
    def healthy(self) -> bool:
        """Also before it is loaded."""
        engine = self._engine.known(MODEL)
        return not self._closed.is_set() and (engine is None or engine.healthy)

    @property
    def workload(self) -> Workload:
        """Nothing, before it is loaded."""
        engine = self._engine.known(MODEL)
        return Workload() if engine is None else engine.workload

    def on_behalf(self, client: Client) -> Self:
        view = copy(self)  # all else is the same for everybody, and none of it is set again
        view._client = client
        return view

    @property
    def sites(self) -> dict[str, Site]:
        return dict(self._sites)

    @property
    def device(self) -> Device:
        return self._loaded().device

    def ready(self) -> None:
        self._loaded().ready()

    def check(self) -> None:
        self._loaded().check()

    def generate(self, requests: Sequence[Request]) -> Stream:
        return self._loaded().generate(requests)

    @property
    def system(self) -> str | None:
        return self._loaded().system

    def fitted(self, request: Request) -> Request:
        return self._loaded().fitted(request)

    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        return self._loaded().read(texts, site)

    def reread(self, request: Request, reply: str, site: str) -> Reading:
        return self._loaded().reread(request, reply, site)

    def lens(self, texts: Sequence[str], last: int, end: bool = False) -> list[Lens]:
        return self._loaded().lens(texts, last, end)

    def spliced(self, texts: Sequence[str], site: str, floor: bool = False) -> list[Spliced]:
        return self._loaded().spliced(texts, site, floor)

    def states(self, texts: Sequence[str], site: str, place: Place = "written") -> list[States]:
        return self._loaded().states(texts, site, place)

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        return self._loaded().score(prompt, reply)

    def lend(self, work: "Callable[[PreTrainedModel, Mapping[str, Sae], Text], T]") -> T:
        return self._loaded().lend(work)

    def close(self) -> None:
        self._closed.set()
        if (engine := self._engine.known(MODEL)) is not None:
            engine.close()
