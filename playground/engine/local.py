"""The engine that owns a model: requests from any thread, one worker thread that does all of the
model's work.

Knows nothing of players or levels. Callers get streams; the worker joins their rows to the running
batch.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
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

from playground.engine import passes
from playground.engine.batch import Batch, Row
from playground.engine.checks import check
from playground.engine.hooks import Hooks, SiteHook
from playground.engine.records import Device, Reading, Request, Site
from playground.engine.steer import is_watching
from playground.engine.stream import LocalStream
from playground.engine.text import Text
from playground.errors import EngineError, PlayerError
from playground.models.sae import Sae
from playground.models.sae_files import load as load_sae

MAX_ROWS = 64
MAX_CONTEXT = 4096  # tokens of prompt and reply, where the model allows more

T = TypeVar("T")


@dataclass(frozen=True)
class Job:
    """Work for the worker between two steps; exactly one of the two is called."""

    run: Callable[[], None]
    abandon: Callable[[EngineError], None]


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
    ) -> None:
        """model: on its device already; norms: median residual norm of each site; chat: prompts are
        messages to an instruct model. Raises EngineError when the parts do not fit each other."""
        if saes.keys() != norms.keys():
            raise EngineError(f"There are SAEs for {sorted(saes)} but norms for {sorted(norms)}.")
        config = model.config.get_text_config()
        self._saes = dict(saes)
        self._sites = {name: site_of(name, sae, norms[name]) for name, sae in saes.items()}
        self._text = Text(tokenizer, chat)
        self._context = min(config.max_position_embeddings, MAX_CONTEXT)
        self._max_rows = max_rows
        model.eval().requires_grad_(False)
        self._hooks = Hooks(
            {name: SiteHook(model, sae, norms[name], max_rows) for name, sae in saes.items()}
        )
        self._batch = Batch(model, self._hooks, self._text, ends_of(model, self._text))
        self._batch.try_out()
        self._wake = threading.Condition()
        self._waiting: deque[Row] = deque()
        self._jobs: deque[Job] = deque()
        self._owners: dict[Row, LocalStream] = {}
        self._closed = False
        self._swept = True  # false: a row may have been cancelled
        self._worker = threading.Thread(target=self._work, name="engine", daemon=True)
        self._worker.start()

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
        return cast(Device, self._batch.device.type)

    def ready(self) -> None:
        """It is from the beginning."""

    def generate(self, requests: Sequence[Request]) -> LocalStream:
        """Starts rows that join the running batch at its next step. Raises PlayerError or
        EngineError for a request that cannot be served; then none is started."""
        prompts = [self._text.prompted(request.prompt.rstrip(" ")) for request in requests]
        for request, prompt in zip(requests, prompts, strict=True):
            check(request, len(prompt), self._sites, self._context)
        stream = LocalStream(requests, prompts, self._stir)
        with self._wake:
            self._refuse_if_closed()
            if stream.rows:
                self._owners.update((row, stream) for row in stream.rows)
                self._waiting.extend(stream.rows)
                self._wake.notify()
            else:
                stream.settle([])
        return stream

    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        """What fires in each text. Raises EngineError for an unknown site, PlayerError for a text
        too long."""
        if site not in self._sites:
            raise EngineError(f"There is no site {site!r}; there are {', '.join(self._sites)}.")
        ids = [self._text.with_start(text) for text in texts]
        for each in ids:
            self._check_length(len(each))
        if not all(ids):
            raise PlayerError("There is no text to read; write at least one word.")
        sae = self._saes[site]
        jobs = [
            self._submit(
                lambda run=run: passes.read(self._batch, ids[run.start : run.stop], site, sae)
            )
            for run in passes.in_passes([len(each) for each in ids], 1)
        ]
        return [reading for job in jobs for reading in job.result()]

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        """Natural log-probability of each reply token under the undialled model."""
        start, end = self._text.prompted(prompt.rstrip(" ")), self._text.ids(reply)
        self._check_length(len(start) + len(end))
        if not start:
            raise PlayerError("This model needs a prompt; write at least one word.")
        return self._submit(lambda: passes.score(self._batch, [(start, end)])).result()[0]

    def lend(self, work: Callable[[PreTrainedModel, Mapping[str, Sae], Text], T]) -> T:
        """What `work` makes of the model and its parts on the worker's thread, between two steps;
        it leaves them as they were. An error of it comes as EngineError."""
        return self._submit(lambda: work(self._batch.model, self._saes, self._text)).result()

    def close(self) -> None:
        """Ends the worker; replies on their way end with an EngineError. A second call does
        nothing."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if threading.current_thread() is not self._worker:
            self._worker.join()

    def _check_length(self, tokens: int) -> None:
        if tokens > self._context:
            raise PlayerError(
                f"The text has {tokens} tokens; the model reads {self._context} at most."
            )

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise EngineError("The engine is closed.")

    def _stir(self) -> None:
        """Has the worker look for rows that nobody waits for any more."""
        with self._wake:
            self._swept = False
            self._wake.notify()

    def _submit(self, work: Callable[[], T]) -> "Future[T]":
        """Has the worker do `work` between two steps; an error of it is the future's, as
        EngineError."""
        job: Future[T] = Future()

        def run() -> None:
            try:
                job.set_result(work())
            except Exception as error:
                job.set_exception(engine_error(error))

        with self._wake:
            self._refuse_if_closed()
            self._jobs.append(Job(run, job.set_exception))
            self._wake.notify()
        return job

    # What follows runs on the worker's thread.

    def _work(self) -> None:
        try:
            with torch.inference_mode():
                while self._wait():
                    if not self._swept:
                        self._sweep()
                    if self._jobs:
                        self._jobs.popleft().run()
                    self._join()
                    self._step()
        finally:  # also when the worker itself is at fault: nobody may wait for ever
            with self._wake:
                self._closed = True
            self._shut()

    def _wait(self) -> bool:
        """Sleeps until there is something to do; false once the engine is closed."""
        with self._wake:
            while not (self._closed or self._jobs or self._waiting or self._batch.rows):
                self._wake.wait()
            return not self._closed

    def _sweep(self) -> None:
        """Lets go of cancelled rows, running and waiting."""
        self._swept = True
        gone = self._batch.drop_cancelled()
        with self._wake:
            gone += [row for row in self._waiting if row.cancelled]
            self._waiting = deque(row for row in self._waiting if not row.cancelled)
        for row in gone:
            row.finish = "cancelled"
            self._ended(row)

    def _join(self) -> None:
        """Lets waiting rows in, as many as there is room for in the batch and in one pass."""
        joining, widest = list[Row](), 0
        while self._waiting and len(self._batch.rows) + len(joining) < self._max_rows:
            row = self._waiting[0]
            widest = max(widest, len(row.prompt))
            if joining and widest * (len(joining) + 1) > passes.PASS_TOKENS:
                break
            joining.append(self._waiting.popleft())
        if not joining:
            return
        try:
            finished = self._batch.join(joining)
        except Exception as error:
            self._fail(joining, engine_error(error))
        else:
            for row in finished:
                self._ended(row)

    def _step(self) -> None:
        if not self._batch.rows:
            return
        try:
            finished = self._batch.step()
        except Exception as error:
            self._fail(self._batch.clear(), engine_error(error))
        else:
            for row in finished:
                self._ended(row)

    def _ended(self, row: Row) -> None:
        """A row has its `finish`; after the last one of a stream its replies are scored, as a job
        of its own."""
        stream = self._owners.pop(row, None)
        if stream is None or not stream.row_ended():
            return
        self._jobs.append(Job(lambda: self._settle(stream), stream.fail))

    def _settle(self, stream: LocalStream) -> None:
        """Gives a stream its traces. What no dial touched was generated by the plain model, and
        scored then."""
        logprobs = [row.logprobs for row in stream.rows]
        steered = [
            place
            for place, row in enumerate(stream.rows)
            if row.tokens and not all(map(is_watching, row.request.dials))
        ]
        pairs = [
            (stream.rows[i].prompt, [token.id for token in stream.rows[i].tokens]) for i in steered
        ]
        vocabulary = self._batch.vocabulary
        try:
            for run in passes.in_passes(
                [len(prompt) + len(reply) for prompt, reply in pairs], vocabulary
            ):
                scored = passes.score(self._batch, pairs[run.start : run.stop])
                for place, each in zip(steered[run.start : run.stop], scored, strict=True):
                    logprobs[place] = list(each)
        except Exception as error:
            stream.fail(engine_error(error))
        else:
            stream.settle(logprobs)

    def _fail(self, rows: Sequence[Row], error: EngineError) -> None:
        """Ends the streams of these rows; their other rows leave as if cancelled."""
        for row in rows:
            stream = self._owners.pop(row, None)
            if stream is not None:
                stream.fail(error)
        self._swept = False

    def _shut(self) -> None:
        error = EngineError("The engine was closed.")
        self._fail(list(self._owners), error)
        while self._jobs:
            self._jobs.popleft().abandon(error)
        self._waiting.clear()
        self._batch.clear()
        self._hooks.remove()


def site_of(name: str, sae: Sae, norm: float) -> Site:
    at = sae.metadata
    reads = at.reads.name if at.reads.layer == at.layer else f"{at.reads.name} of {at.reads.layer}"
    return Site(name, at.layer, float(norm), sae.width, at.writes.name, reads)


def engine_error(error: Exception) -> EngineError:
    """What a caller is told of an error on the worker."""
    if isinstance(error, EngineError):
        return error
    told = EngineError(f"The engine failed: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told


def ends_of(model: PreTrainedModel, text: Text) -> frozenset[int]:
    """All tokens that end a text: the tokenizer's and those that the model's own settings name."""
    ends = {text.end}
    for config in (model.generation_config, model.config.get_text_config()):
        named = None if config is None else config.eos_token_id
        ends.update(named if isinstance(named, list) else [named])
    return frozenset(end for end in ends if end is not None)
