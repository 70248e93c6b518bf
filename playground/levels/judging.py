"""What levels are judged with: engine, atlas, concepts, held-out texts.

Remembers what is read or written again.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Self

import numpy as np

from playground import assets
from playground.atlas import bare, means, tables
from playground.atlas.atlas import Atlas
from playground.atlas.cards import Card
from playground.atlas.means import Tuned
from playground.concepts.concepts import Concept, load_concepts
from playground.concepts.damage import Usual
from playground.concepts.examples import Part
from playground.engine import directions
from playground.engine.client import Client
from playground.engine.directions import Direction, TextContrast
from playground.engine.protocol import Engine
from playground.engine.records import Reading, Request, Trace, Vector
from playground.errors import AuthorError
from playground.levels import opening
from playground.models import registry
from playground.models.registry import Chosen
from playground.settings import SHIPPED, Settings
from playground.store.shared import Shared

if TYPE_CHECKING:
    from playground.circuits.circuits import Circuits, Traced
    from playground.circuits.patching import Patching
    from playground.circuits.records import Asked

MEASURED = (
    2400  # texts, most of a sentence or two, that a card is made of which the atlas does not have
)
HELD_OUT = 32  # kept; some MiB each
CARDS = 512  # kept; a few KiB each
DIRECTIONS = 256  # kept; some KiB each
GRAPHS = 6  # kept; of up to 60 MB each
UNTOUCHED = 64  # sets of untouched replies that are kept: of a level, or behind a player's text


@dataclass(frozen=True)
class LabelledText:
    text: str
    about: bool  # about the concept that it was drawn for
    part: Part = "grade"


@dataclass(frozen=True)
class HeldOut:
    """A concept's texts of *grade* as one site reads them.

    peaks: of each feature that fires anywhere, its maximum in each text, in activation units.
    """

    about: tuple[bool, ...]
    readings: tuple[Reading, ...]
    peaks: Mapping[int, tuple[float, ...]]

    def peaks_of(self, feature: int) -> tuple[float, ...]:
        return self.peaks.get(feature, (0.0,) * len(self.about))


class Bench:
    """May be used from any thread."""

    def __init__(
        self,
        engine: Engine,
        atlas: Atlas,
        texts: Mapping[str, Sequence[LabelledText]],
        notes: Sequence[str] = (),
        model: str = SHIPPED,
        edition: str | None = None,
        tuned: Mapping[str, Tuned] | None = None,
        chats: bool = False,
        transcoders: Path | None = None,
    ) -> None:
        """notes: on how the model runs here, a sentence each. model: the name that it is kept by;
        edition: of the atlas. What is stored is stored under both. tuned: where the directions of
        concepts push best, None where nobody has measured it. chats: whether the model is talked
        to. transcoders: the folder with those of its MLPs, where somebody has trained them."""
        self.model = model
        self.edition = edition
        self.engine = engine
        self.atlas = atlas
        self.notes = tuple(notes)
        self.chats = chats
        self.tuned = means.untuned(engine.sites.values()) if tuned is None else tuned
        self._transcoders = transcoders
        self._graphs: Shared[tuple[Path, Asked], Traced] = Shared(GRAPHS)
        self._texts = texts
        self._held_out = Shared[tuple[str, str], HeldOut](HELD_OUT)
        self._cards = Shared[tuple[str, int], Card](CARDS)  # made since the atlas
        self._directions = Shared[TextContrast, Direction](DIRECTIONS)
        self._means = Shared[tuple[str, str], np.ndarray](DIRECTIONS)
        self._untouched = Shared[tuple[Request, ...], list[Trace]](UNTOUCHED)

    @classmethod
    def open(cls, settings: Settings) -> "Bench":
        """Verifies the assets and reads the atlas. The model that ships is loaded when it is first
        needed, any other at once.

        Raises AuthorError or EngineError.
        """
        assets.verify(settings.assets)
        chosen = registry.choose(settings)
        if not chosen.card.saes:
            return cls.bare(settings, chosen)
        if not chosen.atlas.is_dir():
            raise AuthorError(
                f"{chosen.atlas}: there is no atlas of {settings.model} yet; make it with "
                f"{opening.making(settings)}"
            )
        sources = {site: sae.neuronpedia for site, sae in chosen.card.saes.items()}
        atlas, texts = Atlas.open(chosen.atlas, sources), load_texts(chosen.texts)
        # Where all of it is here and whole it can be loaded when it is needed.
        late = atlas.places if chosen.atlas.is_relative_to(settings.assets) else None
        engine, notes = opening.engine(
            settings, chosen.name, lambda: opening.load(settings, atlas), late
        )
        edition = tables.edition(chosen.atlas)
        found, chats = tuned(settings, chosen), chosen.card.chat
        coders = chosen.card.transcoders
        folder = settings.assets / coders if coders else None
        return cls(engine, atlas, texts, notes, chosen.name, edition, found, chats, folder)

    @classmethod
    def bare(cls, settings: Settings, chosen: Chosen) -> "Bench":
        """Of a model without SAEs: nothing to be judged, but sites to push at. It is loaded when it
        is first needed if its sites were measured before. Raises as `open`."""
        known = bare.known(chosen)
        engine, notes = opening.engine(
            settings, chosen.name, lambda: opening.load_bare(settings),
            known.places if known else None,
        )  # fmt: skip
        atlas, found = bare.atlas_of(engine.sites), tuned(settings, chosen)
        return cls(engine, atlas, {}, notes, chosen.name, tuned=found, chats=chosen.card.chat)

    @property
    def has_features(self) -> bool:
        return any(site.width for site in self.engine.sites.values())

    @property
    def traces(self) -> bool:
        """Whether circuits of the model can be traced."""
        return self._transcoders is not None

    @property
    def circuits(self) -> "Circuits":
        """Raises AuthorError for a model whose MLPs nobody has trained transcoders for."""
        if self._transcoders is None:
            raise AuthorError(f"{self.model}: there are no transcoders, so no circuits are traced")
        # What the model is loaded with cannot be imported on two threads at once.
        self.engine.ready()
        from playground.circuits.circuits import Circuits  # torch is slow to import

        return Circuits(self.engine, self._transcoders, self._graphs)

    @property
    def patching(self) -> "Patching":
        self.engine.ready()
        from playground.circuits.patching import Patching  # torch is slow to import

        return Patching(self.engine)

    def on_behalf(self, client: Client) -> Self:
        """The same, whose engine works for a client; what is remembered is everybody's."""
        view = copy(self)
        view.engine = self.engine.on_behalf(client)
        return view

    def _waited_for(self, left: Event) -> Engine:
        """The engine, for what others may come to wait for too: it is not let go of when this
        client leaves, but when all have."""
        return self.engine.on_behalf(replace(self.engine.client, left=left, here=False))

    @property
    def usual(self) -> Usual:
        return self.atlas.usual

    def concept(self, name: str) -> Concept:
        return load_concepts()[name]

    def held_out(self, concept: str, site: str) -> HeldOut:
        """Raises AuthorError when no texts are labelled for the concept."""
        if concept not in self._texts:
            raise AuthorError(
                f"held-out texts: none for {concept!r}; there are {sorted(self._texts)}"
            )
        texts = [each for each in self._texts[concept] if each.part == "grade"]

        def read(left: Event) -> HeldOut:
            readings = self._waited_for(left).read([each.text for each in texts], site)
            return examine(tuple(each.about for each in texts), readings)

        return self._held_out.get((concept, site), read, self.engine.client.left)

    def measured(self, site: str, feature: int) -> bool:
        """Whether a feature has a card: the atlas' or one that was made since."""
        return self.atlas.has(site, feature) or (site, feature) in self._cards

    def card(self, site: str, feature: int) -> Card:
        """PlayerError for a feature that has none."""
        made = self._cards.known((site, feature))
        return made or self.atlas.card(site, feature)

    def measure(self, site: str, feature: int) -> Card:
        """Makes the card of a feature that has none, from the texts of the levels: once, whoever
        asks."""
        if self.measured(site, feature):
            return self.card(site, feature)

        def made(left: Event) -> Card:
            return self._measured(self._waited_for(left), site, feature)

        return self._cards.get((site, feature), made, self.engine.client.left)

    def _measured(self, engine: Engine, site: str, feature: int) -> Card:
        from playground.atlas import live

        texts = {
            name: [(each.text, each.about) for each in own] for name, own in self._texts.items()
        }
        known = live.Known.of(texts, load_concepts(), MEASURED)
        card = live.measure(engine, known, site, feature)
        return replace(card, neuronpedia=self.atlas.neuronpedia(site, feature))

    def texts(self, concept: str, about: bool, part: Part = "grade") -> tuple[LabelledText, ...]:
        """Texts about a concept, or the ones about something else kept beside them. part: what
        they are for; a level grades with *grade*, and shows or hints with *show*."""
        own = self._texts.get(concept, ())
        return tuple(each for each in own if (each.about, each.part) == (about, part))

    def strangers(self, concept: str) -> tuple[LabelledText, ...]:
        """Texts of *grade* about something else; AuthorError when the model's atlas has none."""
        found = self.texts(concept, about=False)
        if not found:
            raise AuthorError(f"held-out texts: none beside {concept!r}")
        return found

    def direction(self, contrast: TextContrast) -> Direction:
        """What two lists of texts differ in. Raises PlayerError where they do not."""

        def made(left: Event) -> Direction:
            return directions.build(self._waited_for(left), contrast)

        return self._directions.get(contrast, made, self.engine.client.left)

    def about(self, concept: str, site: str) -> Vector:
        """The direction of a concept's own texts, without an SAE: read once, whoever asks."""

        def read(name: str) -> np.ndarray:
            def made(left: Event) -> np.ndarray:
                return means.mean(self._waited_for(left), name, site)

            return self._means.get((name, site), made, self.engine.client.left)

        return means.direction(concept, read(concept), self.everything(site))

    def everything(self, site: str) -> np.ndarray:
        """The mean state over texts of all concepts: the atlas', or read once. [width]"""
        if (kept := self.atlas.everything(site)) is not None:
            return kept

        def made(left: Event) -> np.ndarray:
            return means.mean(self._waited_for(left), means.ALL, site)

        return self._means.get((means.ALL, site), made, self.engine.client.left)

    def untouched(self, requests: Sequence[Request]) -> AbstractContextManager[Future[list[Trace]]]:
        """Replies without dials, which everybody who plays a level gets alike; whoever leaves the
        block waits for them no longer."""
        return self._untouched.asked(tuple(requests), self._writer(requests))

    def written(self, requests: Sequence[Request]) -> list[Trace]:
        """The same for whoever has nothing else to do meanwhile."""
        left = self.engine.client.left
        return self._untouched.get(tuple(requests), self._writer(requests), left)

    def _writer(self, requests: Sequence[Request]) -> Callable[[Event], list[Trace]]:
        return lambda left: self._waited_for(left).generate(requests).traces()


def tuned(settings: Settings, chosen: Chosen) -> Mapping[str, Tuned] | None:
    """By concept, those that push best first. Raises AuthorError for a damaged file."""
    if chosen.card.directions is None:
        return None
    return means.load(settings.assets / chosen.card.directions).concepts


def examine(about: tuple[bool, ...], readings: Sequence[Reading]) -> HeldOut:
    peaks: dict[int, list[float]] = {}
    for index, reading in enumerate(readings):
        for feature, value in reading.features.peaks().items():
            peaks.setdefault(feature, [0.0] * len(readings))[index] = value
    return HeldOut(about, tuple(readings), {feature: tuple(row) for feature, row in peaks.items()})


def load_texts(path: Path) -> dict[str, tuple[LabelledText, ...]]:
    """By concept; a Parquet table of concept, about, part, text. Raises AuthorError naming the
    file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(path, columns=tables.TEXTS_SCHEMA.names).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise AuthorError(f"{path}: the levels' texts cannot be read: {error}") from error
    texts: dict[str, list[LabelledText]] = {}
    for row in rows:
        text = LabelledText(row["text"], row["about"], row["part"])
        texts.setdefault(row["concept"], []).append(text)
    return {concept: tuple(each) for concept, each in texts.items()}
