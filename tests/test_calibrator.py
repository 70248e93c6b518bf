"""A direction of a concept's own texts, as a build on a tiny random model keeps it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from playground.atlas import build, means
from playground.atlas.atlas import Atlas
from playground.concepts.concepts import load_concepts
from playground.engine.records import Dial
from tests.atlas_parts import CORPUS, PLAN, SETTINGS, save_parts


@pytest.mark.slow
def test_a_build_keeps_what_directions_are_made_of(tmp_path: Path) -> None:
    made = save_parts(tmp_path)
    plan = replace(PLAN, directions=True)
    settings = replace(SETTINGS, concepts=("cats",), tokens=2_000, samples=4, plan=plan)
    builder = build.Builder(made.open, made.folders, CORPUS, settings)
    builder.run()
    atlas = Atlas.open(made.out)
    late = atlas.everything("late")
    assert late is not None and atlas.everything("early") is None

    builder = build.Builder(made.open, made.folders, CORPUS, settings)  # goes on where it was
    calibrator = builder.calibrator(builder.scored(), builder.usual())
    vector = calibrator.away("cats", "late")
    own = means.mean(builder.engine, "cats", "late")
    np.testing.assert_allclose(vector.values, own - late, rtol=1e-3, atol=1e-4)
    best = Dial.along("late", vector, 0.3, "add", "all")
    recipe = calibrator.recipe(load_concepts()["cats"], best)
    assert recipe.dial() == best and recipe.point is not None
    assert recipe.point.controls == PLAN.controls
    builder.engine.close()
