"""Counts, for the recipes of a finished atlas, what an earlier version did not: the same push at
every site, and ladders. Settings, cards and curves stay.

A run that was stopped goes on where it was. Knows nothing of how recipes are found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from playground.atlas import calibrate, sweeps, tables
from playground.atlas.atlas import Atlas, entry_of
from playground.atlas.cards import ConceptEntry
from playground.atlas.controls import controls_for
from playground.atlas.folders import Opening, sums_of
from playground.atlas.ranking import Contrary
from playground.concepts.concepts import load_concepts
from playground.concepts.damage import Usual
from playground.engine.loading import open_engine
from playground.engine.protocol import Engine
from playground.engine.records import Dial
from playground.errors import AuthorError


def refresh(opening: Opening, folder: Path, names: Sequence[str] = ()) -> None:
    """names: of concepts, empty for all that have a recipe. Raises AuthorError if model and atlas
    do not belong together."""
    atlas, parts = Atlas.open(folder), opening()
    if atlas.meta["sums"] != sums_of(parts):
        raise AuthorError(f"{folder}: built from another model or other SAEs than these")
    entries = {name: atlas.concept(name) for name in atlas.concepts()}
    engine = open_engine(parts, atlas.norms)
    try:
        wanted = [name for name in names or entries if entries[name].recipes]
        for measure in (with_places, with_ladders):
            for name in tqdm(wanted, desc=measure.__name__):
                found = measure(engine, atlas, atlas.usual, entries[name])
                if found != entries[name]:
                    entries[name] = found
                    write(folder, entries)
    finally:
        engine.close()


def write(folder: Path, entries: Mapping[str, ConceptEntry]) -> None:
    tables.write_json(folder / tables.CONCEPTS, [asdict(entry) for entry in entries.values()])


def with_places(engine: Engine, atlas: Atlas, usual: Usual, entry: ConceptEntry) -> ConceptEntry:
    if entry.places:
        return entry
    concept, best = load_concepts()[entry.concept], entry.recipes[0].dial()
    features = sweeps.best_detectors(atlas, concept, atlas.sites)
    found = sweeps.places(engine, concept, usual, best, features, calibrate.Plan())
    return replace(entry, places=found)


def with_ladders(engine: Engine, atlas: Atlas, usual: Usual, entry: ConceptEntry) -> ConceptEntry:
    if entry.ladders:
        return entry
    concept, best = load_concepts()[entry.concept], entry.recipes[0].dial()
    rivals = controls_for(atlas, best, sweeps.RIVALS)
    found = sweeps.ladders(engine, concept, usual, best, rivals, calibrate.Plan())
    return replace(entry, ladders=found)


def recipe_of(atlas: Path, concept: str, contrary: Contrary) -> Dial | None:
    """The setting that another atlas of the same model found, unless its feature is now named after
    another concept."""
    entries = (entry_of(each) for each in tables.read_json(atlas / tables.CONCEPTS))
    found = next((each.recipes for each in entries if each.concept == concept), ())
    return next((r.dial() for r in found if r.feature not in contrary[r.site]), None)
