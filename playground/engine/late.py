"""An engine that loads its model when somebody first asks something of it, so that a page which
needs no model does not wait for one.

Knows nothing of how a model is opened.
"""

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from playground.engine.protocol import Engine, Stream
from playground.engine.records import Device, Reading, Request, Site
from playground.errors import EngineError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from playground.engine.text import Text
    from playground.models.sae import Sae

T = TypeVar("T")


class LateEngine:
    """Implements Engine."""

    def __init__(self, sites: Mapping[str, Site], load: Callable[[], Engine]) -> None:
        """sites: as they will be."""
        self._sites = dict(sites)
        self._load = load
        self._lock = Lock()
        self._engine: Engine | None = None
        self._closed = False

    def _loaded(self) -> Engine:
        """Whoever comes while it loads waits for the same model. Raises AuthorError or EngineError,
        and the next one tries again."""
        with self._lock:
            if self._closed:
                raise EngineError("The engine is closed.")
            if self._engine is None:
                self._engine = self._load()
            return self._engine

    @property
    def sites(self) -> dict[str, Site]:
        return dict(self._sites)

    @property
    def device(self) -> Device:
        return self._loaded().device

    def ready(self) -> None:
        self._loaded().ready()

    def generate(self, requests: Sequence[Request]) -> Stream:
        return self._loaded().generate(requests)

    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        return self._loaded().read(texts, site)

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        return self._loaded().score(prompt, reply)

    def lend(self, work: "Callable[[PreTrainedModel, Mapping[str, Sae], Text], T]") -> T:
        return self._loaded().lend(work)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._engine is not None:
                self._engine.close()
