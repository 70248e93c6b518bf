"""What the game writes down while it runs: a line each, for people or as JSON for machines. No text
of a player or a model, no name, no key, no address of anybody gets into it.

What an error of somebody else's code says may quote what a player wrote, so only its type and the
places in the code are kept of it.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from playground.errors import PlayerError, PlaygroundError
from playground.hosting.metrics import Answered

Form = Literal["text", "json"]
NAME = "playground"
DEEPEST = 12  # calls of an error that are told, the innermost
UNTOLD = ("health", "file")  # requests that are many and say nothing


class Lines(logging.Formatter):
    """form: text or json."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        more = dict(getattr(record, "more", {}))
        if record.exc_info and record.exc_info[1] is not None:
            more |= told(record.exc_info[1], record.exc_info[2])
        said = {"at": at, "level": record.levelname.lower(), "from": record.name}
        if self._form == "json":
            return json.dumps({**said, "says": record.getMessage(), **more})
        rest = " ".join(f"{key}={value}" for key, value in more.items())
        return f"{at} {said['level']} {record.name}: {record.getMessage()} {rest}".rstrip()


def told(error: BaseException, trace: TracebackType | None) -> dict[str, object]:
    """What may be said of an error. Our own sentences are written to be read; those for players
    may quote them."""
    ours = isinstance(error, PlaygroundError) and not isinstance(error, PlayerError)
    places = [
        f"{frame.filename.rpartition('site-packages')[2].lstrip('/')}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)[-DEEPEST:]
    ]
    said: dict[str, object] = {"error": type(error).__name__}
    if ours:
        said["because"] = str(error)
    return {**said, "where": places}


def begin(form: Form) -> None:
    """From now on, on the error output. A second call changes the form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(form))
    log = logging.getLogger(NAME)
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def note(answered: Answered) -> None:
    """One request, without what it asked for."""
    if answered.kind in UNTOLD:
        return
    more = {
        "kind": answered.kind,
        "method": answered.method,
        "status": answered.status,
        "ms": round(answered.took * 1000),
    }
    logging.getLogger(f"{NAME}.web").info("answered", extra={"more": more})
