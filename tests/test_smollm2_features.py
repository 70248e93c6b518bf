"""The SAEs that ship for SmolLM2, on its true weights and on texts of ours; and which levels of the
course hold on it."""

from collections.abc import Iterator

import pytest
import torch

from playground.atlas import tables
from playground.atlas.harvest import Excerpt, Reader
from playground.concepts import examples
from playground.concepts.concepts import load_concepts
from playground.engine.loading import Parts, open_parts
from playground.levels import playable
from playground.levels.proving import fared
from playground.levels.proving.proof import LUCKY
from playground.levels.shelf import Shelf, proofs_of
from playground.models import registry
from playground.settings import load

CHOSEN = registry.choose(load().model_copy(update={"model": "smollm2"}))
LEVELS = Shelf.load().levels


@pytest.fixture(scope="module")
def parts() -> Iterator[Parts]:
    asked = load().model_copy(update={"model": "smollm2", "device": "cpu"})
    yield open_parts(asked, lambda _: None)


@pytest.mark.smollm2
@torch.inference_mode()
def test_they_say_in_few_features_what_stands_in_the_model(parts: Parts) -> None:
    """docs/smollm2.md has L0 and variance explained of chats and prose; these are other texts."""
    named = sorted(set(load_concepts()) & examples.named())
    texts, text = [examples.texts(name)[0] for name in named[:60]], parts.text()
    reader = Reader(parts.model, parts.saes, text.lead)
    found: dict[str, list[torch.Tensor]] = {site: [] for site in parts.saes}
    for each in reader.passed([Excerpt(text.ids(one)) for one in texts]):
        for site, residual in each.writes.items():
            found[site].append(residual[~each.odd(site)].float())
    for site, sae in parts.saes.items():
        x = torch.cat(found[site])
        acts = sae.encode(x)
        left = (x - sae.decode(acts, x)).pow(2).sum() / (x - x.mean(0)).pow(2).sum()
        assert 10 < float((acts > 0).float().sum(1).mean()) < 50, site
        assert float(left) < 0.5, site


def test_the_levels_that_are_played_on_it_hold() -> None:
    """What was not tried on it as it is now is hidden there."""
    found = playable.shipped(CHOSEN.atlas, LEVELS, CHOSEN.name)
    proven = fared.current(fared.read(proofs_of(CHOSEN)), LEVELS, tables.edition(CHOSEN.atlas))
    assert set(proven) == {level.id for level in LEVELS} - set(found.missing)
    for id, each in proven.items():
        assert 2 * each.reference.wins >= each.reference.tries, id
        assert each.by_chance is None or each.by_chance.wins <= LUCKY * each.by_chance.tries, id
