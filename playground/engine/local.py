"""The engine that owns a model: checks what is asked, on any thread, and hands it to its one
worker, which does the model's work; replies to visitors go where a GPU is lent, if one is.

Knows nothing of players or levels.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self, TypeVar, cast

import torch
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from playground.engine import core, inside, passes
from playground.engine.checks import check
from playground.engine.client import HOUSE, Client
from playground.engine.lending import Borrower, Lender
from playground.engine.llama import path_through
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
from playground.engine.stream import LocalStream
from playground.engine.text import Text
from playground.engine.worker import Worker
from playground.engine.workload import Workload
from playground.errors import EngineError, PlayerError
from playground.models.sae import Sae
from playground.models.sae_files import load as load_sae

MAX_ROWS = 64
MAX_CONTEXT = 4096  # tokens of prompt and reply, where the model allows more
MAX_TALK = 1024  # of those, what is said before a message counts for at most
TURNS_CUT = 4  # oldest turns of a talk that are left out at once

T = TypeVar("T")


class LocalEngine:
    """Implements Engine. Sites are named by the caller (early, middle, late); each has an SAE and a
    residual norm."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        saes: Mapping[str, Sae],
        norms: Mapping[str, float],
        max_rows: int = MAX_ROWS,
        chat: bool = False,
        first: str = "",
        lent: bool = False,
    ) -> None:
        """model: on its device already; norms: median residual norm of each site; chat: prompts are
        messages to an instruct model; first: what a text stands behind (text.lead_of); lent:
        whether a GPU is lent for replies to visitors (lending.py). Raises EngineError when the
        parts do not fit each other."""
        if saes.keys() != norms.keys():
            raise EngineError(f"There are SAEs for {sorted(saes)} but norms for {sorted(norms)}.")
        config = model.config.get_text_config()
        self._saes = dict(saes)
        self._sites = {name: site_of(name, sae, norms[name]) for name, sae in saes.items()}
        self._text = Text(tokenizer, chat, first)
        self._context = min(config.max_position_embeddings, MAX_CONTEXT)
        self._remembered = min(self._context, MAX_TALK)
        model.eval().requires_grad_(False)
        places = [sae.metadata for sae in saes.values()]
        borrower = Borrower(model, self._saes, norms, self._text, max_rows) if lent else None
        path = path_through(model, [point for at in places for point in (at.reads, at.writes)])
        # A row more for a reply that is read again beside those that are being written.
        batch = core.batch_on(model, path, self._saes, norms, self._text, max_rows + 1)
        self._client = HOUSE
        self._worker = Worker(batch, max_rows)
        self._lender = None if borrower is None else Lender(borrower, self._worker)

    @classmethod
    def load(
        cls,
        folder: Path | str,
        sae_folders: Mapping[str, Path | str],
        norms: Mapping[str, float],
        device: str = "auto",
        dtype: torch.dtype | None = None,
        max_rows: int = MAX_ROWS,
    ) -> Self:
        """Reads everything from disk. device: auto takes CUDA where there is one; dtype: None is
        float32 on the CPU and bfloat16 elsewhere. SAEs stay in float32."""
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if dtype is None:
            dtype = torch.float32 if device == "cpu" else torch.bfloat16
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, local_files_only=True)
        nn.Module.to(model, device)  # the model's own `to` is typed for other callers
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        saes = {name: load_sae(each, device) for name, each in sae_folders.items()}
        return cls(model, tokenizer, saes, norms, max_rows)

    @property
    def sites(self) -> dict[str, Site]:
        return dict(self._sites)

    @property
    def device(self) -> Device:
        return cast(Device, self._worker.batch.device.type)

    @property
    def client(self) -> Client:
        return self._client

    @property
    def healthy(self) -> bool:
        return self._worker.healthy

    @property
    def workload(self) -> Workload:
        load = self._worker.workload
        return load if self._lender is None else load + self._lender.workload

    def on_behalf(self, client: Client) -> Self:
        view = copy(self)  # all else is the same for everybody, and none of it is set again
        view._client = client
        return view

    def ready(self) -> None:
        """It is from the beginning."""

    def check(self) -> None:
        self._submit(lambda: None).result()

    def generate(self, requests: Sequence[Request]) -> LocalStream:
        """Starts rows that join the running batch when it is the client's turn. Raises PlayerError
        or EngineError for a request that cannot be served; then none is started."""
        prompts = [self._prompted(request) for request in requests]
        for request, prompt in zip(requests, prompts, strict=True):
            check(request, len(prompt), self._sites, self._context)
        driver: Worker | Lender = self._worker
        if self._lender is not None and self._lender.takes(self._client):
            driver = self._lender
        stream = LocalStream(
            requests, prompts, self._client, driver.stir, driver.place, driver.count
        )
        driver.start(stream, self._client)
        return stream

    @property
    def system(self) -> str | None:
        return self._text.system

    def fitted(self, request: Request) -> Request:
        """The same without the oldest turns of its talk, as far as they do not fit. So many go at
        once that the next messages of the talk begin alike, and are read from where the last one
        ended."""
        turns, room = request.talk.turns, self._remembered - request.sampling.max_tokens
        for start in range(0, len(turns), TURNS_CUT):
            shorter = replace(request, talk=replace(request.talk, turns=turns[start:]))
            if len(self._prompted(shorter)) <= room:
                return shorter
        return replace(request, talk=replace(request.talk, turns=()))

    def _prompted(self, request: Request) -> list[int]:
        prompt = request.prompt.rstrip(" ")
        return self._text.prompted(prompt, request.talk, request.plain)

    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        """What fires in each text. Raises EngineError for an unknown site, PlayerError for a text
        too long."""
        self._check_site(site)
        sae = self._saes[site]
        lead = self._lead(sae)
        batch = self._worker.batch

        def read(texts: list[list[int]]) -> list[Reading]:
            return passes.read(batch, texts, len(lead), site, sae)

        return self._over(self._behind(lead, texts), 1, read)

    def reread(self, request: Request, reply: str, site: str) -> Reading:
        """What fires in a reply, behind the prompt of the request and with its dials turned, pushes
        included; tokens of giant length are left out (`odd`). Nothing of it is at a first position.
        Raises EngineError for an unknown site, PlayerError for a request that cannot be served, or
        a reply that is empty or too long."""
        self._check_site(site)
        prompt, own = self._prompted(request), self._text.ids(reply)
        check(request, len(prompt), self._sites, self._context)
        if not own:
            raise PlayerError("errors.no_text")
        self._check_length(len(prompt) + len(own))
        batch, sae = self._worker.batch, self._saes[site]
        work = partial(passes.reread, batch, prompt, own, request.dials, site, sae)
        return self._submit(work).result()

    def lens(self, texts: Sequence[str], last: int, end: bool = False) -> list[Lens]:
        """The last tokens of each text, read after every block or (end) after the last. Raises
        PlayerError for a text too long, or none."""
        lead, batch = self._text.lead, self._worker.batch

        def read(texts: list[list[int]]) -> list[Lens]:
            return inside.lens(batch, texts, len(lead), last, end)

        return self._over(self._behind(lead, texts), batch.vocabulary, read)

    def spliced(self, texts: Sequence[str], site: str, floor: bool = False) -> list[Spliced]:
        """What each text costs without and with the SAE's version in place; floor: also with
        nothing there. Raises as `read` does."""
        self._check_site(site)
        sae, batch = self._saes[site], self._worker.batch
        lead = self._lead(sae)

        def read(texts: list[list[int]]) -> list[Spliced]:
            return inside.spliced(batch, texts, len(lead), site, sae, floor)

        return self._over(self._behind(lead, texts), max(batch.vocabulary, sae.width), read)

    def states(self, texts: Sequence[str], site: str, place: Place = "written") -> list[States]:
        """What stands at a place on each token. Raises as `read`, and EngineError for a model
        without MLP neurons that are the same for all tokens."""
        self._check_site(site)
        sae, batch = self._saes[site], self._worker.batch
        lead = self._lead(sae)

        def read(texts: list[list[int]]) -> list[States]:
            return passes.states(batch, texts, len(lead), site, sae, place)

        return self._over(self._behind(lead, texts), 1, read)

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        """Natural log-probability of each reply token under the undialled model."""
        start, end = self._text.prompted(prompt.rstrip(" ")), self._text.ids(reply)
        self._check_length(len(start) + len(end))
        if not start:
            raise PlayerError("errors.no_prompt")
        batch = self._worker.batch
        return self._submit(lambda: passes.score(batch, [(start, end)])).result()[0]

    def lend(self, work: Callable[[PreTrainedModel, Mapping[str, Sae], Text], T]) -> T:
        """What `work` makes of the model and its parts on the worker's thread, between two steps;
        it leaves them as they were. An error of it comes as EngineError."""
        model = self._worker.batch.model
        return self._submit(lambda: work(model, self._saes, self._text)).result()

    def close(self) -> None:
        """For all clients: replies on their way end with an EngineError. A second call does
        nothing."""
        if self._lender is not None:
            self._lender.close()
        self._worker.close()

    def _submit(self, work: Callable[[], T]) -> "Future[T]":
        return self._worker.submit(self._client, work)

    def _lead(self, sae: Sae) -> tuple[int, ...]:
        """What stands before a text that an SAE is to read."""
        return self._text.lead if sae.metadata.prepend_bos else ()

    def _behind(self, lead: Sequence[int], texts: Sequence[str]) -> list[list[int]]:
        ids = [[*lead, *self._text.ids(text)] for text in texts]
        for each in ids:
            self._check_length(len(each))
        if not all(ids):
            raise PlayerError("errors.no_text")
        return ids

    def _over(
        self, texts: list[list[int]], numbers: int, read: Callable[[list[list[int]]], list[T]]
    ) -> list[T]:
        """What `read` makes of texts, a pass a job. numbers: as in_passes has it."""
        runs = passes.in_passes([len(each) for each in texts], numbers, self._worker.batch.device)
        jobs = [self._submit(lambda part=texts[run.start : run.stop]: read(part)) for run in runs]
        return [each for job in jobs for each in job.result()]

    def _check_site(self, site: str) -> None:
        if site not in self._sites:
            raise EngineError(f"There is no site {site!r}; there are {', '.join(self._sites)}.")

    def _check_length(self, tokens: int) -> None:
        if tokens > self._context:
            raise PlayerError("errors.tokens", count=tokens, limit=self._context)


def site_of(name: str, sae: Sae, norm: float) -> Site:
    at = sae.metadata
    reads = at.reads.name if at.reads.layer == at.layer else f"{at.reads.name} of {at.reads.layer}"
    return Site(name, at.layer, float(norm), sae.width, at.writes.name, reads, sae.d_out)
