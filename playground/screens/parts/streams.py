"""Replies that are being written, side by side; what a run has said so far. Knows no levels."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from html import escape

import gradio as gr

from playground.game.attempts import Event
from playground.levels.dealing.triples import Began, Counted, Row, Said
from playground.screens.parts import frame
from playground.text.words import Words

UPDATES_A_SECOND = 12


@dataclass
class Run:
    """Collects the events of one run; draws itself as columns."""

    strength: str = ""
    prompt: str = ""
    rows: tuple[Row, ...] = ()
    said: dict[Row, str] = field(default_factory=dict)
    counted: Counted | None = None
    running: bool = True

    def take(self, event: Event) -> None:
        if isinstance(event, Began):
            self.prompt, self.rows = event.prompt, event.rows
            self.said = dict.fromkeys(event.rows, "")
        elif isinstance(event, Said):
            self.said[event.row] += event.token.text
        elif isinstance(event, Counted):
            self.counted = event

    def columns(self, words: Words) -> str:
        caret = '<span class="caret"></span>' if self.running and self.counted is None else ""
        return columns(
            words,
            self.prompt,
            {row: escape(text) + caret for row, text in self.said.items()},
            self.strength,
        )

    def progress(self, words: Words) -> str:
        """How far the run is, for the eye and for a screen reader."""
        if self.counted is None:
            return (
                f'<div class="stack" role="status" data-show="wait"><div class="pulse"></div><p '
                f'class="soft">{escape(words("steer.writing"))}</p></div>'
            )
        share = min(1.0, self.counted.done / self.counted.total) if self.counted.total else 1.0
        said = words("steer.counting", percent=round(100 * share))
        return (
            f'<div class="stack" data-show="wait"><span class="bar" style="--w:{share:.3f}" '
            f'role="progressbar" aria-valuemin="0" '
            f'aria-valuemax="100" aria-valuenow="{100 * share:.0f}"><i></i></span><p '
            f'class="soft num">{escape(said)}</p></div>'
        )


def columns(
    words: Words,
    prompt: str,
    replies: dict[Row, str],
    strength: str,
    tags: dict[Row, str] | None = None,
) -> str:
    """The replies (already HTML) with their headings; `tags` stand under each heading."""
    drawn = ""
    for row, reply in replies.items():
        tag = (tags or {}).get(row, "")
        more = (
            words(f"steer.{row}_more", strength=strength)
            if row == "steered"
            else words(f"steer.{row}_more")
        )
        drawn += (
            f'<article class="sheet stream {row}"><div><h3>{escape(words(f"steer.{row}"))}</h3>'
            f'<p class="small soft">{escape(more)}</p></div>{tag}'
            f'<div class="said"><span class="prompt">{escape(prompt)}</span>{reply}</div></article>'
        )
    return f'<div class="streams">{drawn}</div>'


def status_row(words: Words) -> tuple[gr.HTML, gr.Button]:
    """How far a run is and, beside it, the button to stop it."""
    with gr.Row(elem_classes="status-row"):
        with gr.Column(scale=6, min_width=200):
            status = frame.board(elem_id="status")
        stop = gr.Button(words("site.stop"), visible=False, elem_id="stop", scale=1, min_width=110)
    return status, stop


def halted(words: Words, key: str) -> str:
    """Said after a stop; the style sheet takes the carets away where this stands."""
    return f'<p class="empty halted" role="status">{escape(words(key))}</p>'


def paced(events: Iterator[Event], run: Run) -> Generator[Event, None, None]:
    """Feeds the run with every event and passes on few enough for a browser; the last always.

    Closing it closes the events, which cancels what is still being written.
    """
    shown, last = 0.0, None
    try:
        for event in events:
            run.take(event)
            last = event
            if time.monotonic() - shown >= 1 / UPDATES_A_SECOND:
                shown, last = time.monotonic(), None
                yield event
        if last is not None:
            yield last
    finally:
        if isinstance(events, Generator):
            events.close()
