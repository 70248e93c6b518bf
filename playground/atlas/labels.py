"""What features are called, as messages: how an atlas keeps them, and what a level asks of them.
Knows no feature."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from playground.atlas import tables
from playground.atlas.cards import UNLABELLED
from playground.atlas.naming import Namesake, told_apart
from playground.messages import Line, Message

SOURCES = dict(
    zip(
        tables.SOURCES,
        map(
            Message,
            ("atlas.held_out", "atlas.own_samples", "atlas.other_texts", "atlas.levels_texts"),
        ),
        strict=True,
    )
)
DEAD = Message("atlas.dead")
_FORM = TypeAdapter[Message](Message)


def kept(label: Message) -> str:
    """As an atlas keeps it."""
    return _FORM.dump_json(label).decode()


@lru_cache(1 << 14)
def label(kept: str) -> Line:
    """Empty for none. Raises ValueError for what is no message."""
    return _FORM.validate_json(kept) if kept else ""


def set_apart(index: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """The index rows of a site; those of one name say what tells them apart. index: with the tokens
    that each feature makes likelier, `pushed`, which a row has no place for."""
    same = dict[str, list[int]]()
    for n, entry in enumerate(index):
        same.setdefault(entry["label"], []).append(n)
    said = [""] * len(index)
    for label, group in same.items():
        if label and len(group) > 1:
            alike = [Namesake(index[n]["top"], index[n]["pushed"]) for n in group]
            for n, told in zip(group, told_apart(alike), strict=True):
                said[n] = kept(told) if told else ""
    rows = ({**entry, "apart": apart} for entry, apart in zip(index, said, strict=True))
    return [{name: row[name] for name in tables.INDEX_SCHEMA.names} for row in rows]


def called(concept: str) -> Message:
    """The label of a feature that detects a concept."""
    return Message("atlas.concept", concept=Message(f"concepts.{concept}"))


def concepts_of(label: Line) -> frozenset[str]:
    """The concepts that a label names."""
    if isinstance(label, str):
        return frozenset()
    group, _, name = label.key.partition(".")
    own = {name} if group == "concepts" else set[str]()
    params = (each for value in label.params.values() for each in listed(value))
    return frozenset(own.union(*(concepts_of(e) for e in params if isinstance(e, Message))))


def agrees(kept: str, concept: str) -> bool:
    """Whether a label, as an atlas keeps it, names no other concept than this one."""
    return concepts_of(label(kept)) <= {concept}


def holds(said: Line, concept: str) -> bool:
    """Whether a feature has a name that its texts bear out, and not another concept's. A level asks
    about no other feature as one of this concept."""
    return said not in ("", UNLABELLED, DEAD) and concepts_of(said) <= {concept}


def words_of(label: Line) -> list[str]:
    """The tokens that a label names."""
    if isinstance(label, str):
        return []
    params = (each for value in label.params.values() for each in listed(value))
    found = list[str]()
    for each in params:
        found += words_of(each) if isinstance(each, Message) else [str(each)]
    return found if label.key.startswith("atlas.") else []


def listed(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
