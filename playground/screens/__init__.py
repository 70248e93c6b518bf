"""The pages, in Gradio, which is imported here before anything else of this room asks for it."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_stubs() -> Iterator[None]:
    """Whenever Gradio is imported it parses the source of all its components and writes typing
    stubs beside them, for editors: half of the time that its import takes. It goes without for a
    class whose file is not known."""
    known: Callable[[Any], str] = inspect.getfile

    def getfile(of: Any) -> str:
        if isinstance(of, type) and of.__module__.startswith("gradio."):
            raise OSError("a component of Gradio")
        return known(of)

    inspect.getfile = getfile
    try:
        yield
    finally:
        inspect.getfile = known


with without_stubs():
    import gradio  # noqa: F401
