"""All families and all points, with one kind of SAE."""

import tempfile
from functools import cache
from pathlib import Path

from tests.engine_models import save_model
from tests.parity.compare import FEATURES, Cell, Game, compare
from tests.parity.paths import Independent
from tests.parity.places import (
    LENS_COLUMNS,
    PATH_COLUMNS,
    Column,
    Family,
    hook_name,
    refusal,
)
from tests.random_saes import Recipe, save


def recipe(family: Family, column: Column) -> Recipe:
    """A jumprelu SAE, or transcoder; the other kinds are compared in kinds.py."""
    kind = "jumprelu_transcoder" if column.writes else "jumprelu"
    return Recipe(
        hook_name(family, column, column.reads),
        kind,
        hook_name(family, column, column.writes) if column.writes else "",
        features=FEATURES,
        heads=column.reads == "z" and column.spelt == "lens",
    )


def columns(family: Family) -> list[Column]:
    return [each for each in (*LENS_COLUMNS, *PATH_COLUMNS) if not refusal(family, each)]


def refused(family: Family, column: Column) -> None:
    """Opens a model with an SAE at a point that it lacks; raises what the game says to that."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_model(folder / "model", family.key)
        Game(folder / "model", {column.site: save(folder / "sae", recipe(family, column))})


@cache
def cells(family: Family) -> dict[Column, Cell]:
    """Every point that the family has."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_model(folder / "model", family.key)
        saes = {
            each.site: save(folder / each.site, recipe(family, each)) for each in columns(family)
        }
        with Game(folder / "model", saes) as game:
            independent = Independent(folder / "model", family, game.ids)
            return {
                each: compare(
                    game, saes[each.site], independent, independent.seen(each),
                    (each.reads, each.writes or each.reads),
                )
                for each in columns(family)
            }  # fmt: skip
