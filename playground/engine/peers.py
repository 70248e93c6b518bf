"""llama.cpp as one would serve it, for the benchmark: its own server with a slot for each reply,
through the wheel `xllamacpp`, which is no part of the game.
"""

import importlib
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LIBRARY = "xllamacpp"
COLUMNS = 512  # tokens of prompt and reply


def missing(gguf: Path | None) -> str:
    """Why it cannot take part; empty where it can."""
    if find_spec(LIBRARY) is None:
        return f"{LIBRARY} is not installed (pip install {LIBRARY})"
    if gguf is None or not gguf.is_file():
        return f"its file is not there: --gguf {gguf or 'FILE'}"
    return ""


class LlamaCpp:
    """One server with so many slots."""

    def __init__(self, gguf: Path, rows: int, threads: int) -> None:
        library: Any = importlib.import_module(LIBRARY)
        told = library.CommonParams()
        told.model.path = str(gguf)
        told.n_ctx, told.n_parallel, told.verbosity = COLUMNS * rows, rows, 0
        told.cpuparams.n_threads = told.cpuparams_batch.n_threads = threads
        self._server = library.Server(told)

    def answer(self, questions: Sequence[str], tokens: int, heat: float, top_p: float) -> None:
        """Each of these at once, in exactly so many tokens."""

        def write(seed: int, question: str) -> None:
            asked = [{"role": "user", "content": question}]
            told = self._server.handle_chat_completions({
                "messages": asked, "max_tokens": tokens, "temperature": heat, "top_p": top_p,
                "top_k": 0, "seed": seed, "ignore_eos": True,
            })  # fmt: skip
            written.append(told["usage"]["completion_tokens"])

        written = list[int]()
        answers = [threading.Thread(target=write, args=each) for each in enumerate(questions)]
        for each in answers:
            each.start()
        for each in answers:
            each.join()
        if written != [tokens] * len(questions):
            raise RuntimeError(f"llama.cpp wrote {written} tokens, not {tokens} each")
