"""Replies that are being written, side by side; what a run has said so far. Knows no levels."""

import math
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType
from typing import TypeVar

import gradio as gr
from markupsafe import Markup

from playground.engine.records import InLine
from playground.levels.dealing.triples import Began, Counted, Row, Said
from playground.screens.parts import frame
from playground.screens.render import macro
from playground.text.words import Words

UPDATES_A_SECOND = 12  # of one run
# Of all runs of this process: to draw and send one takes some milliseconds, in which no word is
# written. So in a crowd words come in larger pieces.
ALL_UPDATES_A_SECOND = 60
Happened = TypeVar("Happened")


@dataclass
class Crowd:
    """How many runs are on their way. Any thread."""

    runs: int = 0
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def joined(self) -> Iterator[None]:
        with self.lock:
            self.runs += 1
        try:
            yield
        finally:
            with self.lock:
                self.runs -= 1

    @property
    def pause(self) -> float:
        """Seconds between two updates of a run, at least."""
        return max(1 / UPDATES_A_SECOND, self.runs / ALL_UPDATES_A_SECOND)


CROWD = Crowd()


@dataclass
class Run:
    """Collects the events of one run; draws itself as columns."""

    strength: str = ""
    prompt: str = ""
    rows: tuple[Row, ...] = ()
    said: dict[Row, str] = field(default_factory=dict)
    counted: Counted | None = None
    line: InLine | None = None
    running: bool = True

    def take(self, event: object) -> None:
        if isinstance(event, Began):
            self.prompt, self.rows = event.prompt, event.rows
            self.said = dict.fromkeys(event.rows, "")
        elif isinstance(event, InLine):
            self.line = event
        elif isinstance(event, Said):
            self.line = None
            self.said[event.row] += event.token.text
        elif isinstance(event, Counted):
            self.counted = event

    def columns(self, words: Words) -> Markup:
        writing = self.running and self.counted is None
        drawn: dict[Row, Markup] = {
            row: macro(None, "streams:said", text, writing) for row, text in self.said.items()
        }
        return columns(words, self.prompt, drawn, self.strength)

    def progress(self, words: Words) -> Markup:
        """How far the run is, for the eye and for a screen reader."""
        if self.line is not None:
            return macro(words, "streams:in_line", waiting(words, self.line))
        if self.counted is None:
            return macro(words, "streams:writing")
        share = min(1.0, self.counted.done / self.counted.total) if self.counted.total else 1.0
        return macro(words, "streams:counting", share)


def waiting(words: Words, line: InLine) -> str:
    """Where a run stands in line, and until when."""
    if line.fetching:
        return words("steer.fetching")
    place = words("steer.next") if not line.ahead else words("steer.ahead", count=line.ahead)
    if line.seconds is None or line.seconds < 1:
        return place
    return f"{place} {words('steer.about', seconds=math.ceil(line.seconds))}"


def columns(
    words: Words,
    prompt: str,
    replies: Mapping[Row, Markup],
    strength: str,
    tags: Mapping[Row, Markup] = MappingProxyType({}),
) -> Markup:
    """The replies with their headings; `tags` stand under each heading."""
    return macro(words, "streams:columns", prompt, replies, strength, tags)


def status_row(words: Words) -> tuple[gr.HTML, gr.Button]:
    """How far a run is and, beside it, the button to stop it."""
    with gr.Row(elem_classes="status-row"):
        with gr.Column(scale=6, min_width=200):
            status = frame.board(elem_id="status")
        stop = gr.Button(words("site.stop"), visible=False, elem_id="stop", scale=1, min_width=110)
    return status, stop


def halted(words: Words, key: str) -> Markup:
    """Said after a stop; the style sheet takes the carets away where this stands."""
    return macro(words, "streams:halted", words(key))


def paced(events: Iterator[Happened], run: Run) -> Generator[Happened, None, None]:
    """Feeds the run with every event and passes on few enough for a browser; the last always.

    Closing it closes the events, which cancels what is still being written.
    """
    shown, last = 0.0, None
    try:
        with CROWD.joined():
            for event in events:
                run.take(event)
                last = event
                if time.monotonic() - shown >= CROWD.pause:
                    shown, last = time.monotonic(), None
                    yield event
        if last is not None:
            yield last
    finally:
        if isinstance(events, Generator):
            events.close()
