"""The engine as the rest of the game sees it; `local.py` is the one that owns a model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from playground.engine.client import Client
from playground.engine.records import (
    Device,
    InLine,
    Lens,
    Place,
    Reading,
    Request,
    Site,
    Spliced,
    States,
    Token,
    Trace,
)
from playground.engine.workload import Workload

if TYPE_CHECKING:  # torch is slow to import
    from transformers import PreTrainedModel

    from playground.engine.text import Text
    from playground.models.sae import Sae

T = TypeVar("T")


class Stream(Protocol):
    """Several rows being generated together."""

    def in_line(self) -> Iterator[InLine]:
        """Its place, now and again until the first token comes, or the end."""
        ...

    def __iter__(self) -> Iterator[tuple[int, Token]]:
        """(row, token) as they come; ends when every row has. Leaving the loop early cancels the
        rest."""
        ...

    def traces(self) -> list[Trace]:
        """Waits for all rows, then one trace a row, in request order."""
        ...

    def cancel(self) -> None: ...


class Engine(Protocol):
    """All methods may be called from any thread; one worker thread does the model's work."""

    @property
    def sites(self) -> dict[str, Site]: ...

    @property
    def device(self) -> Device:
        """That the model begins on."""
        ...

    def ready(self) -> None:
        """Waits until the model is loaded. Raises AuthorError or EngineError if it cannot be."""
        ...

    def check(self) -> None:
        """Has the model's worker do nothing, in its turn. Raises EngineError where it cannot."""
        ...

    @property
    def client(self) -> Client:
        """For whom it works; the house, unless it came from `on_behalf`."""
        ...

    @property
    def healthy(self) -> bool:
        """Whether anything that is asked of it will be answered."""
        ...

    @property
    def workload(self) -> Workload:
        """For all clients."""
        ...

    def on_behalf(self, client: Client) -> "Engine":
        """The same engine, working for a client: its work is shared out fairly between owners, the
        most urgent first, and is let go of when the client has left, which raises AbandonedError
        for whoever waits. BusyError where an owner has too much waiting."""
        ...

    def generate(self, requests: Sequence[Request]) -> Stream:
        """Starts rows that join the running batch when it is the client's turn."""
        ...

    @property
    def system(self) -> str | None:
        """What an instruct model is told beforehand where nobody says anything else; None where
        nothing can be said beforehand."""
        ...

    def fitted(self, request: Request) -> Request:
        """The same without the oldest turns of its talk, as far as they do not fit."""
        ...

    def read(self, texts: Sequence[str], site: str) -> list[Reading]: ...

    def reread(self, request: Request, reply: str, site: str) -> Reading:
        """What fires in a reply, read behind the prompt that it answers with the request's dials
        turned."""
        ...

    def lens(self, texts: Sequence[str], last: int, end: bool = False) -> list[Lens]:
        """What the model would say after each of the last tokens of a text if it stopped after
        each block; end: after the last one alone, which is all that it says at a fraction of the
        work."""
        ...

    def spliced(self, texts: Sequence[str], site: str, floor: bool = False) -> list[Spliced]:
        """What each text costs the model as it is, with the reconstruction of a site's SAE in the
        place of what stands there, and (floor) with nothing there."""
        ...

    def states(self, texts: Sequence[str], site: str, place: Place = "written") -> list[States]:
        """What stands where the site's SAE writes, or in the MLP neurons of its block, on each
        token of each text. EngineError for a model that has no such neurons."""
        ...

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        """Natural log-probability of each reply token under the undialled model."""
        ...

    def lend(self, work: "Callable[[PreTrainedModel, Mapping[str, Sae], Text], T]") -> T:
        """What `work` makes of the model and its parts, on the thread that owns them, between two
        steps; it leaves them as they were."""
        ...

    def close(self) -> None: ...
