"""What a browser keeps of each hunt: the texts that were laid, the one that is being typed, the
site, the candidates. Reads no text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr

from playground.screens.stage import STORAGE_SECRET, Stage, own

KEY = "steering-playground-hunts"
KEPT = 12  # hunts, the latest
CANDIDATES = 60  # of a hunt, the latest

Drafts = dict[str, Any]  # by level, as a browser keeps them


@dataclass(frozen=True)
class Draft:
    """typed: what stands in the box; site: where the texts are read, empty for the level's own;
    candidates: SITE/FEATURE each."""

    typed: str = ""
    site: str = ""
    here: tuple[str, ...] = ()
    there: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


def state(stage: Stage) -> gr.BrowserState:
    return gr.BrowserState({}, storage_key=own(KEY, stage), secret=STORAGE_SECRET)


def of(drafts: Drafts, level: str) -> Draft:
    """Of one hunt; what a browser has damaged is passed over."""
    kept = drafts.get(level) if isinstance(drafts, Mapping) else None
    if not isinstance(kept, Mapping):
        return Draft()
    typed, site = (kept.get(name) for name in ("typed", "site"))
    lists = (texts_of(kept.get(name)) for name in ("here", "there", "candidates"))
    return Draft(
        typed if isinstance(typed, str) else "",
        site if isinstance(site, str) else "",
        *lists,
    )


def texts_of(kept: object) -> tuple[str, ...]:
    """Each text once."""
    if not isinstance(kept, Sequence) or isinstance(kept, str):
        return ()
    return tuple(dict.fromkeys(each for each in kept if isinstance(each, str)))


def with_one(drafts: Drafts, level: str, draft: Draft) -> Drafts:
    """The latest stands last."""
    known = drafts if isinstance(drafts, Mapping) else {}
    others = {name: kept for name, kept in known.items() if name != level}
    return dict([*others.items(), (level, asdict(draft))][-KEPT:])
